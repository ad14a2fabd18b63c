"""Bodies that do return: something plain."""


class Venue:
    def place(self, order):
        if order is None:
            raise NotImplementedError
        return order

    async def replace(self, order):
        return await self.place(order)  # <- DG101


def check(text):
    if not text:
        raise SystemExit(text)
    return text


async def fault_place():
    await Venue().replace({"id": 1})


async def fault_check():
    await check("x")  # <- DG101


async def fault_no_return():
    def quiet():
        return

    await quiet()  # <- DG101


async def fault_falls_off():
    def quiet(text="x"):
        if not text:
            return 1

    await quiet()  # <- DG101
