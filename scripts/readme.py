"""Writes the example of README.md anew: what the command in its comment prints now. Run by `make readme`."""

import contextlib
import io
import re
import shlex
from pathlib import Path

from diag.cli import main

EXAMPLE = re.compile(r"(?P<head><!-- example: diag (?P<argv>.*?) -->\n```console\n).*?```", re.DOTALL)


def _printed(argv: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        main([*shlex.split(argv), "--no-cache"])
    return out.getvalue()


if __name__ == "__main__":
    readme = Path("README.md")
    text = readme.read_text(encoding="utf-8")
    readme.write_text(EXAMPLE.sub(lambda m: f"{m['head']}{_printed(m['argv'])}```", text), encoding="utf-8")
