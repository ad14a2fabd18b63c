"""Tests that make a mistake on purpose, to see the error or the warning that it gives."""

import asyncio
import unittest
import warnings
from unittest import IsolatedAsyncioTestCase

try:
    import pytest
except ImportError:
    pytest = None


class Rest:
    def fetch_ticker(self, symbol):
        return {"symbol": symbol}

    async def fetch_book(self, symbol):
        return {"symbol": symbol}


class ErrorTest(IsolatedAsyncioTestCase):
    async def test_await_of_a_dict(self):
        with self.assertRaises(TypeError):
            await Rest().fetch_ticker("ETH")

    async def test_await_of_a_dict_by_text(self):
        with self.assertRaisesRegex(TypeError, "await"):
            await Rest().fetch_ticker("ETH")

    async def test_coroutine_as_value(self):
        coroutine = Rest().fetch_book("ETH")
        with self.assertRaises(TypeError):
            coroutine["symbol"]
        coroutine.close()

    async def test_plain_task(self):
        with self.assertRaises(TypeError):
            asyncio.ensure_future(Rest().fetch_ticker("ETH"))

    async def test_nested_run(self):
        coroutine = Rest().fetch_book("ETH")
        with self.assertRaises(RuntimeError):
            asyncio.run(coroutine)
        coroutine.close()

    def test_never_awaited(self):
        with self.assertWarns(RuntimeWarning):
            Rest().fetch_book("ETH")


class PytestStyle:
    async def test_await_of_a_dict(self):
        with pytest.raises(TypeError):
            await Rest().fetch_ticker("ETH")

    def test_never_awaited(self):
        with pytest.warns(RuntimeWarning):
            Rest().fetch_book("ETH")


def main():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        suite = unittest.defaultTestLoader.loadTestsFromTestCase(ErrorTest)
        result = unittest.TestResult()
        suite.run(result)
    assert result.wasSuccessful(), result.errors + result.failures
