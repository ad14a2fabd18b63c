from sessions import Session, connected, timed


async def main() -> None:
    with Session() as session:  # <- DG105
        print(session)
    with connected() as session:  # <- DG105
        print(session)
    async with timed() as start:  # <- DG105
        print(start)
