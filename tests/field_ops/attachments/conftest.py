"""The same app and people as for follow-ups."""

from tests.field_ops.follow_ups.conftest import clock, company, han, lilei, runtime, shop, wang

__all__ = ("clock", "company", "han", "lilei", "runtime", "shop", "wang")
