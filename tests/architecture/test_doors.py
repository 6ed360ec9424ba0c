"""No operation of the API without a word on which roles get through it."""

from field_ops.app import operations
from tests.field_ops.access.doors import DOORS


def test_every_operation_has_a_row_and_every_row_an_operation() -> None:
    """The rows are in tests/field_ops/access/doors.py, and are tried with every role beside it."""
    assert {op.name for op in operations()} == set(DOORS)
