"""Repeated jobs, what a digest told, and calendar feeds."""

from datetime import datetime
from typing import Any

from freeze.store.rows.fields import Row, counted, instant, named, record, said
from freeze.store.rows.marks import AT, DAY, FEED, JOB, NAMED, NEXT, NO, STAFF, Mark, yes


class JobRun(Row, table=True):
    """One slot of one repeated job, claimed by whoever does it."""

    __tablename__ = "job_run"

    job: str = named(Mark("a job's name", NO, JOB), primary=True)
    slot: str = named(Mark(DAY, NO, JOB), primary=True)
    who: str = said(Mark("a process, a name and a user", yes(STAFF, "who runs it"), JOB))
    claimed_at: datetime = instant(Mark(AT, NO, JOB))
    done_at: datetime | None = instant(Mark(AT, NO, JOB), null=True)


class DigestMemory(Row, table=True):
    """What a digest last told one reader, so that the next one can say what changed."""

    __tablename__ = "digest"

    reader: str = named(Mark("communications, or a service", NO, NEXT), primary=True)
    made_at: datetime = instant(Mark(AT, NO, NEXT))
    items: dict[str, Any] = record(Mark("JSON: a seal for each line", NO, NEXT))


class FeedEvent(Row, table=True):
    """One calendar event's lasting identity."""

    __tablename__ = "feed_event"

    key: str = named(Mark("what it is about", NO, FEED), primary=True)
    uid: str = named(Mark("a lasting id (RFC 5545)", NO, FEED))
    sequence: int = counted(Mark("a count of changes (RFC 5545)", NO, FEED))
    digest: str = said(Mark("a seal, hexadecimal", NO, FEED))
    changed_at: datetime = instant(Mark(AT, NO, FEED))
    cancelled_at: datetime | None = instant(Mark(AT, NO, FEED), null=True)
    event: dict[str, Any] = record(Mark("a JSON event", yes(NAMED, "the words of a post may name people"), FEED))
