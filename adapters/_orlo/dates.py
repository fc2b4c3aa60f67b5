"""Turns the date and time cells of an export into an instant, or into a sentence that says why not.

Dates are read day first, as written in the United Kingdom. The order is assumed: Orlo publishes no description of its
exports. A cell may be text or, in a workbook, a real date or time.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from freeze.errors import UsageError
from freeze.windows import LONDON, YEARS, civil_to_instant, say_day

_DAY_FIRST = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_IN_WORDS = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ \-]([A-Za-z]{3,9})[ \-](\d{4})")
_TIME = re.compile(
    r"(\d{1,2})(?:[:.](\d{2})(?:[:.](\d{2})(?:\.\d+)?)?)?\s*([ap])?\.?(?:m\.?)?\s*(Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE
)
_TWO = re.compile(r"(\d{4}-\d{1,2}-\d{1,2}|\S{1,20}?\d{2}|\S{1,20} \S{1,20} \d{4})(?:T|,?\s+)(\d.*)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def instant(date_cell: object, time_cell: object, zone: ZoneInfo) -> datetime:
    """The instant (UTC) two cells name on a clock in `zone`; a time that carries its own offset keeps it.

    Raises ValueError with the reason, a sentence without its capital and full stop.
    """
    day, clock, offset = _day_and_clock(date_cell)
    if time_cell not in (None, ""):
        if clock not in (None, time()):
            raise ValueError("its publish date already holds a time, and its publish time is filled in as well")
        clock, offset = _clock(time_cell)
    if clock is None:
        raise ValueError("it has no publish time")
    naive = datetime.combine(day, clock)
    if offset is not None:
        return naive.replace(tzinfo=offset).astimezone(UTC)
    if zone.key == LONDON.key:
        try:
            return civil_to_instant(naive, what="its publish time")
        except UsageError as e:
            raise ValueError(e.message) from None
    return _elsewhere(naive, zone)


def _elsewhere(naive: datetime, zone: ZoneInfo) -> datetime:
    early, late = (naive.replace(tzinfo=zone, fold=f) for f in (0, 1))
    if early.utcoffset() == late.utcoffset():
        return early.astimezone(UTC)
    exists = early.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == naive
    shown = f"{naive:%H:%M} on {say_day(naive.date())}"
    raise ValueError(f"its publish time {shown} {'happens twice' if exists else 'does not exist'} in {zone.key}")


def _day_and_clock(cell: object) -> tuple[date, time | None, timezone | None]:
    if isinstance(cell, datetime):
        return (*_rounded(cell), None)
    if isinstance(cell, date):
        return cell, None, None
    text = " ".join(str(cell or "").split())
    if not text:
        raise ValueError("it has no publish date")
    two = _TWO.fullmatch(text)
    if two:
        return _day(two[1]), *_clock(two[2])
    return _day(text), None, None


def _rounded(at: datetime) -> tuple[date, time]:
    # A workbook keeps times as fractions of a day, so 15:00 can arrive as 14:59:59.999.
    at = (at.replace(tzinfo=None) + timedelta(milliseconds=500)).replace(microsecond=0)
    return at.date(), at.time()


def _day(text: str) -> date:
    found = _DAY_FIRST.fullmatch(text)
    if found:
        d, m = int(found[1]), int(found[2])
        y = int(found[3]) + (2000 if len(found[3]) == 2 else 0)
    elif found := _YEAR_FIRST.fullmatch(text):
        y, m, d = (int(g) for g in found.groups())
    elif (found := _IN_WORDS.fullmatch(text)) and found[2][:3].lower() in _MONTHS:
        d, m, y = int(found[1]), _MONTHS.index(found[2][:3].lower()) + 1, int(found[3])
    else:
        raise ValueError(f'its publish date "{text}" is not a date')
    if y not in YEARS:
        raise ValueError(f'its publish date "{text}" lies in the year {y}')
    try:
        return date(y, m, d)
    except ValueError:
        if m > 12 >= d:
            raise ValueError(
                f'its publish date "{text}" has no month {m}: dates are read day first and this one looks month first, '
                "so check every date in this export"
            ) from None
        raise ValueError(f'its publish date "{text}" does not exist') from None


def _clock(cell: object) -> tuple[time, timezone | None]:
    if isinstance(cell, datetime):
        return _rounded(cell)[1], None
    if isinstance(cell, time):
        return _rounded(datetime.combine(date(2000, 1, 1), cell))[1], None
    text = " ".join(str(cell).split())
    found = _TIME.fullmatch(text)
    if not found or not (found[2] or found[4]):
        raise ValueError(f'its publish time "{text}" is not a time')
    hour, half = int(found[1]), (found[4] or "").lower()
    if half and not 1 <= hour <= 12:
        raise ValueError(f'its publish time "{text}" does not exist')
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time(hour, int(found[2] or 0), int(found[3] or 0)), _offset(found[5])
    except ValueError:
        raise ValueError(f'its publish time "{text}" does not exist') from None


def _offset(text: str | None) -> timezone | None:
    if not text:
        return None
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "")
    away = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-away if text[0] == "-" else away)
