"""One export, form or document shape each; found by name."""

import pkgutil
from importlib import import_module
from typing import cast

from nowrongdoor.errors import Usage
from nowrongdoor.model import Layout


def names() -> list[str]:
    """Every module here that has `TABLES` is a layout."""
    return sorted(
        m.name for m in pkgutil.iter_modules(__path__) if hasattr(import_module(f"{__name__}.{m.name}"), "TABLES")
    )


def layout(name: str) -> Layout:
    """The layout of that name; Usage where there is none."""
    if name not in names():
        raise Usage(f"there is no layout called {name!r}", f"layouts: {', '.join(names())}")
    return cast("Layout", import_module(f"{__name__}.{name}"))
