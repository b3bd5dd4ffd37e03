"""Every code that goes out with the package, of which system, with which words: read from all that is on the shelves.

JSON in any wrapping (Coding, ValueSet, CodeSystem, ConceptMap, JSON Schema made of them), code tables, FSH; in other
text what is written near a system's URL, and what by its shape alone is a code of somebody's.
"""

import csv
import gzip
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from nowrongdoor.codes import SYSTEMS

SHELVES = ("profiles", "fixtures", "src")
NOT_SHIPPED = {"__pycache__", "node_modules", "target"}
CPT, CDT = "http://www.ama-assn.org/go/cpt", "http://www.ada.org/cdt"
NUCC, VSAC = "http://nucc.org/provider-taxonomy", "http://cts.nlm.nih.gov/fhir/ValueSet/"
HCPCS, OWN_SERVICES = SYSTEMS["services"], "https://w3id.org/nowrongdoor/id/service/"
SHAPES = {  # what may be written in a text beside the URL of its system
    "http://loinc.org": "[0-9]{1,7}-[0-9]",
    "http://snomed.info/sct": "[0-9]{6,18}",
    CPT: "[0-9]{4}[0-9FTU]",
    "https://www.nubc.org/CodeSystem/": "[0-9]{2,4}",
    "https://x12.org/codes/": "[0-9A-Z]{1,3}",
}
_NEAR = 120  # characters
_URL = re.compile(r"https?://\S+|urn:\S+")
_ALIAS = re.compile(r"(?m)^Alias:\s*(\S+)\s*=\s*(\S+)")
_FSH = re.compile(r'(?<!\S)(\$[\w-]+|https?://[^\s#]+|urn:[^\s#]+)#([\w.-]+|"[^"]+")(?:[ \t]+"([^"]*)")?')
_QUOTED = r"""["'|#]({})["'|]?"""
_ALONE = {  # shapes that are nobody else's
    CDT: re.compile(r"(?<![\w.-])D[0-9]{4}(?![\w.-])"),
    NUCC: re.compile(r"(?<![\w.-])[0-9]{3}[0-9A-Z]{6}X(?![\w.-])"),
}


class Shipped(NamedTuple):
    """One code where it stands. `display`: words that came with it, "" for none."""

    system: str
    code: str
    display: str = ""
    file: str = ""


def everything(root: Path) -> Iterator[Shipped]:
    every = files(root)
    alias = dict(pair for path in every if path.suffix == ".fsh" for pair in _ALIAS.findall(path.read_text("utf-8")))
    for path in every:
        for found in in_file(path.name, path.read_bytes(), path.parent.name):
            where = {"system": alias.get(found.system, found.system), "file": path.relative_to(root).as_posix()}
            yield really(found._replace(**where))


def files(root: Path) -> list[Path]:
    every = (path for shelf in SHELVES for path in sorted((root / shelf).rglob("*")))
    return [p for p in every if p.is_file() and not any(map(_stays, p.relative_to(root).parts))]


def _stays(name: str) -> bool:
    return name in NOT_SHIPPED or name.startswith(".")


def in_file(name: str, raw: bytes, folder: str = "") -> Iterator[Shipped]:
    if name.endswith(".gz"):
        yield from in_file(name[:-3], gzip.decompress(raw), folder)
    elif name.endswith((".zip", ".xlsx")):
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            for member in packed.namelist():
                yield from in_file(member, packed.read(member), folder)
    elif name.endswith((".json", ".ndjson")):
        for text in raw.splitlines() if name.endswith(".ndjson") else [raw]:
            yield from in_json(json.loads(text))
    elif name.endswith(".csv") and folder == "codes":
        yield from in_table(raw.decode("utf-8-sig"))
    elif name.endswith(".fsh"):
        yield from in_fsh(raw.decode("utf-8"))
    else:
        yield from in_text(raw.decode("utf-8", "replace"))


def really(found: Shipped) -> Shipped:
    """A code of CPT or CDT is one, whatever system it is said to be of: HCPCS holds both, a county's own words may."""
    if found.system == HCPCS or found.system.startswith(OWN_SERVICES):
        for system, shape in ((CPT, SHAPES[CPT]), (CDT, "D[0-9]{4}")):
            if re.fullmatch(shape, found.code):
                return found._replace(system=system)
    return found


def in_json(node: object) -> Iterator[Shipped]:
    if isinstance(node, dict):
        yield from _here(node)
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from in_json(child)


def _here(node: Mapping[str, object]) -> Iterator[Shipped]:
    display = node.get("display")
    for system in filter(_URL.fullmatch, _said(node.get("system"))):
        yield from (Shipped(system, code, str(display or "")) for code in _said(node.get("code")))
    whole = node.get("url") if node.get("resourceType") == "CodeSystem" else node.get("system")
    if isinstance(whole, str):
        yield from _listed(whole, node)
    if node.get("resourceType") == "ValueSet" and str(node.get("url")).startswith(VSAC):
        yield from (found._replace(system=VSAC) for found in in_json({**node, "resourceType": ""}))
    if isinstance(node.get("element"), list):  # a group of a ConceptMap
        for element in node["element"]:
            if "source" in node:
                yield Shipped(str(node["source"]), str(element.get("code")), element.get("display", ""))
            for target in element.get("target", ()):
                yield Shipped(str(node.get("target")), str(target.get("code")), target.get("display", ""))
    for name, child in node.items():
        if _URL.fullmatch(name) and isinstance(child, list):
            yield from (Shipped(name, code) for code in child if isinstance(code, str))


def _listed(system: str, node: Mapping[str, object]) -> Iterator[Shipped]:
    for concept in node.get("concept", ()):
        yield Shipped(system, concept["code"], concept.get("display", ""))
        yield from _listed(system, concept)


def _said(node: object) -> list[str]:
    """A value, or the values that a JSON Schema allows."""
    if isinstance(node, dict):
        return [str(node["const"])] if "const" in node else [str(one) for one in node.get("enum", ())]
    return [node] if isinstance(node, str) else []


def in_table(text: str) -> Iterator[Shipped]:
    """A code table: what has the shape of a service code is one, on either side."""
    for source, target, display, *system in list(csv.reader(io.StringIO(text, newline="")))[1:]:
        for cell, named in ((source, ""), (target, "".join(system))):
            head = cell.partition("|")[0]
            if named or re.fullmatch("[A-Z][0-9]{4}|" + SHAPES[CPT], head):
                yield Shipped(named or HCPCS, head, display)


def in_fsh(text: str) -> Iterator[Shipped]:
    """Systems by their aliases, which another file may say."""
    for system, code, display in _FSH.findall(text):
        yield Shipped(system, code.strip('"'), display)


def in_text(text: str) -> Iterator[Shipped]:
    for system, shape in SHAPES.items():
        for at in re.finditer(re.escape(system), text):
            near = text[max(0, at.start() - _NEAR) : at.end() + _NEAR]
            yield from (Shipped(system, code) for code in re.findall(_QUOTED.format(shape), near))
    for system, shape in _ALONE.items():
        yield from (Shipped(system, code) for code in shape.findall(text))
