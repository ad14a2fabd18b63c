"""diag: proves that an exchange client does what its author thinks it does."""

__version__ = "0.1.0"
