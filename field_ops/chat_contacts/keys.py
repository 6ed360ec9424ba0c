"""By what a person outside may be recognised among our contacts. Pure.

By a mobile number that the member noted, exactly; or by his name together with his company's name,
which must be the customer's. A land line is shared by a whole company and says nothing.
"""

from hashlib import sha256

from ..customers.models import Contact, Customer
from ..customers.names import full_name_key, matching_form
from ..customers.phones import read_phones
from ..host.external_contacts import HostExternalContact
from .models import LONGEST_KEY


def host_key(connection_id: str, external_id: str, host_user_id: str) -> str:
    """A digest that tells one pair from all others, and nobody who they are."""
    return sha256(f"{connection_id}\n{external_id}\n{host_user_id}".encode()).hexdigest()


def keys_of_pair(pair: HostExternalContact) -> set[str]:
    """The keys of somebody whom a member has in his chat."""
    names = {matching_form(name) for name in (pair.name, pair.remark)} - {""}
    companies = {full_name_key(one) for one in (pair.corp_name, pair.remark_corp_name)} - {""}
    phones = {key for noted in pair.remark_mobiles for key in _mobiles(noted)}
    return phones | {_name(name, company) for name in names for company in companies}


def keys_of_contact(customer: Customer, contact: Contact) -> set[str]:
    """The keys of a contact of ours."""
    return {*_mobiles(contact.phone), _name(matching_form(contact.name), customer.full_name_key)}


def _mobiles(text: str) -> list[str]:
    return [f"phone:{phone.e164}" for phone in read_phones(text) or () if phone.is_mobile]


def _name(name: str, company: str) -> str:
    return f"name:{name}@{company}"[:LONGEST_KEY]
