"""Funding rates."""

from __future__ import annotations

import asyncio
import logging
import requests

logger = logging.getLogger(__name__)


async def funding(url: str, symbols: list[str]) -> list:
    response = await asyncio.to_thread(requests.get, url, params={"s": ",".join(symbols)}, timeout=5)
    if response.status_code != 200: logger.warning("%s", response.status_code)
    return response.json()
