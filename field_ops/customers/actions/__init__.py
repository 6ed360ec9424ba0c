"""The verbs of customers. Each belongs to one transaction and leaves an audit entry."""

from .contacts import add_contact, edit_contact, remove_contact
from .create import create
from .edit import edit
from .locations import close_place, confirm_location, propose_location, undo_place
from .ownership import assign, visited
from .relations import part, relate

__all__ = (
    "add_contact",
    "assign",
    "close_place",
    "confirm_location",
    "create",
    "edit",
    "edit_contact",
    "part",
    "propose_location",
    "relate",
    "remove_contact",
    "undo_place",
    "visited",
)
