"""Suppression by comment: `# diag: ignore[DG101, DG202] reason`.

The comment stands on a line of the finding, or on the first or the last line of the statement that holds the
finding. It names its codes and gives a reason. One that suppresses nothing is reported (DG001), and so is one
without codes, which suppresses nothing, or without a reason, which does its work all the same (DG002).
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from diag.finding import Finding
from diag.lint.rule import Example, Rule, ScopeKind

if TYPE_CHECKING:
    from tokenize import TokenInfo

    from diag.lint.context import Context, ModuleContext


class _AboutComments(Rule):
    """A rule about the comments themselves: it visits nothing, `apply` reports it."""

    scopes: ClassVar[frozenset[ScopeKind]] = frozenset()

    def wants(self, module: "ModuleContext") -> bool:
        return False

    def check(self, context: "Context") -> tuple[()]:
        return ()


class UnusedSuppression(_AboutComments):
    code = "DG001"
    name = "unused-suppression"
    summary = "a suppression comment that suppresses nothing"
    explanation = """
A `# diag: ignore[...]` comment names a rule that reports nothing there. The code was fixed, or moved, or the
code of the rule is misspelt; the comment stays behind and would hide the next real defect on its line.

Remove the comment, or the code from its list. A comment counts on any line of its finding, and on the first
and the last line of the statement that holds it; on a line of its own it suppresses nothing. A rule that is
not selected makes no comment unused.
"""
    wrong = (
        Example(
            "limit = 3  # diag: ignore[DG101] the client is synchronous  # <- DG001\n", title="nothing there"
        ),
        Example("limit = 3  # diag: ignore[DG1O1] a letter O for a zero  # <- DG001\n", title="no such rule"),
    )
    right = (Example("limit = 3  # the client is synchronous\n", title="a plain comment"),)


class VagueSuppression(_AboutComments):
    code = "DG002"
    name = "vague-suppression"
    summary = "a suppression comment that names no rule or gives no reason"
    explanation = """
Write `# diag: ignore[DG101] reason`. Without codes a comment would hide every defect on its line, those of
tomorrow among them, so that it suppresses nothing at all. Without a reason it works, but nobody who reads it
later can tell whether it still holds.
"""
    wrong = (Example("limit = 3  # diag: ignore  # <- DG002\n", title="no code: it suppresses nothing"),)
    right = (
        Example(
            "async def main() -> None:\n"
            "    await len('x')  # diag: ignore[DG101] shows what happens at run time\n",
            title="a code and a reason",
        ),
    )


UNUSED = UnusedSuppression.code
BLANKET = VagueSuppression.code


def all_rules() -> dict[str, Rule]:
    """The rules by code: those that are loaded, and those about comments, which no site asks for.

    Raises diag.config.ConfigError where a rule cannot be loaded.
    """
    from diag.lint.registry import load_rules

    return {UNUSED: UnusedSuppression(), BLANKET: VagueSuppression(), **load_rules()}


_MARKER = "diag:"
_COMMENT = re.compile(r"#\s*diag:\s*ignore\b(?:\s*\[(?P<codes>[^\]#]*)\])?(?P<reason>[^#]*)")


@dataclass(slots=True)
class _Comment:
    line: int
    column: int
    end_column: int
    codes: tuple[str, ...]
    reason: str
    alone: bool  # nothing but the comment on its line
    used: set[str] = field(default_factory=set)


def apply(
    text: str, path: str, findings: Sequence[Finding], active_codes: Collection[str]
) -> tuple[list[Finding], list[Finding]]:
    """The findings of one file that stay, with those about the comments themselves, and the suppressed ones.

    `active_codes` are the codes of the rules that ran on this file: a comment for a rule that did not run is
    not called unused.
    """
    if _MARKER not in text:
        return list(findings), []
    comments, statements = _read(text)
    if not comments:
        return list(findings), []
    by_line = {comment.line: comment for comment in comments}
    kept: list[Finding] = []
    suppressed: list[Finding] = []
    for finding in findings:
        first, last = statements.get(finding.line, (finding.line, finding.end_line))
        lines = {first, last, *range(finding.line, min(finding.end_line, last) + 1)}
        covering = [
            by_line[line] for line in sorted(lines & by_line.keys()) if finding.code in by_line[line].codes
        ]
        for comment in covering:
            comment.used.add(finding.code)
        (suppressed if covering else kept).append(finding)
    kept.extend(_judge(comments, path, active_codes))
    return kept, suppressed


def _read(text: str) -> tuple[list[_Comment], dict[int, tuple[int, int]]]:
    """The comments of the file that are ours, and for each line of a statement its first and last line."""
    import io
    import tokenize

    comments: list[_Comment] = []
    statements: dict[int, tuple[int, int]] = {}
    first = 0
    last = 0
    layout = (tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER)
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline=None).readline):
            if token.type == tokenize.COMMENT:
                found = _COMMENT.search(token.string)
                if found:
                    comments.append(_comment(found, token))
            elif token.type == tokenize.NEWLINE:
                for line in range(first, last + 1):
                    # Two statements on one line (`a; b`) are one to the tokenizer as well.
                    statements[line] = (first, last)
                first = 0
            elif token.type not in layout:
                first = first or token.start[0]
                last = token.end[0]
    except (tokenize.TokenError, SyntaxError):
        pass  # what was read so far holds; a file that does not parse has no findings to suppress
    return comments, statements


def _comment(found: re.Match[str], token: "TokenInfo") -> _Comment:
    codes = (found["codes"] or "").replace(",", " ").split()
    return _Comment(
        line=token.start[0],
        column=token.start[1] + found.start() + 1,
        end_column=token.start[1] + found.end() + 1,
        codes=tuple(dict.fromkeys(codes)),
        reason=found["reason"].strip(" \t:-\N{EN DASH}\N{EM DASH}"),
        alone=not token.line[: token.start[1]].strip(),
    )


def _judge(comments: Sequence[_Comment], path: str, active: Collection[str]) -> list[Finding]:
    """What is wrong with the comments themselves."""
    found: list[Finding] = []

    def report(comment: _Comment, code: str, message: str, help: str) -> None:
        if code in active:
            found.append(
                Finding(
                    code,
                    path,
                    comment.line,
                    comment.column,
                    comment.line,
                    comment.end_column,
                    message,
                    help=help,
                )
            )

    for comment in comments:
        if not comment.codes:
            message = "suppression without a code suppresses nothing"
            report(comment, BLANKET, message, "name what it is for: `# diag: ignore[DG101] reason`")
            continue
        if not comment.reason:
            names = ", ".join(comment.codes)
            message = f"suppression of {names} gives no reason"
            report(comment, BLANKET, message, f"say why: `# diag: ignore[{names}] reason`")
        for code in comment.codes:
            if code in comment.used:
                continue
            if code not in active:
                unknown = _unknown(code)
                if unknown:
                    report(comment, UNUSED, unknown, "`diag rule` lists the codes")
            elif comment.alone:
                message = f"suppression of {code} is unused: it stands on a line of its own"
                report(comment, UNUSED, message, "put it at the end of the line of the finding")
            else:
                message = f"suppression of {code} is unused: there is no such finding here"
                report(comment, UNUSED, message, "remove the comment, or the code from it")
    return found


def _unknown(code: str) -> str:
    """What to say of a code that no rule has; nothing when a rule has it and did not run."""
    from diag.config import nearest

    known = all_rules()
    return "" if code in known else f'suppression of unknown code "{code}"{nearest(code, known)}'
