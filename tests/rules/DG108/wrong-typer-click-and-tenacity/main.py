import asyncio

import click
import tenacity
import typer

app = typer.Typer()


@app.command()  # <- DG108
async def trade(symbol: str) -> None:
    await asyncio.sleep(0)


@click.group()
def cli() -> None:
    pass


@cli.command("close")  # <- DG108
@click.option("--symbol")
async def close(symbol: str) -> None:
    await asyncio.sleep(0)


@click.command()
def status() -> None:
    asyncio.run(asyncio.sleep(0))


class Client:
    async def fetch(self) -> dict:
        await asyncio.sleep(0)
        return {}

    @tenacity.retry(stop=tenacity.stop_after_attempt(3))  # <- DG108
    def fetch_again(self):
        return self.fetch()

    @tenacity.retry(stop=tenacity.stop_after_attempt(3))
    async def fetch_safely(self) -> dict:
        return await self.fetch()
