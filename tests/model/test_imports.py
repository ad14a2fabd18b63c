"""What an import gives in files of a package."""

import json
from pathlib import Path

import pytest

from diag.cli import main

TRANSPORT = """import aiohttp


class Transport:
    def __init__(self):
        self.session = aiohttp.ClientSession()

    async def close(self):
        self.session.close()
"""


@pytest.mark.parametrize("packaged", [True, False])
def test_a_module_of_a_package_does_not_stand_for_the_library_of_its_name(
    packaged: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "venue" / "transports"
    folder.mkdir(parents=True)
    (folder / "aiohttp.py").write_text(TRANSPORT)
    if packaged:
        (folder / "__init__.py").write_text("")
        (folder.parent / "__init__.py").write_text("")

    main(["lint", "--no-cache", "--output-format", "json", str(tmp_path)])

    found = [(f["line"], f["code"]) for f in json.loads(capsys.readouterr().out)["findings"]]
    # run as a script, the file would import itself
    assert found == ([(9, "DG102")] if packaged else [])
