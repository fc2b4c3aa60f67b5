"""Settings: one council's names, connections and choices, from `freeze.toml` and the environment.

Nothing about one council is in code. Unknown keys are refused with the nearest valid one; secrets never stand in the
file (`freeze.council.credentials`).
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from freeze.errors import SettingsError, nearest
from freeze.levelling import level_all

M = TypeVar("M", bound=BaseModel)
PREFIX = "FREEZE_"
GIVES_RIGHTS = frozenset({"people", "roles", "kinds", "policies"})
"""Sections that never come from the environment, which anybody may set: they say who may do what, and what passes."""
SHOWN = 40
"""Characters of a wrong value that are repeated."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Council(_Section):
    """Who we are; `marking` stands on every page (for example OFFICIAL).

    policy_review: the London day on which the social media policy is to be reviewed (clause 6.1).
    """

    name: str = "The council"
    marking: str = ""
    policy_review: date | None = None


class Communications(_Section):
    """Where Communications is reached; `approver` is who decides on posts awaiting approval."""

    name: str = "Communications"
    email: str = ""
    phone: str = ""
    approver: str = ""


class StoreSettings(_Section):
    """Where the store is: a path beside the settings file (SQLite), or `postgresql://...`.

    group: a group of this computer that may read and write the store and every file the guard makes; else its owner.
    """

    url: str = "freeze.db"
    group: str = ""


class Person(_Section):
    """Who an operating-system user name is (`freeze.council.whoami` tells it)."""

    name: str
    role: str = ""
    email: str = ""
    phone: str = ""
    services: tuple[str, ...] = ()
    on_call: bool = False
    volunteer: bool = False


class Holder(_Section):
    """Who can press a scheduler's lockdown, and the number to ring at any hour."""

    name: str = Field(min_length=1)
    phone: str = ""


class Hours(_Section):
    """When people are at work, Europe/London; days are 1 (Monday) to 7."""

    days: tuple[int, ...] = (1, 2, 3, 4, 5)
    opens: str = Field("09:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    closes: str = Field("17:30", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")


class Kinds(_Section):
    """Which kind of post a tag, or an account, stands for (warnings, school-closures, statutory-notices, ...)."""

    tags: dict[str, str] = {}
    accounts: dict[str, str] = {}


class Watching(_Section):
    """How often the keeper looks."""

    every_minutes: float = Field(5, gt=0, le=24 * 60)


class Nightly(_Section):
    """When the nightly job runs (London time), where its digests go, and how late it may still catch up."""

    at: str = Field("05:45", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    folder: str = "digests"
    grace_hours: float = Field(12, gt=0, le=72)


class Running(_Section):
    """How a run behaves.

    lead_hours: how long before a window's start its posts are held, if that is later than the declaration.
    """

    lead_hours: float = Field(24, ge=0, le=24 * 60)
    threads: int = Field(16, ge=1, le=64)

    @property
    def lead(self) -> timedelta:
        return timedelta(hours=self.lead_hours)


class PutBack(_Section):
    """How posts come back. Hours are Europe/London; spacing is the least distance on one account."""

    first_hour: int = Field(9, ge=0, le=23)
    last_hour: int = Field(17, ge=1, le=24)
    spacing_minutes: int = Field(30, ge=1, le=24 * 60)


class Requests(_Section):
    """Requests for information: what is answered at once, and how long a closed one is kept.

    In both texts {due} becomes the due date and {council} the council's name. closure_days are days on which nobody
    is at the desk; they move the alarm, never a due date.
    """

    acknowledgement: str = (
        "Thank you for your message. We are treating it as a request for information and are passing it to our "
        "Information Management team. An answer is due by {due} at the latest. You do not need an email address for "
        "this; if you would like the answer by email, send us your address in a private message, never in public. "
        "{council}"
    )
    acknowledgement_short: str = (
        "Thank you. We are treating this as a request for information and are passing it to our Information Management "
        "team. An answer is due by {due} at the latest. {council}"
    )
    closure_days: tuple[date, ...] = ()
    keep_days: int = Field(180, ge=0, le=3650)

    @field_validator("acknowledgement", "acknowledgement_short")
    @classmethod
    def _gaps(cls, text: str) -> str:
        for gap in re.findall(r"\{[^}]*\}?", text):
            if gap not in ("{due}", "{council}"):
                raise ValueError(f"{gap} is not known; there are {{due}} and {{council}}")
        return text


class Settings(_Section):
    """Everything that is one council's own."""

    council: Council = Council()
    store: StoreSettings = StoreSettings()
    people: dict[str, Person] = {}
    run: Running = Running()
    put_back: PutBack = PutBack()
    communications: Communications = Communications()
    hours: Hours = Hours()
    kinds: Kinds = Kinds()
    watch: Watching = Watching()
    nightly: Nightly = Nightly()
    requests: Requests = Requests()
    clicks: dict[str, str] = {}
    roles: dict[str, tuple[str, ...]] = {}
    connections: dict[str, dict[str, Any]] = {}
    policies: dict[str, dict[str, Any]] = {}


def _model(environ: Mapping[str, str] = os.environ) -> type[Settings]:
    """Settings that heed the environment, made only where it says something: the library is slow to load."""
    said = {n: n.lower().removeprefix(PREFIX.lower()).split("__")[0] for n in environ if n.upper().startswith(PREFIX)}
    for name, section in said.items():
        if section in GIVES_RIGHTS:
            raise SettingsError(
                f"The environment variable {name[:SHOWN]} is refused: who may do what, and what passes a pause, counts "
                "from the settings file only.",
                f"Take it out, and set [{section}] in freeze.toml.",
            )
    if not any(section in Settings.model_fields for section in said.values()):
        return Settings
    from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

    class WithEnvironment(BaseSettings, Settings):
        model_config = SettingsConfigDict(
            env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, env_ignore_empty=True
        )

        @model_validator(mode="before")
        @classmethod
        def _levelled(cls, given: Any) -> Any:
            return level_all(given)

        @classmethod
        def settings_customise_sources(  # type: ignore[override]
            cls, _settings_cls: type[BaseSettings], **sources: PydanticBaseSettingsSource
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            """The environment wins over the file (which arrives as init arguments); nothing else is read."""
            return sources["env_settings"], sources["init_settings"]

    return WithEnvironment


def load(path: Path | None) -> Settings:
    """Settings from `path` (defaults where None). Raises SettingsError with file, key and what to do."""
    if path is None:
        return _checked(_model(), {}, "the environment")
    try:
        data = level_all(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except tomllib.TOMLDecodeError as e:
        raise SettingsError(f"{path} cannot be read: {e}.", "Correct that line.") from None
    except RecursionError:
        raise SettingsError(f"{path} cannot be read: its brackets are nested too deep.", "Correct it.") from None
    except (OSError, ValueError) as e:
        why = (isinstance(e, OSError) and e.strerror) or "it is not text in UTF-8"
        raise SettingsError(f"{path} cannot be read: {why}.", "Check the file and who may read it.") from None
    return _checked(_model(), data, str(path))


def options(model: type[M], table: Mapping[str, Any], where: str) -> M:
    """One adapter's or policy's own options, checked by its model. Raises SettingsError naming `where` and the key."""
    return _checked(model, dict(table), where)


class _Holders(_Section):
    lockdown_holders: tuple[Holder, ...] = ()


def holders(table: Mapping[str, Any], where: str) -> tuple[Holder, ...]:
    """Who can press a connection's lockdown (`lockdown_holders`). Raises SettingsError naming the key."""
    given = {k: v for k, v in table.items() if k == "lockdown_holders"}
    return _checked(_Holders, given, where).lockdown_holders


def _checked(model: type[M], data: dict[str, Any], where: str) -> M:
    try:
        return model(**data)
    except ValidationError as e:
        first = e.errors()[0]
        loc = [str(p) for p in first["loc"]]
        key = ".".join(loc) or "settings"
        if first["type"] == "extra_forbidden":
            known = _fields_at(model, loc[:-1])
            raise SettingsError(f'{where}: there is no setting "{key}".', nearest(loc[-1], known)) from None
        if first["type"] == "missing":
            raise SettingsError(f'{where}: the setting "{key}" is missing.', "Add it.") from None
        raise SettingsError(*_wrong(model, where, key, first)) from None
    except TypeError as e:
        raise SettingsError(f"{where}: {e}.", "Correct it.") from None


def _wrong(model: type[BaseModel], where: str, key: str, error: Mapping[str, Any]) -> tuple[str, str]:
    """What is wrong with one value, and what is allowed. A value that may be a secret, or hold one, is not repeated."""
    from freeze.council.options import allowed, at, toml

    field = at(model, [str(p) for p in error["loc"]])
    said = error["msg"].removeprefix("Value error, ").rstrip(".")
    given = error.get("input")
    shown = toml(given) if isinstance(given, str | int | float | bool | date) else ""
    secret = field is None or "Secret" in repr(field.annotation) or "://" in shown or "@" in shown
    value = "" if secret or not shown else f" is {shown if len(shown) <= SHOWN else f'{shown[: SHOWN - 1]}…'}"
    if field is None or error["type"] in ("value_error", "assertion_error"):
        return f'{where}: the setting "{key}"{value}: {said}.', "Correct it."
    if error["type"] == "string_pattern_mismatch":
        said = f"it is not of the form {error['ctx']['pattern']}"
        return f'{where}: the setting "{key}"{value}: {said}.', field.description or "Correct it."
    return f'{where}: the setting "{key}"{value}, which is not allowed.', f"Allowed: {allowed(field)}."


def _fields_at(model: type[BaseModel], path: list[str]) -> list[str]:
    fields: Mapping[str, Any] = model.model_fields
    for step in path:
        annotation = fields[step].annotation if step in fields else None
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            fields = annotation.model_fields
        else:
            return []
    return list(fields)
