"""How many requests a second the simulator answers, as a share of what a bare aiohttp handler does."""
