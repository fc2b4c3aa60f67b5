"""What WordPress's REST API answers: its fields, its times, its rights, and what its errors mean.

The error bodies are documented: {"code", "message", "data": {"status"}}.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from adapters._web.verdicts import Fate, Verdict, says
from freeze.ports import Credential
from freeze.posts import Json

PASSWORD_CODES: Final = frozenset(
    {"incorrect_password", "invalid_username", "invalid_email", "application_passwords_disabled"}
)
NEEDED: Final[Mapping[str, str]] = {
    "edit_others_posts": "posts of other people can be neither seen nor held",
    "publish_posts": "nothing can be scheduled again",
    "unfiltered_html": "WordPress would clean the HTML of every post it holds",
}


def raw(item: Mapping[str, Json], name: str) -> str:
    """A field as its author wrote it. Raises ValueError where the user may not see that."""
    part = item.get(name)
    if not isinstance(part, dict) or not isinstance(part.get("raw"), str):
        raise ValueError(f"its {name} is missing; the user may not have the right to edit it")
    return str(part["raw"])


def rights(user: Mapping[str, Json]) -> Credential | None:
    """How a user stands, from /users/me in the edit context; None where the answer does not tell."""
    held, roles = user.get("capabilities"), user.get("roles")
    if not isinstance(held, dict) or not isinstance(roles, list):
        return None
    name = says(user.get("username") or user.get("name", ""), 60)
    who = f"Signed in as {name} ({says(', '.join(map(str, roles)), 60)})."
    missing = [f"without {right} {effect}" for right, effect in NEEDED.items() if held.get(right) is not True]
    if missing:
        return Credential(f"{who} Give it the editor role: {'; '.join(missing)}.", well=False)
    shown = "" if held.get("manage_options") is True else " The tagline is shown to administrators only, not to it."
    return Credential(f"{who} An application password does not end by itself.{shown}")


def judge(status: int, body: Json, _headers: Mapping[str, str]) -> Verdict | None:
    """What an error answer means; None for a success, or where the status alone tells."""
    if status < 400 or status >= 500 or status == 429 or not isinstance(body, dict):
        return None
    code, message = str(body.get("code", "")), says(body.get("message", ""))
    if status == 401 or code in PASSWORD_CODES:
        return Verdict(Fate.CREDENTIAL, f"HTTP {status}, {message}", code)
    if code == "rest_invalid_param" and "status" in message:
        # What a server answers that takes the Authorization header out of the request, measured on WordPress 6.1.
        return Verdict(
            Fate.CREDENTIAL,
            "the user may not see scheduled posts, or the web server drops the Authorization header",
            code,
        )
    return Verdict(Fate.NO, f"HTTP {status}, {message}", code)
