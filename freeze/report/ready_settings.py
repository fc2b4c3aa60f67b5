"""A settings file that is ready to use: every section and every rule's settings, commented, with their defaults."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from types import ModuleType

from pydantic import BaseModel

from freeze.council import discover, options
from freeze.council.settings import Settings

WIDTH = 116
HEAD = """\
# Freeze Guard: one council's settings. freeze doctor says whether they work.
# Secrets never stand here: name the environment variable (..._env) or the secret file (..._file) that holds them.
# A line that starts with "# name = " is a setting with its default: take the first # away to change it.

[council]
name = "Your council"
"""
CONNECTIONS = """\

# [people.jsmith]        # the computer's user name
# name = "Jo Smith"
# role = "communications officer"   # or communications lead, service lead, auditor: who may lift what

# [connections.orlo]     # the newest export saved in this folder (CSV or XLSX)
# platform = "orlo"
# folder = "orlo-exports"
# lockdown_holders = [   # who can press Company lockdown at any hour; two at least
#   { name = "Jo Smith", phone = "01632 960101" },
#   { name = "Sam Patel", phone = "01632 960102" },
# ]

# [connections.facebook]
# platform = "facebook"
# token_env = "FREEZE_FACEBOOK_TOKEN"
# app_id = "1234567890"

# [connections.youtube]
# platform = "youtube"
# token_env = "FREEZE_YOUTUBE_TOKEN"

# [connections.website]
# platform = "wordpress"
# base_url = "https://news.example.gov.uk"
# username = "freeze-guard"
# password_env = "FREEZE_WORDPRESS_PASSWORD"

# [kinds.tags]           # which kind of post a tag stands for; without this nothing passes a pause by its kind
# "flood warning" = "flood"

# [kinds.accounts]       # an account whose every untagged post is of one kind
# anyshire-winter-roads = "service-status"

# [clicks]               # your own words for what to click, by platform or channel
# tiktok = "Ring the Fire Communications Officer, who has the phone."

# [roles]                # gives a role other actions than its own (docs/what-may-go-out.md)
# "duty officer" = ["declare", "hold"]
"""
BY_HAND = frozenset({"council", "people", "connections", "kinds", "clicks", "roles", "policies"})
"""Sections that examples say more about than defaults do."""


def ready(rules: ModuleType) -> str:
    """A whole settings file that changes no default but the council's name."""
    council = Settings.model_fields["council"].annotation
    parts = [HEAD, *(f"{line}\n" for line in _keys(council, but=("name",)))]
    for name, field in Settings.model_fields.items():
        if name not in BY_HAND:
            parts += [
                f"\n{line}\n" if n == 0 else f"{line}\n" for n, line in enumerate(_section(name, field.annotation))
            ]
    parts.append(CONNECTIONS)
    for name, module in discover.keyed(rules, "ID", ("CLAUSES", "Options")).items():
        says = " ".join((module.__doc__ or "").split("\n\n")[0].split())
        lines = [*_wrapped(f"{says} Clause {', '.join(module.CLAUSES)}."), f"[policies.{name}]"]
        parts += [f"\n{lines[0]}\n", *(f"{line}\n" for line in lines[1:])]
        described = options.described(module.Options)
        parts += [f"{line}\n" for line in options.commented(described, ", ".join(module.CLAUSES))]
    return "".join(parts)


def _section(name: str, model: object) -> Iterator[str]:
    assert isinstance(model, type)
    yield from _wrapped(" ".join((model.__doc__ or "").split()))
    yield f"[{name}]"
    yield from _keys(model)


def _keys(model: object, but: tuple[str, ...] = ()) -> Iterator[str]:
    assert isinstance(model, type)
    assert issubclass(model, BaseModel)
    yield from options.commented([o for o in options.described(model) if o.key not in but])


def _wrapped(text: str) -> Iterator[str]:
    yield from (f"# {line}" for line in wrap(text, WIDTH))
