"""Gathers the names of its modules, one of which imports another by way of this package."""

from .platform import *
