"""A silence: nothing goes out for two minutes.

No clause of the policy asks for it by name; 4.2 asks everybody to look, before posting, for anything else that happens
at that time. In 2014 a parliament's account sent a scheduled post one minute into the two-minute silence (press
reports). So this rule prepares a pause of minutes, and keeps one that returns: 11 November, 11:00:00 to 11:02:00 in
London. The first instant is inside, the last is not: a post timed for 11:02 goes out.

The yearly one stands without being declared: it appears among the pauses 14 days ahead (`freeze nightly`, `watch` and
`sync --enforce` put it there), covers every account, and can be ended like any other (`freeze end`); once ended it is
not made again. Until then, a post scheduled for it is a conflict to be decided in peace. Any other silence is declared
when it is called: `freeze declare silence --from 2026-11-13T15:00 --minutes 1 --everything`.

Settings, all optional (`[policies.silence]`):

    remembrance = true          # 11 November stands every year
    remembrance_sunday = false  # the second Sunday in November too
    at = "11:00"                # its London time
    minutes = 2                 # its length, and that of a silence declared without --minutes
    reason = "..."              # recorded when nobody gives another
    authority = "..."           # who or what allows it, likewise
    always = [...]              # kinds of post that it never holds
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from pydantic import BaseModel, ConfigDict, Field

from freeze.findings import Finding, Level
from freeze.ports import Assumed, Facts, Preset
from freeze.posts import GOES_OUT, Post
from freeze.windows import LONDON, Window, london, say
from policies._kinds import ALWAYS, Kind, TimeOfDay, about, passes

ID = "silence"
TITLE = "A silence"
CLAUSES = ("4.2",)

APPEARS = timedelta(days=14)
"""So long before it a yearly silence is among the pauses; the engine's own figure is the same."""
NOVEMBER = 11


class Options(BaseModel):
    """The settings of this rule; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    remembrance: bool = Field(
        default=True,
        strict=True,
        description="whether the silence of 11 November stands every year",
        json_schema_extra=about("", "4.2"),
    )
    remembrance_sunday: bool = Field(
        default=False,
        strict=True,
        description="whether there is one on the second Sunday in November too",
        json_schema_extra=about("", "4.2"),
    )
    at: TimeOfDay = Field(
        default=time(11),
        description="when the yearly silence begins",
        json_schema_extra=about("time in London", "4.2"),
    )
    minutes: int = Field(
        default=2,
        ge=1,
        le=60,
        strict=True,
        description="how long a silence is",
        json_schema_extra=about("minutes", "4.2"),
    )
    reason: str = Field(
        default="A silence",
        min_length=1,
        description="why, where nobody gives another reason",
        json_schema_extra=about("", "4.2"),
    )
    authority: str = Field(
        default="Communications Team",
        min_length=1,
        description="who or what allows it, where nobody says otherwise",
        json_schema_extra=about("", "4.2"),
    )
    always: tuple[Kind, ...] = Field(
        default=ALWAYS,
        description="kinds of post that it never holds",
        json_schema_extra=about("kinds of post", "4.2"),
    )


def presets(options: Options) -> Sequence[Preset]:
    """The one prepared pause of this rule, and the dates on which it stands by itself."""

    def end(start: datetime, _d_day: date | None) -> Assumed:
        # One that begins in the middle of a minute ends with a whole one: nothing slips out before the clock's minute.
        over = start + timedelta(minutes=options.minutes)
        whole = over.replace(second=0, microsecond=0)
        over = over if whole == over else whole + timedelta(minutes=1)
        return Assumed((Window(start, over, f"a silence, until {say(over)}"),), False, None, "")

    return (
        Preset(
            name=ID,
            aliases=("two-minute-silence",),
            title="Silence",
            clause="4.2",
            default_everything=False,
            reason=options.reason,
            authority=options.authority,
            end=end,
            always=options.always,
            dates=lambda span: _dates(options, span),
        ),
    )


def windows(options: Options, facts: Facts, span: Window) -> Iterable[Window]:
    """The yearly silences in a span that are not among the pauses yet."""
    there = {(w.start, w.end) for f in (*facts.declared, *facts.freezes) if f.preset == ID for w in f.windows}
    return [w for _, w in _dates(options, span) if (w.start, w.end) not in there]


def judge(options: Options, post: Post, facts: Facts) -> Iterable[Finding]:
    """A post scheduled inside a yearly silence that is still weeks away; nearer to it, the pause itself says so."""
    at = post.intended_at
    if at is None or at.month != NOVEMBER or post.state not in GOES_OUT or at - facts.now <= APPEARS:
        return ()
    return _inside(options, post, at, facts)


def _inside(options: Options, post: Post, at: datetime, facts: Facts) -> Iterator[Finding]:
    for key, w in _dates(options, Window(at, at + timedelta(seconds=1))):
        account = facts.accounts.get(post.account)
        if at not in w or (account is not None and not account.in_scope):
            continue
        if passes(facts.allowing.kinds.of(post), options.always):
            continue
        yield Finding(
            clause="4.2",
            level=Level.CONFLICT,
            sentence=f"It is due {say(at)}, inside the silence of {w.civil}.",
            next_step=f"Give it another time; otherwise it is held from the day before, until {say(w.end)} has passed.",
            post=post.id,
            account=post.account,
            window=w,
            about=key,
        )


def _dates(options: Options, span: Window) -> Iterator[tuple[str, Window]]:
    for year in range(london(span.start).year, london(span.end).year + 1):
        days = {date(year, NOVEMBER, 11): "Armistice Day"} if options.remembrance else {}
        if options.remembrance_sunday:
            first = date(year, NOVEMBER, 1)
            days.setdefault(first + timedelta(days=(6 - first.weekday()) % 7 + 7), "Remembrance Sunday")
        for day, name in sorted(days.items()):
            start = datetime.combine(day, options.at, LONDON).astimezone(UTC)
            over = start + timedelta(minutes=options.minutes)
            if start < span.end and span.start < over:
                civil = f"{name} {year}, {london(start):%H:%M} to {london(over):%H:%M}"
                yield f"{ID}-{day.isoformat()}", Window(start, over, civil)
