"""Where the declarative files are: a workspace's own first, then the packaged ones, then a checkout's."""

from pathlib import Path

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
        if not path.resolve().is_relative_to(place.resolve()):
            raise Usage(f"{relative} leads out of {top}/", "name a file inside it")
        if path.exists():
            return path
    raise Usage(
        f"there is no {relative}", f"looked in {', '.join(str(p) for p in places(top, workspace)) or 'no folder'}"
    )


def names(folder: str, suffix: str, workspace: Path | None = None) -> list[str]:
    """Stems of all files with that suffix in a shelf's folder, e.g. every source."""
    top, _, rest = folder.partition("/")
    return sorted({p.stem for place in places(top, workspace) for p in (place / rest).glob(f"*{suffix}")})


def shadows(workspace: Path) -> list[str]:
    """Files of the workspace that stand in front of a shipped one of the same name."""
    shipped = [p for p in places("profiles") if not p.is_relative_to(workspace)]
    own = workspace / "profiles"
    files = (p.relative_to(own) for p in sorted(own.rglob("*")) if p.is_file())
    return [f"profiles/{f.as_posix()}" for f in files if any((place / f).exists() for place in shipped)]
