"""What can go wrong at a host, said as what to do next.

HostError
├── CallbackError
│   ├── CallbackNotAuthentic     answer 403, say nothing more, store nothing
│   └── CallbackUnreadable       not a shape we know: answer 400, raise an alarm
├── SendError
│   ├── HostBusy(retry_after)    wait that long
│   │   └── DailyLimitReached    no more of this kind today; other people and kinds go on
│   ├── HostUnavailable          back off and retry
│   ├── HostRefused(reason)      will never succeed: keep the row, stop
│   │   ├── PermissionMissing    this kind of call, until somebody grants it: the rest goes on
│   │   ├── EntryGone            somebody deleted it in the host
│   │   └── BookGone             somebody deleted what our entries are kept in
│   └── CredentialsRejected      pause the connection until somebody fixes the settings
└── SignInCodeRejected           used, expired or foreign: back to the host's sign-in
    └── NotAColleague            the code is good, its owner is not in the company: say so
"""


class HostError(Exception):
    """Anything a host platform raises to the rest of the program."""


class CallbackError(HostError):
    pass


class CallbackNotAuthentic(CallbackError):
    pass


class CallbackUnreadable(CallbackError):
    pass


class SendError(HostError):
    """A call to the host that did not do what was asked. `reason` is for logs and the admin."""

    def __init__(self, reason: str = "", *, code: str = "") -> None:
        super().__init__(f"{code} {reason}".strip())
        self.reason = reason
        self.code = code


class HostBusy(SendError):
    def __init__(self, reason: str = "", *, code: str = "", retry_after_s: float = 60) -> None:
        super().__init__(reason, code=code)
        self.retry_after_s = retry_after_s


class DailyLimitReached(HostBusy):
    """The host takes no more of this kind today. `retry_after_s` is until its next day."""


class HostUnavailable(SendError):
    """No answer, or one that says "later". `maybe_done`: the request may have arrived."""

    def __init__(self, reason: str = "", *, code: str = "", maybe_done: bool = False) -> None:
        super().__init__(reason, code=code)
        self.maybe_done = maybe_done


class HostRefused(SendError):
    pass


class PermissionMissing(HostRefused):
    """The app may not do this kind of thing at all. Whoever grants it ends the refusal."""


class EntryGone(HostRefused):
    """The calendar entry or to-do is not there any more, and not because of us."""


class BookGone(HostRefused):
    """The calendar in which the host keeps our entries is not there any more."""


class CredentialsRejected(SendError):
    pass


class SignInCodeRejected(HostError):
    pass


class NotAColleague(SignInCodeRejected):
    pass
