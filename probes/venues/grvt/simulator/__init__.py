"""GRVT, simulated: one module an area of the venue."""
