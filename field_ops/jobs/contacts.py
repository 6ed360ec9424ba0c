"""Contacts: whose birthday comes."""

from ..contacts.birthday_reminder import promise_birthdays
from .tools import Company, Tools


async def promise_contact_birthdays(tools: Tools, company: Company) -> bool:
    """Promise the owners the birthdays of the next days, and reckon those anew that are over."""
    last = ""
    while True:
        async with tools.database.writing() as session:
            last = await promise_birthdays(company.work(session, tools.clock()), last)
        if not last:
            return True
