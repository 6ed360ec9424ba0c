"""No operation of the API without a word on which roles get through it."""

from field_ops.app import operations
from tests.field_ops.access.doors import DOORS

SAY_WHO = "say in tests/field_ops/access/doors.py which roles get through, for own rows and others'"


def test_every_operation_has_a_row_and_every_row_an_operation() -> None:
    """The rows are tried with every role in tests/field_ops/access."""
    assert sorted({op.name for op in operations()} ^ set(DOORS)) == [], SAY_WHO
