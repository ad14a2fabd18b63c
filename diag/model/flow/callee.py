"""What a call reaches, as messages name it. Apart from the model, so that rules can be read without it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Callee:
    """What a call reaches.

    `name` is the short dotted name a person would say (`GrvtCcxt.fetch_ticker`), `qualname` the whole
    one (`pysdk.grvt_ccxt.GrvtCcxt.fetch_ticker`), `returns` what the call gives in words (`dict`, `None`,
    `Decimal`), `colour` one of `def`, `async def`, `async generator`, `generator`, `class`, `builtin`.
    `blocks` is the primitive that it ends at (`requests.Session.post`) or empty; `network` tells whether
    that primitive is network I/O; `twin` the async counterpart, or empty.
    """

    name: str
    qualname: str
    colour: str
    returns: str = ""
    path: str = ""
    line: int = 0
    blocks: str = ""
    network: bool = False
    twin: str = ""
