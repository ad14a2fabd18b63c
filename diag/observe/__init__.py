"""The parent of `diag.child`: starts the user's program under observation and records what it reports."""
