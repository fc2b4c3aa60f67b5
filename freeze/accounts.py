"""Accounts: one profile or page on one platform, on the register, owned by a service."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Account:
    """One account the council owns, or one that was seen and nobody registered."""

    id: str
    name: str
    platform: str
    handle: str = ""
    service: str = ""
    owner: str = ""
    contact: str = ""
    registered: bool = True
    in_scope: bool = True


@dataclass(frozen=True, slots=True)
class Alias:
    """Where an account is seen: the name (`native`) that one connection knows it by."""

    account: str
    connection: str
    native: str


@dataclass(frozen=True, slots=True)
class SeenAccount:
    """An account as a connection shows it; `native` is the platform's own id for it."""

    connection: str
    native: str
    name: str
    platform: str
    handle: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be read; `account` is the platform's own id, empty for the whole connection."""

    connection: str
    reason: str
    account: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Unseen:
    """A queue, or a part of one, that the platform shows to no program: never taken for "nothing scheduled"."""

    connection: str
    account: str
    reason: str


@dataclass(frozen=True, slots=True)
class Bio:
    """What an account says of itself: its name and its description, as the platform gives them.

    `longest` is how many characters the platform takes for `text`.
    """

    connection: str
    account: str
    name: str
    text: str
    longest: int


@dataclass(frozen=True, slots=True)
class KnownBio:
    """A description as it was last read (`read_at`, UTC) of one account of the register, on one platform."""

    account: str
    platform: str
    name: str
    text: str
    longest: int
    read_at: datetime


def slug(text: str) -> str:
    """A short typeable id from a name.

    >>> slug("Anyshire Fire & Rescue (X)")
    'anyshire-fire-rescue-x'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "account"
