"""The same look of classes, without the magic that made it right."""

import asyncio


class Rest:
    async def fetch_ticker(self, symbol):
        await asyncio.sleep(0)
        return {"symbol": symbol}

    def parse(self, row):
        return row


class Command:
    async def __call__(self, *args):
        return args


class PlainCommand:
    def __call__(self, *args):
        return args


class Order:
    def __init__(self, order_id):
        self.order_id = order_id


async def fault_plain_method():
    await Rest().parse(1)  # <- DG101


async def fault_instance():
    await Order(1)  # <- DG101


async def fault_instance_by_name():
    order = Order(1)
    await order  # <- DG101


async def fault_call_dropped():
    command = Command()
    command(1)  # <- DG102


async def fault_plain_call():
    command = PlainCommand()
    await command(1)  # <- DG101
