"""The record of a run: typed events in the order in which they happened, one JSON object a line."""

from diag.record.event import Event, Source
from diag.record.journal import Journal, RecordError, read

__all__ = ["Event", "Journal", "RecordError", "Source", "read"]
