"""Every error this product raises, as one tree; each says what to do next.

FreezeError                     exit code
├── UsageError                  2   bad input, unknown name, bad setting
│   └── SettingsError           2   a setting that cannot be used, with its file and key
│       └── SecretMissing           a secret is not where the settings say; a gap, where others can go on
├── RefusedByRule               4   a rule or a permission says no
├── CouldNotKnow                5   something needed could not be read, or cannot be trusted
│   ├── StoreError              5   the store is missing, locked, newer, read-only, corrupt or full
│   └── NotWritten              5   one thing could not be written down; everything else could
├── Superseded                  3   another run has taken over: this one may change nothing more
└── PlatformError               -   raised by adapters; the run turns it into a gap or an outcome
    ├── Unreachable                 no usable answer to a read (down, timed out, garbage, too long)
    ├── AuthFailed                  the platform does not accept the credential
    ├── Limited                     the platform asks to wait
    ├── Refused                     the platform understood and said no
    ├── Hidden                      the platform shows nobody what is scheduled there: asking again cannot help
    └── Uncertain                   a write may or may not have happened; only reading can tell
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class FreezeError(Exception):
    """The root: `message` says what is wrong and where, `advice` what to do next."""

    exit_code = 2

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".strip()


class UsageError(FreezeError):
    """What was asked for cannot be understood."""


class SettingsError(UsageError):
    """A setting cannot be used."""


class SecretMissing(SettingsError):
    """A connection's secret is not where its settings say; the other connections can be used all the same."""


class RefusedByRule(FreezeError):
    """A rule, or a permission the person does not hold, says no."""

    exit_code = 4


class CouldNotKnow(FreezeError):
    """Something that had to be known could not be."""

    exit_code = 5


class StoreError(CouldNotKnow):
    """The store cannot be used; nothing was half-applied."""


class NotWritten(CouldNotKnow):
    """One thing could not be written to the store, for what is in it; the store itself is well."""


class Superseded(FreezeError):
    """Another run has taken over a connection; this one may not change anything there any more."""

    exit_code = 3


class PlatformError(FreezeError):
    """A platform did not do, or did not answer, what was asked; `permanent` says whether to try again."""

    exit_code = 5
    permanent = False


class Unreachable(PlatformError):
    """A read gave no usable answer."""


class AuthFailed(PlatformError):
    """The credential was not accepted; trying again cannot help."""

    permanent = True


class Limited(PlatformError):
    """The platform asks to wait `seconds` before the next call."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class Refused(PlatformError):
    """The platform understood the call and said no."""

    permanent = True


class Hidden(PlatformError):
    """The platform does not show its queue, or not all of it; only a person can look. What was listed before counts."""

    permanent = True


class Uncertain(PlatformError):
    """A write was sent and no answer says whether it was done."""


def nearest(word: str, known: Iterable[str]) -> str:
    """A sentence naming the nearest valid name, or all of them where none is near.

    >>> nearest("menai-brige", ["royal-death", "menai-bridge"])
    'Did you mean "menai-bridge"?'
    """
    names = sorted(known)
    close = difflib.get_close_matches(word.lower(), [n.lower() for n in names], n=1, cutoff=0.6)
    if close:
        return f'Did you mean "{next(n for n in names if n.lower() == close[0])}"?'
    return f"Known names: {', '.join(names)}." if names else "There are none yet."


def worst(*codes: int) -> int:
    """The worst exit code: 2, then 4, 5, 3, 1, 0."""
    order = (2, 4, 5, 3, 1, 0)
    return min(codes, key=order.index, default=0)
