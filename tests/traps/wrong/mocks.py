"""Tests of a real object: without a mock in between, its colours are known."""

import unittest
from unittest import IsolatedAsyncioTestCase


class Rest:
    def fetch_ticker(self, symbol):
        return {"symbol": symbol}

    async def fetch_book(self, symbol):
        return {"symbol": symbol}


class RestTest(IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.rest = Rest()

    async def test_ticker(self):
        ticker = await self.rest.fetch_ticker("ETH")  # <- DG101
        self.assertTrue(ticker)

    async def test_book(self):
        self.assertEqual(self.rest.fetch_book("ETH")["symbol"], "ETH")  # <- DG103

    async def test_drop(self):
        self.rest.fetch_book("ETH")  # <- DG102


class PlainTest(unittest.TestCase):
    async def helper(self):
        return 1

    def test_forgotten(self):
        self.helper()  # <- DG102
