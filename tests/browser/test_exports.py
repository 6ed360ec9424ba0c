"""A lead exports what his list is narrowed to, and takes the file along."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from python_calamine import CalamineWorkbook

from tests.browser.conftest import Demo
from tests.browser.test_merging import nothing_is_cut
from tests.browser.test_pool import LOWEST_THIRD, a_phone, at


@pytest.mark.browser
async def test_the_filtered_list_becomes_a_file(
    browser: Browser, demo: Demo, tmp_path: Path
) -> None:
    context, page = await a_phone(browser, demo, "王主管")
    await page.goto(f"{demo.url}/h5/?host=wecom&connection=demo#/customers")
    await at(page, "scope-all").click()
    await at(page, "filter").click()
    await at(page, "filter-level-A").click()
    await at(page, "show-filtered").click()
    await expect(at(page, "filter")).to_have_text("筛选 · 1")
    await at(page, "export-list").click()

    await expect(at(page, "export-what")).to_have_text("我能看到的全部客户 · 筛选 1 项")
    await expect(at(page, "with-phones")).to_have_count(0)  # a lead may not take them out
    ask = at(page, "ask-export")
    box = await ask.bounding_box()
    assert box is not None and box["y"] > LOWEST_THIRD and box["height"] >= 44
    await ask.click()
    file = at(page, "export").first
    await expect(file).to_contain_text("电话打码")
    await expect(file).to_contain_text("前可下载")
    await nothing_is_cut(page)
    await page.screenshot(path=demo.folder / "exports.png", full_page=True)
    async with page.expect_download() as taken:
        await file.locator('[data-test="download"]').click()
    saved = tmp_path / "customers.xlsx"
    await (await taken.value).save_as(saved)
    rows = CalamineWorkbook.from_path(str(saved)).get_sheet_by_index(0).to_python()
    title = next(row for row in rows if "等级" in row)
    levels = {row[title.index("等级")] for row in rows[rows.index(title) + 1 :]}
    assert levels == {"A"}
    await context.close()
