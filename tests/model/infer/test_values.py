"""What expressions can be."""

from collections.abc import Callable

import pytest

from tests.model.conftest import Model

Make = Callable[..., Model]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("x = 1\nx", "int"),
        ("x = 1\nx = 'a'\nx", "str"),  # the binding that reaches
        ("x = None\nif input():\n    x = {}\nx", "dict | None"),
        ("x = [1, 'a'][0]\nx", "int | str"),
        ("x = 1, 'a'\nx", "tuple"),
        ("y, x = 1, {}\nx", "dict"),
        ("x = {'a': 1.5}['a']\nx", "float"),
        ("x = [n for n in (1, 2)]\nx", "list"),
        ("for x in ['a']:\n    x", "str"),
        ("x = 1 if input() else 'a'\nx", "int | str"),
        ("x = lambda: 1\nx", "function"),
        ("x = (lambda: 1)()\nx", "int"),
        ("import os\nx = os.getpid()\nx", "int"),
        ("x = 'a'.encode()\nx", "bytes"),
        ("import tempfile\nwith tempfile.TemporaryDirectory() as x:\n    x", "str"),
        ("try:\n    pass\nexcept OSError as x:\n    x", "OSError"),
        ("import nowhere\nx = nowhere.made()\nx", "object"),
    ],
)
def test_a_name_is_what_reaches_it(model: Make, code: str, words: str) -> None:
    expression = code.rpartition("\n")[2].strip()
    assert model(code).what(expression) == words


def test_attributes_are_what_any_method_stores(model: Make) -> None:
    made = model("""
        class Bot:
            def __init__(self):
                self.price = None

            def update(self):
                self.price = 1.5

            def read(self):
                return self.price
    """)
    assert made.what("self.price", "Bot.read") == "float | None"


def test_isinstance_narrows(model: Make) -> None:
    made = model("""
        def read(found=1):
            value = found if input() else "a"
            if isinstance(value, str):
                return value
            return [value]
    """)
    assert made.what("value", "read") == "int"


def test_parameters_are_what_callers_pass(model: Make) -> None:
    made = model("""
        def work(size):
            return size

        work(1)
        work("a")
    """)
    assert made.what("size", "work") == "int | str"


def test_a_method_is_looked_up_along_the_bases(model: Make) -> None:
    made = model("""
        class Base:
            def price(self):
                return 1

        class Client(Base):
            def price(self):
                return [super().price()]

        x = Client().price()
        y = x[0]
        x, y
    """)
    assert (made.what("x"), made.what("y")) == ("list", "int")
