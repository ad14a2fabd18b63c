"""A plain venue."""

from .base import Venue


class Paper(Venue):
    def fetch(self, symbol):
        return {"symbol": symbol}

    def close(self):
        return None
