from .rest import Rest


class Client:
    def __init__(self) -> None:
        self.rest = Rest("https://example.invalid")

    def position(self, symbol: str) -> float:
        return float(self.rest.get(f"/position/{symbol}")["size"])
