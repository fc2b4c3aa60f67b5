"""The rule about pictures of people: marks, permissions with a reference, and what nobody can recognise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from freeze.agreements import Agreement, Matter, content
from freeze.findings import Finding, Level
from freeze.ports import Facts
from freeze.posts import Locator, Post, State
from policies import media_consent as rule

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
POST = Post(7, "libraries", "x", "libraries", Locator("c", "a", "7"), State.SCHEDULED, NOW, "Story time")


def found(p: Post, *agreements: Agreement, **options: object) -> list[Finding]:
    return list(rule.judge(rule.Options(**options), p, Facts(NOW, {}, agreements=agreements)))  # type: ignore[arg-type]


def agreement(p: Post, reference: str = "consent/2026/14") -> Agreement:
    return Agreement(3, Matter.MEDIA, "Jo", NOW, (p.id,), (content(p),), reference=reference)


TABLE = [
    ((), (), None),
    (("events",), ("photo.jpg",), None),
    (("children",), (), None),
    (("child",), (), Level.CONFLICT),
    (("Under-18",), ("a.jpg",), Level.CONFLICT),
    ((), ("child",), Level.CONFLICT),
    (("child", "adult"), (), Level.CONFLICT),
    (("adult",), (), Level.NOTE),
    (("child", "unrecognisable"), (), None),
    (("child", "permission:consent-2026-014"), (), None),
    (("child", "permission:"), (), Level.CONFLICT),
    (("adult", "permission:asked"), (), None),
]


@pytest.mark.parametrize(("tags", "media", "level"), TABLE)
def test_a_marked_picture_needs_its_permission(
    tags: tuple[str, ...], media: tuple[str, ...], level: Level | None
) -> None:
    assert [(f.clause, f.level) for f in found(replace(POST, tags=tags, media=media))] == [("2.9", level)] * bool(level)


def test_a_permission_counts_with_a_reference_and_until_the_post_changes() -> None:
    p = replace(POST, media=("child",))
    assert found(p, agreement(p)) == []
    assert found(p, agreement(p, reference=""))
    (one,) = found(replace(p, media=("child", "b.jpg")), agreement(p))
    assert "It was agreed to (g3), and was changed since." in one.sentence
    assert "freeze agree p7 --media --by NAME --reference WHERE" in one.next_step


def test_settings_name_marks_and_leave_adults_out() -> None:
    assert found(replace(POST, tags=("kid",)), child=["Kid"])
    assert found(replace(POST, tags=("adult",)), adults=False) == []
    assert found(replace(POST, tags=("child",)), adults=False)
