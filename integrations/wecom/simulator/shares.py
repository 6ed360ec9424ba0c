"""What members share with the app beside words: where they are, places, files, and punches
(pages 90239, 90240)."""

from typing import Any

from integrations.sandbox.punches import Punch, shifted

from .office import HOST, Office
from .pushes import Pushes, cdata

FROM_WECOM = "<AppType><![CDATA[wxwork]]></AppType>"


class Shares:
    """`lat` and `lng` are WGS-84, as a satellite gives them. Each gives the status of the last try,
    0 when WeCom tells the app nothing."""

    def __init__(self, office: Office, pushes: Pushes) -> None:
        self._office = office
        self._pushes = pushes

    async def position(self, user_id: str, lat: float, lng: float) -> int:
        """Told when the member opens the app, if an administrator has switched 上报地理位置 on."""
        lat, lng = self._as_told(lat, lng)
        inside = (
            f"<Latitude>{lat:.6f}</Latitude><Longitude>{lng:.6f}</Longitude>"
            f"<Precision>30.0</Precision>{FROM_WECOM}"
        )
        return await self._pushes.event(user_id, "LOCATION", inside)

    async def place(self, user_id: str, lat: float, lng: float, label: str) -> int:
        """A place that the member chose on a map and sent. `Location_X` is the latitude."""
        lat, lng = self._as_told(lat, lng)
        inside = (
            f"<Location_X>{lat:.6f}</Location_X><Location_Y>{lng:.6f}</Location_Y>"
            f"<Scale>16</Scale><Label>{cdata(label)}</Label>{FROM_WECOM}"
        )
        return await self._pushes.message(user_id, "location", inside)

    async def file(self, user_id: str, name: str) -> int:
        if not self._office.switches.files_are_told:
            return 0
        inside = f"<MediaId>{cdata('MEDIA')}</MediaId><FileName>{cdata(name)}</FileName>"
        return await self._pushes.message(user_id, "file", inside)

    async def punch(self, user_id: str, lat: float, lng: float, **what: Any) -> Punch:
        """The member punches with 打卡, where the app can read it."""
        made = self._office.world.punches.add(
            HOST, user_id, at=self._office.clock(), lat=lat, lng=lng, **what
        )
        if event := self._office.switches.event_of_punches:
            await self._pushes.event(user_id, event, "")
        return made

    def _as_told(self, lat: float, lng: float) -> tuple[float, float]:
        return (lat, lng) if self._office.switches.positions_in_wgs84 else shifted(lat, lng)
