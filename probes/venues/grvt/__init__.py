"""GRVT: https://api-docs.grvt.io."""
