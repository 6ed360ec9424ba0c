"""What cells say of the company's own fields of contacts: of each of those that a row may name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..custom_fields.columns import Column, columns_of
from ..custom_fields.models import CONTACT
from ..custom_fields.sight import own_eyes
from ..custom_fields.values import Changed, applied
from ..customers.contact_fields import built_in
from ..customers.models import Contact
from ..customers.schemas import ContactIn
from ..texts import Text
from ..work import Work
from .columns import CONTACTS, TITLES
from .customer_rows import contacts_in
from .own_cells import OWN, OwnCells, own_cells, own_columns

WHO = {
    "contact": Text("联系人", "Contact"),
    "contact2": Text("联系人2", "Contact 2"),
    "contact3": Text("联系人3", "Contact 3"),
}


def prefix_of(contact: str) -> str:
    """Before the key of a field of this contact, in a mapping."""
    return f"{contact}.{OWN}"


async def contact_columns(work: Work, contact: str) -> list[Column]:
    """The own fields of one of the contacts of a row that the actor sees, titled as such."""
    return [_of(contact, one) for one in columns_of(await own_eyes(work, CONTACT))]


async def filled_columns(work: Work) -> dict[str, Column]:
    """Those that the actor may fill in, by what they are called in a mapping."""
    return {
        prefix_of(contact) + one.field.key: one
        for contact in CONTACTS
        for one in await contact_columns(work, contact)
        if one.may_be_filled and not one.field.is_computed
    }


async def titles(work: Work) -> dict[str, Text]:
    """Everything that a column can be for this actor, and what people call it."""
    own = {OWN + one.field.key: one.title for one in await own_columns(work)}
    of_contacts = {code: one.title for code, one in (await filled_columns(work)).items()}
    return {**TITLES, **own, **of_contacts}


def _of(contact: str, column: Column) -> Column:
    who, said = WHO[contact], column.title
    title = Text(f"{who.zh}·{said.zh}", f"{who.en}: {said.en}")
    names = (title.zh, title.en, f"{contact}_{column.field.key}")
    return replace(column, title=title, names=tuple(dict.fromkeys(names)))


@dataclass(frozen=True, slots=True)
class ContactCells:
    """`readers` has for each contact of a row whoever reads its cells."""

    readers: Mapping[str, OwnCells]

    def begin(
        self, texts: Mapping[str, str], owner_id: str | None, new: Sequence[ContactIn]
    ) -> tuple[list[Changed], list[Text]]:
        """The values of contacts that come with a row, as many as there are."""
        kept: list[Changed] = []
        reasons: list[Text] = []
        for contact, one in zip(contacts_in(texts), new, strict=True):
            read, wrong = self.readers[contact].begin(texts, owner_id, built_in(one))
            kept.append(read)
            reasons += wrong
        return kept, reasons

    def change(
        self,
        texts: Mapping[str, str],
        owner_id: str | None,
        given: Sequence[ContactIn],
        met: Sequence[Contact | None],
    ) -> tuple[list[Changed], dict[str, Changed], list[Text]]:
        """Of those who are `met` nowhere the values that they begin with; of the others, by their
        ids, what changes; and what is wrong."""
        added: list[Changed] = []
        changed: dict[str, Changed] = {}
        reasons: list[Text] = []
        for contact, one, known in zip(contacts_in(texts), given, met, strict=True):
            reader = self.readers[contact]
            if known is None:
                read, wrong = reader.begin(texts, owner_id, built_in(one))
                added.append(read)
            else:
                earlier = changed.get(known.id, {})  # two cells may name one person
                before = applied(known.custom, earlier)
                read, wrong = reader.change(texts, owner_id, before)
                if read or earlier:
                    changed[known.id] = _joined(earlier, read)
            reasons += wrong
        return added, changed, reasons


async def contact_cells(
    work: Work, rows: Sequence[Mapping[str, str]], *, until_commit: bool = False
) -> ContactCells:
    """For these rows. `until_commit`: as for `fields_for`."""
    return ContactCells(
        {
            contact: await own_cells(
                work, rows, CONTACT, prefix_of(contact), until_commit=until_commit
            )
            for contact in CONTACTS
        }
    )


def _joined(earlier: Changed, later: Changed) -> Changed:
    return {**earlier, **{key: (earlier.get(key, pair)[0], pair[1]) for key, pair in later.items()}}
