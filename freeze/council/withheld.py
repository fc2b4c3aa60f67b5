"""A connection whose secret is missing: nothing of it can be read or changed, and no other connection suffers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from freeze.accounts import Gap, SeenAccount
from freeze.errors import AuthFailed, SettingsError
from freeze.holds import Change, Goal, HoldState, Receipt, Refusal, Step
from freeze.ports import Limits
from freeze.posts import Locator, Page, Reading, Seen
from freeze.windows import Window


class Withheld:
    """Stands in for the connection; everything it is asked raises AuthFailed, which says what is missing."""

    limits = Limits()

    def __init__(self, connection_id: str, platform: str, missing: SettingsError) -> None:
        self.id = connection_id
        self.platform = platform
        self._missing = missing

    def accounts(self) -> Iterator[SeenAccount | Gap]:
        """Raises AuthFailed."""
        raise self._said()

    def scheduled(self, account: str, span: Window) -> Iterator[Page]:  # noqa: ARG002 (the port's signature)
        """Raises AuthFailed."""
        raise self._said()

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:  # noqa: ARG002
        """Raises AuthFailed."""
        raise self._said()

    def offer(self, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:  # noqa: ARG002
        """A refusal: without its secret nothing can be done."""
        return Refusal(HoldState.REFUSED, self._missing.message, self._missing.advice)

    def send(self, step: Step) -> Receipt:  # noqa: ARG002
        """Raises AuthFailed."""
        raise self._said()

    def _said(self) -> AuthFailed:
        return AuthFailed(self._missing.message, self._missing.advice)
