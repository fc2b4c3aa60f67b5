"""One deadline over a whole HTTP exchange: name look-up, connection, TLS, a proxy's answer, headers and body.

The time-outs of sockets are for one answer to go on: who sends a byte a second keeps a call alive for ever. Here one
thread of the process, the watchdog, shuts a socket down at its call's deadline, whatever the call waits for just then.
A name look-up cannot be shut down: it is asked in a thread of its own, and no longer waited for.
"""

from __future__ import annotations

import heapq
import itertools
import math
import os
import socket
import threading
import time
from concurrent.futures import Future
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Final, Self, cast

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, LocationParseError, NameResolutionError, NewConnectionError
from urllib3.util.connection import allowed_gai_family, create_connection

Address = tuple[str, int]
LONGEST: Final = 60.0  # seconds to connect where nobody says
TOO_LATE: Final = "the time for the call is over"


class Deadline:
    """The end of one exchange, by `time.monotonic()`. Use as a context manager, in the thread that makes the call.

    `passed` says that the line was cut there. `joined` says that somebody was there, `begun` that a line to the
    platform stood, so that some of the request may have left this machine. `ends` may be moved further on meanwhile.
    """

    __slots__ = ("_left", "_line", "_lock", "_outer", "begun", "ends", "joined", "over", "passed")

    def __init__(self, ends: float) -> None:
        self.ends = ends
        self.passed = self.joined = self.begun = self.over = False
        self._lock = threading.Lock()
        self._line: socket.socket | None = None
        self._left: list[socket.socket] = []
        self._outer: Deadline | None = None

    def __enter__(self) -> Self:
        self._outer = _current()
        _here.deadline = self
        _watchdog.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _here.deadline = self._outer
        with self._lock:
            self.over = True
            self._line = None
        for line in self._left:
            line.close()

    def watch(self, line: socket.socket) -> bool:
        """Cut `line` at the end; False where the end has come already, and nothing may begin any more."""
        with self._lock:
            self._line, self.joined = line, True
            return not self.passed

    def leave(self, line: socket.socket) -> None:
        """A handle whose connection is closed: its answer may still be read, so it is kept until the call is over."""
        self._left.append(line)

    def cut(self) -> None:
        """The end has come: whatever waits on the line is told that it is closed."""
        with self._lock:
            if self.over:
                return
            self.passed = True
            if self._line is not None:
                _shut(self._line)


class _Here(threading.local):
    deadline: Deadline | None = None


_here = _Here()


def _current() -> Deadline | None:
    """The deadline of the exchange that this thread is making."""
    return _here.deadline


def _shut(line: socket.socket) -> None:
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side was first


class _Watchdog:
    """One thread for the process, asleep until the next deadline; a call that ended in time costs it nothing."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[tuple[float, int, Deadline]] = []
        self._count = itertools.count()
        self._wakes = math.inf
        self._thread: threading.Thread | None = None

    def add(self, deadline: Deadline) -> None:
        with self._changed:
            heapq.heappush(self._waiting, (deadline.ends, next(self._count), deadline))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            elif deadline.ends < self._wakes:
                self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                due = self._due()
                if not due:
                    self._wakes = self._waiting[0][0] if self._waiting else math.inf
                    self._changed.wait(min(self._wakes - time.monotonic(), threading.TIMEOUT_MAX))
            for deadline in due:
                deadline.cut()

    def _due(self) -> list[Deadline]:
        """What must be cut now; what is over is let go, and what was moved on waits again."""
        now, due = time.monotonic(), []
        while self._waiting and (self._waiting[0][2].over or self._waiting[0][0] <= now):
            deadline = heapq.heappop(self._waiting)[2]
            if deadline.over:
                continue
            if deadline.ends <= now:
                due.append(deadline)
            else:
                heapq.heappush(self._waiting, (deadline.ends, next(self._count), deadline))
        return due


_watchdog = _Watchdog()


def _anew() -> None:
    global _watchdog  # noqa: PLW0603 - a forked process has none of its parent's threads
    _watchdog = _Watchdog()


os.register_at_fork(after_in_child=_anew)


class _Names:
    """Name look-ups, each in a thread of its own; who asks for the same name at the same time shares one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[Address, Future[list[Address]]] = {}

    def find(self, host: str, port: int, seconds: float) -> list[Address]:
        """The addresses of a name, in the order to try. Raises OSError as `socket.getaddrinfo`, or TimeoutError."""
        if _is_address(host):
            return [(host, port)]
        with self._lock:
            asked = self._asked.get((host, port))
            if asked is None:
                asked = self._asked[host, port] = Future()
                threading.Thread(target=self._ask, args=(host, port, asked), name="names", daemon=True).start()
        return asked.result(seconds)

    def _ask(self, host: str, port: int, asked: Future[list[Address]]) -> None:
        try:
            found = socket.getaddrinfo(host, port, allowed_gai_family(), socket.SOCK_STREAM)
        except Exception as e:  # noqa: BLE001 - told to whoever asked
            self._told(host, port)
            asked.set_exception(e)
        else:
            self._told(host, port)
            asked.set_result(list(dict.fromkeys(cast("Address", where[:2]) for *_, where in found)))

    def _told(self, host: str, port: int) -> None:
        with self._lock:
            del self._asked[host, port]


_names = _Names()


def _is_address(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


class _Timed(HTTPConnection):
    """A connection whose socket the watchdog can reach at every moment, by a second handle of its own.

    TLS takes the first handle over while it is being set up, and an answer keeps it when its connection is closed.
    """

    _line: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        deadline = _current()
        sock = self._joined(deadline)
        self._let_go()
        self._line = sock.dup()
        if deadline is not None and not deadline.watch(self._line):
            sock.close()
            raise ConnectTimeoutError(self, TOO_LATE)
        return sock

    def _joined(self, deadline: Deadline | None) -> socket.socket:
        """A socket to the first address that answers, in the time for all of them together."""
        host = self._dns_host.strip("[]")
        ends = time.monotonic() + (self.timeout if isinstance(self.timeout, int | float) else LONGEST)
        if deadline is not None:
            ends = min(ends, deadline.ends)
        try:
            host.encode("idna")
            found = _names.find(host, self.port, max(ends - time.monotonic(), 0.0))
        except UnicodeError:
            raise LocationParseError(f"'{host}', label empty or too long") from None
        except TimeoutError as e:
            raise ConnectTimeoutError(self, "the name was not found in time") from e
        except OSError as e:
            raise NameResolutionError(self.host, self, cast("socket.gaierror", e)) from e
        last: OSError | None = None
        for address in found:
            left = ends - time.monotonic()
            if left <= 0:
                raise ConnectTimeoutError(self, TOO_LATE) from last
            try:
                return create_connection(address, left, self.source_address, self.socket_options)
            except TimeoutError as e:
                raise ConnectTimeoutError(self, TOO_LATE) from e
            except OSError as e:
                last = e
        raise NewConnectionError(self, f"no connection: {last}") from last

    def connect(self) -> None:
        """As before; from here on some of the request may have left."""
        super().connect()
        if (deadline := _current()) is not None:
            self._in_time(deadline)
            deadline.begun = True

    def _tunnel(self) -> None:
        super()._tunnel()
        if (deadline := _current()) is not None:
            self._in_time(deadline)

    def _in_time(self, deadline: Deadline) -> None:
        """A proxy's answer that was cut off looks like one that came to its end."""
        if deadline.passed:
            self.close()
            raise ConnectTimeoutError(self, TOO_LATE)

    def request(self, *args: Any, **kwargs: Any) -> None:
        """As before; a line that was kept from an earlier call is watched for this one."""
        deadline = _current()
        if self._line is not None and deadline is not None:
            if not deadline.watch(self._line):
                raise ConnectTimeoutError(self, TOO_LATE)
            deadline.begun = True
        super().request(*args, **kwargs)

    def close(self) -> None:
        """As before, with the second handle."""
        try:
            super().close()
        finally:
            self._let_go()

    def _let_go(self) -> None:
        line, self._line = self._line, None
        if line is None:
            return
        if (deadline := _current()) is not None:
            deadline.leave(line)
        else:
            line.close()


class _TimedTLS(_Timed, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Timed

    def _get_conn(self, timeout: float | None = None) -> Any:
        """A free connection, waited for until the call's deadline at the longest."""
        deadline = _current()
        if timeout is None and deadline is not None:
            timeout = max(deadline.ends - time.monotonic(), 0.0)
        return super()._get_conn(timeout)


class _TLSPool(_Pool, HTTPSConnectionPool):
    ConnectionCls = _TimedTLS


class Timed(HTTPAdapter):
    """Makes every connection one that a `Deadline` bounds, through a proxy too."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As before, with timed connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """As before, with timed connections; a SOCKS proxy's own connections are left as they are."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        if isinstance(manager, ProxyManager):
            manager.pool_classes_by_scheme = POOLS
        return manager

    def close(self) -> None:
        """Let go of every line now; a call that failed may keep its pool alive until memory is tidied up."""
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            for key in manager.pools.keys():  # noqa: SIM118 - it is no mapping that can be walked
                if (pool := manager.pools.get(key)) is not None:
                    pool.close()
        super().close()


POOLS: Final = {"http": _Pool, "https": _TLSPool}
