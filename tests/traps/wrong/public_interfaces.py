"""A library without callers, in which the visible code decides; that something is async, an annotation too."""

import asyncio


class Session:
    async def send(self, row: object) -> None:
        await asyncio.sleep(0)


class Client:
    def __init__(self, session: Session) -> None:
        self.session = session

    async def send(self, row: object) -> None:
        self.session.send(row)  # <- DG102 (annotated)


class Strategy:
    async def run(self):
        self.step()  # <- DG102

    async def step(self):
        await self.log("step")  # <- DG101

    def log(self, text):
        print(text)
