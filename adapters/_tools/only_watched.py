"""A platform that shows no program its queue: nothing is listed, nothing is changed, a person acts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NoReturn

from adapters._tools.offers import past_changing
from freeze.errors import Hidden, Refused
from freeze.holds import Change, Goal, HoldState, Receipt, Refusal, Step
from freeze.posts import Page, Seen
from freeze.windows import Window


class OnlyWatched:
    """The part of an adapter that says so; `title` is the platform's name and `clicks` what a person does there."""

    id: str
    title: str
    clicks: str

    def scheduled(self, account: str, span: Window) -> Iterator[Page]:
        """Raises Hidden at once: no call of the platform's lists what is scheduled."""
        del account, span
        yield from self._hide()

    def offer(self, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:
        """Only a person can: no call of the platform's stops, moves or makes a scheduled post."""
        del now
        why = f"{self.title} lets no program see or change what is scheduled."
        return past_changing(seen, goal) or Refusal(HoldState.NEEDS_A_PERSON, why, self.clicks)

    def send(self, step: Step) -> Receipt:
        """Raises Refused without any call."""
        del step
        why = f"{self.title} lets no program see or change what is scheduled."
        raise Refused(f'The connection "{self.id}" changes nothing: {why}', f"By hand: {self.clicks}.")

    def _hide(self) -> NoReturn:
        raise Hidden(
            f"{self.title} shows no program what is scheduled.",
            f"Look there by hand: {self.clicks}.",
        )
