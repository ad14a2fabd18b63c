"""Re-exports."""

from .base import Venue
from .grvt import *
from .grvt import VERSION as GRVT_VERSION
from .paper import Paper as PaperVenue

__all__ = ["GRVT_VERSION", "Grvt", "PaperVenue", "Venue", "open_venue"]
