"""`freeze check --drafts` and `--text`: judging what is not scheduled yet."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from freeze.acts import drafts as act
from freeze.acts.app import App
from freeze.commands import codes
from freeze.commands.common import Answer
from freeze.errors import UsageError
from freeze.report import drafts as report
from freeze.report.drafts import NO_STORE, SERIOUS
from freeze.words import many, safe


def answer(
    app: App,
    file: Path | None,
    text: str | None,
    account: str | None,
    at: str | None,
    media: str | None,
    boosted: bool,
) -> Answer:
    """Judge one text, or every line of a file. Raises UsageError for what cannot be read."""
    if file is not None:
        if text is not None or account or at or media or boosted:
            raise UsageError("--drafts takes none of --text, --account, --at, --media and --boosted.")
        return _file(app, file)
    given = {"text": text, "account": account, "at": at or app.now().isoformat(), "media": media, "boosted": boosted}
    draft, found, stored = act.text(app, given)
    body = {
        "text": text,
        "account": None if draft.unknown or not account else draft.account.id,
        "at": draft.post.intended_at.isoformat() if draft.post.intended_at else None,
        "knows_the_store": stored,
        "findings": [report.as_json(f, "this text") for f in found],
    }
    return body, report.lines(found, stored=stored), 1 if any(f.level in SERIOUS for f in found) else 0


def _file(app: App, file: Path) -> Answer:
    """Every line of a file as JSON with its findings, in the order of the file."""
    drafts = serious = noted = bad = 0

    def unusable(where: str, why: str) -> None:
        nonlocal bad
        bad += 1
        app.tell(f"{safe(where, 120)}: {safe(why, 300)}")

    with act.opened(app, file, unusable) as (judged, stored):
        for draft, found in judged:
            drafts += 1
            levels = {f.level for f in found}
            serious += bool(levels & SERIOUS)
            noted += bool(levels) and not levels & SERIOUS
            said = [report.as_json(f, "this draft", draft.row.line) for f in found]
            click.echo(json.dumps({**draft.row.data, "findings": said}, ensure_ascii=False))
    app.tell(
        f"{many(drafts, 'draft')} judged: {many(serious, 'draft')} with conflicts, {noted} with notes only, "
        f"{many(bad, 'bad line')}."
    )
    if not stored:
        app.tell(NO_STORE)
    # What was printed line by line is the whole answer, with --json too.
    sys.exit(codes.worst(2 if bad else 0, 1 if serious else 0))
