"""What people are told about customers: facts in, cards out. Addresses are our pages (`#/…`)."""

from ..host.messages import Button, Card, Field
from ..work import Work
from .queries import Detail

STAGES = {
    "potential": ("潜在", "potential"),
    "contacted": ("已接触", "contacted"),
    "intent": ("意向", "intent"),
    "won": ("成交", "won"),
    "repeat": ("复购", "repeat"),
    "dormant": ("沉睡", "dormant"),
    "lost": ("流失", "lost"),
    "blacklisted": ("黑名单", "blacklisted"),
}


def customer_card(work: Work, detail: Detail, *, in_english: bool = False) -> Card:
    """A customer with what matters now: whom to call, when somebody was there, what to do next."""
    customer, side = detail.customer, 1 if in_english else 0
    words = (
        ("等级", "电话", "联系人", "上次拜访", "负责人", "地址", "还没有", "签到", "看详情"),
        (
            "Level",
            "Phone",
            "Contact",
            "Last visit",
            "Owner",
            "Address",
            "never",
            "Check in",
            "Open",
        ),
    )[side]
    level, phone, contact, last, owner, address, never, check_in, more = words
    stage = STAGES.get(customer.lifecycle_stage, (customer.lifecycle_stage,) * 2)[side]
    fields = [Field(level, f"{customer.level} · {stage}")]
    if customer.phone:
        fields.append(Field(phone, customer.phone))
    if detail.contacts:
        main = detail.contacts[0]
        fields.append(Field(contact, f"{main.name} {main.phone}".strip()))
    fields.append(Field(last, _when(work, detail) or never))
    if owner_name := detail.name_of.get(customer.owner_id or ""):
        fields.append(Field(owner, owner_name))
    if customer.address:
        fields.append(Field(address, customer.address))
    page = f"#/customers/{customer.id}"
    return Card(
        title=customer.name,
        fields=tuple(fields),
        text=customer.number,
        buttons=(Button(check_in, url=f"#/check-in/{customer.id}"), Button(more, url=page)),
        url=page,
    )


def _when(work: Work, detail: Detail) -> str:
    at = detail.customer.last_visit_at
    return f"{at.astimezone(work.zone):%Y-%m-%d}" if at else ""
