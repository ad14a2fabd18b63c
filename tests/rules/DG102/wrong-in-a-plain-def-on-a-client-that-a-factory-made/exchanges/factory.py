from .base import BaseExchangeClient
from .paper import PaperClient


class ExchangeFactory:
    _clients = {"paper": PaperClient}

    @classmethod
    def create(cls, name: str, config: dict) -> BaseExchangeClient:
        return cls._clients[name](config)
