"""Clients of the exchanges that the bot trades on."""
