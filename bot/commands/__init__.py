"""Every command, in the order in which the help shows them."""

from ..command import Command
from .check_in import command as check_in
from .collaboration import command as collaboration
from .extension import command as extension
from .follow_up import command as follow_up
from .follow_up import confirmation as follow_up_confirmation
from .help import command as help_
from .language import chinese, english
from .log import command as log
from .log import confirmation as log_confirmation
from .look_up import command as look_up
from .today import command as today

COMMANDS: tuple[Command, ...] = (
    today, look_up, check_in, log_confirmation, log, follow_up_confirmation,
    follow_up, collaboration, extension, help_, english, chinese,
)  # fmt: skip
