"""Who is asking, as the system's kernel says: the one place that tells it.

The login uid, which the kernel writes once at sign-in and keeps through su and sudo; where it is not set (a container,
a service, cron without pam_loginuid) the real uid. Never LOGNAME, USER or SUDO_USER: anybody may set those.
"""

from __future__ import annotations

import os
from pathlib import Path

LOGIN = Path("/proc/self/loginuid")
MAP = Path("/proc/self/uid_map")
UNSET = 2**32 - 1
WHOLE = ["0", "0", str(UNSET)]
"""The map of a system's own users: every number is itself."""


def user() -> str:
    """The user's name; "user 1234" where that number has none.

    Inside a user namespace, where whoever made it chooses the numbers, it is "user 0 of a namespace": nobody of the
    settings.
    """
    if not hasattr(os, "getuid"):
        return os.getlogin()  # Windows says it from the session, not from the environment
    if not _own_numbers():  # whoever made the namespace chose its numbers, the login uid's among them
        return f"user {os.getuid()} of a namespace"
    uid = login_uid()
    if uid is None:
        uid = os.getuid()
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):
        return f"user {uid}"


def login_uid() -> int | None:
    """Who signed in, by number; None where nobody did, or the system does not say."""
    try:
        found = int(LOGIN.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return None if found in (UNSET, -1) else found


def _own_numbers() -> bool:
    try:
        return MAP.read_text(encoding="ascii").split() == WHOLE
    except (OSError, ValueError):
        return True  # no Linux: there are no such namespaces
