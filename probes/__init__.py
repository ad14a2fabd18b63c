"""Probes and simulated venues; they come with the venue simulator."""
