"""Where the declarative files are: a workspace's own first, then the packaged ones, then a checkout's."""

import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from nowrongdoor.errors import Usage

_HERE = Path(__file__).resolve().parent


def places(name: str, workspace: Path | None = None) -> list[Path]:
    """Folders called `name` ("profiles" or "fixtures") that exist, nearest first."""
    own = [workspace / name] if workspace else []
    return [p for p in (*own, _HERE / "_data" / name, _HERE.parents[1] / name) if p.is_dir()]


def find(relative: str, workspace: Path | None = None) -> Path:
    """The nearest file or folder of that name below a shelf, e.g. "profiles/codes/sex.csv".

    Raises Usage where there is none, or where the name climbs out of the shelf.
    """
    top, _, rest = relative.partition("/")
    for place in places(top, workspace):
        path = place / rest
        try:
            if not path.resolve().is_relative_to(place.resolve()):
                raise Usage(f"{relative} leads out of {top}/", "name a file inside it")
            if path.exists():
                return path
        except (OSError, ValueError):  # too long, or with a NUL in it
            raise Usage(f"{relative[:80]!r} is no name of a file", f"name a file of {top}/") from None
    raise Usage(
        f"there is no {relative}", f"looked in {', '.join(str(p) for p in places(top, workspace)) or 'no folder'}"
    )


def names(folder: str, suffix: str, workspace: Path | None = None) -> list[str]:
    """Stems of all files with that suffix in a shelf's folder, e.g. every source."""
    top, _, rest = folder.partition("/")
    return sorted({p.stem for place in places(top, workspace) for p in (place / rest).glob(f"*{suffix}")})


def toml(path: Path, called: str) -> tuple[bytes, dict[str, Any]]:
    """(bytes, tables) of a TOML. Raises Usage, with the file as `called`, for whatever cannot be read as one."""
    try:
        raw = path.read_bytes()
        return raw, tomllib.loads(raw.decode("utf-8-sig"))
    except OSError as e:
        raise Usage(f"{called} cannot be read: {e.strerror}", "make it a file that you may read") from None
    except RecursionError:
        raise Usage(f"{called} is not TOML: too deeply nested", "take the lists out of each other") from None
    except ValueError as e:  # what is no TOML, no UTF-8, or a number longer than Python reads
        raise Usage(f"{called} is not TOML: {e}", "correct that line") from None


def nearest(word: str, among: Iterable[str], otherwise: str = "") -> str:
    """A cure for a name that there is not: the one that was perhaps meant, else what to do otherwise."""
    close = get_close_matches(word, among, 1)
    return f'did you mean "{close[0]}"?' if close else otherwise


def shadows(workspace: Path) -> list[str]:
    """Files of the workspace that stand in front of a shipped one of the same name."""
    shipped = [p for p in places("profiles") if not p.is_relative_to(workspace)]
    own = workspace / "profiles"
    files = (p.relative_to(own) for p in sorted(own.rglob("*")) if p.is_file())
    return [f"profiles/{f.as_posix()}" for f in files if any((place / f).exists() for place in shipped)]
