import sqlite3


class Cache:
    def __init__(self) -> None:
        self.database = sqlite3.connect(":memory:")

    async def put(self, symbol: str) -> None:
        self.database.execute("insert into symbols values (?)", (symbol,))
        self.database.commit()
