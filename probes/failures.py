"""What can go wrong between a venue and a reference client. No message holds a secret."""


class ClientError(Exception):
    """Any failure of the client. `code` is the venue's error code, where it gave one."""

    code: int | str | None = None


class NotAllowedError(ClientError):
    """Refused on this side: no credentials, or orders that nobody has armed. Nothing was sent."""


class NoAnswerError(ClientError):
    """The request went out and no answer came: the venue may have worked it, or not."""


class UnreachableError(ClientError):
    """No connection to the venue: it has not seen the request."""


class BadAnswerError(ClientError):
    """An answer that is not what the description of the venue says."""


class RefusedError(ClientError):
    """The venue answered with an error.

    `endpoint` is what was asked, `code` and `message` are the venue's (None and the HTTP reason if it gave
    none).
    """

    def __init__(self, endpoint: str, status: int, code: int | str | None, message: str) -> None:
        self.endpoint = endpoint
        self.status = status
        self.code = code
        self.message = message
        super().__init__(f"{endpoint}: {message} (code {code}, HTTP {status})")

    @property
    def is_definite(self) -> bool:
        """Whether the venue certainly has not worked the request; an internal error leaves that open."""
        return self.status < 500


class NotAuthenticatedError(RefusedError):
    """No session, one that has ended, or credentials that the venue does not take."""


class RateLimitedError(RefusedError):
    """Too many requests. `retry_after_s` is what the venue asks for, or None."""

    def __init__(
        self,
        endpoint: str,
        status: int,
        code: int | str | None,
        message: str,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(endpoint, status, code, message)
        self.retry_after_s = retry_after_s
