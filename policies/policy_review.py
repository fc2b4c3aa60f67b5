"""The yearly review of the social media policy itself.

Clause 6.1: the policy is reviewed every year. The day stands in the settings, as `policy_review` under `[council]`. A
day that has passed, or that nobody set, is a line on Monday's list, never in the nightly digest; so is one that comes
soon, that the review may start in time.

Settings, all optional (`[policies.policy-review]`):

    ahead = 30    # days before the review from which on it is told
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field

from freeze.findings import Finding, Level
from freeze.ports import World
from freeze.windows import london, say_day

ID = "policy-review"
TITLE = "The yearly review of the policy"
CLAUSES = ("6.1",)


class Options(BaseModel):
    """The settings of this rule; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ahead: int = Field(
        default=30,
        ge=0,
        le=365,
        strict=True,
        description="how long before the review it is told of",
        json_schema_extra={"unit": "days", "clause": "6.1"},
    )


def inspect(options: Options, world: World) -> Iterable[Finding]:
    """That the review has passed, comes soon, or has no day."""
    day, today = world.facts.policy_review, london(world.facts.now).date()
    if day is None:
        yield _finding(
            "no day",
            "No day is set on which the social media policy is to be reviewed.",
            "Set it in the settings: policy_review under [council].",
        )
    elif day < today:
        yield _finding(
            f"passed {day}",
            f"The social media policy was to be reviewed by {say_day(day)}, and that day has passed.",
            "Review it, then set the next day in the settings: policy_review under [council].",
        )
    elif (day - today).days <= options.ahead:
        yield _finding(
            f"soon {day}",
            f"The social media policy is to be reviewed by {say_day(day)}.",
            "Start the review.",
        )


def _finding(about: str, sentence: str, next_step: str) -> Finding:
    return Finding(clause="6.1", level=Level.HOUSEKEEPING, sentence=sentence, next_step=next_step, about=about)
