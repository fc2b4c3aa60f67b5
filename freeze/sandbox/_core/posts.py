"""An account and a post as a simulated platform keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

STATES = ("scheduled", "pending_approval", "draft", "published", "deleted")


@dataclass(frozen=True, slots=True)
class Account:
    """An account on one simulated platform; `id` is the platform's own id, `about` its public description.

    Orlo's account id is "<network in lower case>:<name in the export>".
    """

    platform: str
    id: str
    name: str
    handle: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """One post on one simulated platform. All instants are UTC; `state` is one of `STATES`.

    `publish_at` is when it is due (kept on drafts where the platform keeps it). `network` is where an Orlo post goes
    ("Facebook", "X", "Instagram", "LinkedIn"). `app` and `app_name` say which application made it. `repeats_days`
    above zero makes the next one as soon as this one is out. `extra` is the platform's own: whatever it must give back.
    """

    platform: str
    account: str
    id: str
    state: str
    publish_at: datetime | None
    text: str
    title: str = ""
    link: str = ""
    media: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    author: str = ""
    app: str = ""
    app_name: str = ""
    network: str = ""
    boosted: bool = False
    repeats_days: int = 0
    created_at: datetime | None = None
    modified_at: datetime | None = None
    published_at: datetime | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    order: int = 0
