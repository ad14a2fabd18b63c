from abc import ABC, abstractmethod


class BaseExchangeClient(ABC):
    def __init__(self, config: dict) -> None:
        self.config = config

    @abstractmethod
    async def connect(self) -> None: ...

    @abstractmethod
    async def disconnect(self) -> None: ...
