"""The errors that a job may end with."""


class ReserveError(Exception):
    """Anything that this package raises on purpose."""


class SettingsError(ReserveError):
    """A setting is unknown, or has a value that it cannot have."""


class DatabaseError(ReserveError):
    """The database is not there, or not of the version that the code needs."""


class MessageError(ReserveError):
    """A message cannot be read."""


class RegistryError(ReserveError):
    """The registry has no such version, or none in force."""


class TooFewError(ReserveError):
    """There are too few rows to learn from."""


class LedgerError(ReserveError):
    """The ledger refused an instruction."""
