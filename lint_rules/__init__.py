"""The shipped rules, one file a rule; loaded by name through the entry point group `diag.rules`."""
