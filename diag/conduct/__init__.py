"""Judges over a run record: what a program did to a venue, and to itself. Names no venue, knows no probe."""
