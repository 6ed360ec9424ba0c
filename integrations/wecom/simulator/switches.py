"""What administrators, dates and unconfirmed readings of the documentation may change.

Each switch is off in what we take for the usual case. The documentation does not say, or says
differently in two places, which of the two readings real companies meet; the adapter must live
with both.
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Switches:
    """`trusted_ips`: who may call, else 60020; empty for everybody."""

    trusted_ips: list[str] = field(default_factory=list)
    app_is_disabled: bool = False
    # The app is not listed under 日程 → 可调用接口的应用 (48002).
    calendar_is_closed: bool = False
    # The app is not listed under 客户联系 → 可调用接口的应用 (48002).
    customers_are_closed: bool = False
    # Hardly anybody opens the app, so that customer data is refused (48011).
    app_is_inactive: bool = False
    # Members outside of the app's visible range, when customers are asked about (60011).
    out_of_sight: set[str] = field(default_factory=set)
    # A customer who deleted the member is still in the member's list.
    who_left_is_listed: bool = False
    # The secret of 通讯录同步 is used from an address of after August 2022: ids only.
    contacts_secret_is_new: bool = False
    # The app is among 打卡 → 可调用接口的应用.
    checkins_are_allowed: bool = True
    # gettoken gives a new token at each call instead of the one that still lives.
    new_token_each_time: bool = False
    # A push that is tried again has a new seal, nonce and time, instead of the same bytes.
    seal_each_try_anew: bool = False
    # A push is tried again only when nobody answered, not after a status other than 200.
    only_silence_is_tried_again: bool = False
    # A 200 with words in it, such as `success`, counts as no answer; an empty or sealed one does.
    only_empty_is_an_answer: bool = False
    # The duplicate check compares contents whoever they are for, not receivers and contents.
    duplicates_ignore_receivers: bool = False
    # update_template_card tells invaliduser joined by `|` and not as a list.
    invalid_users_as_text: bool = False
    # Positions and places come as satellites give them, and not in GCJ-02 as on the maps.
    positions_in_wgs84: bool = False
    # A file that a member sends to the app is a message of its own; else the app is told nothing.
    files_are_told: bool = False
    # What an event that tells of a punch would be called; "" for none, as no page names one.
    event_of_punches: str = ""
    # Fields of members and departments that this app may not see, by its age and its permissions;
    # left out, or there and blank.
    withheld: set[str] = field(default_factory=set)
    withheld_is_blank: bool = False
    # A new customer brings a code for a greeting; it may be missing where a greeting is set up.
    welcome_code_is_told: bool = True
    # A submitted card spells its options OpitonIds and OpitonId, as old samples do.
    old_spelling_of_options: bool = False
    # The bot is told an encrypted id of whoever writes, as when no super administrator made it.
    bot_sees_encrypted_ids: bool = False
    # A pressed card of the bot has its facts flat in `event`, as in the vendor's own types.
    bot_events_are_flat: bool = False
    # A pressed card of the bot brings an address for the answer too.
    bot_events_can_be_answered: bool = True
    # How long a stream of the bot may take: ten minutes, or six in an older copy.
    bot_stream_s: float = 600
    # The bot's server ends a connection over which nothing came for so long; 0: never.
    bot_idle_s: float = 0
    # The bot's server hears and never answers again, as after a change of network.
    bot_server_is_silent: bool = False
    # Calls of one path that are let through, 0: any number. Real companies have 10 000 a minute and
    # 150 000 an hour, and 100 tickets for pages an hour for one app.
    calls_a_minute: int = 0
    calls_an_hour: int = 0
    tickets_an_hour: int = 0
