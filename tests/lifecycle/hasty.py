"""The reference client without its patience, as a ground for clients that mistake a failure for an answer."""

from typing import Any

from probes.venues.grvt.client import GrvtClient


class Hasty(GrvtClient):
    """Asks once only: every failure reaches the methods below."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        rest = self._rest

        async def once(base: str, endpoint: str, payload: Any, session: Any, *, repeat: bool) -> Any:
            headers = session.headers() if session else {}
            return (await rest._post(endpoint, f"{base}/full/v1/{endpoint}", payload, headers))[0]

        rest._repeated = once  # type: ignore[method-assign]
