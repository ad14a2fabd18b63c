import logging


class Telegram:
    async def info(self, text: str) -> None: ...

    async def shutdown(self, wait: bool = True) -> None: ...

    async def send(self, text: str) -> None: ...


class Scheduler:
    def shutdown(self, wait: bool = True) -> None: ...


class Bot:
    def __init__(self, scheduler: Scheduler, socket) -> None:
        self.logger = logging.getLogger(__name__)
        self.telegram = Telegram()
        self.scheduler = scheduler
        self.socket = socket

    async def stop(self) -> None:
        self.logger.info("stopping")
        self.scheduler.shutdown(wait=False)
        self.socket.send("bye")
        await self.telegram.send("bye")


bot = Bot(Scheduler(), None)
