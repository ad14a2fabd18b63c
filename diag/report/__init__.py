"""Reports: findings (one module an output format), checks, and the live table of a probe."""
