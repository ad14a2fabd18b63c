"""Mocks of either kind in the tests of a client."""

import asyncio
import unittest
from unittest import IsolatedAsyncioTestCase, mock
from unittest.mock import AsyncMock, MagicMock, Mock, create_autospec, patch


class Rest:
    def fetch_ticker(self, symbol):
        return {"symbol": symbol}

    async def fetch_book(self, symbol):
        return {"symbol": symbol}


class Client:
    def __init__(self, rest):
        self.rest = rest

    async def book(self, symbol):
        return await self.rest.fetch_book(symbol)

    def ticker(self, symbol):
        return self.rest.fetch_ticker(symbol)


def make_client():
    rest = Mock()
    rest.fetch_book = AsyncMock(return_value={"symbol": "ETH"})
    rest.fetch_ticker = Mock(return_value={"symbol": "ETH"})
    return Client(rest)


class ClientTest(IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.client = make_client()
        self.closed = False
        self.addAsyncCleanup(self.close)

    async def close(self):
        self.closed = True

    async def test_book(self):
        book = await self.client.book("ETH")
        self.assertEqual(book["symbol"], "ETH")
        self.client.rest.fetch_book.assert_awaited_once_with("ETH")

    async def test_ticker(self):
        self.assertEqual(self.client.ticker("ETH")["symbol"], "ETH")
        self.client.rest.fetch_ticker.assert_called_once()

    async def test_magic(self):
        rest = MagicMock()
        rest.fetch_book = AsyncMock(side_effect=[{"n": 1}, {"n": 2}])
        client = Client(rest)
        self.assertEqual((await client.book("ETH"))["n"], 1)
        self.assertEqual((await client.book("ETH"))["n"], 2)
        self.assertTrue(client.ticker("ETH"))

    async def test_async_mock(self):
        rest = AsyncMock()
        rest.fetch_book.return_value = {"n": 1}
        self.assertEqual(await Client(rest).book("ETH"), {"n": 1})
        rest.fetch_ticker = Mock()
        Client(rest).ticker("ETH")

    async def test_spec(self):
        rest = Mock(spec=Rest)
        rest.fetch_book.return_value = {"n": 3}
        self.assertEqual(await Client(rest).book("ETH"), {"n": 3})
        rest.fetch_ticker.return_value = {"n": 4}
        self.assertEqual(Client(rest).ticker("ETH"), {"n": 4})

    async def test_autospec(self):
        rest = create_autospec(Rest, instance=True)
        rest.fetch_book.return_value = {"n": 5}
        self.assertEqual(await rest.fetch_book("ETH"), {"n": 5})

    async def test_wrong_error_is_raised(self):
        rest = Mock()
        rest.fetch_book.return_value = {"plain": True}
        with self.assertRaises(TypeError):
            await Client(rest).book("ETH")

    async def test_patched_to_coroutine(self):
        rest = Rest()
        with patch.object(rest, "fetch_ticker", new=AsyncMock(return_value={"n": 6})):
            self.assertEqual(await rest.fetch_ticker("ETH"), {"n": 6})
        self.assertEqual(rest.fetch_ticker("ETH")["symbol"], "ETH")

    async def test_patched_to_plain(self):
        rest = Rest()
        with mock.patch.object(Rest, "fetch_book", new=Mock(return_value={"n": 7})):
            self.assertEqual(rest.fetch_book("ETH"), {"n": 7})

    @patch.object(Rest, "fetch_ticker", new_callable=AsyncMock)
    async def test_patched_by_decorator(self, fetch_ticker):
        fetch_ticker.return_value = {"n": 8}
        self.assertEqual(await Rest().fetch_ticker("ETH"), {"n": 8})

    async def test_assigned(self):
        client = Client(Rest())
        client.rest.fetch_ticker = AsyncMock(return_value={"n": 9})
        self.assertEqual(await client.rest.fetch_ticker("ETH"), {"n": 9})
        client.rest.fetch_book = Mock(return_value={"n": 10})
        self.assertEqual(client.rest.fetch_book("ETH")["n"], 10)

    async def test_lambda(self):
        client = Client(Rest())
        done = asyncio.get_running_loop().create_future()
        done.set_result({"n": 11})
        client.rest.fetch_ticker = lambda symbol: done
        self.assertEqual(await client.rest.fetch_ticker("ETH"), {"n": 11})


def main():
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(ClientTest)
    result = unittest.TestResult()
    suite.run(result)
    assert result.wasSuccessful(), result.errors + result.failures
    assert result.testsRun >= 11
