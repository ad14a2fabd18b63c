"""Funding rates."""

from __future__ import annotations

import logging
import requests

logger = logging.getLogger(__name__)


async def funding(url: str, symbols: list[str]) -> list:
    response = await requests.get(url, params={"s": ",".join(symbols)}, timeout=5)  # <- DG101
    if response.status_code != 200: await logger.warning("%s", response.status_code)  # <- DG101
    return response.json()
