"""Writes the example of README.md anew: what the command in its comment prints now. Run by `make readme`."""

import contextlib
import io
import os
import re
import shlex
import shutil
import tempfile
from pathlib import Path

from diag.cli import main

EXAMPLE = re.compile(r"(?P<head><!-- example: diag (?P<argv>.*?) -->\n```console\n).*?```", re.DOTALL)


def _printed(argv: str) -> str:
    """Far from any environment, so that the SDKs are known from the bundled facts alone."""
    out = io.StringIO()
    os.environ.pop("VIRTUAL_ENV", None)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree("examples", Path(folder, "examples"))
        with contextlib.chdir(folder), contextlib.redirect_stdout(out):
            main([*shlex.split(argv), "--no-cache"])
    return out.getvalue()


if __name__ == "__main__":
    readme = Path("README.md")
    text = readme.read_text(encoding="utf-8")
    readme.write_text(EXAMPLE.sub(lambda m: f"{m['head']}{_printed(m['argv'])}```", text), encoding="utf-8")
