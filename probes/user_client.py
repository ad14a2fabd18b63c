"""The user's own client, in the user's interpreter, as a probe sees it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from diag.observe.command import START, Command
from diag.observe.run import Ended, Run, scratch_folder
from diag.observe.scrub import Scrubber
from probes.client import Bbo, Claim, OrderPlan
from probes.venue import Adapter

_DRIVE = "--drive"
_CONNECT_S = 60.0
_LEAVE_S = 10.0
_LINE = 1 << 20


class UserClientError(Exception):
    """The user's client failed, or its process ended: one line, in the client's own words if it has some."""


@dataclass(frozen=True, slots=True)
class Subject:
    """`client` is `module:Class`, seen from the folder it runs in; `adapter`, a file of the user's own."""

    client: str
    adapter: Path | None
    python: Path
    folder: Path


@dataclass
class UserClient:
    """Implements `probes.client.Client` by commands to the driver in the child; see `diag.child.drive`."""

    _writer: asyncio.StreamWriter
    _scrubber: Scrubber
    _answers: dict[int, asyncio.Future[Any]] = field(default_factory=dict)
    _last: int = 0

    async def connect(self) -> None:
        try:
            async with asyncio.timeout(_CONNECT_S):
                await self._ask("connect")
        except TimeoutError:
            raise UserClientError(f"the client did not connect within {_CONNECT_S:.0f} s") from None

    async def fetch_bbo(self, instrument: str) -> Bbo:
        answer = await self._ask("fetch_bbo")
        names = ("bid_price", "ask_price", "bid_size", "ask_size")
        bid, ask, bid_size, ask_size = (_number(answer[name]) for name in names)
        return Bbo(instrument, bid, ask, bid_size, ask_size)

    async def work_order(self, plan: OrderPlan) -> Claim:
        answer = await self._ask("work_order", order=asdict(plan))
        return Claim(
            answer["success"],
            _number(answer["filled"]) or Decimal(0),
            _number(answer["average_price"]),
            answer["iterations"],
            answer["reason"],
        )

    async def position(self, instrument: str) -> Decimal:
        return _number(await self._ask("position")) or Decimal(0)

    async def disconnect(self) -> None:
        # It may hang in what it was asked before: its process is ended in any case.
        with suppress(UserClientError, TimeoutError):
            async with asyncio.timeout(_LEAVE_S):
                await self._ask("disconnect")

    async def _ask(self, command: str, **more: Any) -> Any:
        self._last += 1
        number = self._last
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        try:
            self._writer.write(
                json.dumps({"id": number, "do": command, **more}, default=str).encode() + b"\n"
            )
            await self._writer.drain()
            return await answer
        except ConnectionError as error:
            raise UserClientError("the client's process has closed its connection") from error
        finally:
            self._answers.pop(number, None)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        with suppress(ConnectionError, ValueError):
            while line := await reader.readline():
                answer = self._scrubber.data(json.loads(line))
                waiting = self._answers.get(answer["id"])
                if waiting is None or waiting.done():
                    continue
                if "error" in answer:
                    waiting.set_exception(UserClientError(answer["error"]))
                else:
                    waiting.set_result(answer["result"])

    def _ended(self, run: asyncio.Task[Ended]) -> None:
        how = "" if run.cancelled() else f" ({run.exception() or _ending(run.result())})"
        for waiting in self._answers.values():
            if not waiting.done():
                waiting.set_exception(UserClientError(f"the client's process ended{how}"))


@asynccontextmanager
async def user_client(
    subject: Subject,
    adapters: Sequence[Adapter],
    ticker: str,
    plan: OrderPlan,
    scrubber: Scrubber,
    observe: Callable[[Command], Run],
) -> AsyncIterator[UserClient]:
    """Start the driver in the user's interpreter and hand out the client; end both after.

    `adapters` are those of the venue's own SDKs; `plan` is what the client is built for; each order may
    name another. What the client says goes through `scrubber` before anybody else sees it.

    Raises UserClientError if the driver does not come up.
    """
    with scratch_folder() as scratch:
        control = Path(scratch, "control")
        connected: asyncio.Future[UserClient] = asyncio.get_running_loop().create_future()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            client = UserClient(writer, scrubber)
            if not connected.done():
                connected.set_result(client)
                await client._listen(reader)
            writer.close()

        server = await asyncio.start_unix_server(accept, control, limit=_LINE)
        async with server:
            spec = {
                "client": subject.client,
                "adapter": str(subject.adapter) if subject.adapter else None,
                "adapters": [[one.name, str(one.file), one.packages] for one in adapters],
                "order": {"ticker": ticker, **asdict(plan)},
            }
            words = (str(subject.python), str(START), _DRIVE, str(control), json.dumps(spec, default=str))
            run = asyncio.create_task(observe(Command(words, True))())
            waiting: set[asyncio.Future[Any]] = {run, connected}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if not connected.done():
                raise UserClientError(
                    f"the driver of {subject.client} did not start ({_ending(run.result())})"
                )
            client = connected.result()
            run.add_done_callback(client._ended)
            try:
                yield client
            finally:
                # The driver disconnects the client when its connection ends; then its process ends.
                client._writer.close()
                _, still = await asyncio.wait({run}, timeout=_LEAVE_S)
                if still:
                    run.cancel()
                    with suppress(asyncio.CancelledError):
                        await run


def _ending(ended: Ended) -> str:
    return f"{ended.how}, exit code {ended.code}"


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
