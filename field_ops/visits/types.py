"""Kinds of visit and what each asks for (domain.md §2.3, §4.6)."""

from dataclasses import dataclass

from ..texts import Text

# By which way a picture reached the page, as far as the page can tell. Only the first two are a
# promise: a file input that asks for the camera opens it alone on iPhones, while Android and desks
# may offer the album too, and nobody can see which it was.
CAPTURED_BY = {
    "host_camera": Text("应用内相机拍摄", "taken with the host app's camera"),
    "file_input_camera": Text("系统相机拍摄", "taken with the phone's camera"),
    "file_input": Text("无法确认是否现场拍摄", "by a file input, camera or album"),
}
MINUTE = 60
HOUR = 60 * MINUTE


@dataclass(frozen=True, slots=True)
class VisitType:
    """`mode`: record (never blocks), warn (asks for a reason) or enforce (refuses outside).

    Dwell figures are seconds. `radius_m` None leaves the radius to the customer's place. Where
    `live_photos` is true, a picture from before the visit is flagged.
    """

    code: str
    title: Text
    mode: str = "warn"
    radius_m: int | None = None
    minimum_dwell_s: int = 5 * MINUTE
    long_dwell_s: int = 4 * HOUR
    live_photos: bool = True


ROUTINE = VisitType("routine", Text("日常拜访", "Routine visit"))
VISIT_TYPES = {
    kind.code: kind
    for kind in (
        ROUTINE,
        VisitType("first_call", Text("首次拜访", "First call"), minimum_dwell_s=15 * MINUTE),
        VisitType("store_audit", Text("巡店", "Store audit"), minimum_dwell_s=10 * MINUTE),
        VisitType("delivery", Text("送货", "Delivery"), minimum_dwell_s=3 * MINUTE),
        VisitType("collection", Text("收款", "Collection")),
        VisitType("service", Text("售后服务", "Service"), long_dwell_s=8 * HOUR),
    )
}
