"""The part of `waiqin host check` about services: does the host let us do what is switched on."""

from collections.abc import Collection

from ..host.checks import Finding
from ..host.errors import PermissionMissing, SendError
from ..host.platform import HostPlatform
from ..host.services import Colleague, HostService
from ..texts import Text

ALLOWED = Text("已开启，平台允许使用。", "Switched on, and the host allows it.")
FORBIDDEN = Text("已开启，但缺少权限（{said}）：{wants}", "On, but not permitted ({said}): {wants}")
NOT_NOW = Text(
    "已开启，这次没有问到结果（{said}）。", "Switched on, but there was no answer ({said})."
)
MOST_DEPARTMENTS = 20  # somebody is in one of them


async def check_services(platform: HostPlatform, switched_on: Collection[str]) -> list[Finding]:
    """Ask for something harmless of each service that is switched on. Changes nothing."""
    wanted = {name: part for name, part in platform.services.items() if name in switched_on}
    if not wanted:
        return []
    try:
        somebody = await _somebody(platform)
    except SendError:
        return []  # that nothing can be read has been told already
    return [await _look(name, part, somebody) for name, part in wanted.items()]


async def _look(name: str, part: HostService, somebody: Colleague) -> Finding:
    try:
        await part.look(somebody)
    except PermissionMissing as failure:
        return Finding(name, False, FORBIDDEN.filled(said=failure, wants=part.wants))
    except SendError as failure:
        return Finding(name, False, NOT_NOW.filled(said=failure))
    return Finding(name, True, ALLOWED)


async def _somebody(platform: HostPlatform) -> Colleague:
    top = await platform.directory.departments()
    places = [*(one.host_department_id for one in top.departments), *top.ask_next]
    for place in places[:MOST_DEPARTMENTS]:
        for member in (await platform.directory.members_of(place)).members:
            return Colleague(member.host_user_id, member.union_id)
    return Colleague("")
