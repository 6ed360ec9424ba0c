"""Everything that happened with a customer, in a phone's hand: written, attached, filtered."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Demo
from tests.browser.test_pool import a_phone, at


@pytest.mark.browser
async def test_a_rep_writes_a_call_asks_his_lead_and_adds_the_contract(
    browser: Browser, demo: Demo
) -> None:
    context, page = await a_phone(browser, demo, "李雷")
    await page.goto(f"{demo.url}/h5/?host=wecom&connection=demo#/customers")
    await at(page, "customer-row").first.click()
    await expect(at(page, "timeline")).to_contain_text("动态")
    await expect(at(page, "entry-change").first).to_contain_text("建立客户")

    await at(page, "write-follow-up").click()
    await at(page, "keep-follow-up").click()
    await expect(page.get_by_role("alert")).to_contain_text("写一句聊了什么")
    await at(page, "lasted-300").click()
    await at(page, "follow-up-summary").fill("老板同意下周先订二十箱")
    await at(page, "follow-up-next").fill("送样品")
    await page.get_by_role("button", name="明天").click()
    await at(page, "keep-follow-up").click()
    await expect(page.get_by_text("算一次有效跟进")).to_be_visible()
    newest = at(page, "entry-follow_up").first
    await expect(newest).to_contain_text("老板同意下周先订二十箱")
    await expect(newest).to_contain_text("送样品")

    await at(page, "write-follow-up").click()
    await at(page, "lasted-300").click()
    await at(page, "follow-up-summary").fill("这条记到别家了")
    await at(page, "keep-follow-up").click()
    wrong = at(page, "entry-follow_up").filter(has_text="这条记到别家了")
    await at(wrong, "remove-follow-up").click()
    dialog = page.get_by_role("dialog").filter(has_text="删除这条跟进")
    await expect(dialog).to_contain_text("退回到上一次")
    await dialog.get_by_role("button", name="删除").click()
    await expect(at(page, "was-removed")).to_contain_text("李雷 于")
    await expect(wrong).to_have_count(0)

    await at(page, "write-comment").click()
    await at(page, "comment-text").fill("这家能给九折吗？")
    await at(page, "name-somebody").click()
    await at(page, "mention").first.click()
    await at(page, "say").click()
    await expect(at(page, "entry-comment").first).to_contain_text("九折吗？@")

    await at(page, "add-file").click()
    contract = {
        "name": "供货合同.pdf",
        "mimeType": "application/pdf",
        "buffer": b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n",
    }
    await at(page, "choose-file").set_input_files(contract)
    await expect(at(page, "attachment").first).to_contain_text("供货合同.pdf")

    await at(page, "filter-comments").click()
    await expect(at(page, "entry-attachment")).to_have_count(0)
    await expect(at(page, "entry-comment")).to_have_count(1)
    await context.close()
