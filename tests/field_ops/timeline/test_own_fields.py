"""Fields that the company made, in the past of a customer: by name, and as far as one sees them."""

from tests.field_ops.custom_fields.conftest import (
    a_field,
    a_shop,
    admin,
    company,
    define,
    lilei,
    options,
    runtime,
)
from tests.pages import Page

__all__ = ("admin", "company", "lilei", "runtime")
HIDDEN = {"rep": {"owned": "HIDDEN", "pool": "HIDDEN"}}
MASKED = {"rep": {"owned": "MASKED", "pool": "MASKED"}}


async def test_they_are_told_by_their_names_and_only_to_who_sees_them(
    admin: Page, lilei: Page
) -> None:
    await define(
        admin,
        a_field("grade", "choice", "合作意向", options=options("hot", "cold")),
        a_field("margin", "number", "毛利", access=HIDDEN),
        a_field("code", "text", "暗号", access=MASKED),
    )
    shop = await a_shop(lilei, name="华联超市")
    here = f"/customers/{shop['id']}"
    change = {"custom": {"grade": "hot", "margin": 31, "code": "天王盖地虎"}}
    now = (await admin.get(here)).json()["revision"]
    changed = await admin.send("PATCH", here, {"revision": now, **change})
    assert changed.status_code == 200, changed.text

    told = await changes(lilei, here)
    assert told["custom.grade"] == ("合作意向", None, "选项hot", "edit")
    assert told["custom.margin"] == ("毛利", None, None, "hidden")
    assert told["custom.code"] == ("暗号", None, "天王盖**", "masked")
    assert (await changes(admin, here))["custom.code"][2] == "天王盖地虎"

    history = (await lilei.get(f"{here}/history", field="custom.code")).json()
    assert (history["label"], history["present"]) == ("暗号", "天王盖**")
    assert [one["after"] for one in history["changes"]] == ["天王盖**"]
    nothing = await lilei.get(f"{here}/history", field="custom.nothing")
    assert nothing.json()["code"] == "field_without_history"


async def changes(page: Page, here: str) -> dict[str, tuple[object, ...]]:
    """What the newest edit is said to have changed: label, before, after, level."""
    entries = (await page.get(f"{here}/timeline", kinds="change")).json()["entries"]
    newest = next(one for one in entries if one["action"] == "customer.edited")
    return {
        one["field"]: (one["label"], one["before"], one["after"], one["level"])
        for one in newest["changes"]
    }
