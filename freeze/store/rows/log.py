"""The log."""

from freeze.store.rows.fields import Row, named, refers, said
from freeze.store.rows.marks import AUDIT, NO, STAFF, Mark, yes


class LogLine(Row, table=True):
    """The log: append-only, each line sealed with the one before it."""

    __tablename__ = "log_line"

    seq: int = refers(Mark("the line's number", NO, AUDIT), primary=True, given=True)
    at: str = named(Mark("an instant, UTC, ISO 8601", NO, AUDIT))
    actor: str = named(Mark("a name and a user", yes(STAFF, "who did it: the log proves it to Internal Audit"), AUDIT))
    event: str = named(Mark("an event's name", NO, AUDIT))
    data: str = said(
        Mark(
            "JSON, without the words of posts",
            yes(STAFF, "it names who said or decided something"),
            AUDIT,
        )
    )
    hash: str = named(Mark("a seal, hexadecimal", NO, AUDIT))
