"""The register, where accounts are seen, and what their platforms say of them."""

from datetime import datetime
from typing import Any

from freeze.store.rows.fields import Row, counted, instant, named, record, said, truth
from freeze.store.rows.marks import ALIAS, AT, BIO, FACTS, NO, REGISTER, STAFF, STORE, Mark, yes


class Meta(Row, table=True):
    """One-line facts about the store itself."""

    __tablename__ = "meta"

    key: str = named(Mark("the name of a fact", NO, STORE), primary=True)
    value: str = said(Mark("the fact, as text", yes(STAFF, "the keeper's signs of life name who runs it"), FACTS))


class Account(Row, table=True):
    """The register; `details` is a `freeze.register.Record`."""

    __tablename__ = "account"

    id: str = named(Mark("the account's id in this store", NO, REGISTER), primary=True)
    name: str = said(Mark("as people know it", NO, REGISTER))
    platform: str = said(Mark("an adapter's name", NO, REGISTER))
    handle: str = said(Mark("as on the platform", NO, REGISTER))
    service: str = said(Mark("a service of the council", NO, REGISTER))
    owner: str = said(Mark("a name", yes(STAFF, "who answers for the account (clause 5.1 and 5.2)"), REGISTER))
    contact: str = said(Mark("a telephone number or address", yes(STAFF, "how to reach them in a pause"), REGISTER))
    registered: bool = truth(Mark("yes or no", NO, REGISTER))
    in_scope: bool = truth(Mark("yes or no: whether pauses of everything cover it", NO, REGISTER))
    details: dict[str, Any] = record(
        Mark(
            "a JSON record",
            yes(STAFF, "who holds access, and who reviewed it"),
            REGISTER,
        )
    )


class Alias(Row, table=True):
    """Where an account is seen."""

    __tablename__ = "account_alias"

    connection: str = named(Mark("a connection of the settings", NO, ALIAS), primary=True)
    native: str = named(Mark("the platform's own id", NO, ALIAS), primary=True)
    account: str = named(Mark("an account's id", NO, ALIAS), foreign="account.id", index=True)


class Source(Row, table=True):
    """When each connection was last read, what could not be, and what the platform shows to nobody."""

    __tablename__ = "source"

    connection: str = named(Mark("a connection of the settings", NO, STORE), primary=True)
    native: str = named(Mark("the platform's own id of an account; empty for the whole", NO, STORE), primary=True)
    tried_at: datetime | None = instant(Mark(AT, NO, STORE), null=True)
    read_at: datetime | None = instant(Mark(AT, NO, STORE), null=True)
    as_of: datetime | None = instant(Mark(AT, NO, STORE), null=True)
    reason: str = said(Mark("a sentence", NO, STORE))
    unseen: str = said(Mark("a sentence", NO, STORE))
    posts: int = counted(Mark("a count of posts", NO, STORE))


class Bio(Row, table=True):
    """An account's name and description as its platform last gave them."""

    __tablename__ = "bio"

    connection: str = named(Mark("a connection of the settings", NO, BIO), primary=True)
    native: str = named(Mark("the platform's own id", NO, BIO), primary=True)
    name: str = said(Mark("as on the platform", NO, BIO))
    text: str = said(Mark("public words", NO, BIO))
    longest: int = counted(Mark("characters the platform allows", NO, BIO))
    read_at: datetime = instant(Mark(AT, NO, BIO))
