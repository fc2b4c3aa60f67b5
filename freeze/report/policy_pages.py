"""The rules on paper: `freeze policies` as text and JSON, the table of docs/rules.md and docs/policies.md. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from freeze.council.options import Option
from freeze.judging.clauses import CLAUSES, unknown
from freeze.posts import Json
from freeze.words import columns

TABLE = ("Rule", "Clause", "What it keeps")
OPTIONS = ("Setting", "Default", "Unit", "Clause", "What it is for")


@dataclass(frozen=True, slots=True)
class Page:
    """One rule: the first sentences of its docstring, its clauses, options and prepared pauses.

    `pauses` are all the names of those pauses, `presets` only their own.
    """

    name: str
    says: str
    clauses: tuple[str, ...]
    options: tuple[Option, ...]
    pauses: tuple[str, ...] = ()
    presets: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """For `--json`."""
        return {
            "policy": self.name,
            "says": self.says,
            "clauses": list(self.clauses),
            "options": [o.to_json() for o in self.options],
            "presets": list(self.presets),
            "names": list(self.pauses),
        }


def _kept(pages: Sequence[Page]) -> Mapping[str, Sequence[str]]:
    return {p.name: p.clauses for p in pages}


def text(pages: Sequence[Page]) -> Iterator[str]:
    """Each rule with every option: default, unit, clause and what it is for."""
    for p in pages:
        yield f"{p.name} (clause {', '.join(p.clauses)}): {p.says}"
        if p.pauses:
            yield f"  freeze declare {' | '.join(p.pauses)}"
        rows = []
        whole = ("; ".join(p.clauses), ", ".join(p.clauses))
        for o in p.options:
            about = ", ".join(
                filter(None, (o.unit, f"clause {o.clause}" if o.clause and o.clause not in whole else ""))
            )
            rows.append(
                [o.key, "= " + _flat(o.default, 44), f"{_sentence(o.description)}{f' ({about})' if about else ''}"]
            )
        yield from columns(rows, indent="    ")


def coverage(pages: Sequence[Page]) -> list[str]:
    """Who keeps each clause, one line each."""
    clauses = _kept(pages)
    lines = columns([c.number, c.asks, c.kept_by(clauses)] for c in CLAUSES)
    return lines + [f"  {name} also cites: {', '.join(rest)}" for name, rest in unknown(clauses).items()]


def coverage_json(pages: Sequence[Page]) -> list[dict[str, Json]]:
    """The same as data."""
    clauses = _kept(pages)
    return [
        {"clause": c.number, "rules": c.rules(clauses), "part": c.part or None, "people": c.people or None}
        for c in CLAUSES
    ]


def rules_table(pages: Sequence[Page]) -> Iterator[str]:
    """The table of rules in docs/rules.md."""
    yield from _table(TABLE, ((f"**{p.name}**", ", ".join(p.clauses), p.says) for p in pages))


def document(pages: Sequence[Page]) -> Iterator[str]:
    """docs/policies.md, whole."""
    yield from (
        "# Rules, settings and clauses",
        "",
        "Written by `freeze policies --markdown`, from the rules themselves. Every setting is optional: without it,",
        "what stands here as its default holds. Settings stand in `freeze.toml` under `[policies.NAME]`; a key that",
        "does not exist is refused with the nearest one that does, and a value that is not allowed with what is.",
        "",
    )
    yield from rules_table(pages)
    for p in pages:
        yield from ("", f"## {p.name}", "", f"{p.says} Clause {', '.join(p.clauses)}.")
        if p.pauses:
            yield from ("", f"Prepared pause: `freeze declare {p.pauses[0]}`" + _also(p.pauses[1:]))
        if p.options:
            yield ""
            cells = ((f"`{o.key}`", f"`{_flat(o.default, 200)}`", o.unit, o.clause, _use(o)) for o in p.options)
            yield from _table(OPTIONS, cells)
    yield from ("", "## Who keeps each clause", "")
    clauses = _kept(pages)
    yield from _table(("Clause", "What it asks", "Kept by"), ((c.number, c.asks, c.kept_by(clauses)) for c in CLAUSES))
    yield from ("", *(f"The rule {name} also cites: {', '.join(rest)}." for name, rest in unknown(clauses).items()))
    yield from ("", "## What the guard cannot decide", "")
    yield from _table(("Clause", "What is for people"), ((c.number, c.people) for c in CLAUSES if c.people))


def _also(names: Sequence[str]) -> str:
    return f" (also {', '.join(f'`{n}`' for n in names)})" if names else ""


def _use(o: Option) -> str:
    return f"{_sentence(o.description)} Allowed: {o.allowed}.".strip() if o.allowed else _sentence(o.description)


def _sentence(text: str) -> str:
    """A description as a sentence, whatever way it was written.

    >>> _sentence("how long it is")
    'How long it is.'
    """
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""


def _flat(toml: str, most: int) -> str:
    """TOML in one line, cut where it is too long for it."""
    line = " ".join(toml.split()) or "(none)"
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _table(heads: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
