from .factory import ExchangeFactory
