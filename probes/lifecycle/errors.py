"""How a case of the lifecycle ends other than well."""


class SkippedError(Exception):
    """The case cannot be shown here; says why."""


class FailedError(Exception):
    """The client did not do what the case asks."""

    def __init__(self, observed: str, bound: str, *where: str) -> None:
        self.observed = observed
        self.bound = bound
        self.where = where
        super().__init__(f"{observed}; expected {bound}")
