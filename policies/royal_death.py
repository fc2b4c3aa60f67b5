"""A royal death: publishing stops at once, everywhere, until the end of official mourning.

Clause 4.4 (Operation Menai Bridge, London Bridge and similar): publishing may be paused for about ten days, to the end
of official mourning, often the day of the funeral. Everybody who publishes must still make sure that nothing is
scheduled. So this rule prepares one pause: every account, from now, with an end that stays provisional until somebody
enters the date of the funeral. How the end is worked out, and how well each step is known, is in `freeze.mourning`.

Settings, all optional (`[policies.royal-death]`):

    days = 10                  # calendar days from D-Day to the last day of mourning
    evening_cutoff = "17:00"   # London time; news at or after it makes the next day D-Day
    sunday_rule = true         # a last day that is a Sunday moves to the Monday
    reason = "..."             # recorded when nobody gives another
    authority = "..."          # who or what allows the pause, likewise
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from freeze import mourning
from freeze.ports import Assumed, Preset

ID = "royal-death"
CLAUSES = ("4.4",)


def _time_of_day(value: object) -> object:
    # TOML has times of its own, which may carry seconds; a bare number would be read as seconds since midnight.
    if isinstance(value, time) or (isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value)):
        return value
    raise ValueError('give a time of day in London, like "17:00"')


class Options(BaseModel):
    """The settings of this rule; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: int = Field(default=10, ge=1, le=60, strict=True)
    evening_cutoff: Annotated[time, BeforeValidator(_time_of_day)] = time(17)
    sunday_rule: bool = Field(default=True, strict=True)
    reason: str = Field(default="National mourning after a royal death", min_length=1)
    authority: str = Field(
        default="Communications Team, under clause 4.4 of the social media policy; official guidance awaited",
        min_length=1,
    )


def presets(options: Options) -> Sequence[Preset]:
    """The one prepared pause of this rule, under every name it is known by."""
    rules = mourning.Rules(options.days, options.evening_cutoff, options.sunday_rule)

    def end(start: datetime, d_day: date | None) -> Assumed:
        return mourning.assumed_end(start, d_day, rules)

    return (
        Preset(
            name=ID,
            aliases=("menai-bridge", "london-bridge"),
            title="Royal death",
            clause="4.4",
            default_everything=True,
            reason=options.reason,
            authority=options.authority,
            end=end,
        ),
    )
