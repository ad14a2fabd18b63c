"""Why a site stays unknown, and what would resolve it: for `--show-unknown`."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from diag.finding import Finding
from diag.model.source.environment import STDLIB

if TYPE_CHECKING:
    from diag.model.infer.infer import Infer
    from diag.model.syntax.module import Module


def why(infer: "Infer", module: "Module", origin: str) -> tuple[str, str]:
    """The reason and the remedy for a value of which only its `origin` is known (`redis.Redis().get()`)."""
    origin = origin.replace("await ", "").replace("with ", "")
    if not origin:
        return "it comes out of data, or of more than can be followed", "give it a name and one origin"
    before, colon, after = origin.partition(":")
    if colon:
        function, parameter = ".".join(before.split(".")[-2:]), after.split(".")[0].split("(")[0]
        reason = f"no call in sight passes `{parameter}` of `{function}`"
        return reason, f"lint what calls `{function.removesuffix('.__init__')}` along with it"
    root = origin.partition(".")[0].partition("(")[0]
    home = infer.project.import_module(root, module)
    if home is None:
        return f"`{root}` is not installed", f"install `{root}` where `--python` points, or bundle its facts"
    if home.kind == "project":
        return f"nothing that is seen gives `{_short(origin)}` a value", "assign it where its object is made"
    if root in STDLIB:
        return f"`{_short(origin)}` can be anything", "give it a name and one origin"
    return f"the source of `{root}` does not tell what `{_short(origin)}` is", f"bundle facts of `{root}`"


def _short(origin: str) -> str:
    """Without what was done with it at the end."""
    return origin.removesuffix("()")


def worst_first(sites: Iterable[Finding]) -> list[Finding]:
    """Sites with one reason together, the reason with most of them first."""
    sites = list(sites)
    counts = Counter(site.cause for site in sites)
    return sorted(sites, key=lambda site: (-counts[site.cause], site.cause, site.sort_key))
