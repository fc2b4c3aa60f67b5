"""Finding adapters, policies and simulators: every public module of a package, checked for its shape."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

from freeze.errors import SettingsError


def modules(package: ModuleType) -> Iterator[ModuleType]:
    """The public modules of `package`, in name order; names starting with `_` are shared tools."""
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda i: i.name):
        if not info.name.startswith("_"):
            yield importlib.import_module(f"{package.__name__}.{info.name}")


def keyed(package: ModuleType, key: str, needs: tuple[str, ...]) -> dict[str, ModuleType]:
    """The modules of `package` by their constant `key`.

    Raises SettingsError for one that lacks part of its contract, or a second one with the same name.
    """
    found: dict[str, ModuleType] = {}
    for module in modules(package):
        missing = [n for n in (key, *needs) if not hasattr(module, n)]
        if missing:
            raise SettingsError(f"{module.__name__} lacks {', '.join(missing)}.", "See freeze/ports.py.")
        name = getattr(module, key)
        if name in found:
            raise SettingsError(f'{module.__name__} and {found[name].__name__} are both called "{name}".')
        found[name] = module
    return found
