"""Event → command → answer. A refusal becomes a sentence; anything else rises and is retried."""

from field_ops.errors import Refusal
from field_ops.host.events import CardPressed, Conversation, HostEvent, TextReceived
from field_ops.host.messages import Notice
from field_ops.outbox.post import answer
from field_ops.outbox.revise import is_over
from field_ops.people.queries import actor_for
from field_ops.texts import Text
from field_ops.work import Work

from .command import Turn
from .commands import COMMANDS
from .commands.look_up import look_up_anything
from .phrases import recognise
from .slots import customer_in

# Nobody knows what a stranger reads: he is told in both languages.
STRANGER = Text(
    "您还不在外勤的使用范围内，请联系管理员把您加入应用可见范围。",
    "You may not use Waiqin yet. Ask your administrator to add you to the app's visible range.",
)
OVER = Text(
    "这张卡片已超过 72 小时，按钮不再有效。请直接对我说，例如「帮助」。",
    "This card is more than 72 hours old and its buttons do nothing. Just tell me, e.g. “help”.",
)
LONGEST = 2000  # characters that anybody says to a bot; the rest is a paste by mistake


async def handle(work: Work, event: HostEvent) -> None:
    """Answer what a member said or pressed. `work` acts for the connection it came through."""
    match event:
        case TextReceived(text=text):
            sentence, talk = text, event.conversation
        case CardPressed(says=says):
            sentence, talk = says, event.conversation
        case _:
            return
    turn = await _turn(work, event, event.host_user_id, talk, sentence)
    if turn is None:
        await _tell_stranger(work, event.event_id, event.host_user_id, talk)
        return
    if isinstance(event, CardPressed):
        if await is_over(turn.work, event.card_id):
            await turn.reply(Notice(turn.say(OVER)))
            return
        if event.card_id and event.revise_with:
            turn.pressed = event
    try:
        # A refusal halfway leaves nothing behind, and the reply that explains it is kept.
        async with work.session.begin_nested():
            await _run(turn)
    except Refusal as refusal:
        turn.answers = 0
        if refusal.afterwards is not None:
            await refusal.afterwards(turn.work)
        await turn.reply(Notice(refusal.say(turn.language)))


async def _run(turn: Turn) -> None:
    heard = recognise(turn.text, COMMANDS)
    if heard is None:
        await look_up_anything(turn)
        return
    turn.rest = heard.text or heard.code
    if heard.customer:
        say_again = turn.text.replace(heard.customer, "{}", 1)
        turn.customer = await customer_in(turn, heard.customer, say_again)
        if turn.customer is None:
            return
    await heard.command.run(turn)


async def _turn(
    work: Work, event: HostEvent, host_user_id: str, talk: Conversation, sentence: str
) -> Turn | None:
    """The turn of a known, active member; None for anybody else."""
    known = await actor_for(work.session, work.actor, host_user_id)
    if known is None:
        return None
    actor, member = known
    return Turn(
        work=Work(work.session, actor, work.now, work.zone),
        host_user_id=host_user_id,
        event_id=event.event_id,
        conversation=talk,
        text=sentence[:LONGEST],
        name=member.name,
    )


async def _tell_stranger(work: Work, event_id: str, host_user_id: str, talk: Conversation) -> None:
    note = Notice(f"{STRANGER.zh}\n{STRANGER.en}")
    await answer(work, talk, host_user_id, note, once=f"stranger-{event_id}"[:200])
