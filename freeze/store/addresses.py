"""The store's address: what is one, and how to speak of it without ever giving a password away.

An address that was written wrongly has its password in any of its parts; so a wrong one is never repeated, and of a
right one only the host and the database are.
"""

from __future__ import annotations

import re

from sqlalchemy.engine import URL, make_url

from freeze.errors import SettingsError

HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*|[0-9A-Fa-f:][0-9A-Fa-f:.]*")
FOLDER = re.compile(r"/[^@:?#]*")
DATABASE = re.compile(r"[\w.$+-]{1,63}")
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
"""How an address begins; one letter before the colon is a drive."""
OTHERS = ("mysql", "mariadb", "mssql", "oracle")


def wrong(why: str = "is not a database address", advice: str = "") -> SettingsError:
    """The refusal of an address, none of which is repeated."""
    return SettingsError(
        f"store.url {why}.",
        advice
        or "Give a path, or postgresql://USER:PASSWORD@HOST/DATABASE with @ : / ? # % of a password as %40 %3A "
        "%2F %3F %23 %25.",
    )


def parsed(url: str) -> URL | None:
    """The parts of a PostgreSQL address; None for the path of a file. Raises SettingsError, saying no part of it."""
    if not url.strip() or any(not c.isprintable() for c in url):
        raise wrong("is empty, or holds a character that cannot be seen")
    try:
        url.encode()
    except UnicodeEncodeError:
        raise wrong("holds a character that is none") from None
    if url.startswith("sqlite:///") and not _names_a_user(url):
        return None
    if not SCHEME.match(url):
        if _names_a_user(url):
            raise wrong()
        return None
    rest = url.partition("://")[2]
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    if rest.count("@") > 1 or rest.count("@") > authority.count("@"):  # a reader would take a part of it for the host
        raise wrong()
    try:
        found = make_url(url)
        backend = found.get_backend_name()
        port = found.port
    except Exception:  # noqa: BLE001 - whatever it says repeats the address
        raise wrong() from None
    if backend != "postgresql":
        if backend in OTHERS:
            raise wrong(f"leads to another kind of database: {backend} is not supported", "Use a path or PostgreSQL.")
        raise wrong()
    if port is not None and not 0 < port < 65_536:
        raise wrong("has a port that is none")
    hosts = _hosts(found)
    if not all((FOLDER if h.startswith("/") else HOST).fullmatch(h) and not h.endswith("-") for h in hosts):
        raise wrong()
    if found.database is not None and not DATABASE.fullmatch(found.database):
        raise wrong()
    if not set(found.query) <= _options():
        raise wrong("has an option that PostgreSQL does not know")
    return found


def said(url: URL) -> str:
    """A checked address in words: host and database."""
    return f"PostgreSQL {','.join(_hosts(url))}/{url.database or ''}"


def _hosts(url: URL) -> list[str]:
    given = url.query.get("host", ())
    named = [given] if isinstance(given, str) else list(given)
    split = [h for n in named for h in n.split(",")]
    return ([url.host] if url.host else []) + [h.rpartition(":")[0] if h.count(":") == 1 else h for h in split if h]


def _options() -> set[str]:
    """The options of libpq."""
    from psycopg.pq import Conninfo

    return {o.keyword.decode() for o in Conninfo.get_defaults()}


def _names_a_user(url: str) -> bool:
    """Whether somebody and perhaps a password may stand in it: an @ after a colon."""
    return "@" in url.partition(":")[2]
