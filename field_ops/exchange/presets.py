"""How files of other programs are read, where their columns are known (docs/importing.md)."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..texts import Text
from .columns import FIELD_BY_NAME, bare


@dataclass(frozen=True, slots=True)
class Preset:
    """A program whose files are recognised when all of `signs` are headings.

    `names` are headings that mean something else there than they usually do; "" leaves one out.
    """

    code: str
    title: Text
    signs: tuple[str, ...]
    names: tuple[tuple[str, str], ...] = ()

    def fits(self, header: Sequence[str]) -> bool:
        return {bare(title) for title in header}.issuperset(map(bare, self.signs))

    @property
    def meanings(self) -> dict[str, str]:
        """What headings mean in its files."""
        return {**FIELD_BY_NAME, **{bare(title): field for title, field in self.names}}


PRESETS = (
    Preset(
        "wukong",
        Text("悟空 CRM", "Wukong CRM"),
        signs=("客户名称", "客户级别", "客户行业", "下次联系时间"),
    ),
    Preset(
        "yudao",
        Text("芋道 CRM", "Yudao CRM"),
        signs=("客户名称", "地区", "详细地址", "所属行业", "客户等级"),
    ),
)


def of(header: Sequence[str]) -> Preset | None:
    """The program that wrote this file, when it is known."""
    return next((preset for preset in PRESETS if preset.fits(header)), None)
