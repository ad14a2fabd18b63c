"""The exchange inside a simulator: order book, matching, accounts, scenario of faults. Knows no wire."""
