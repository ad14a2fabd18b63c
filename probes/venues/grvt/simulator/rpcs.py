"""The RPCs of GRVT that are simulated, by name: `v1/create_order` and the like.

REST (`POST /full/v1/create_order`) and JSON-RPC over WebSocket share them.
"""

from collections.abc import Mapping

from probes.venues.grvt.simulator import accounts, candles, market_data, orders, summaries
from probes.venues.grvt.simulator.rpc import Rpc

rpcs: Mapping[str, Rpc] = {
    rpc.name: rpc for module in (market_data, candles, orders, accounts, summaries) for rpc in module.RPCS
}
