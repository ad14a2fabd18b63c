from clients import Live, Replay


class Bot:
    def __init__(self, live: bool) -> None:
        self.client = Live() if live else Replay()

    async def run(self) -> None:
        self.client.pause()
