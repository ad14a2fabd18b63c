"""Words that the messages of several rules share."""

from diag.model.flow.callee import Callee

_COLOURS = {
    "def": "a plain `def`",
    "async def": "an `async def`",
    "generator": "a generator",
    "async generator": "an async generator",
    "class": "a class",
    "builtin": "a plain function",
}

_RUNTIME = {
    "None": "NoneType",
    "generator": "generator",
    "async generator": "async_generator",
    "LockType": "_thread.lock",
}


def short(code: str) -> str:
    """The code on one line, without the arguments of its last call: `client.order(...)`."""
    text = " ".join(code.split())
    if text.endswith(")"):
        depth = 0
        for index in range(len(text) - 1, -1, -1):
            depth += (text[index] == ")") - (text[index] == "(")
            if depth == 0:
                if (
                    index
                    and (text[index - 1].isidentifier() or text[index - 1] in "])")
                    and index < len(text) - 2
                ):
                    text = f"{text[:index]}(...)"
                break
    return text if len(text) <= 80 else f"{text[:77]}..."


def runtime_type(returns: str) -> str:
    """The type as Python's own messages name it: `None` is NoneType, of `dict | None` it is dict.

    Of two it is `dict or list`, of more `...`.
    """
    names = returns.split(" | ")
    if len(names) > 1:
        names = [name for name in names if name != "None"]
    return " or ".join(_RUNTIME.get(name, name) for name in names) if len(names) <= 2 else "..."


def article(noun: str) -> str:
    """The noun in code quotes, after `a` or `an`."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} `{noun}`"


def describe(callee: Callee) -> str:
    """The callee and its result: "`GrvtCcxt.fetch_ticker` is a plain `def` that returns `dict`"."""
    what = f"`{callee.name}` is {_COLOURS.get(callee.colour, 'a plain function')}"
    if callee.colour in {"async generator", "generator", "class"} or not callee.returns:
        return what
    return f"{what} that returns `{callee.returns}`"
