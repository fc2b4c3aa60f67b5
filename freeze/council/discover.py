"""Finding adapters, policies and simulators: every public module of a package, checked for its shape."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Iterator
from types import ModuleType

from freeze.errors import SettingsError


def modules(package: ModuleType, defining: str = "") -> Iterator[ModuleType]:
    """The public modules of `package`, in name order; names starting with `_` are shared tools.

    With `defining`, only those that define such a function, told from their source: loading all takes a tenth of a
    second, and `freeze status` answers at once.
    """
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda i: i.name):
        name = f"{package.__name__}.{info.name}"
        if not info.name.startswith("_") and (not defining or name in sys.modules or _defines(name, defining)):
            yield importlib.import_module(name)


def names(package: ModuleType) -> set[str]:
    """What the public modules of `package` are called where settings name them, without loading any."""
    return {i.name.replace("_", "-") for i in pkgutil.iter_modules(package.__path__) if not i.name.startswith("_")}


def _defines(name: str, function: str) -> bool:
    spec = importlib.util.find_spec(name)
    source = getattr(spec.loader, "get_source", None) if spec else None
    return source is None or f"\ndef {function}(" in (source(name) or "")


def keyed(package: ModuleType, key: str, needs: tuple[str, ...], defining: str = "") -> dict[str, ModuleType]:
    """The modules of `package` by their constant `key`; with `defining`, only those that define such a function.

    Raises SettingsError for one that lacks part of its contract, or a second one with the same name.
    """
    found: dict[str, ModuleType] = {}
    for module in modules(package, defining):
        missing = [n for n in (key, *needs) if not hasattr(module, n)]
        if missing:
            raise SettingsError(f"{module.__name__} lacks {', '.join(missing)}.", "See freeze/ports.py.")
        name = getattr(module, key)
        if name in found:
            raise SettingsError(f'{module.__name__} and {found[name].__name__} are both called "{name}".')
        found[name] = module
    return found
