"""Many due dates at once: JSON lines, each a request or a poll, each answered on its own. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import IO, Any

from freeze.clocks.answers import Answer, Receipt, receipt
from freeze.clocks.regimes import DATES
from freeze.clocks.statutory import due
from freeze.clocks.workdays import Holidays
from freeze.errors import FreezeError, UsageError, nearest
from freeze.files.lines import lines
from freeze.levelling import loads


def answers(source: IO[bytes], found: Holidays, *, code_reading: bool = False) -> Iterator[dict[str, Any]]:
    """Each line's answer as data, or an `error`; one bad line never stops the others."""
    for n, raw in lines(source):
        data: Any = None
        try:
            data = loads(raw.decode("utf-8-sig"))
            yield case(data, found, code_reading=code_reading).json()
        except FreezeError as e:
            yield _bad(n, data, str(e))
        except (ValueError, RecursionError):
            yield _bad(n, data, "This line is not JSON.")


def case(data: object, found: Holidays, *, code_reading: bool = False) -> Answer:
    """One line of a batch: an object with `regime`, `received` (for elections the poll date) and maybe `params`.

    Keys of `params` that are no dates (`calendar`, `received_is`) say something about the case and count nothing.
    Raises UsageError.
    """
    if not isinstance(data, Mapping):
        raise UsageError("This line is not an object.", 'Write {"regime": "foi", "received": "2026-06-01"}.')
    name, received, params = data.get("regime", "foi"), data.get("received"), data.get("params") or {}
    if not isinstance(received, str):
        raise UsageError('"received" is missing, or is not text.', "Give a date or a time.")
    if not isinstance(name, str) or not isinstance(params, Mapping):
        raise UsageError('"regime" must be text and "params" an object.', "Correct this line.")
    from freeze.clocks.elections import BY_REGIME, notice

    at = receipt(received, what="received")
    if name in BY_REGIME:
        days = params.get("working_days_before_poll")
        if days is not None and (not isinstance(days, int) or isinstance(days, bool)):
            raise UsageError('"working_days_before_poll" is not a whole number.', "Correct this line.")
        return notice(at.day, BY_REGIME[name], found, days, given=at.given)
    for key in params:
        close = nearest(str(key), DATES)
        if key not in DATES and close.startswith("Did you mean"):
            raise UsageError(f'There is no date "{key}".', close)
    dates = {k: v for k, v in params.items() if k in DATES}
    return _dated(name, at, found, dates, code_reading=code_reading)


def _dated(name: str, at: Receipt, found: Holidays, given: Mapping[str, Any], *, code_reading: bool) -> Answer:
    moments: dict[str, Receipt] = {}
    for key, value in given.items():
        if not isinstance(value, str):
            raise UsageError(f'"{key}" is not a date.', "Write it like 2026-09-07.")
        moments[key] = receipt(value, what=f"The date {DATES[key]}")
    return counted(name, at, found, moments, code_reading=code_reading)


def counted(
    name: str, at: Receipt, found: Holidays, moments: Mapping[str, Receipt], *, code_reading: bool = False
) -> Answer:
    """When an answer under this regime is due; `moments` are the other dates that count, and their notes count too.

    Raises UsageError.
    """
    notes = (*at.notes, *(note for m in moments.values() for note in m.notes))
    days = {k: m.day for k, m in moments.items()}
    return due(name, replace(at, notes=notes), found, days, code_reading=code_reading)


def _bad(line: int, data: object, error: str) -> dict[str, Any]:
    known = data if isinstance(data, Mapping) else {}
    return {
        "line": line,
        "regime": known.get("regime"),
        "received": known.get("received"),
        "due": None,
        "error": error,
    }
