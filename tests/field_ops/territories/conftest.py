"""The usual company, stored."""

import pytest

from field_ops.db import Database
from tests.factories import Company, a_company


@pytest.fixture
async def company(database: Database) -> Company:
    async with database.writing() as session:
        return await a_company(session)
