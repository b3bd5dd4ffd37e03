"""What one of our FHIR profiles asks of a resource, element by element, and which columns that comes from.

Read from the profile's StructureDefinition: shown are the elements that the profile itself says something about, and
those that we fill (they have a `columns` mapping).
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nowrongdoor import shelf
from nowrongdoor.errors import Usage

Json = dict[str, Any]

_FOLDER = "profiles/fhir/generated"
_FILE = "StructureDefinition-"
_VALUE = re.compile(r"(?:fixed|pattern)[A-Z]")


def page(name: str, workspace: Path | None = None) -> Json:
    """The profile called nwd-patient or Patient, as JSON values. Raises Usage for a name that none has."""
    known = [n.removeprefix(_FILE) for n in shelf.names(_FOLDER, ".json", workspace) if n.startswith(_FILE)]
    plain = name.lower().replace("-", "")
    id_ = next((n for n in known if n.replace("-", "") in {plain, f"nwd{plain}"}), "")
    if not id_:
        raise Usage(
            f"there is no profile {name!r}", shelf.nearest(f"nwd-{name}", known) or f"one of {', '.join(known)}"
        )
    structure = _read(f"{_FILE}{id_}", workspace)
    return {
        "profile": id_, "url": structure["url"], "title": structure["title"], "type": structure["type"],
        "parent": structure["baseDefinition"], "description": structure["description"],
        "elements": list(_elements(structure, workspace)),
    }  # fmt: skip


def _read(stem: str, workspace: Path | None) -> Json:
    try:
        found: Json = json.loads(shelf.find(f"{_FOLDER}/{stem}.json", workspace).read_text("utf-8"))
    except ValueError:
        raise Usage(f"{stem}.json cannot be read as JSON", "make it again, or remove it from the workspace") from None
    return found


def _elements(structure: Json, workspace: Path | None) -> Iterator[Json]:
    own = {e["id"]: e for e in structure["differential"]["element"]}
    shown: dict[str, Json] = {}
    for element in structure["snapshot"]["element"][1:]:
        if element["id"] in own:
            at, _, child = element["id"].rpartition(".")
            told = _element(element, own[element["id"]], workspace)
            if (
                at in shown
                and ":" in at.rpartition(".")[2]
                and (told["is"] or not told["binding"])
                and not told["from"]
            ):
                shown[at]["is"] += [f"{child} {said}" for said in told["is"]]  # part of what tells the slice apart
            elif told["from"] or own[element["id"]].keys() - {"id", "path", "slicing"}:
                shown[element["id"]] = told
    yield from shown.values()


def _element(element: Json, own: Json, workspace: Path | None) -> Json:
    return {
        "element": element["id"].partition(".")[2],
        "cardinality": f"{element['min']}..{element['max']}",
        "types": [_type(t) for t in element.get("type", ())],
        "says": element.get("short", "").removeprefix("(USCDI) "),
        "more": own.get("comment", ""),
        "is": [_said(v) for k, v in element.items() if _VALUE.match(k)],
        "binding": _binding(element.get("binding"), workspace),
        "rules": {c["key"]: c["human"] for c in own.get("constraint", ())},
        "from": next((m["map"] for m in element.get("mapping", ()) if m["identity"] == "columns"), ""),
    }


def _type(told: Json) -> str:
    """Reference(Organization, Practitioner), Extension(us-core-race), or the name of the type."""
    within = [url.rpartition("/")[2] for url in told.get("targetProfile") or told.get("profile") or ()]
    name: str = told["code"].rpartition("/")[2].removeprefix("System.")
    return f"{name}({', '.join(within)})" if within else name


def _said(value: Any) -> str:
    """A fixed or pattern value in one line: codes as system#code."""
    if not isinstance(value, Mapping):
        return str(value)
    if "coding" in value:
        return ", ".join(map(_said, value["coding"]))
    if "code" in value:
        return f"{value.get('system', '').rpartition('/')[2]}#{value['code']}"
    return ", ".join(f"{name} {_said(part)}" for name, part in value.items())


def _binding(binding: Json | None, workspace: Path | None) -> Json:
    """Strength and value set; of one of ours, its codes too."""
    if not binding or "valueSet" not in binding:
        return {}
    url = binding["valueSet"].partition("|")[0]
    id_ = url.rpartition("/")[2]
    ours = "nowrongdoor" in url and f"ValueSet-{id_}" in shelf.names(_FOLDER, ".json", workspace)
    codes = list(_codes(_read(f"ValueSet-{id_}", workspace), workspace)) if ours else []
    return {"strength": binding["strength"], "value_set": url, "codes": codes}


def _codes(value_set: Json, workspace: Path | None) -> Iterator[str]:
    for include in value_set["compose"]["include"]:
        concepts = include.get("concept")
        for other in include.get("valueSet", ()):
            yield from _codes(_read(f"ValueSet-{other.rpartition('/')[2]}", workspace), workspace)
        if concepts is None and "system" in include:
            concepts = _read(f"CodeSystem-{include['system'].rpartition('/')[2]}", workspace)["concept"]
        yield from (c["code"] for c in concepts or ())


def columns(said: Json, of: str) -> dict[str, list[Json]]:
    """What `explain` found of a source, turned round: each element of that type with the columns that move it."""
    found: dict[str, list[Json]] = {}
    for table in said["tables"]:
        for c in table["columns"]:
            told = {"table": table["table"], "column": c["column"], "header": c["header"]}
            for element in c["elements"]:
                if element.startswith(f"{of}."):
                    found.setdefault(element, []).append(told)
    return dict(sorted(found.items()))
