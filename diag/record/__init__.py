"""The record of a run: typed events in the order in which they happened, one JSON object a line."""

from diag.record.event import Event, Source
from diag.record.journal import EVENTS, Journal, Record, RecordError, encoded, read

__all__ = ["EVENTS", "Event", "Journal", "Record", "RecordError", "Source", "encoded", "read"]
