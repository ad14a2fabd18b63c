"""Patched and put back: what nobody replaces keeps its colour, and what is replaced is so by its own name."""

import unittest
from unittest.mock import AsyncMock, patch


class Client:
    def bbo(self):
        return {"bid": 1}

    def ask(self):
        return 2

    async def send(self):
        return 3


class Other:
    def size(self):
        return 1


class Test(unittest.IsolatedAsyncioTestCase):
    async def test_other_method(self):
        with patch.object(Client, "bbo", new=AsyncMock(return_value=3)):
            await Client().ask()  # <- DG101

    async def test_other_class(self):
        with patch("patched.Client.size", new=AsyncMock(), create=True):
            await Other().size()  # <- DG101

    async def test_dropped(self):
        with patch.multiple(Other, weight=AsyncMock(), create=True):
            Client().send()  # <- DG102


async def fault_ask():
    await Client().ask()  # <- DG101
