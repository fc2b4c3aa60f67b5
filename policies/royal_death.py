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
    always = [...]             # kinds of post that it never holds
    by_permission = [...]      # kinds of post that a standing permission may let through (freeze allow --kind)

Kinds of post, to be confirmed by the Head of Communications. The only published list is the Government Digital
Service's page on publishing after a royal death (22 November 2022; secondary source: read in a mirror; it binds central
government, not councils): campaigns, news and new policy are blocked; safety alerts, what the law requires, and
critical changes to services go with clearance. Here warnings, school closures, statutory notices and service status
always pass, as they come from people on duty; flood updates and tributes need a permission; everything else is blocked.
A message about a risk to life passes under every pause. What kind a post is, [kinds] in the settings says, by tag or
account; a council that names no tags there lets nothing through by its kind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from freeze.clocks import mourning
from freeze.ports import Assumed, Preset

ID = "royal-death"
CLAUSES = ("4.4",)


def _time_of_day(value: object) -> object:
    # TOML has times of its own, which may carry seconds; a bare number would be read as seconds since midnight.
    if isinstance(value, time) or (isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value)):
        return value
    raise ValueError('give a time of day in London, like "17:00"')


Kind = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
"""A kind of post: small letters, digits and hyphens."""


class Options(BaseModel):
    """The settings of this rule; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: int = Field(
        default=10,
        ge=1,
        le=60,
        strict=True,
        description="Calendar days from D-Day to the last day of mourning.",
        json_schema_extra={"unit": "days", "clause": "4.4"},
    )
    evening_cutoff: Annotated[time, BeforeValidator(_time_of_day)] = Field(
        default=time(17),
        description="News at or after this time makes the next day D-Day.",
        json_schema_extra={"unit": "London time", "clause": "4.4"},
    )
    sunday_rule: bool = Field(
        default=True,
        strict=True,
        description="A last day that is a Sunday moves to the Monday.",
        json_schema_extra={"unit": "", "clause": "4.4"},
    )
    reason: str = Field(
        default="National mourning after a royal death",
        min_length=1,
        description="The reason that is recorded when nobody gives another.",
        json_schema_extra={"unit": "", "clause": "4.4"},
    )
    authority: str = Field(
        default="Communications Team, under clause 4.4 of the social media policy; official guidance awaited",
        min_length=1,
        description="Who or what allows the pause, when nobody says otherwise.",
        json_schema_extra={"unit": "", "clause": "4.4"},
    )
    always: tuple[Kind, ...] = Field(
        default=("warnings", "school-closures", "statutory-notices", "service-status"),
        description="Kinds of post that the pause never holds.",
        json_schema_extra={"unit": "kinds of post", "clause": "4.4"},
    )
    by_permission: tuple[Kind, ...] = Field(
        default=("flood", "condolence", "proclamation", "public-health"),
        description="Kinds of post that a standing permission may let through (freeze allow --kind).",
        json_schema_extra={"unit": "kinds of post", "clause": "4.4"},
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
            always=options.always,
            by_permission=options.by_permission,
        ),
    )
