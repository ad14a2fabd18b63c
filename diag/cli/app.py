"""The commands, as Typer sees them."""

from typing import Annotated

import typer

from diag.cli.lint import lint
from diag.cli.probe import probe
from diag.cli.rule import rule
from diag.cli.run import run
from diag.cli.sim import sim

app = typer.Typer(
    name="diag",
    help="Proves that an exchange client does what its author thinks it does.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # keeps Rich out of the import
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(lint)
app.command()(probe)
app.command()(rule)
app.command(context_settings={"allow_interspersed_args": False})(run)
app.command()(sim)


def _version(wanted: bool) -> None:
    if wanted:
        from diag import __version__

        typer.echo(f"diag {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass
