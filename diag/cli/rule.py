"""`diag rule`: the rules, listed or explained."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from diag.lint.rule import Example, Rule


def rule(
    code: Annotated[
        str | None, typer.Argument(metavar="[CODE]", help="As in DG101.", show_default=False)
    ] = None,
) -> int:
    """List the rules, or explain one."""
    from diag.cli.ending import OK, drop
    from diag.config import ConfigError, nearest
    from diag.lint.suppress import all_rules
    from diag.report.style import coloured, plain, show

    rules = all_rules()
    if code is not None and code.upper() not in rules:
        raise ConfigError([f'unknown rule code "{code}"{nearest(code, rules) or "; `diag rule` lists them"}'])
    try:
        if code is None:
            width = max((len(each.name) for each in rules.values()), default=0)
            lines = [
                [(each.code, "bold red"), (f"  {each.name.ljust(width)}", "cyan"), (f"  {each.summary}", "")]
                for _, each in sorted(rules.items())
            ]
            show(lines, sys.stdout)
        elif coloured(sys.stdout):
            from rich.console import Console
            from rich.markdown import Markdown

            Console(file=sys.stdout).print(Markdown(_markdown(rules[code.upper()])))
        else:
            text = _markdown(rules[code.upper()])
            sys.stdout.write(plain([(line, "")] for line in text.split("\n")))
    except BrokenPipeError:
        drop(sys.stdout)
    return OK


def _markdown(rule: "Rule") -> str:
    parts = [f"# {rule.code}: {rule.name}", rule.summary, rule.explanation.strip()]
    for heading, examples in (("Wrong", rule.wrong), ("Right", rule.right)):
        for example in examples:
            title = f"{heading}: {example.title}" if example.title else heading
            parts += [f"## {title}", *_code(example)]
    return "\n\n".join(parts) + "\n"


def _code(example: "Example") -> list[str]:
    blocks = [_block(example.code)]
    for path, text in example.files.items():
        blocks += [f"with `{path}`:", _block(text)]
    if example.fixed is not None:
        blocks += ["which `--fix` turns into:", _block(example.fixed)]
    return blocks


def _block(code: str) -> str:
    return f"```python\n{code.strip()}\n```"
