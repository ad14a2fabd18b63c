"""The awaitable base class."""


class Future:
    def __await__(self):
        yield from ()
        return self


class Reply(Future):
    def text(self):
        return "filled"
