"""From the name of an exchange to its client."""

from exchanges.base import ExchangeClient, Settings

EXCHANGES = ("grvt",)


def create_client(name: str, settings: Settings) -> ExchangeClient:
    """A client of the named exchange. Its SDK is imported only here, so that the others are not needed."""
    if name == "grvt":
        from exchanges.grvt import GrvtClient

        return GrvtClient(settings)
    raise ValueError(f"no client for the exchange {name!r}; there are: {', '.join(EXCHANGES)}")
