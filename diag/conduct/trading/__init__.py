"""How a program trades, judged by the ledgers of its venues: one module a family of checks."""
