from unittest.mock import Mock


async def main(connect, connect_async) -> None:
    session = connect()
    session.ping()
    session = await connect_async()
    await session.ping()


async def test_ping(session) -> None:
    await session.ping()
    session.ping = Mock()
    session.ping()
