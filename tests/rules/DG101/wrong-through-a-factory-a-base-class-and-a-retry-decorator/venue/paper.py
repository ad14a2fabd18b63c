from venue.base import Exchange


class PaperExchange(Exchange):
    async def connect(self) -> None:
        self.ticks["ETH"] = 0.01
