"""Where GRVT is: hosts and signing chain of each environment (https://api-docs.grvt.io, gateways)."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Environment:
    """Base URLs without a slash at the end. `ca_file` is the CA of a simulated venue with TLS."""

    name: str
    edge: str
    trades: str
    market_data: str
    chain_id: int
    is_simulated: bool = False
    ca_file: Path | None = None


PROD = Environment(
    "prod", "https://edge.grvt.io", "https://trades.grvt.io", "https://market-data.grvt.io", chain_id=325
)
TESTNET = Environment(
    "testnet",
    "https://edge.testnet.grvt.io",
    "https://trades.testnet.grvt.io",
    "https://market-data.testnet.grvt.io",
    chain_id=326,
)


def simulated(url: str, ca_file: Path | None = None) -> Environment:
    """The simulator that serves all gateways at `url`; its chain is that of prod."""
    url = url.rstrip("/")
    return Environment("sim", url, url, url, PROD.chain_id, is_simulated=True, ca_file=ca_file)


CANCEL_BLOCK_MS = 5000
"""How long a cancel may stop an order of its client order id that is still on its way: the maximum."""
REAL = {each.name: each for each in (TESTNET, PROD)}
HOSTS = tuple(
    f"{gateway}{domain}"
    for domain in (".grvt.io", ".testnet.grvt.io", ".dev.gravitymarkets.io", ".staging.gravitymarkets.io")
    for gateway in ("edge", "trades", "market-data")
)
"""The names of every environment that the venue's own SDK knows."""
