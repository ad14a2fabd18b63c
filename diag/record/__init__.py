"""The record of a run: typed events in the order in which they happened, one JSON object a line."""

from diag.record.event import E, Event, writer
from diag.record.journal import Journal
from diag.record.reading import EVENTS, VERSION, Record, RecordError, read

__all__ = ["EVENTS", "VERSION", "E", "Event", "Journal", "Record", "RecordError", "read", "writer"]
