"""A wheel brings the pages along when they are built: an installed `waiqin serve` then has them."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WithPages(BuildHookInterface):  # type: ignore[type-arg]
    """Packs `h5/dist` as `field_ops/h5_dist`, where `field_ops/http/pages.py` looks first."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """An editable install serves `h5/dist` where it is, built now or later."""
        pages = Path(self.root) / "h5" / "dist"
        if version != "editable" and (pages / "index.html").exists():
            build_data["force_include"][str(pages)] = "field_ops/h5_dist"
