"""Methods, functions and classes replaced by mock or by hand, in every form that tests know."""

import contextlib
import sys
import unittest
from unittest import mock
from unittest.mock import AsyncMock, MagicMock, Mock, create_autospec, patch
from unittest.mock import patch as replaced

HERE = __name__


def quote():
    return 1


class Client:
    def bbo(self):
        return {"bid": 1}

    def ask(self):
        return 2

    async def send(self):
        return 3

    @staticmethod
    def fee():
        return 4

    @classmethod
    def make(cls):
        return cls()


async def fake(self=None):
    return {"bid": 5}


@contextlib.contextmanager
def swapped():
    old = Client.bbo
    Client.bbo = fake
    try:
        yield
    finally:
        Client.bbo = old


@contextlib.contextmanager
def swapped_by_setattr(cls, name, new):
    old = getattr(cls, name)
    setattr(cls, name, new)
    try:
        yield
    finally:
        setattr(cls, name, old)


class Swapped:
    def __init__(self, client):
        self.client = client

    def __enter__(self):
        self.old = self.client.ask
        self.client.ask = fake
        return self.client

    def __exit__(self, *error):
        self.client.ask = self.old


class Test(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        started = patch.object(Client, "fee", new_callable=AsyncMock)
        started.start()
        self.addCleanup(started.stop)

    async def test_started(self):
        await Client().fee()

    async def test_string(self):
        with patch("patched.Client.bbo", new=AsyncMock(return_value=3)):
            assert await Client().bbo() == 3

    async def test_f_string(self):
        with patch(f"{HERE}.Client.ask", new=AsyncMock(return_value=3)):
            assert await Client().ask() == 3

    async def test_name(self):
        with patch("patched.quote", new_callable=AsyncMock):
            await quote()

    @mock.patch("patched.Client.ask", new_callable=mock.AsyncMock)
    async def test_decorator(self, ask):
        await Client().ask()

    async def test_alias(self):
        with replaced.object(Client, "ask", AsyncMock()):
            await Client().ask()

    async def test_multiple(self):
        with patch.multiple(Client, bbo=AsyncMock(), ask=AsyncMock()):
            await Client().bbo()
            await Client().ask()

    async def test_multiple_string(self):
        with patch.multiple("patched.Client", **{"bbo": AsyncMock()}):
            await Client().bbo()

    async def test_autospec(self):
        with patch.object(Client, "send", autospec=True) as send:
            send.return_value = 3
            assert await Client().send() == 3

    async def test_to_plain(self):
        with patch.object(Client, "send", new=Mock(return_value=4)):
            assert Client().send() == 4
            Client().send()

    async def test_to_magic(self):
        with patch("patched.Client.send", MagicMock(return_value={"a": 4})):
            assert Client().send()["a"] == 4

    async def test_class(self):
        with patch("patched.Client") as cls:
            cls.return_value.bbo = AsyncMock()
            await Client().bbo()

    async def test_module_object(self):
        with patch.object(sys.modules[HERE], "Client", AsyncMock):
            await Client().bbo()

    async def test_setattr(self):
        client = Client()
        setattr(client, "bbo", AsyncMock())
        await client.bbo()

    async def test_computed(self):
        client = Client()
        for name in ("bbo", "ask"):
            setattr(client, name, AsyncMock())
        await client.bbo()
        await client.ask()

    async def test_dict(self):
        client = Client()
        client.__dict__["bbo"] = fake
        await client.bbo()
        vars(client)["ask"] = fake
        await client.ask()

    async def test_object_setattr(self):
        client = Client()
        object.__setattr__(client, "bbo", fake)
        await client.bbo()

    async def test_chained(self):
        client = Client()
        client.bbo = client.ask = fake
        await client.ask()

    async def test_tuple(self):
        client = Client()
        client.ask, client.fee = fake, fake
        await client.ask()
        await client.fee()

    async def test_type(self):
        with patch.object(Client, "bbo"):
            type(Client()).bbo = fake
            await Client().bbo()

    async def test_spec(self):
        client = create_autospec(Client, instance=True)
        assert client.bbo()
        await client.send()

    async def test_swapped(self):
        with swapped():
            await Client().bbo()

    async def test_swapped_by_setattr(self):
        with swapped_by_setattr(Client, "bbo", fake):
            await Client().bbo()

    async def test_swapped_by_class(self):
        with Swapped(Client()) as client:
            await client.ask()

    async def test_stack(self):
        with contextlib.ExitStack() as stack:
            stack.enter_context(patch.object(Client, "bbo", fake))
            await Client().bbo()

    async def test_globals(self):
        old = quote
        globals()["quote"] = fake
        await quote()
        globals()["quote"] = old


def main():
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(Test)
    result = unittest.TestResult()
    suite.run(result)
    assert result.wasSuccessful(), [e[1] for e in result.errors + result.failures]
    assert result.testsRun >= 20


if __name__ == "__main__":
    main()
