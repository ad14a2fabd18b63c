"""Names that an arm binds before its first statement: the pattern of a case, the error of a handler."""


async def s0():
    return 1


async def u7():
    total = 0
    x = s0()
    await x
    match await s0():
        case int() as x:
            total += x
        case _:
            pass
    return total


async def u8():
    x = s0()

    async def inner():
        return await x

    total = await inner()
    for x in range(3):
        total += x
    return total


async def u9():
    x = s0()

    async def inner():
        return await x

    total = await inner()
    x = 3
    total += x
    return total


async def u10():
    x = s0()
    await x
    match 3:
        case int() as x if x > 2:
            return x + 1
    try:
        x = s0()
        await x
        raise KeyError(1)
    except KeyError as x:
        return x.args
