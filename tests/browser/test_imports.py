"""A company moves in at the desk: drop, look, check, import, take back, without a mouse."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Demo
from tests.browser.test_the_desk_console import ADMINS, at, sign_in

SHEET = (
    "单位名称,手机号,业务等级\n"
    "武汉搬家超市有限公司,13871000001,A\n武汉搬家书店,13871000002,E\n武汉搬家饭店,13871000003,B\n"
)


@pytest.mark.browser
async def test_a_sheet_comes_in_and_goes_again_by_keyboard(
    browser: Browser, demo: Demo, tmp_path: Path
) -> None:
    desk = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    sheet = tmp_path / "客户资料.csv"
    sheet.write_text(SHEET, encoding="gb18030")
    page = await sign_in(desk, demo, "wecom", ADMINS["wecom"])
    await at(page, "nav-imports").focus()
    await page.keyboard.press("Enter")
    await at(page, "file").set_input_files(sheet)

    await expect(at(page, "mapping")).to_contain_text("武汉搬家超市有限公司")
    await at(page, "column-2").select_option("level")
    await at(page, "key-phone").focus()
    async with page.expect_response(lambda answer: '"key"' in (answer.request.post_data or "")):
        await page.keyboard.press("Space")
    await expect(at(page, "key-phone")).to_be_checked()
    await expect(at(page, "check")).to_be_enabled()
    await at(page, "check").focus()
    await page.keyboard.press("Enter")
    await expect(at(page, "count-created")).to_contain_text("2")
    await expect(at(page, "wrong-row")).to_contain_text("第 3 行")
    await expect(at(page, "start")).to_be_disabled()
    await at(page, "skip-errors").focus()
    await page.keyboard.press("Space")
    await expect(at(page, "start")).to_be_enabled()
    await at(page, "start").press("Enter")

    await expect(at(page, "state")).to_have_attribute("data-state", "done")
    await at(page, "undo").press("Enter")
    await expect(at(page, "forecast")).to_contain_text("2")
    await at(page, "undo-go").press("Enter")
    await expect(at(page, "state")).to_have_attribute("data-state", "undone")
    await expect(at(page, "count-removed")).to_contain_text("2")
    await desk.close()
