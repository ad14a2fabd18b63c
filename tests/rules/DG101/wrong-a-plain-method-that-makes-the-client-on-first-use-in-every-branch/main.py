class SignerClient:
    def __init__(self, url: str) -> None:
        self.url = url

    def check(self) -> str | None:
        return None if self.url else "no url"


class LighterBot:
    def __init__(self) -> None:
        self.client: SignerClient | None = None
        self.stopped = False

    def initialize_client(self) -> SignerClient:
        if self.client is None:
            self.client = SignerClient("https://example.invalid")
        return self.client

    async def run(self) -> None:
        if self.stopped:
            return
        elif await self.initialize_client():  # <- DG101
            error = await self.initialize_client().check()  # <- DG101
            print(error)
