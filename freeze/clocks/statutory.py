"""When an answer is due: FOI, EIR and subject access requests, with the law for every day counted or left out. Pure.

All dates are London dates, and an answer is due by the end of its day. How well each rule is known: FOIA s.10, EIR
reg.5 and 7 and the ICO's guidance of December 2025 were read; what is marked "not verified" is recalled. docs/clocks.md
sets out every rule for people, with what is unsettled. Where the law is unsettled the later date is `due` only if the
authorities point to it, and `safe_target` is the date that is right on any reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from freeze.clocks.answers import Answer, Receipt, Skipped
from freeze.clocks.regimes import DATES, GDPR, NAMES, REGIMES, Regime
from freeze.clocks.workdays import ANYWHERE, DOUBTED, ENGLAND_AND_WALES, Calendar, Holiday, Holidays, checked
from freeze.errors import UsageError, nearest
from freeze.windows import say_day


def regime(name: str, dates: Mapping[str, date]) -> Regime:
    """The regime of this name, made more exact by the dates given. Raises UsageError for one not counted here."""
    word = "-".join(name.lower().replace("_", " ").split())
    if any(sign in word for sign in ("scot", "foisa", "eisr")):
        raise UsageError(
            "Scottish requests are not counted here: the Freedom of Information (Scotland) Act leaves out only "
            "Scotland's own bank holidays (s.73), and has no public-interest extension.",
            "Ask the Scottish Information Commissioner, or give --regime foi for an authority outside Scotland.",
        )
    word = NAMES.get(word, word)
    if word not in REGIMES:
        raise UsageError(f'There is no regime "{name}".', nearest(word, REGIMES))
    if word == "foi" and "fees_notice" in dates:
        word = "foi-fees"
    elif word == "foi" and "clarification_received" in dates:
        word = "foi-clarified"
    elif word == "sar" and "id_received" in dates:
        word = "sar-id"
    found = REGIMES[word]
    for needed in found.needs:
        if needed not in dates:
            raise UsageError(f"The regime {word} needs the date {DATES[needed]}.", f"Give it: {needed}.")
    if ("fees_notice" in dates) != ("fee_received" in dates) and not found.months:
        known, missing = ("the notice", "fee_received") if "fees_notice" in dates else ("the fee", "fees_notice")
        raise UsageError(
            f"Only the date of {known} is known, and from the notice to the fee the clock stands still.",
            f"There is a due date once this is known too: {missing}.",
        )
    return found


def due(
    name: str,
    received: Receipt,
    holidays: Holidays,
    dates: Mapping[str, date] | None = None,
    *,
    code_reading: bool = False,
) -> Answer:
    """The due date of one request.

    `name` is a regime (`regimes`), `dates` what else happened, by the keys of `DATES`. `code_reading` counts a
    request that came on a day that is no working day as received on the next one (s.45 Code, July 2018, para 4.2),
    one day later than the Act and the ICO. Raises UsageError with one sentence for anything that cannot be counted.
    """
    dates = dates or {}
    r = regime(name, dates)
    for key, day in dates.items():
        if checked(day) < received.day and key != "id_received":
            raise UsageError(
                f"The date {DATES[key]} ({say_day(day)}) is before the request was received ({say_day(received.day)}).",
                "Check both dates.",
            )
    unused = tuple(f"Not used by the regime {r.name}: the date {DATES[k]}." for k in dates if k not in r.takes)
    used = {k: d for k, d in dates.items() if k in r.takes}
    answer = _months(r, received, holidays, used) if r.months else _days(r, received, holidays, used, code_reading)
    late = answer.due.year > holidays.until
    ahead = (provisional(holidays),) if late else ()
    return Answer(
        r.name,
        received.given,
        received.day,
        answer.due,
        answer.safe_target,
        answer.working_days,
        answer.skipped,
        r.rule,
        late,
        (*received.notes, *answer.notes, *r.notes, *unused, *ahead),
        answer.counted,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    due: date
    safe_target: date
    working_days: int | None
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]
    counted: tuple[date, ...] = ()


def _days(r: Regime, received: Receipt, holidays: Holidays, dates: Mapping[str, date], code: bool) -> _Found:
    uk, start, notes = holidays.uk, received.day, []
    if "clarification_received" in dates:
        start = dates["clarification_received"]
        notes.append(
            f"Clarification came on {say_day(start)}; that day becomes the date of receipt, and a full new count "
            f"follows ({'EIR reg.9, not verified' if r.name.startswith('eir') else 'FOIA s.1(3) and s.10(6)'})."
        )
        asked = dates.get("clarification_asked")
        if asked is not None and asked > uk.add(received.day, 20):
            notes.append("The clarification was asked for after the first 20 working days, which is too late.")
    pause = _pause(r, start, holidays, dates)
    counted, left_out = _count(uk, start, r.days, pause)
    end = safe = counted[-1]
    found = {d: holidays.on(d, ANYWHERE) for d in left_out}
    loose = frozenset(d for d, hs in found.items() if d in DOUBTED or _came_late(hs, start))
    if loose:
        safe = _count(uk, start, r.days, pause, loose)[0][-1]
        notes.append(
            f"{_and(say_day(d) for d in sorted(loose))} was made a bank holiday while this request was under way, "
            "or is doubted: whether it is left out is not settled in law. "
            f"Answer by {say_day(safe)} to be right either way."
        )
    if not uk.is_working(start):
        reading = _count(uk, uk.add(start, 1), r.days, pause)[0][-1]
        notes.append(
            f"{say_day(start)} is not a working day. It is still the date of receipt (day 0); the next working day is "
            "day 1 (FOIA s.10(6))."
        )
        if r.name.startswith("foi"):
            if code:
                end = reading
                counted, left_out = _count(uk, uk.add(start, 1), r.days, pause)
                notes.append(f"The s.45 Code reading was asked for. The Act and the ICO give {say_day(safe)}.")
            else:
                notes.append(
                    f"The s.45 Code (July 2018, para 4.2) would count from the next working day, to "
                    f"{say_day(reading)}; the Act and the ICO give the earlier date, which is used."
                )
    for marker, words in r.by_day.items():
        notes.append(words.format(say_day(counted[marker - 1])))
    skipped = tuple(
        Skipped(d, _titles(holidays.on(d, ANYWHERE)), _nations(holidays.on(d, ANYWHERE)))
        if not uk.is_working(d)
        else Skipped(d, "between the fees notice and the fee, both included")
        for d in left_out
    )
    return _Found(end, safe, r.days, skipped, tuple(notes), tuple(counted))


def _count(
    calendar: Calendar,
    start: date,
    n: int,
    pause: tuple[date, date] | None = None,
    working_after_all: frozenset[date] = frozenset(),
) -> tuple[list[date], list[date]]:
    """The n days counted after `start`, and the weekdays left out among them."""
    counted: list[date] = []
    left_out: list[date] = []
    day = start
    while len(counted) < n:
        day += timedelta(days=1)
        if day.weekday() > 4:
            continue
        paused = pause is not None and pause[0] <= day <= pause[1]
        if (calendar.is_working(day) or day in working_after_all) and not paused:
            counted.append(day)
        else:
            left_out.append(day)
    return counted, left_out


def _pause(r: Regime, start: date, holidays: Holidays, dates: Mapping[str, date]) -> tuple[date, date] | None:
    """From the fees notice to the fee, both included: FOIA s.10(2), and EIR reg.8 (not verified)."""
    if "fees_notice" not in dates:
        return None
    notice, paid = dates["fees_notice"], dates["fee_received"]
    if paid < notice:
        raise UsageError(f"The fee ({say_day(paid)}) cannot have come before the notice ({say_day(notice)}).")
    if notice < start:
        raise UsageError(
            f"The fees notice ({say_day(notice)}) was given before the count began ({say_day(start)}).",
            "Check the dates of the notice and of the clarification.",
        )
    last = holidays.uk.add(notice, 60) if r.name.startswith("eir") else _later(notice, 3) - timedelta(days=1)
    if paid > last:
        rule = "60 working days, EIR reg.8, not verified" if r.name.startswith("eir") else "three months, FOIA s.9(2)"
        raise UsageError(
            f"The fee came on {say_day(paid)}, after the last day for it, {say_day(last)} ({rule}): the duty to answer "
            "has fallen away, and there is no due date.",
            "Tell the sender; a new request starts a new count.",
        )
    return notice, paid


def _months(r: Regime, received: Receipt, holidays: Holidays, dates: Mapping[str, date]) -> _Found:
    if received.day < GDPR:
        raise UsageError(
            f"Before {say_day(GDPR)} subject access followed the Data Protection Act 1998, which is not counted here.",
            "Check the year.",
        )
    notes = []
    resets = {k: dates[k] for k in ("id_received", "fee_received") if k in dates}
    start = max(received.day, *resets.values()) if resets else received.day
    if start != received.day:
        notes.append(
            f"The month starts on {say_day(start)}, the latest of the request, the proof of identity and the fee "
            "(ICO guidance; DPA 2018 s.54(3) has the same words)."
        )
    end = _later(start, r.months)
    asked, came = dates.get("clarification_asked"), dates.get("clarification_received")
    if asked and came:
        if came < asked:
            raise UsageError(f"The clarification ({say_day(came)}) cannot have come before it was asked for.")
        end += came - asked
        notes.append(
            f"The {(came - asked).days} days from asking what was meant to hearing it are added: a pause, not a new "
            "start (Art.12A; how its edges count is not settled, and this is the earlier date)."
        )
    elif asked or came:
        raise UsageError(
            "For subject access, clarification is a pause: both dates are needed.",
            "Give clarification_asked and clarification_received.",
        )
    england = holidays.england
    last = england.on_or_after(end)
    safe = england.on_or_before(end - timedelta(days=1))
    if last != end:
        notes.append(f"{say_day(end)} is not a working day, so the answer is due by the end of the next one.")
    elif not holidays.uk.is_working(end):
        notes.append(
            f"{say_day(end)} is a bank holiday only outside England and Wales, and so a working day here. The ICO says "
            f'only "public holiday"; UK-wide it would be {say_day(holidays.uk.on_or_after(end))}.'
        )
    notes.append(
        f'Art.12A speaks of a month "beginning with" that day, which read strictly ends a day earlier: answer by '
        f"{say_day(safe)} to be right either way. The ICO keeps to the same date of the next month."
    )
    gap = (end + timedelta(days=n) for n in range((last - end).days))
    skipped = tuple(Skipped(d, _titles(hs), _nations(hs)) for d in gap if (hs := holidays.on(d, ENGLAND_AND_WALES)))
    return _Found(last, safe, None, skipped, tuple(notes))


def _later(day: date, months: int) -> date:
    """The same date some months later, or the last day of that month where it has no such date."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    try:
        return checked(date(year, month + 1, day.day))
    except ValueError:
        next_month = date(year, month + 1, 28) + timedelta(days=4)
        return checked(next_month - timedelta(days=next_month.day))


def provisional(holidays: Holidays) -> str:
    """The sentence for a date after the published data."""
    return (
        f"Bank holidays are published to the end of {holidays.until} only. This date is provisional: a day proclaimed "
        "later would move it."
    )


def _came_late(found: tuple[Holiday, ...], start: date) -> bool:
    return bool(found) and all(h.announced is not None and start <= h.announced for h in found)


def _titles(found: tuple[Holiday, ...]) -> str:
    return "; ".join(dict.fromkeys(h.title for h in found))


def _nations(found: tuple[Holiday, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for h in found for name in h.where))


def _and(words: Iterable[str]) -> str:
    return " and ".join(words)
