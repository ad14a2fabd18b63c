from venue.paper import PaperExchange


def create(name: str):
    if name != "paper":
        raise ValueError(name)
    return PaperExchange()
