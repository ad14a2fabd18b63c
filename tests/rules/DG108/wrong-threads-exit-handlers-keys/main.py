import asyncio
import atexit
import signal
import threading


async def main() -> None:
    await asyncio.sleep(0)


async def cleanup(*args: object) -> None:
    await asyncio.sleep(0)


async def by_price(order: dict) -> float:
    return order["price"]


def start(orders: list[dict]) -> list[dict]:
    atexit.register(cleanup)  # <- DG108
    signal.signal(signal.SIGTERM, cleanup)  # <- DG108
    threading.Thread(target=main, daemon=True).start()  # <- DG108
    return sorted(orders, key=by_price)  # <- DG108


async def in_thread() -> None:
    await asyncio.to_thread(main)  # <- DG108
