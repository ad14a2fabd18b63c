"""What the rules about awaits have in common: where there can be nothing to await, they do not look."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING

from diag.finding import Finding
from diag.lint.checked import Fact
from diag.lint.rule import Rule

if TYPE_CHECKING:
    from diag.lint.context import Context, ModuleContext


class AwaitRule(Rule):
    """A rule about coroutines: judged in async functions, and in plain code that calls something async."""

    def wants(self, module: "ModuleContext") -> bool:
        return module.may_await

    def check(self, context: "Context") -> Iterable[Finding | Fact]:
        if context.scope.is_async or context.calls_any(context.home.async_names.__contains__):
            return self.judge(context)
        return ()

    @abstractmethod
    def judge(self, context: "Context") -> Iterable[Finding | Fact]:
        """What is wrong in a scope that may make, or await, a coroutine."""
