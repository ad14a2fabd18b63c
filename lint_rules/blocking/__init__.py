"""Calls that stop the event loop. Files as in `lint_rules.awaits`."""
