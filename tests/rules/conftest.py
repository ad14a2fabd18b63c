"""Examples are read by tests/lint_rules/test_examples.py; none is a test, whatever its files are named."""

collect_ignore_glob = ["*"]
