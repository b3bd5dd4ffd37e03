"""What FHIR and its profiles ask of a resource, read from the tables that are shipped, a type at a time.

A table is a zip of one package (`profiles/fhir/build` writes it): `index.json`, a JSON Schema for each definition, the
invariants of a type or profile that no schema says, and code systems. Only what a resource can reach is read.
"""

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from nowrongdoor.errors import Stop, Usage

Json = dict[str, Any]

_REF = re.compile(rb'"\$ref":"#/definitions/([^"]+)"')
_LOST = "run `pip install --force-reinstall nowrongdoor`, or in a checkout `python profiles/fhir/build`"
_FIRST = ("r4", "nowrongdoor", "us-core@6.1.0")  # whose profile is meant where a canonical names no version


class Profile(NamedTuple):
    """One profile that can be checked: its definition, the type it is about, the profile it is derived from.

    `context`: of an extension, the elements that it may extend; `modifier`: it changes what these mean.
    """

    url: str
    name: str
    type: str
    version: str
    base: str
    package: str
    context: tuple[str, ...] = ()
    modifier: bool = False


class Tables:
    """All packages in a folder. Raises `Stop` where one cannot be read, `Usage` for a name that there is not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, tuple[str, bytes]] = {}

    @cached_property
    def _packages(self) -> dict[str, list[Profile]]:
        """The profiles of each."""
        found = {path.stem: self._index(path.stem) for path in self.folder.glob("*.zip")}
        if "r4" not in found:
            raise Stop("the tables of FHIR R4 are not there", _LOST)
        rank = {name: n for n, name in enumerate(_FIRST)}
        return dict(sorted(found.items(), key=lambda item: (rank.get(item[0], len(rank)), item[0])))

    def _index(self, package: str) -> list[Profile]:
        with sound(package):
            index = self._member(package, "index.json")["profiles"]
            return [
                Profile(
                    url,
                    t["name"],
                    t["type"],
                    t["version"],
                    t["base"],
                    package,
                    context=tuple(t.get("context", ())),
                    modifier=t.get("modifier", False),
                )
                for url, t in index.items()
            ]

    @cached_property
    def types(self) -> frozenset[str]:
        """Every resource type of R4."""
        with sound("r4"):
            return frozenset(self._member("r4", "index.json")["types"])

    @cached_property
    def profiles(self) -> Mapping[str, Profile]:
        """By canonical URL with version, and without it for the first package that has it."""
        found: dict[str, Profile] = {}
        for profile in chain.from_iterable(self._packages.values()):
            found.setdefault(profile.url, profile)
            found.setdefault(f"{profile.url}|{profile.version}", profile)
        return found

    @cached_property
    def systems(self) -> Mapping[str, frozenset[str]]:
        """The codes of each code system that the packages carry whole, by its URL; of all its versions together."""
        found: dict[str, frozenset[str]] = {}
        for package in self._packages:
            with sound(package):
                for url, codes in self._member(package, "systems.json").items():
                    found[url] = found.get(url, frozenset()) | frozenset(codes)
        return found

    @cached_property
    def first(self) -> Json:
        """{"profiles": ours by type, "schema": one schema of them all}: what it takes is right."""
        if "nowrongdoor" not in self._packages:
            return {"profiles": {}}
        with sound("nowrongdoor"):
            told = self._member("nowrongdoor", "first.json")
            return {"profiles": dict(told["profiles"]), "schema": told["schema"]}

    def named(self, asked: str) -> tuple[Profile, ...]:
        """The profiles of a package (`us-core@7.0.0`), or the one of this canonical URL or id (`nwd-patient`)."""
        if asked in self.profiles:
            return (self.profiles[asked],)
        found = {p for p in self.profiles.values() if asked in {p.package, p.name} or p.url.endswith(f"/{asked}")}
        if asked not in self._packages:
            found = {p for p in found if self.profiles[p.url] is p}
        if not found:
            known = ", ".join(name for name, profiles in self._packages.items() if profiles)
            raise Usage(f"no package and no profile is called {asked}", f"name one of {known}, or a profile's URL")
        return tuple(sorted(found, key=lambda p: p.url))

    def lineage(self, profile: Profile) -> list[Profile]:
        """The profile, the one it is derived from, and so on, as far as they are here."""
        found = [profile]
        while (above := self.profiles.get(found[-1].base)) and above not in found:
            found.append(above)
        return found

    def definitions(self, names: Iterable[str]) -> Json:
        """These definitions, and all that they reach."""
        todo, found = list(names), {}
        while todo:
            name = todo.pop()
            if name not in found:
                package, raw = self._text(name)
                with sound(package):
                    found[name] = orjson.loads(raw)
                todo += [ref.decode() for ref in _REF.findall(raw)]
        return found

    def behind(self, definitions: Iterable[str]) -> list[str]:
        """The packages that these come from."""
        return sorted({self._text(name)[0] for name in definitions})

    def rules(self, name: str) -> list[Json]:
        """Invariants of a type or profile as they were stated in FHIRPath, where no schema says them."""
        for package in self._packages:
            if f"rules/{name}.json" in self._names(package):
                with sound(package):
                    rules: list[Json] = self._member(package, f"rules/{name}.json")["rules"]
                    return rules
        return []

    def _text(self, name: str) -> tuple[str, bytes]:
        """The package that has this definition, and its text."""
        if name not in self._read:
            member = f"definitions/{name}.json"
            package = next((p for p in self._packages if member in self._names(p)), "")
            if not package:
                raise Stop(f"the FHIR tables hold no {name}", _LOST)
            self._read[name] = package, self._bytes(package, member)
        return self._read[name]

    def _names(self, package: str) -> Mapping[str, zipfile.ZipInfo]:
        return self._zips[package].NameToInfo

    @cached_property
    def _zips(self) -> dict[str, zipfile.ZipFile]:
        return {}

    def _member(self, package: str, member: str) -> Json:
        with sound(package):
            told: Json = orjson.loads(self._bytes(package, member))
        return told

    def _bytes(self, package: str, member: str) -> bytes:
        try:
            if package not in self._zips:
                self._zips[package] = zipfile.ZipFile(self.folder / f"{package}.zip")
            return self._zips[package].read(member)
        except (OSError, KeyError, ValueError, EOFError, NotImplementedError, zlib.error, zipfile.BadZipFile) as error:
            raise Stop(f"the FHIR table {package}.zip cannot be read ({type(error).__name__})", _LOST) from error


@contextmanager
def sound(*packages: str) -> Iterator[None]:
    """What these hold is as it should be. Raises `Stop` where it turns out otherwise: no resource is to blame."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Stop(f"the FHIR table {' or '.join(f'{p}.zip' for p in packages)} is damaged", _LOST) from error
