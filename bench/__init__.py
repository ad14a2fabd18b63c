"""How fast is `diag lint`, as ratios to type checkers measured in the same run. See README.md."""
