"""The base class; its module and that of the subclass import each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .grvt import Grvt
    from .paper import Paper


class Venue:
    peer: Grvt | Paper | None = None

    def fetch(self, symbol):
        raise NotImplementedError

    async def fetch_from_peer(self, symbol):
        from .grvt import Grvt

        if isinstance(self.peer, Grvt):
            return await self.peer.fetch(symbol)
        return self.peer.fetch(symbol)

    def attach(self, other: Grvt) -> Grvt:
        self.peer = other
        return other
