"""What every act is handed: settings, store, platforms, policies, the clock, and who is asking."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from time import monotonic
from types import ModuleType
from typing import TYPE_CHECKING, Any

from freeze.council import whoami
from freeze.council.places import find
from freeze.errors import CouldNotKnow, SettingsError, UsageError, nearest

if TYPE_CHECKING:
    from freeze.council.obeyed import Given
    from freeze.council.roles import Roles
    from freeze.council.settings import Holder, Settings
    from freeze.permissions import Allowing, Kinds
    from freeze.ports import Platform, Preset
    from freeze.run.desk import Desk
    from freeze.views.known import Known


@dataclass
class App:
    """One invocation of the guard, from a terminal or not. Everything heavy is made when first asked for.

    `tell` hears what somebody must know while an act is still at work: that it waits, that the store is an older one.

    `who` tells this computer's user: the one seam through which tests are somebody else. `now` is the one clock of a
    run. `as_of` says that it was set by hand: then only practice platforms are written to.
    """

    adapters: ModuleType
    rules: ModuleType
    now: Callable[[], datetime]
    settings_path: str | None = None
    as_of: bool = False
    tell: Callable[[str], None] = lambda _sentence: None
    who: Callable[[], str] = whoami.user
    older: str = ""

    def pretend(self, at: datetime) -> None:
        """Run the clock from `at` instead of the present."""
        started = monotonic()
        self.as_of = True
        self.now = lambda: at + timedelta(seconds=monotonic() - started)

    @cached_property
    def path(self) -> Path | None:
        """The settings file in use, if there is one."""
        return find(self.settings_path)

    @cached_property
    def settings(self) -> Settings:
        """This council's settings."""
        from freeze import private
        from freeze.council.settings import load

        found = load(self.path)
        if found.store.group:
            private.share_with(found.store.group)
        return found

    @property
    def base(self) -> Path:
        """The folder that relative paths in the settings start from."""
        return self.path.parent if self.path else Path.cwd()

    @cached_property
    def user(self) -> str:
        """This computer's user, as the operating system says."""
        return self.who()

    @cached_property
    def actor(self) -> str:
        """Who is asking, as the operating system says, with the name and role the settings give that user."""
        person = self.settings.people.get(self.user)
        if person is None:
            return f"{self.user} (this computer's user)"
        return f"{person.name}{f', {person.role}' if person.role else ''} ({self.user})"

    @cached_property
    def store(self) -> Any:
        """The open store (`freeze.store.database.Database`), checked to be there, of this version, and to obey us."""
        from freeze.store.database import connect, opened
        from freeze.store.obeyed import obey

        db = connect(self.settings.store.url, self.base)
        try:
            opened(db)
            self.older = self._older(db)
            if self.older:
                self.tell(self.older)
            obey(db, self.given(one_host=db.path is not None), self.actor, self.now())
            return db
        except BaseException:
            db.close()
            raise
        return db

    def _older(self, db: Any) -> str:
        """A sentence where the store is older than what this guard has written; empty where all is well."""
        with db.read() as c:
            found = db.mark.check(c)
            return found.said(len(db.mark.unknown(c))) if found is not None else ""

    def still_older(self) -> str:
        """The same once a command is done: taking the posts up again (`freeze sync --enforce`) settles it."""
        self.older = self._older(self.store) if self.older else ""
        return self.older

    def desk(self, progress: Callable[[int, int], None] | None = None, waiting: str = "") -> Desk:
        """What a run needs; `waiting` is said once if another run has to finish first."""
        from freeze.run.desk import Desk

        said = waiting or "Another run is at work on this store; waiting for it to finish."
        return Desk(
            db=self.store,
            platforms=self.platforms,
            actor=self.actor,
            now=self.now,
            lead=self.settings.run.lead,
            kinds=self.kinds_of_post,
            threads=self.settings.run.threads,
            progress=progress or (lambda _done, _all: None),
            waiting=lambda: self.tell(said),
        )

    @cached_property
    def kinds(self) -> Mapping[str, ModuleType]:
        """The adapters there are, by platform name."""
        from freeze.council import discover

        return discover.keyed(self.adapters, "NAME", ("TITLE", "CAPABILITIES", "Options", "connect"))

    @cached_property
    def platforms(self) -> dict[str, Platform]:
        """Every connection of the settings, ready to be asked. Raises SettingsError for one that cannot be used.

        One whose secret is missing stops no other: it stands here too, and whatever it is asked becomes a gap.
        """
        from freeze.council.withheld import Withheld
        from freeze.errors import SecretMissing

        made: dict[str, Platform] = {}
        for name, table in self.settings.connections.items():
            try:
                made[name] = self.connected(name)
            except SecretMissing as e:
                made[name] = Withheld(name, str(table["platform"]), e)
        return made

    def connected(self, name: str) -> Platform:
        """One connection of the settings, made anew. Raises SettingsError where it cannot be used."""
        from freeze.council.credentials import environment, paths_made_absolute, secrets_read
        from freeze.council.settings import options

        table = self.settings.connections[name]
        where = f"{self.path or 'the environment'}: [connections.{name}]"
        kind = table.get("platform")
        if not isinstance(kind, str) or kind not in self.kinds:
            raise SettingsError(f'{where}: there is no platform "{kind}".', nearest(str(kind), self.kinds))
        model = self.kinds[kind].Options
        given = {k: v for k, v in table.items() if k not in ("platform", "lockdown_holders")}
        given = paths_made_absolute(given, model, name, self.base)
        checked = options(model, secrets_read(given, where, model, self.base, environment(self.base)), where)
        platform: Platform = self.kinds[kind].connect(name, checked)
        return platform

    @cached_property
    def holders(self) -> dict[str, tuple[Holder, ...]]:
        """Who can press each connection's lockdown. Raises SettingsError for one that is not a name and a number."""
        from freeze.council.settings import holders

        where = self.path or "the environment"
        return {n: holders(t, f"{where}: [connections.{n}]") for n, t in self.settings.connections.items()}

    @cached_property
    def policies(self) -> Mapping[str, ModuleType]:
        """The rules there are, by id."""
        from freeze.council import discover

        found = discover.keyed(self.rules, "ID", ("CLAUSES", "Options"))
        for name in self.settings.policies:
            if name not in found:
                where = f"{self.path or 'the environment'}: [policies.{name}]"
                raise SettingsError(f'{where}: there is no rule "{name}".', nearest(name, found))
        return found

    @cached_property
    def policy_options(self) -> dict[str, Any]:
        """Each rule's own settings, checked."""
        return {name: self._options_of(name, module) for name, module in self.policies.items()}

    def _options_of(self, name: str, module: ModuleType) -> Any:
        from freeze.council.settings import options

        where = f"{self.path or 'the environment'}: [policies.{name}]"
        return options(module.Options, self.settings.policies.get(name, {}), where)

    @cached_property
    def presets(self) -> dict[str, tuple[Preset, str]]:
        """Every prepared pause by each of its names, with the rule it belongs to. Loads no rule that prepares none."""
        from freeze.council import discover

        if self.settings.policies.keys() - discover.names(self.rules):
            _ = self.policies  # says which name is wrong
        out: dict[str, tuple[Preset, str]] = {}
        for name, module in discover.keyed(self.rules, "ID", ("CLAUSES", "Options"), defining="presets").items():
            for preset in getattr(module, "presets", lambda _options: ())(self._options_of(name, module)):
                out |= dict.fromkeys((preset.name, *preset.aliases), (preset, name))
        return out

    def preset(self, name: str) -> tuple[Preset, str]:
        """The prepared pause with this name or alias, and its rule. Raises UsageError with the nearest name."""
        if name not in self.presets:
            raise UsageError(f'There is no prepared pause "{name}".', nearest(name, self.presets))
        return self.presets[name]

    @cached_property
    def kinds_of_post(self) -> Kinds:
        """How the kind of a post is told here, and which kinds each prepared pause lets through."""
        from freeze.permissions import Kinds
        from freeze.posts import same_words

        named = self.settings.kinds
        mine = {p.name: p for p, _ in self.presets.values()}
        return Kinds(
            {same_words(tag): kind for tag, kind in named.tags.items()},
            named.accounts,
            {n: frozenset(p.always) for n, p in mine.items()},
            {n: frozenset(p.by_permission) for n, p in mine.items()},
            {n: p.holds for n, p in mine.items() if p.holds is not None},
        )

    def allowing(self, c: Any) -> Allowing:
        """Everything that may let a post through a pause, as the store says now (`c` is an open transaction)."""
        from freeze.permissions import Allowing
        from freeze.store.permissions import all_of

        return Allowing(all_of(c), self.kinds_of_post)

    def known(self, c: Any) -> Known:
        """What the store says now, but for posts and holds (`c` is an open transaction: read it once for an act)."""
        from freeze.store.known import read

        names = tuple(self.settings.connections)
        return read(c, self.now(), self.settings.run.lead, lambda: self.kinds_of_post, names)

    @cached_property
    def roles(self) -> Roles:
        """Who may do what. Raises SettingsError for an action that there is not."""
        from freeze.council.roles import Member, Roles

        people = {user: Member(p.name, p.role, p.services) for user, p in self.settings.people.items()}
        return Roles(people, self.settings.roles)

    def given(self, *, one_host: bool) -> Given:
        """What the settings in use give; on a store of one computer its name does not count. Raises SettingsError."""
        import socket

        from freeze.council.obeyed import given

        real = self.path.resolve() if self.path else None
        try:
            owner = real.stat().st_uid if real else -1
        except OSError as e:
            raise SettingsError(f"{real} cannot be read: {e.strerror}.", "Check who may read it.") from None
        place = f"{real or 'no settings file'}{'' if one_host else f' on {socket.gethostname()}'}"
        others = {"kinds": self.settings.kinds.model_dump(), "policies": self.settings.policies}
        return given(place, owner, self.roles.people, self.settings.roles, others)

    def may(self, action: str, services: Collection[str] | None = None) -> None:
        """Refuse what the role of this computer's user does not allow; `services` are those it touches.

        Raises RefusedByRule naming who may.
        """
        self.roles.may(self.user, action, services)

    def close(self) -> None:
        """Give back what was opened: the store and every platform's connections."""
        if "platforms" in self.__dict__:
            from freeze.ports import Closes

            for platform in self.platforms.values():
                if isinstance(platform, Closes):
                    platform.close()
        if "store" in self.__dict__:
            self.store.close()

    def may_write(self) -> None:
        """Refuse writing under a clock set by hand, unless every connection is the sandbox and says so itself.

        Raises CouldNotKnow naming the connection that does not.
        """
        if not self.as_of:
            return
        from freeze.council.practice import real, sandboxes

        for name, table in self.settings.connections.items():
            kind = self.kinds.get(str(table.get("platform")))
            model = kind.Options if kind is not None else None
            if not sandboxes(table, model):
                setting = real(table, model)
                raise CouldNotKnow(
                    f'With --as-of nothing real may be changed, and the connection "{name}" is not the sandbox'
                    f"{f': {setting} leads elsewhere' if setting else ''}.",
                    "Leave --as-of out, or use the settings that freeze sandbox config prints.",
                )
