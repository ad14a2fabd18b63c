from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, sessionmaker

engine = create_engine("postgresql://localhost/fills")
make_session = sessionmaker(engine)
make_async_session = async_sessionmaker(create_async_engine("postgresql+asyncpg://localhost/fills"))


async def save() -> None:
    session = make_session()
    session.execute(text("select 1"))  # <- DG201
    session.commit()  # <- DG201
    sessionmaker(engine)().commit()  # <- DG201
    other = Session(engine)
    other.commit()  # <- DG201


async def save_without_waiting() -> None:
    session = make_async_session()
    await session.execute(text("select 1"))
    await session.commit()
