"""The verbs of a member about himself."""

from ..work import Work
from .models import Member


async def speak(work: Work, language: str) -> None:
    """From now on I am told everything in this language (`zh` or `en`): pages, answers, pushes."""
    member = await work.session.get_one(Member, (work.tenant_id, work.actor.me))
    member.language = language
