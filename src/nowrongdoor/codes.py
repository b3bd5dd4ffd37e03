"""Look a local code up: crosswalks as CSV files (`source,target,display[,system]`) that an analyst edits."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from hashlib import sha256
from pathlib import Path
from unicodedata import normalize

from nowrongdoor import shelf
from nowrongdoor.errors import Usage
from nowrongdoor.model import value

COLUMNS = ("source", "target", "display", "system")
TODO = "TODO"  # a target that a person still has to fill in
# R4's RelatedPerson.relationship: v3-RoleCode below _PersonalRelationshipRoleType; and who decides for somebody
_RELATIONS = """
ADOPTF ADOPTM ADOPTP AUNT BRO BROINLAW CHILD CHLDADOPT CHLDFOST CHLDINLAW COUSN DAU DAUADOPT DAUC DAUFOST DAUINLAW
DOMPART EXCEST EXT FAMMEMB FMRSPS FRND FTH FTHFOST FTHINLAW FTWIN FTWINBRO FTWINSIS GESTM GGRFTH GGRMTH GGRPRN GRFTH
GRMTH GRNDCHILD GRNDDAU GRNDSON GRPRN GUADLTM GUARD HBRO HSIB HSIS HUSB INLAW ITWIN ITWINBRO ITWINSIS MAUNT MCOUSN
MGGRFTH MGGRMTH MGGRPRN MGRFTH MGRMTH MGRPRN MTH MTHFOST MTHINLAW MUNCLE NBOR NBRO NCHILD NEPHEW NFTH NFTHF NIECE
NIENEPH NMTH NMTHF NPRN NSIB NSIS ONESELF PAUNT PCOUSN PGGRFTH PGGRMTH PGGRPRN PGRFTH PGRMTH PGRPRN POWATT PRN PRNFOST
PRNINLAW PUNCLE RESPRSN ROOM SIB SIBINLAW SIGOTHR SIS SISINLAW SON SONADOPT SONC SONFOST SONINLAW SPS STPBRO STPCHLD
STPDAU STPFTH STPMTH STPPRN STPSIB STPSIS STPSON TWIN TWINBRO TWINSIS UNCLE WIFE
"""
_CDC = (r"[0-9]{4}-[0-9]", "a CDC code such as 2106-3")
# kind of table → (what its targets look like, in words), unless the line names a code system of its own
_TARGETS: Mapping[str, tuple[str, str]] = {
    "race": _CDC,
    "ethnicity": _CDC,
    "language": ("[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?", "a BCP 47 tag such as es or zh-Hant"),
    "relation": ("|".join(_RELATIONS.split()), "a v3-RoleCode of a relationship, such as MTH"),
    "marital": ("[ACDILMPSTUW]", "a v3-MaritalStatus code, one of A C D I L M P S T U W"),
    "sex": ("male|female|other|unknown", "male, female, other or unknown"),
}
_TERMS = "http://terminology.hl7.org/CodeSystem/"
_STATES = "https://w3id.org/nowrongdoor/fhir/CodeSystem/referral-status"
# kind of table → code system of its targets, unless the line names one of its own. Of the other kinds the target is no
# code: it names an organization, or tells the layout what to do (answer, row_type).
SYSTEMS: Mapping[str, str] = {
    "race": "urn:oid:2.16.840.1.113883.6.238",
    "ethnicity": "urn:oid:2.16.840.1.113883.6.238",
    "language": "urn:ietf:bcp:47",
    "relation": f"{_TERMS}v3-RoleCode",
    "marital": f"{_TERMS}v3-MaritalStatus",
    "sex": "http://hl7.org/fhir/administrative-gender",
    "purpose": f"{_TERMS}v3-ActReason",
    "release_status": "http://hl7.org/fhir/consent-state-codes",
    "plan_status": "http://hl7.org/fhir/request-status",
    "goal_status": "http://hl7.org/fhir/goal-status",
    "problem_status": f"{_TERMS}condition-clinical",
    "urgency": "http://hl7.org/fhir/request-priority",
    "confidentiality": f"{_TERMS}v3-Confidentiality",
    "services": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "intervention_status": _STATES,
    "referral_status": _STATES,
    "auth_status": _STATES,
}

_HCPCS = re.compile("[A-Z][0-9]{4}([|].*)?")


@value
class CodeTable:
    """One crosswalk. `rows`: source code → (target, display, system); a target still TODO counts as not mapped.

    `file`: where a missing line belongs; `more`: digests of shared files behind it.
    """

    file: str
    digest: str
    rows: Mapping[str, tuple[str, str, str]]
    more: Mapping[str, str] = field(default_factory=dict)


def load_all(files: Sequence[str], workspace: Path | None = None, kind: str = "") -> CodeTable:
    """A source's own table first, shared ones behind it: where two know a code, the first decides."""
    own, *shared = (load(f, workspace, kind) for f in files)
    rows = dict(own.rows)
    for t in shared:
        rows = {**t.rows, **rows}
    return CodeTable(own.file, own.digest, rows, {t.file: t.digest for t in shared})


def load(file: str, workspace: Path | None = None, kind: str = "") -> CodeTable:
    """Read `profiles/codes/<file>` as a table of that kind ("race", "language", …).

    Raises Usage with file, line and cure for anything that is not such a table.
    """
    path = shelf.find(f"profiles/codes/{file}", workspace)
    if not path.is_file():
        raise Usage(f"codes/{file} is not a file", 'name a CSV of profiles/codes, for example "sex.csv"')
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Usage(f"codes/{file} is not UTF-8", "save it as CSV UTF-8") from None
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: dict[str, tuple[str, str, str]] = {}
    try:
        header = tuple(next(lines, ()))
        if header not in {COLUMNS, COLUMNS[:3]}:
            raise Usage(f"codes/{file} line 1: header is not {','.join(COLUMNS)}", "the last column may be left out")
        for cells in lines:
            if any(cells):
                _add(rows, cells, f"codes/{file} line {lines.line_num}", len(header), kind)
    except csv.Error:
        raise Usage(f"codes/{file} line {lines.line_num}: not readable as CSV", "look for a stray quote") from None
    return CodeTable(file, sha256(raw).hexdigest(), rows)


def _add(rows: dict[str, tuple[str, str, str]], cells: list[str], where: str, width: int, kind: str) -> None:
    if len(cells) != width:
        raise Usage(f"{where}: {len(cells)} cells, not {width}", "quote a display that holds a comma")
    source, target, display, system = (normalize("NFC", c).strip() for c in (*cells, "")[:4])
    if not source:
        raise Usage(f"{where}: no source code", "a blank cell is never looked up; delete the line")
    if source in rows:
        raise Usage(f"{where}: this source code stands twice", "keep one of the two lines")
    if target and target != TODO:
        shape, cure = _TARGETS.get(kind, ("", ""))
        if shape and not system and not re.fullmatch(shape, target):
            raise Usage(f"{where}: {target!r} is no target of a {kind}", f"write {cure}")
        rows[source] = (target, display, system)


def system_of(kind: str, target: str, named: str = "") -> str:
    """Code system of a line's target; "" where it is no code, or a service that stays the source's own word."""
    is_own = kind == "services" and not _HCPCS.fullmatch(target)
    return named or ("" if is_own else SYSTEMS.get(kind, ""))
