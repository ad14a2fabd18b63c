from venue import Venue


class Paper(Venue):
    def cancel(self, order: str) -> None:
        super().cancel(order)


async def run(venue: Paper) -> None:
    venue.cancel("a")
    async with venue.session() as session:
        session.cancel("b")
    async for price in venue.prices():
        print(price)
