"""Who may do what: stopping is broad, lifting is narrow. Pure.

The role is that of the operating system's user (`whoami`), from [people] of the settings that the store obeys;
what somebody types, or sets in the environment, never gives a right. While nobody in
the settings has a role, nothing is refused. A user who is not listed may stop posts, tell what was done, and let a
message about a risk to life through (it is recorded, and asked about), but lift nothing else: a pause must not fail at
18:40 because a name is missing, and the keeper's own user need not be a person.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from freeze.errors import RefusedByRule, SettingsError, nearest

OFFICER, LEAD, SERVICE, AUDITOR = "communications officer", "communications lead", "service lead", "auditor"

ACTIONS: Mapping[str, tuple[str, frozenset[str]]] = {
    "declare": ("declare a pause", frozenset({OFFICER, LEAD, SERVICE})),
    "extend": ("make a pause longer", frozenset({OFFICER, LEAD})),
    "hold": ("hold posts", frozenset({OFFICER, LEAD})),
    "withdraw": ("withdraw a permission", frozenset({OFFICER, LEAD})),
    "resolve-end": ("settle the end of a pause", frozenset({OFFICER, LEAD})),
    "announce": ("record an announcement", frozenset({OFFICER, LEAD})),
    "decide": ("decide about held posts", frozenset({OFFICER, LEAD, SERVICE})),
    "confirm": ("confirm a task", frozenset({OFFICER, LEAD, SERVICE})),
    "register": ("change the register", frozenset({OFFICER, LEAD})),
    "review": ("record a review of accounts", frozenset({OFFICER, LEAD, SERVICE})),
    "accept": ("set a conflict aside", frozenset({OFFICER, LEAD, SERVICE})),
    "requests": ("keep the log of requests for information", frozenset({OFFICER, LEAD, SERVICE})),
    "agree": ("record an agreement", frozenset({OFFICER, LEAD})),
    "events": ("change the shared calendar", frozenset({OFFICER, LEAD})),
    "holidays": ("change the bank holidays", frozenset({OFFICER, LEAD})),
    "way-back": ("work out the way back", frozenset({OFFICER, LEAD, SERVICE})),
    "listening": ("let an account's listening response through a crisis", frozenset({OFFICER, LEAD, SERVICE})),
    "risk-to-life": ("let a message about a risk to life through", frozenset({OFFICER, LEAD, SERVICE})),
    "allow": ("allow posts through a pause", frozenset({LEAD})),
    "gap": ("cut a gap into a pause", frozenset({LEAD})),
    "end": ("end a pause", frozenset({LEAD})),
    "undo": ("undo a pause", frozenset({LEAD})),
    "put-back": ("put posts back", frozenset({LEAD})),
    "adopt": ("let the store obey other settings", frozenset({LEAD})),
}
"""Every action that changes something: its words, and the roles that may do it."""

ANYBODY = frozenset({"declare", "extend", "hold", "withdraw", "way-back", "risk-to-life", "confirm", "requests"})
"""What a user who is not listed may do too: none of it may fail for want of a name in a file."""
OWN_ONLY = frozenset({SERVICE})
"""Roles that act for their own services only."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the settings, as far as rights go."""

    name: str
    role: str = ""
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Roles:
    """The people of the settings by their user name, and each role's actions where the settings say otherwise."""

    people: Mapping[str, Member] = field(default_factory=dict)
    own: Mapping[str, Collection[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for role, actions in self.own.items():
            for action in actions:
                if action not in ACTIONS:
                    said = f'[roles]: "{role}" names "{action}", which is no action.'
                    raise SettingsError(said, nearest(action, ACTIONS))

    @property
    def on(self) -> bool:
        """Whether anybody has a role at all."""
        return any(p.role for p in self.people.values())

    def allows(self, role: str, action: str) -> bool:
        """Whether this role may do this."""
        own = {level(r): actions for r, actions in self.own.items()}
        known = level(role)
        if known in own:
            return action in own[known]
        if known in (OFFICER, LEAD, SERVICE, AUDITOR):
            return known in ACTIONS[action][1]
        return action in ANYBODY

    def may(self, user: str, action: str, services: Collection[str] | None = None) -> None:
        """Raise RefusedByRule, naming who may, unless this user may do this.

        `services` are those it touches, None where it is not about single ones; a service lead needs all to be theirs.
        """
        if not self.on:
            return
        who = self.people.get(user, Member(user))
        does, _ = ACTIONS[action]
        if not self.allows(who.role, action):
            role = f" ({who.role})" if who.role else ", whose role is not in the settings,"
            raise RefusedByRule(f"{who.name}{role} may not {does}.", self._who_may(action))
        if level(who.role) in OWN_ONLY and (services is None or set(services) - set(who.services)):
            theirs = ", ".join(who.services) or "none are named"
            raise RefusedByRule(
                f"{who.name} ({who.role}) may {does} only for their own services ({theirs}).", self._who_may(action)
            )

    def _who_may(self, action: str) -> str:
        able = [
            f"{p.name} ({p.role})"
            for p in self.people.values()
            if p.role and level(p.role) not in OWN_ONLY and self.allows(p.role, action)
        ]
        if able:
            return f"Who may: {', '.join(able)}."
        others = sorted(ACTIONS[action][1] - OWN_ONLY)
        return f"It takes a {' or a '.join(others)}, and the settings name nobody with that role."


def level(role: str) -> str:
    """A role as it is compared: "Communications-Lead" is "communications lead"."""
    return " ".join(role.replace("-", " ").replace("_", " ").casefold().split())
