"""The kinds of events, one class each, by who says them. docs/record.md is made from them."""

from diag.record.event import KINDS
from diag.record.kinds import child, client, probe, venue

__all__ = ["KINDS", "child", "client", "probe", "venue"]
