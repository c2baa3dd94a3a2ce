"""What can go wrong."""

from __future__ import annotations


class FeedcastError(Exception):
    """Base of all errors of this package."""


class SettingsError(FeedcastError):
    """Settings cannot be read."""


class DatabaseError(FeedcastError):
    """The database is not there, or is not what it should be."""


class DeliveryError(FeedcastError):
    """A delivery of a head-end cannot be read."""


class RegistryError(FeedcastError):
    """A version is not in the registry, or is not whole."""


class TooLittleError(FeedcastError):
    """There is too little to learn from."""


class ReleaseError(FeedcastError):
    """A release cannot be made."""
