"""Single questions to the store, for an act that needs no more than one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from freeze.acts.app import App
from freeze.pauses.freezes import Freeze, standing
from freeze.people.sources import Age
from freeze.store import known as known_store
from freeze.views.found import Found


def found(app: App, f: Freeze) -> Found:
    """Everything about one freeze."""
    with app.store.read() as c:
        return known_store.found(c, app.known(c), f)


def ages(app: App) -> list[Age]:
    """How old what each connection of the settings showed is."""
    with app.store.read() as c:
        return app.known(c).ages()


def head(app: App) -> str:
    """The log's head, which every digest prints."""
    with app.store.read() as c:
        return app.known(c).head


def all_freezes(app: App) -> list[Freeze]:
    """Every freeze ever declared."""
    with app.store.read() as c:
        return list(app.known(c).freezes)


def in_force(app: App, now: datetime) -> list[Freeze]:
    """Freezes that are not over."""
    return [f for f in all_freezes(app) if not standing(f, now).over]


def check_names(app: App, *, services: Iterable[str], accounts: Iterable[str], platforms: Iterable[str]) -> None:
    """Refuse a scope that names what is not on the register. Raises UsageError with the nearest name."""
    with app.store.read() as c:
        app.known(c).check_names(app.kinds, services=services, accounts=accounts, platforms=platforms)
