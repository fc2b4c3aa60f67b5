"""Whether a connection is for practice: every address it has is on this machine, defaults included.

What an address is, is found out from each adapter's own options: a setting with such a name, or whose value is one. So
an adapter that comes new is covered as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import BaseModel

from freeze.files.fetched import fetch

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
NAMES: Final = re.compile(
    r"(^|_)(ur[il]s?|hosts?|hostname|endpoints?|servers?|address(es)?|domain|origin|webhooks?|proxy)$"
)
VALUE: Final = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
ELSEWHERE: Final = ("_env", "_file")
"""Endings of settings whose value stands elsewhere (`freeze.council.credentials`)."""
TIMEOUT = 5.0
"""Seconds for the sandbox to say that it is one."""


def addresses(table: Mapping[str, Any], model: type[BaseModel] | None) -> dict[str, str]:
    """Every address that a connection uses, by its setting; one that stands elsewhere is an empty text."""
    fields = model.model_fields if model is not None else {}
    given = {k: v for k, v in table.items() if k not in ("platform", "lockdown_holders")}
    hidden = {k.removesuffix(e): "" for k in given for e in ELSEWHERE if k.endswith(e) and k not in fields}
    defaults = {k: f.get_default(call_default_factory=True) for k, f in fields.items() if k not in given}
    out: dict[str, str] = {k: "" for k in hidden if NAMES.search(k)}
    for key, value in {**{k: v for k, v in defaults.items() if k not in hidden}, **given}.items():
        for n, text in enumerate(_texts(value)):
            if text and (NAMES.search(key) or VALUE.fullmatch(text.strip())):
                out[f"{key}.{n}" if n else key] = text.strip()
    return out


def real(table: Mapping[str, Any], model: type[BaseModel] | None) -> str:
    """The setting whose address is not on this machine, so that the connection is no practice; empty when all are.

    A connection without any address is none either; a folder of exports alone is one: nothing is sent there.
    """
    found = addresses(table, model)
    for key, text in found.items():
        if not _here(text):
            return key
    return "" if found or "folder" in table else "base_url"


def sandboxes(table: Mapping[str, Any], model: type[BaseModel] | None) -> bool:
    """Whether every address of a connection is on this machine, and says itself that it is the sandbox."""
    if real(table, model):
        return False
    asked = {f"{u.scheme}://{u.netloc}/_sandbox/clock" for u in map(urlsplit, addresses(table, model).values())}
    return all(_is_sandbox(ask) for ask in asked)


def _is_sandbox(ask: str) -> bool:
    try:
        return json.loads(fetch(ask, TIMEOUT, proxies=False)).get("sandbox") is True
    except (OSError, HTTPException, ValueError, AttributeError):
        return False


def _here(text: str) -> bool:
    try:
        return urlsplit(text if "://" in text else f"//{text}").hostname in LOOPBACK
    except ValueError:
        return False


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for v in value.values():
            yield from _texts(v)
    elif isinstance(value, list | tuple | set | frozenset):
        for v in value:
            yield from _texts(v)
    elif VALUE.fullmatch(text := str(value)):  # an address type of pydantic's
        yield text
