"""What a pattern or a handler binds holds in its arm alone; elsewhere the name is what it was."""


async def quantity() -> int:
    return 1


async def in_another_case(kind: object) -> int:
    x = quantity()
    match kind:
        case int() as y:
            return x + y  # <- DG103
    return await x


async def before_the_handler() -> int:
    x = quantity()
    try:
        return x + 1  # <- DG103
    except KeyError as error:
        return len(error.args)


async def after_a_case_that_binds_another(kind: object) -> int:
    x = quantity()
    match kind:
        case str() as name if name:
            return len(name)
    return x * 2  # <- DG103
