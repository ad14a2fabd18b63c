"""What the callables give is plain in every case, or a coroutine that is taken for its result."""


class Session:
    def __init__(self) -> None:
        self.rows: list = []

    async def send(self, row: object) -> None:
        self.rows.append(row)

    def size(self) -> int:
        return len(self.rows)


async def make_later() -> Session:
    return Session()


class Worker:
    def __init__(self) -> None:
        self.make = make_later
        self.now = Session

    async def size(self) -> int:
        session = self.make()
        return session.size()  # <- DG103

    async def wait(self) -> Session:
        return await self.now()  # <- DG101

    async def send(self) -> None:
        send = self.now().send
        send(1)  # <- DG102


async def fault_size() -> None:
    await Worker().size()


async def fault_wait() -> None:
    await Worker().wait()


async def fault_send() -> None:
    await Worker().send()
