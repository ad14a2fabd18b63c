"""The same mistakes where another error is expected, or after the expectation."""

import asyncio
from unittest import IsolatedAsyncioTestCase


class Rest:
    def fetch_ticker(self, symbol):
        return {"symbol": symbol}

    async def fetch_book(self, symbol):
        return {"symbol": symbol}


class ErrorTest(IsolatedAsyncioTestCase):
    async def test_another_error(self):
        with self.assertRaises(ConnectionError):
            await Rest().fetch_ticker("ETH")  # <- DG101

    async def test_before(self):
        await Rest().fetch_ticker("ETH")  # <- DG101
        with self.assertRaises(TypeError):
            asyncio.ensure_future(1)

    async def test_in_another_manager(self):
        with self.subTest("ETH"):
            Rest().fetch_book("ETH")  # <- DG102
