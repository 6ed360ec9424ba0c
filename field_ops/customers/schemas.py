"""The JSON of customers: what pages and API users send and see."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..custom_fields.spec import FieldValueIn, FieldValueOut, Key
from ..tags.schemas import TagId, TagOut
from .place_rules import PlaceRules

Datum = Literal["WGS84", "GCJ02"]
Kind = Literal["company", "person"]
CustomerType = Literal["customer", "store", "distributor", "supplier", "partner"]
Level = Literal["A", "B", "C", "D"]
Stage = Literal[
    "potential", "contacted", "intent", "won", "repeat", "dormant", "lost", "blacklisted"
]
PlaceClass = Literal["street_store", "mall", "office", "campus", "site", "other"]
ContactRole = Literal["", "decision_maker", "influencer", "user", "gatekeeper", "finance"]
Attitude = Annotated[int, Field(ge=-2, le=2)]
Door = Literal["main", "warehouse", "goods_in", "office", "other"]
LocationSource = Literal["map_pick", "check_in", "import", "geocode"]
SuspectCheck = Literal[
    "credit_code",
    "name",
    "mobile",
    "core_here",
    "core_elsewhere",
    "similar",
    "near",
    "land_line",
    "mail_domain",
]
MatchedOn = Literal[
    "name", "pinyin", "phone", "contact", "number", "tag", "field", "address", "similar", ""
]

OwnValues = Annotated[
    dict[Key, FieldValueIn],
    Field(
        max_length=200,
        description="Values of the company's own fields by key (`GET /fields/customer`, or "
        "`/fields/contact`); numbers as decimal text. Null empties one",
        examples=[{"shop_area": "120.5"}],
    ),
]
Name = Annotated[str, Field(min_length=1, max_length=200, examples=["华联超市（中山路店）"])]
Phone = Annotated[str, Field(max_length=64, examples=["027-8555 1234 转 801"])]
CreditCode = Annotated[
    str,
    Field(
        max_length=40,
        description="Unified social credit code (GB 32100), 18 characters with a check digit",
        examples=["91350100M000100Y43"],
    ),
]
Email = Annotated[str, Field(max_length=200, examples=["zhang@hualian.example"])]
Latitude = Annotated[float, Field(ge=-90, le=90, description="Degrees", examples=[30.590441])]
Longitude = Annotated[float, Field(ge=-180, le=180, description="Degrees", examples=[114.310985])]


class Schema(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class NearbyQuery(Schema):
    lat: Latitude
    lng: Longitude
    datum: Datum = Field("GCJ02", description="The datum of lat and lng")
    radius_m: int = Field(3000, ge=50, le=10_000, description="Metres")


class MemberOut(Schema):
    id: str
    name: str


class PlaceOut(Schema):
    """Where to go: WGS-84 for reckoning, GCJ-02 for Chinese maps."""

    lat: float = Field(description="WGS-84 degrees")
    lng: float = Field(description="WGS-84 degrees")
    gcj_lat: float = Field(description="GCJ-02 degrees, for the maps of the hosts")
    gcj_lng: float = Field(description="GCJ-02 degrees, for the maps of the hosts")
    status: Literal["proposed", "confirmed", "past"]


class LocationOut(PlaceOut):
    """A place with its history: the pair as it was given, by whom, and who confirmed it."""

    id: str
    original_lat: float
    original_lng: float
    datum: Datum = Field(description="The datum of the original pair")
    accuracy_m: float | None = None
    source: LocationSource
    door: Door
    door_name: str
    proposed_at: datetime
    proposed_by_name: str = ""
    confirmed_at: datetime | None = None
    confirmed_by_name: str = ""
    confirmed_how: Literal["", "lead", "check_ins", "moved"] = Field(
        "",
        description="check_ins: so many agreed with a proposal; moved: they moved it a little; "
        "empty while nobody confirmed it",
    )
    check_ins: int = Field(0, description="How many check-ins it rests on, or would rest on")
    replaces_id: str | None = Field(
        None, description="The place that it would replace, or replaced: an undo leads back there"
    )
    closed_at: datetime | None = Field(None, description="Declined, taken back or undone")
    closed_by_name: str = ""


class PlaceNeedsOut(Schema):
    """What confirms a place without a lead."""

    check_ins: int
    days: int


class CustomerRow(Schema):
    """One line of a list: enough to recognise, call, navigate and check in."""

    id: str
    number: str = Field(examples=["C-000123"])
    name: str
    level: Level
    city: str
    address: str
    phone: str = Field(description="As people write it; empty when there is none")
    last_visit_at: datetime | None
    distance_m: int | None = Field(description="None without a position or a known place")
    matched_on: MatchedOn = Field(description="Why this row is here; empty when nothing was typed")
    matched_text: str = Field(description="The contact, tag or address that was meant, else empty")
    highlight: tuple[int, int] | None = Field(
        description="From and to which character of the name what was typed is, or is read"
    )
    is_mine: bool
    owner_name: str = Field(description="Empty: nobody owns it")
    place: PlaceOut | None


class CustomerRows(Schema):
    rows: list[CustomerRow]
    more: bool = Field(description="Whether a next page has rows")


class ContactOut(Schema):
    id: str
    name: str
    title: str
    role: ContactRole
    phone: str
    is_elsewhere_too: bool
    is_main: bool
    attitude: Attitude | None = Field(description="To us; None: not known")
    reports_to: str | None = Field(description="Another contact of this customer")
    custom: dict[str, FieldValueOut] = Field(
        description="Values of the company's own fields of contacts, as far as the asker sees them"
    )


class May(Schema):
    """What the asker may do here, so that a page offers nothing that would be refused."""

    edit: bool
    confirm_location: bool
    assign: bool


class CustomerOut(Schema):
    id: str
    number: str = Field(examples=["C-000123"])
    name: str
    customer_kind: Kind
    type: CustomerType
    level: Level
    lifecycle_stage: Stage
    place_class: PlaceClass
    radius_m: int | None = Field(description="The customer's own check-in radius, metres")
    phone: str
    credit_code: str
    email: str
    is_branch: bool
    city: str
    address: str
    source: str
    note: str
    custom: dict[str, FieldValueOut] = Field(
        description="Values of the company's own fields, as far as the asker sees them"
    )
    custom_names: dict[str, str] = Field(
        description="Names of the members, departments and customers that are in `custom`, also in "
        "that of its contacts"
    )
    tags: list[TagOut]
    owner: MemberOut | None
    contacts: list[ContactOut]
    location: LocationOut | None = Field(
        description="The confirmed place, else the newest proposal"
    )
    proposed_location: LocationOut | None = Field(
        description="A newer proposal that waits beside the confirmed place"
    )
    doors: list[LocationOut] = Field(
        description="All of its places that are confirmed or proposed, the main door first. A "
        "check-in is measured from the nearest confirmed one"
    )
    place_needs: PlaceNeedsOut
    last_visit_at: datetime | None
    created_at: datetime
    revision: int = Field(description="Send it back when editing")
    may: May
    guarded: dict[str, Literal["hidden", "masked", "read"]] = Field(
        description="Fields that are not open to the asker; `read`: shown, and not his to change. "
        "`custom.…` are the company's own, `contacts.custom.…` those of contacts"
    )


class OpeningOut(Schema):
    member: MemberOut
    at: datetime
    via: str = Field(description="h5 or bot")


class OpeningsOut(Schema):
    openings: list[OpeningOut] = Field(description="At most a hundred, the newest first")


class ContactIn(Schema):
    name: str = Field(min_length=1, max_length=100, examples=["张经理"])
    title: str = Field("", max_length=100, examples=["采购"])
    role: ContactRole = ""
    phone: Phone = ""
    is_elsewhere_too: bool = Field(
        False, description="The same person is known at another customer: the phone may be, too"
    )
    is_main: bool = False
    attitude: Attitude | None = Field(None, description="To us, from -2 against to 2 for")
    reports_to: str | None = Field(
        None, max_length=26, description="Another contact of this customer"
    )
    custom: OwnValues = Field(default_factory=dict)


class ContactChange(Schema):
    """Fields that are absent stay as they are; None takes back an attitude and a superior."""

    name: str | None = Field(None, min_length=1, max_length=100)
    title: str | None = Field(None, max_length=100)
    role: ContactRole | None = None
    phone: Phone | None = None
    is_elsewhere_too: bool | None = None
    is_main: bool | None = None
    attitude: Attitude | None = None
    reports_to: str | None = Field(None, max_length=26)
    custom: OwnValues | None = None


class LocationIn(Schema):
    """A place that somebody picked or stood at: a proposal until a lead or check-ins confirm it."""

    lat: Latitude
    lng: Longitude
    datum: Datum = Field(description="The datum of lat and lng; maps of the hosts give GCJ02")
    accuracy_m: float | None = Field(None, ge=0, le=100_000)
    source: LocationSource = "map_pick"
    door: Door = "main"
    door_name: str = Field("", max_length=30, description="Tells two of one kind apart")


class CustomerIn(Schema):
    """A new customer: a name and one of phone and location; everything else later."""

    name: Name
    customer_kind: Kind = "company"
    type: CustomerType = "customer"
    phone: Phone = ""
    credit_code: CreditCode = ""
    email: Email = ""
    location: LocationIn | None = None
    level: Level = "C"
    place_class: PlaceClass = "other"
    city: str = Field("", max_length=64, examples=["武汉"])
    address: str = Field("", max_length=300, examples=["江岸区中山路 128 号"])
    source: str = Field("", max_length=32)
    note: str = Field("", max_length=2000)
    custom: OwnValues = Field(default_factory=dict)
    tags: list[TagId] = Field(default_factory=list, max_length=50, description="Ids of tags")
    contacts: list[ContactIn] = Field(default_factory=list, max_length=20)
    is_branch: bool = Field(False, description="A branch of a company of the same name")
    branch_of: str | None = Field(
        None, max_length=26, description="Of which one: it then is a branch, and related to it"
    )
    external_id: str = Field(
        "", max_length=100, description="Its id in the system of the program that creates it"
    )
    is_another: bool = Field(
        False, description="I looked at what it may be already: it is another one"
    )


class CustomerChange(Schema):
    """Fields that are absent stay as they are. `revision` is the one that was read."""

    revision: int
    name: Name | None = None
    phone: Phone | None = None
    credit_code: CreditCode | None = None
    email: Email | None = None
    is_branch: bool | None = None
    level: Level | None = None
    level_reason: str = Field(
        "", max_length=200, description="Why the level is another one; needed for two at once"
    )
    lifecycle_stage: Stage | None = None
    type: CustomerType | None = None
    place_class: PlaceClass | None = None
    radius_m: int | None = Field(None, ge=50, le=2000)
    city: str | None = Field(None, max_length=64)
    address: str | None = Field(None, max_length=300)
    source: str | None = Field(None, max_length=32)
    note: str | None = Field(None, max_length=2000)
    custom: OwnValues | None = None


class TaggingIn(Schema):
    """Tags to put on and to take off. Of a group for one tag the new one replaces the old."""

    add: list[TagId] = Field(default_factory=list, max_length=50)
    remove: list[TagId] = Field(default_factory=list, max_length=50)


class TaggingManyIn(TaggingIn):
    customer_ids: list[Annotated[str, Field(max_length=26)]] = Field(min_length=1, max_length=200)


class TaggedOut(Schema):
    changed: int
    unchanged: int
    refused: list[str] = Field(description="Ids of customers that are not mine to change")


class PlacesOut(Schema):
    present: list[LocationOut] = Field(description="Confirmed and proposed, the main door first")
    past: list[LocationOut] = Field(description="What was before, at most fifty, the newest first")


class PlaceRulesOut(Schema):
    rules: PlaceRules
    may_configure: bool


class LevelChangeOut(Schema):
    at: datetime
    how: Literal["manual", "proposal", "merged", "parted", "import", "import_undone"]
    before: Level
    after: Level
    reason: str
    by_name: str = Field(description="Empty: a program, or the company itself")


class LevelChangesOut(Schema):
    changes: list[LevelChangeOut] = Field(description="At most fifty, the newest first")


class OwnerIn(Schema):
    member_id: str | None = Field(max_length=26, description="None gives the customer to nobody")


class OwnerOut(Schema):
    owner: MemberOut | None


class ConfirmationIn(Schema):
    location_id: str = Field(max_length=26, description="Which proposal was looked at")


class SuspectsIn(Schema):
    """A new customer as far as it is typed: enough is a name of two characters, or a phone."""

    name: str = Field("", max_length=200, examples=["华联超市"])
    customer_kind: Kind = "company"
    type: CustomerType = "customer"
    phones: list[Phone] = Field(default_factory=list, max_length=21)
    credit_code: CreditCode = ""
    email: Email = ""
    city: str = Field("", max_length=64)
    location: LocationIn | None = None
    is_branch: bool = False


class SuspectOut(Schema):
    """What it may be already. Of a customer out of sight only what helps to ask for it."""

    check: SuspectCheck = Field(description="What speaks for it, the strongest first")
    action: Literal["block", "warn", "show"]
    proposes: Literal["", "branch"] = Field(
        description="What else it may be: a branch of this one (`branch_of`)"
    )
    similarity: float = Field(ge=0, le=1, description="How alike the names are")
    name: str = Field(description="With a masked middle when `is_masked`")
    customer_id: str
    is_masked: bool
    number: str = Field(description="Empty when `is_masked`")
    owner_name: str = Field(description="Empty when `is_masked`, or when nobody owns it")
    department: str = Field(description="The owner's; empty when nobody owns it")
    lifecycle_stage: Stage


class SuspectsOut(Schema):
    suspects: list[SuspectOut] = Field(description="At most ten, the surest first")
