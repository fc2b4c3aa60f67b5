"""What the register says of an account beyond its name: who runs it, who may log in, what was checked when. Pure.

Clauses 1.3, 2.2 to 2.8, 3.7, 5.1, 5.5 and 5.6 of the policy. Days are London days. Where the credentials are kept is a
reference, never the secret itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date

from freeze.posts import Json


@dataclass(frozen=True, slots=True)
class Administrator:
    """Somebody who runs an account.

    `logs_in`: this person can log in; `gets_code`: the second factor's code comes to this person's device. `left_on` is
    the day on which this person left, or moved to other work.
    """

    name: str
    authorised_by: str = ""
    trained_on: date | None = None
    policy_read_on: date | None = None
    logs_in: bool = True
    gets_code: bool = False
    left_on: date | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """Everything else the register knows of one account.

    kind: corporate, service, professional, fire, internal, ... administered_by: council, partner, ... (clause 2.6).
    hours: when it is monitored, as people write it ("Mon-Fri 09:00-17:00"); around_the_clock: contracted to be
    monitored at all hours. two_factor_on: the day on which it was last seen to be on; None where it was never checked.
    """

    kind: str = ""
    administered_by: str = ""
    approved_by: str = ""
    hours: str = ""
    around_the_clock: bool = False
    two_factor_on: date | None = None
    code_goes_to: str = ""
    credentials_at: str = ""
    access: tuple[str, ...] = ()
    password_changed_on: date | None = None
    reviewed_on: date | None = None
    administrators: tuple[Administrator, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """What the store keeps: only what is known."""
        bare = Record()
        kept = {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != getattr(bare, f.name)}
        if "administrators" in kept:
            kept["administrators"] = [{k: _plain(v) for k, v in asdict(a).items()} for a in self.administrators]
        return {k: _plain(v) for k, v in kept.items()}

    @classmethod
    def from_json(cls, d: Mapping[str, Json]) -> Record:
        """A record read back from the store."""
        known = {k: _dated(k, v) for k, v in d.items()}
        known["access"] = tuple(known.get("access", ()))
        known["administrators"] = tuple(
            Administrator(**{k: _dated(k, v) for k, v in a.items()}) for a in known.get("administrators", ())
        )
        return cls(**known)


def _plain(value: Json) -> Json:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _dated(name: str, value: Json) -> Json:
    return date.fromisoformat(value) if name.endswith("_on") and isinstance(value, str) else value
