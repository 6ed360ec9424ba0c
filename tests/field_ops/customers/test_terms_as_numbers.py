"""PostgreSQL keeps terms as numbers: two places make them, the program and a migration."""

from alembic.script import ScriptDirectory
from sqlalchemy import text

from field_ops.customers.terms import term_number
from field_ops.db import Database
from field_ops.migrations import HERE

TERMS = ("c华联", "shua", "ihl", "d138", "n123", "o01m80r6w72zxmaz8ykzzw3r3db", "bu1f600")


async def test_the_migration_makes_the_numbers_that_the_program_asks_for(
    postgres_url: str,
) -> None:
    migration = ScriptDirectory(str(HERE)).get_revision("0005").module
    statement = text(
        f"SELECT ARRAY(SELECT {migration.NUMBER} FROM unnest(CAST(:terms AS text[])) AS term)"
    )
    database = Database(postgres_url)
    async with database.reading() as session:
        made = await session.scalar(statement, {"terms": [f"7{term}" for term in TERMS]})
    await database.close()
    assert made == [term_number(7, term) for term in TERMS]
