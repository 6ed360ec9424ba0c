"""What people are told about customers: facts in, cards out. Addresses are our pages (`#/…`)."""

from ..access.fields import eyes_of
from ..host.messages import Button, Card, Field, Message, Notice
from ..texts import Text, said
from ..work import Work
from .queries import Detail

STAGES = {
    "potential": Text("潜在", "potential"),
    "contacted": Text("已接触", "contacted"),
    "intent": Text("意向", "intent"),
    "won": Text("成交", "won"),
    "repeat": Text("复购", "repeat"),
    "dormant": Text("沉睡", "dormant"),
    "lost": Text("流失", "lost"),
    "blacklisted": Text("黑名单", "blacklisted"),
}
LEVEL = Text("等级", "Level")
PHONE = Text("电话", "Phone")
CONTACT = Text("联系人", "Contact")
LAST_VISIT = Text("上次拜访", "Last visit")
NEVER = Text("还没有", "never")
OWNER = Text("负责人", "Owner")
ADDRESS = Text("地址", "Address")
CHECK_IN = Text("签到", "Check in")
GUESSING = Text(
    "{member}今天新建客户时查到 {told} 家别人的客户（名称已打码），超过每天 30 家，请了解原因。",
    "While creating customers, {member} met {told} customers of others today (masked), more than "
    "the usual 30. Please ask why.",
)
SHOW = Text("看详情", "Open")
MAY_HAVE_MOVED = Text("「{name}」可能已搬迁", "“{name}” may have moved")
WHERE_TO = Text(
    "{count} 次签到一致落在离原位置约 {distance_m} 米的地方。请核对后确认新位置，或保留原位置。",
    "{count} check-ins agree on a place about {distance_m} m from the present one. Please look, "
    "and confirm the new place or keep the old one.",
)
DECIDE = Text("去核对", "Look")


def customer_card(work: Work, detail: Detail, language: str) -> Card:
    """A customer with what matters now: whom to call, when somebody was there, what to do next."""
    customer = detail.customer
    stage = said(STAGES.get(customer.lifecycle_stage, customer.lifecycle_stage), language)
    shown = [(LEVEL, f"{customer.level} · {stage}")]
    eyes = eyes_of(work)
    if phone := eyes.text("phone", customer, customer.phone):
        shown.append((PHONE, phone))
    if detail.contacts and eyes.shows_contacts(customer):
        main = detail.contacts[0]
        phone = eyes.text("phone", customer, main.phone)
        shown.append((CONTACT, f"{main.name} {phone}".strip()))
    shown.append((LAST_VISIT, _when(work, detail) or NEVER.say(language)))
    if owner_name := detail.name_of.get(customer.owner_id or ""):
        shown.append((OWNER, owner_name))
    if address := eyes.text("address", customer, customer.address):
        shown.append((ADDRESS, address))
    page = f"#/customers/{customer.id}"
    return Card(
        title=customer.name,
        fields=tuple(Field(name.say(language), value) for name, value in shown),
        text=customer.number,
        buttons=(
            Button(CHECK_IN.say(language), url=f"#/check-in/{customer.id}"),
            Button(SHOW.say(language), url=page),
        ),
        url=page,
    )


def place_may_have_moved(name: str, distance_m: int, count: int, language: str) -> Message:
    """To the lead of its owner: check-ins speak for another place, and he decides."""
    return Card(
        title=MAY_HAVE_MOVED.say(language, name=name),
        text=WHERE_TO.say(language, count=count, distance_m=distance_m),
        buttons=(Button(DECIDE.say(language), url="#/waiting"),),
        url="#/waiting",
    )


def lead_about_guessing(member: str, told: int, language: str) -> Message:
    """To the lead of somebody who was told about many customers that are not his."""
    return Notice(GUESSING.say(language, member=member, told=told))


def _when(work: Work, detail: Detail) -> str:
    at = detail.customer.last_visit_at
    return f"{at.astimezone(work.zone):%Y-%m-%d}" if at else ""
