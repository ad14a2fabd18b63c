"""Imports its neighbour; the star import above passes the name on."""

from . import futures
from .futures import Reply


class Order(futures.Future):
    """Awaitable through a base in a module that is reached in a circle."""
