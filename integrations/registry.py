"""The hosts that are installed. A new host is one folder and one line here."""

from field_ops.host.platform import HostKind

from . import dingtalk, wecom

KINDS: tuple[HostKind, ...] = (wecom.KIND, dingtalk.KIND)
