"""The REST side of GRVT for a client: sessions, errors, rate limits, and what may be asked again.

Every call is a POST with a JSON object. A session is the cookie `gravity` with the header
X-Grvt-Account-Id (https://api-docs.grvt.io, authentication).
"""

import asyncio
import email.utils
import json
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

import aiohttp

from probes.credentials import Secret
from probes.failures import (
    BadAnswerError,
    ClientError,
    NoAnswerError,
    NotAllowedError,
    NotAuthenticatedError,
    RateLimitedError,
    RefusedError,
    UnreachableError,
)
from probes.venues.grvt.credentials import VARIABLES, Credentials
from probes.venues.grvt.environments import Environment
from probes.wire import WireClock

Json = dict[str, Any]

TRIES = 6  # of a request that may be sent again
FIRST_WAIT_S = 0.05  # doubles from try to try
LONGEST_WAIT_S = 5.0
_RENEW_BEFORE_S = 5.0  # a session is renewed so long before its end


@dataclass(frozen=True, slots=True)
class Session:
    """A login. `ends_s` is a UTC stamp in seconds."""

    cookie: Secret
    account_id: str
    ends_s: float

    def headers(self) -> dict[str, str]:
        return {"Cookie": f"gravity={self.cookie.reveal()}", "X-Grvt-Account-Id": self.account_id}


class Rest:
    """Sends requests. Open it in the event loop that uses it, close it at the end."""

    def __init__(
        self, environment: Environment, credentials: Credentials | None, timeout_s: float = 10.0
    ) -> None:
        self.environment = environment
        self.credentials = credentials
        self.clock = WireClock()
        self.on_answer: Callable[[str], object] | None = None  # told the endpoint of each answer that came
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._http: aiohttp.ClientSession | None = None
        self._session: Session | None = None
        self._login = asyncio.Lock()

    @property
    def http(self) -> aiohttp.ClientSession:
        if self._http is None or self._http.closed:
            ca_file = self.environment.ca_file
            context = ssl.create_default_context(cafile=ca_file) if ca_file else True
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=context, socket_factory=self.clock.socket),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
            )
        return self._http

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()
        self._http = self._session = None

    async def market_data(self, endpoint: str, payload: Json) -> Json:
        """Answer of a market data RPC, e.g. `ticker`. Asked again until there is an answer."""
        return await self._repeated(self.environment.market_data, endpoint, payload, None, repeat=True)

    async def trading(self, endpoint: str, payload: Json, *, repeat: bool = True) -> Json:
        """Answer of a trading RPC, within a session.

        With `repeat` it is asked again when no answer came or the venue had an internal error. Without,
        only when the venue certainly has not worked it: NoAnswerError and HTTP 5xx go to the caller.
        """
        for wait_s in _waits():
            session = await self.session()
            try:
                url = self.environment.trades
                return await self._repeated(url, endpoint, payload, session, repeat=repeat)
            except NotAuthenticatedError:
                self.forget(session)
                if wait_s is None:
                    raise
                await asyncio.sleep(wait_s)
        raise AssertionError("unreachable")

    def forget(self, session: Session) -> None:
        """The venue no longer takes `session`: the next request logs in anew."""
        if self._session is session:
            self._session = None

    async def session(self) -> Session:
        """The live session, after a login if there is none."""
        async with self._login:
            if self._session is None or self._session.ends_s - time.time() < _RENEW_BEFORE_S:
                self._session = await self._log_in()
            return self._session

    async def _log_in(self) -> Session:
        if self.credentials is None:
            names = ", ".join(variable.name for variable in VARIABLES)
            raise NotAllowedError(f"no credentials: set {names} in the environment or in .env")
        for wait_s in _waits():
            try:
                return await self._log_in_once(self.credentials)
            except (NoAnswerError, UnreachableError, RefusedError) as error:
                if not _may_repeat(error, repeat=True) or wait_s is None:
                    raise
                await asyncio.sleep(_wait_s(error, wait_s))
        raise AssertionError("unreachable")

    async def _log_in_once(self, credentials: Credentials) -> Session:
        url = f"{self.environment.edge}/auth/api_key/login"
        payload = {"api_key": credentials.api_key.reveal()}
        headers = {"Cookie": "rm=true;"}  # the venue's docs ask for it
        answer, response = await self._post("login", url, payload, headers)
        cookies: SimpleCookie = SimpleCookie()
        for header in response.headers.getall("Set-Cookie", []):
            cookies.load(header)
        account_id = response.headers.get("X-Grvt-Account-Id", "")
        if "gravity" not in cookies or not account_id:
            raise RefusedError(
                "login", 401, 1000, f"no session: {_short(answer.get('error') or answer.get('status'))}"
            )
        expires = email.utils.parsedate_tz(cookies["gravity"]["expires"])
        ends_s = email.utils.mktime_tz(expires) if expires else time.time() + 3600
        return Session(Secret(cookies["gravity"].value), account_id, ends_s)

    async def _repeated(
        self, base: str, endpoint: str, payload: Json, session: Session | None, *, repeat: bool
    ) -> Json:
        url = f"{base}/full/v1/{endpoint}"
        for wait_s in _waits():
            try:
                answer, _ = await self._post(endpoint, url, payload, session.headers() if session else {})
                return answer
            except ClientError as error:
                if not _may_repeat(error, repeat=repeat) or wait_s is None:
                    raise
                await asyncio.sleep(_wait_s(error, wait_s))
        raise AssertionError("unreachable")

    async def _post(
        self, endpoint: str, url: str, payload: Json, headers: dict[str, str]
    ) -> tuple[Json, aiohttp.ClientResponse]:
        """One request. Network errors come without their cause, whose frames hold the headers."""
        body = json.dumps(payload, separators=(",", ":")).encode()
        headers = {**headers, "Content-Type": "application/json"}
        try:
            async with self.http.post(url, data=body, headers=headers, allow_redirects=False) as response:
                text = await response.text()
        except (aiohttp.ClientConnectorError, aiohttp.InvalidURL) as error:
            raise UnreachableError(f"{endpoint}: no connection to {_place(url)}: {_short(error)}") from None
        except TimeoutError:
            raise NoAnswerError(f"{endpoint}: no answer within {self._timeout.total} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise NoAnswerError(f"{endpoint}: the connection broke: {type(error).__name__}") from None
        if self.on_answer is not None:
            self.on_answer(endpoint)
        return _read(endpoint, response, text), response


def _read(endpoint: str, response: aiohttp.ClientResponse, text: str) -> Json:
    """The JSON object of an answer; RefusedError or a kin of it when the answer is an error."""
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    if response.status >= 300 or (isinstance(answer, dict) and "code" in answer and "result" not in answer):
        known = answer if isinstance(answer, dict) else {}
        raise refusal(endpoint, response.status, known, response.headers.get("Retry-After"))
    if not isinstance(answer, dict):
        raise BadAnswerError(f"{endpoint}: the answer is not a JSON object")
    return answer


def refusal(endpoint: str, status: int, error: Json, retry_after: str | None = None) -> RefusedError:
    """The exception for an error of the venue: an object with `code`, `message` and perhaps `status`."""
    code = error.get("code")
    code = code if isinstance(code, int) else None
    status = error["status"] if isinstance(error.get("status"), int) else status
    message = _short(error.get("message") or "no reason given")
    if code == 1006 or (status == 429 and code is None):
        after_s = float(retry_after) if retry_after and retry_after.isdecimal() else None
        return RateLimitedError(endpoint, status, code, message, after_s)
    if code == 1000:
        return NotAuthenticatedError(endpoint, status, code, message)
    return RefusedError(endpoint, status, code, message)


def _waits() -> list[float | None]:
    """How long to wait after each failed try; None after the last."""
    return [*(FIRST_WAIT_S * 2**number for number in range(TRIES - 1)), None]


def _wait_s(error: ClientError, planned_s: float) -> float:
    asked_s = error.retry_after_s if isinstance(error, RateLimitedError) else None
    return min(max(planned_s, asked_s or 0.0), LONGEST_WAIT_S)


def _may_repeat(error: ClientError, *, repeat: bool) -> bool:
    if isinstance(error, (RateLimitedError, UnreachableError)):
        return True  # not worked
    return repeat and (
        isinstance(error, NoAnswerError) or (isinstance(error, RefusedError) and error.status >= 500)
    )


def _place(url: str) -> str:
    return "/".join(url.split("/")[:3])


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 200 else f"{text[:200]}..."
