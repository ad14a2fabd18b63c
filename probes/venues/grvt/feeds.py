"""The WebSocket side of GRVT for a client: subscriptions that outlive their connection, and RPCs.

Each gateway has one connection, opened when it is first needed. A lost one is opened again, with a new
session if need be, and everything that was subscribed is subscribed again. Sequence numbers are looked
at: what came twice or late is dropped, and after a gap the stream is subscribed anew, for a snapshot.
"""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp

from probes.failures import (
    ClientError,
    NoAnswerError,
    NotAuthenticatedError,
    RefusedError,
    UnreachableError,
)
from probes.venues.grvt.errors import ERRORS
from probes.venues.grvt.rest import Rest, Session, refusal
from probes.venues.grvt.streams import STREAMS

Json = dict[str, Any]

_ANSWER_S = 10.0
_HEARTBEAT_S = 20.0
_SNAPSHOT_S = 0.5  # how long a snapshot may take that the venue has announced
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.05, 2.0  # between two tries to connect
_TRIES = 6  # to connect before those who wait are told
_LONGEST_QUEUE = 10_000  # messages of one watcher; the oldest go when it does not keep up


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a stream. `gap` says that messages before it are missing."""

    stream: str
    selector: str
    sequence: int
    feed: Json
    gap: bool

    @property
    def is_snapshot(self) -> bool:
        return self.sequence == 0


Watcher = asyncio.Queue[Message | ClientError]


@dataclass(slots=True, eq=False)
class _Subscription:
    stream: str
    selector: str
    watchers: list[Watcher] = field(default_factory=list)
    last: int | None = None  # sequence number of the latest message
    gap: bool = False
    renewing: bool = False
    snapshots_due: int = 0

    def subscribed(self, result: Json) -> None:
        """The venue has confirmed it, with the number of snapshots to come and that of the first message."""

        def said(name: str) -> int:
            values = result.get(name)
            found = dict(
                zip(result.get("subs") or (), values if isinstance(values, list) else [], strict=False)
            )
            return int(found.get(self.selector) or 0)

        first = said("first_sequence_number")
        self.last = first - 1 if first > 0 else None
        self.snapshots_due = said("num_snapshots")
        self.renewing = False

    def lost(self) -> None:
        self.last = None
        self.gap = True

    def take(self, message: Json) -> bool:
        """Hand a message to the watchers, unless it is old. Returns whether one before it is missing."""
        sequence, previous = int(message["sequence_number"]), int(message.get("prev_sequence_number") or 0)
        missing = False
        if sequence:
            if self.last is not None and sequence <= self.last:
                return False
            missing = self.last is not None and previous != self.last
            self.last = sequence
        else:
            self.snapshots_due -= 1
        gap = self.gap or missing
        self.gap = False
        self.put(Message(self.stream, self.selector, sequence, message["feed"], gap))
        return missing

    def put(self, entry: Message | ClientError) -> None:
        for watcher in self.watchers:
            if watcher.full():
                watcher.get_nowait()
                self.gap = True
            watcher.put_nowait(entry)


class Feeds:
    """The connections to both gateways."""

    def __init__(self, rest: Rest) -> None:
        self._market_data = _Connection(rest, rest.environment.market_data, private=False)
        self._trades = _Connection(rest, rest.environment.trades, private=True)

    @contextlib.asynccontextmanager
    async def watch(self, stream: str, selector: str) -> AsyncIterator[AsyncIterator[Message]]:
        """Entering subscribes and waits for the venue's answer (RefusedError); leaving unsubscribes."""
        connection = self._trades if STREAMS[stream].private else self._market_data
        watcher: Watcher = asyncio.Queue(_LONGEST_QUEUE)
        subscription = await connection.subscribe(stream, selector, watcher)
        try:
            yield _Messages(watcher)
        finally:
            await connection.unsubscribe(subscription, watcher)

    async def call(self, method: str, params: Json) -> Json:
        """The answer of an RPC over the trading WebSocket, in the shape of REST: an object with `result`."""
        for last in (False, True):
            try:
                answer = await self._trades.request(method, params)
            except NotAuthenticatedError:
                if last:
                    raise
                await self._trades.renew()
            else:
                return answer if isinstance(answer.get("result"), (dict, list)) else {"result": answer}
        raise AssertionError("unreachable")

    async def close(self) -> None:
        await self._market_data.close()
        await self._trades.close()


class _Messages:
    """What a watcher is told. A wait that is cancelled loses nothing."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Message:
        entry = await self._watcher.get()
        if isinstance(entry, ClientError):
            raise entry
        return entry


class _Connection:
    """One WebSocket that is kept open while anything is subscribed or asked."""

    def __init__(self, rest: Rest, base: str, *, private: bool) -> None:
        self._rest = rest
        self._url = f"ws{base.removeprefix('http')}/ws/full"
        self._private = private
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._session: Session | None = None
        self._reader: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()
        self._ids = itertools.count(1)
        self._answers: dict[int, tuple[asyncio.Future[Json], Callable[[Json], None] | None]] = {}
        self._subscriptions: dict[tuple[str, str], _Subscription] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def subscribe(self, stream: str, selector: str, watcher: Watcher) -> _Subscription:
        known = self._subscriptions.get((stream, selector))
        if known is not None:
            known.watchers.append(watcher)
            await self._resubscribe(known)  # for a snapshot, which the newcomer lacks
            return known
        subscription = _Subscription(stream, selector, [watcher])
        self._subscriptions[stream, selector] = subscription
        try:
            await self._subscribe(subscription)
        except BaseException:
            self._subscriptions.pop((stream, selector), None)
            raise
        return subscription

    async def unsubscribe(self, subscription: _Subscription, watcher: Watcher) -> None:
        subscription.watchers.remove(watcher)
        if subscription.watchers:
            return
        self._subscriptions.pop((subscription.stream, subscription.selector), None)
        if self._socket is not None and not self._socket.closed:
            with contextlib.suppress(ClientError):
                await self.request("unsubscribe", _params(subscription))

    async def _subscribe(self, subscription: _Subscription) -> None:
        for left in range(_TRIES - 1, -1, -1):
            try:
                await self.request("subscribe", _params(subscription), subscription.subscribed)
                self._spawn(self._await_snapshots(subscription))
                return
            except NotAuthenticatedError:
                if not left:
                    raise
                await self.renew()
            except NoAnswerError:
                if not left:
                    raise

    async def request(
        self, method: str, params: Json, on_result: Callable[[Json], None] | None = None
    ) -> Json:
        """The result of a JSON-RPC. `on_result` sees it before any message that comes after it."""
        socket = await self._open()
        number = next(self._ids)
        future: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._answers[number] = future, on_result
        try:
            await socket.send_str(
                json.dumps({"jsonrpc": "2.0", "method": method, "params": params, "id": number})
            )
            return await asyncio.wait_for(future, _ANSWER_S)
        except TimeoutError:
            raise NoAnswerError(f"{method}: no answer within {_ANSWER_S} s") from None
        except (ConnectionError, aiohttp.ClientError):
            raise NoAnswerError(f"{method}: the connection broke") from None
        finally:
            self._answers.pop(number, None)

    async def renew(self) -> None:
        """The venue no longer takes the session of this connection: log in and connect anew."""
        if self._session is not None:
            self._rest.forget(self._session)
        if self._socket is not None:
            await self._socket.close()

    async def close(self) -> None:
        self._subscriptions.clear()
        for task in (*self._tasks, *([self._reader] if self._reader else ())):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, ClientError):
                await task
        if self._socket is not None:
            await self._socket.close()
        self._socket = self._reader = None

    async def _open(self) -> aiohttp.ClientWebSocketResponse:
        async with self._opening:
            if self._socket is None or self._socket.closed:
                self._socket = await self._connect()
                if self._reader is not None and self._reader is not asyncio.current_task():
                    self._reader.cancel()
                self._reader = asyncio.create_task(self._read(self._socket))
            return self._socket

    async def _connect(self) -> aiohttp.ClientWebSocketResponse:
        wait_s = _FIRST_WAIT_S
        for left in range(_TRIES - 1, -1, -1):
            self._session = await self._rest.session() if self._private else None
            headers = self._session.headers() if self._session else {}
            try:
                return await self._rest.http.ws_connect(
                    self._url, headers=headers, heartbeat=_HEARTBEAT_S, max_msg_size=2**24
                )
            except aiohttp.WSServerHandshakeError as error:
                failure: ClientError = RefusedError("connect", error.status, None, "no WebSocket was opened")
                if error.status == 401 and self._session is not None:
                    self._rest.forget(self._session)
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                failure = UnreachableError(f"no WebSocket to {self._url}: {type(error).__name__}")
            if not left:
                raise failure from None
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
        raise AssertionError("unreachable")

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._take(message.data)
        finally:
            for future, _ in self._answers.values():
                if not future.done():
                    future.set_exception(NoAnswerError("the connection broke before the answer came"))
            for subscription in self._subscriptions.values():
                subscription.lost()
            await socket.close()
        if self._subscriptions:
            self._spawn(self._resume())

    async def _resume(self) -> None:
        """Subscribe to everything again; whoever watches what is refused now, is told."""
        for subscription in list(self._subscriptions.values()):
            try:
                await self._subscribe(subscription)
            except ClientError as error:
                subscription.put(error)

    async def _resubscribe(self, subscription: _Subscription) -> None:
        try:
            await self.request("unsubscribe", _params(subscription))
            await self._subscribe(subscription)
        except NoAnswerError:
            pass  # the connection is gone; its reader resumes everything
        except ClientError as error:
            subscription.put(error)
        finally:
            subscription.renewing = False

    async def _await_snapshots(self, subscription: _Subscription) -> None:
        """Subscribe anew when one does not come: a quiet market may send nothing after it."""
        await asyncio.sleep(_SNAPSHOT_S)
        known = self._subscriptions.get((subscription.stream, subscription.selector)) is subscription
        if known and subscription.snapshots_due > 0 and not subscription.renewing:
            subscription.gap = subscription.renewing = True
            await self._resubscribe(subscription)

    def _take(self, text: str) -> None:
        """Sort one text of the venue: an answer, or a message of a stream; what is neither is passed over."""
        try:
            entry = json.loads(text)
        except ValueError:
            return
        if not isinstance(entry, dict):
            return
        if "feed" in entry:
            subscription = self._subscriptions.get((entry.get("stream", ""), entry.get("selector", "")))
            if subscription is not None and subscription.take(entry) and not subscription.renewing:
                subscription.renewing = True
                self._spawn(self._resubscribe(subscription))
            return
        error = entry.get("error") or (entry if "code" in entry else None)
        number = entry.get("id")
        if not number and error and len(self._answers) == 1:
            (number,) = self._answers  # an error that does not say of what can only be of this
        future, on_result = self._answers.get(number or 0, (None, None))
        if future is None or future.done():
            return
        if isinstance(error, dict):
            status = ERRORS.get(error.get("code", 0), ("", 400))[1]
            future.set_exception(refusal(str(entry.get("method", "rpc")), status, error))
            return
        result = entry.get("result")
        result = result if isinstance(result, dict) else {"result": result}
        if on_result is not None:
            on_result(result)
        future.set_result(result)

    def _spawn(self, coroutine: Any) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _params(subscription: _Subscription) -> Json:
    return {"stream": subscription.stream, "selectors": [subscription.selector]}
