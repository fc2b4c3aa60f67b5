"""Freeze Guard: nothing leaks, nothing is lost, nothing is claimed that was not confirmed.

`HOUSE` is the house, lowest storey first: a room imports only from its own storey and those below, and no two rooms
import each other in a circle. What stands directly in `freeze/` is the ground floor: values and contracts, which
adapters and rules use too. `docs/how-it-is-built.md` tells the way of one post through it.
"""

__version__ = "0.1.0"
SCHEMA = "freeze/1"
"""The shape of what `--json` prints."""

HOUSE = (
    (
        "",
        "values and contracts: errors, accounts, posts, windows, findings, holds, what a platform must do",
    ),
    ("texts", "what people write for the public, read as text: bios, words that grow stale"),
    ("files", "what people drop in: drafts, calendar files, the register as CSV"),
    ("clocks", "working days and every date that a law or a protocol counts: requests, elections, mourning"),
    ("council", "one council's choices: settings, options, credentials, roles, who is on duty"),
    ("judging", "what is wrong with a post: rules applied, what is accepted, twins, clauses"),
    ("pauses", "the pauses people declare: their state, standing dates, what is let through, explaining, previews"),
    ("people", "what only people can do, what they answer, how silent it is, signs of life"),
    ("back", "the way back: what is proposed, what can be promised, the morning after"),
    ("views", "what a screen needs to know, from values: how a post stands, the month, feeds, the digest"),
    ("report", "paper: text, JSON, CSV, iCalendar and pages"),
    ("store", "memory: the tables, the journal, the log, and moving a store on"),
    ("run", "one run: read, hold or put back, read back, settle"),
    ("keeping", "when the guard works by itself; what it then does is an act"),
    ("acts", "the use cases, without a terminal: commands, pages and jobs call these and nothing below"),
    ("sandbox", "simulated platforms, for practice and tests"),
    ("channels", "ways to tell people, one a file"),
    ("commands", "the terminal: parse, call an act, print"),
    ("web", "the pages"),
    ("work", "the jobs"),
)
"""Each storey: the name of its package in `freeze` (the ground floor has none), and what lives there."""
