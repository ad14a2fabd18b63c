"""The cards. Importing this enters them all into `probes.lifecycle.card.CARDS`."""

from probes.lifecycle.cards import account, cancels, conditions, data, orders, refusals, streams, trouble

__all__ = ["account", "cancels", "conditions", "data", "orders", "refusals", "streams", "trouble"]
