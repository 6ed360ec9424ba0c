"""The post room, for every test of the outbox."""

from tests.field_ops.outbox.post_room import post_room

__all__ = ["post_room"]
