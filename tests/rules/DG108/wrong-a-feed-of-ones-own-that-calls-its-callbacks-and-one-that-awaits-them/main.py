from feeds import AwaitingFeed, CallingFeed


async def hedge(fill: dict) -> None:
    print("hedging", fill)


def log(fill: dict) -> None:
    print("fill", fill)


calling = CallingFeed()
calling.subscribe(log)
calling.subscribe(hedge)  # <- DG108

awaiting = AwaitingFeed()
awaiting.subscribe(hedge)
awaiting.subscribe(log)  # <- DG108
