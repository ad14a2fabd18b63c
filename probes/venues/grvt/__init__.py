"""GRVT: https://api-docs.grvt.io."""

NAME = "grvt"
