"""The cases. Importing this enters them all into `probes.lifecycle.case.CASES`."""

from probes.lifecycle.cases import account, cancels, conditions, data, orders, refusals, streams, trouble

__all__ = ["account", "cancels", "conditions", "data", "orders", "refusals", "streams", "trouble"]
