"""Every file the guard makes is made here: for its owner only, whatever the umask, or for one group by a setting.

Files 0600 and folders 0700; with `[store] group` 0660 and 2770. What is handed to readers (digests, feeds, exports) may
also be read by the group of a folder that somebody opened to its group (chmod 2750): it says who its readers are.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from freeze.errors import SettingsError

FILE, FOLDER = 0o600, 0o700
SHARED_FILE, SHARED_FOLDER = 0o660, 0o2770
PART = ".part"
"""How the name of a file that is being written ends."""

_group: int | None = None


@contextmanager
def keeping() -> Iterator[None]:
    """Until the end of the block, also what libraries make is for its owner only."""
    global _group  # noqa: PLW0603 - the umask, too, belongs to the whole process
    before, group = os.umask(0o777 & ~FOLDER), _group
    try:
        yield
    finally:
        os.umask(before)
        _group = group


def share_with(group: str) -> None:
    """From now on files and folders are for this group too. Raises SettingsError where there is no such group."""
    global _group  # noqa: PLW0603
    try:
        import grp

        _group = grp.getgrnam(group).gr_gid
    except (ImportError, KeyError, ValueError):
        raise SettingsError(
            f'store.group: this computer has no group "{group[:40]}".', "Make it, or take the setting out."
        ) from None
    os.umask(0o777 & ~SHARED_FOLDER)


def file_mode() -> int:
    """The mode of a file: 0600, or 0660 with a group."""
    return FILE if _group is None else SHARED_FILE


def folder_mode() -> int:
    """The mode of a folder: 0700, or 2770 with a group."""
    return FOLDER if _group is None else SHARED_FOLDER


def folder(path: Path) -> Path:
    """This folder, made where it is missing, with those above it; what is there is left as it is. Raises OSError."""
    missing = [p for p in (path, *path.parents) if not p.exists()]
    for p in reversed(missing):
        with suppress(FileExistsError):  # another process was faster
            p.mkdir(mode=FOLDER)
            _give(p, folder_mode())
    if not path.is_dir():
        path.mkdir()  # says what is in the way
    return path


def made(path: Path) -> Path:
    """This file, made empty where it is missing; what is there is left as it is. Raises OSError."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINKS, FILE))
        _give(path, file_mode())
    return path


def added(path: Path, data: bytes) -> None:
    """Add to the end of this file in one write; it is made where it is missing. Raises OSError."""
    with made(path).open("ab", buffering=0) as f:
        f.write(data)


def whole(
    path: Path, content: str | bytes, *, encoding: str = "utf-8", readers: bool = False, durable: bool = True
) -> Path:
    """Put a file in its place, whole or not at all; `durable`: on disk when this returns. Raises OSError.

    It is written beside and renamed over: nobody ever reads half of it, and what a killed process left is swept by the
    next to write it, or by `sweep`. `readers`: the group of a folder that is open to its group (2750) may read it.
    """
    data = content.encode(encoding) if isinstance(content, str) else content
    real = path.resolve() if path.is_symlink() else path
    if real.exists() and not real.is_file() and not real.is_dir():  # a pipe, a terminal, /dev/null: never replaced
        real.write_bytes(data)
        return path
    for once_more in (True, False):
        try:
            _replace(real, data, readers=readers, durable=durable)
            break
        except FileNotFoundError:  # swept by another process in that instant
            if not once_more or not real.parent.is_dir():
                raise
    sweep(real.parent, real.name)
    return path


def sweep(where: Path, name: str = "*") -> None:
    """Take away the parts of files that a killed process left in this folder."""
    for left in where.glob(f".{_plain(name) if name != '*' else name}.*{PART}"):
        with suppress(OSError):
            left.unlink()


def open_to_others(path: Path) -> str:
    """How to close what other users may read or write, as a command; empty where nothing is open, or cannot be seen."""
    try:
        found = path.stat()
    except OSError:
        return ""
    if os.name != "posix":
        return ""
    is_folder = stat.S_ISDIR(found.st_mode)
    wanted = folder_mode() if is_folder else file_mode()
    if stat.S_IMODE(found.st_mode) & 0o077 & ~wanted:
        return f"chmod {wanted:o}"
    return ""


_NO_LINKS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


def _replace(path: Path, data: bytes, *, readers: bool, durable: bool) -> None:
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}{PART}")
    number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINKS, FILE)
    try:
        with os.fdopen(number, "wb") as f:
            f.write(data)
            f.flush()
            if durable:
                os.fsync(f.fileno())
        found = path.parent.stat()
        opened = found.st_mode & stat.S_ISGID and found.st_mode & stat.S_IRGRP  # chmod 2750: somebody meant it
        if readers and opened and found.st_gid != _group and os.name == "posix":
            _to(beside, found.st_gid, FILE | stat.S_IRGRP)
        else:
            _give(beside, file_mode())
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise


def _give(path: Path, mode: int) -> None:
    """Set the mode exactly, and the group of the settings: the umask, and a folder's own rule, do not count."""
    if _group is None:
        path.chmod(mode)
    else:
        _to(path, _group, mode)


def _to(path: Path, group: int, mode: int) -> None:
    """Give a file to a group; where this user is not a member of it, it stays the owner's alone."""
    try:
        os.chown(path, -1, group)
    except PermissionError:
        mode &= ~0o2077
    path.chmod(mode)


def _plain(name: str) -> str:
    """A name without what a pattern would take for more."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)
