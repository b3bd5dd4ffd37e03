"""The public documents as trees: whole ones as they are, stubs and fragments of HL7's examples inside a header of ours.

lxml only, nothing of the package: what is counted and expected here must not depend on what is tested. A piece is
parsed inside an element that declares the prefixes which it uses, and what is in no namespace is put into HL7's.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

V3 = "urn:hl7-org:v3"
CORPORA = {
    "ms": "ms-fhir-converter/data/SampleData/Ccda",
    "ccda-examples": "ccda-examples",
    "vendor": "vendor-ccda-r11",
    "synthea": "synthea-ca",
}
SUFFIXES = {".xml", ".ccda", ".ccd"}
STATEMENTS = {
    "act", "encounter", "observation", "observationMedia", "organizer", "procedure", "regionOfInterest",
    "substanceAdministration", "supply",
}  # fmt: skip  # the clinical statements of CDA R2
HOLDERS = {"entry", "entryRelationship", "component"}  # what a clinical statement hangs on

# An invented patient; no confidentialityCode, since a missing one is not N.
HEADER = """
<realmCode code="US"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
<templateId root="2.16.840.1.113883.10.20.22.1.1" extension="2015-08-01"/>
<id root="2.16.840.1.113883.19.5.99999.7" extension="WRAPPED"/>
<code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/><title>A wrapped example</title>
<effectiveTime value="20260101120000+0000"/><languageCode code="en-US"/>
<recordTarget><patientRole><id root="2.16.840.1.113883.19.5.99999.8" extension="P-1"/>
<addr><city>Salinas</city><state>CA</state></addr><telecom nullFlavor="UNK"/>
<patient><name use="L"><given>Wanda</given><family>Wrapper</family></name>
<administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19800102"/></patient>
</patientRole></recordTarget>
<custodian><assignedCustodian><representedCustodianOrganization>
<id root="2.16.840.1.113883.19.5.99999.9" extension="O-1"/><name>Wrapping Paper</name>
</representedCustodianOrganization></assignedCustodian></custodian>
"""
_OPEN = (
    '<{0} xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc" xmlns:voc="urn:hl7-org:v3/voc"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
)
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


def name(element: etree._Element) -> str:
    """Local name, "" for comments and processing instructions."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def kids(element: etree._Element, wanted: str) -> list[etree._Element]:
    return [child for child in element if name(child) == wanted]


def files(corpora: Path, corpus: str) -> list[Path]:
    folder = corpora / CORPORA[corpus]
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)


def parse(path: Path) -> etree._Element:
    """The root element; a piece that names undeclared prefixes or no namespace stands inside `<x>`.

    Raises XMLSyntaxError where the file is not well-formed even so (one of HL7's examples is not).
    """
    raw = path.read_bytes()
    try:
        root = etree.fromstring(raw, _PARSER)
    except etree.XMLSyntaxError:
        root = None
    if root is None or etree.QName(root).namespace != V3:
        body = re.sub(rb"<\?xml.*?\?>", b"", raw.removeprefix(b"\xef\xbb\xbf"))
        root = etree.fromstring(_OPEN.format("x").encode() + body + b"</x>", _PARSER)
    return root


def kind(root: etree._Element) -> str:
    """whole: a document with a patient · stub: a ClinicalDocument without · fragment: sections · piece: any other."""
    document = _document(root)
    if document is not None:
        return "whole" if kids(document, "recordTarget") else "stub"
    return "fragment" if _sections(root) else "piece"


def document(path: Path) -> etree._Element | None:
    """The ClinicalDocument of a file, wrapped if it must be; None for a piece, which no header makes a document."""
    root = parse(path)
    found = _document(root)
    if found is not None and kids(found, "recordTarget"):
        return found
    body = "".join(_text(c) for c in found if name(c) == "component") if found is not None else _body(_sections(root))
    if not body:
        return None
    return etree.fromstring(f"{_OPEN.format('ClinicalDocument')}{HEADER}{body}</ClinicalDocument>".encode(), _PARSER)


def _document(root: etree._Element) -> etree._Element | None:
    if name(root) == "ClinicalDocument":
        return root
    inside = kids(root, "ClinicalDocument")
    return inside[0] if inside else None


def _sections(root: etree._Element) -> list[etree._Element]:
    """Outermost sections of a fragment, in document order."""
    if name(root) == "section":
        return [root]
    found: list[etree._Element] = []
    for child in root:
        if name(child) in {"component", "section", "structuredBody"}:
            found += _sections(child)
    return found


def _body(sections: list[etree._Element]) -> str:
    inner = "".join(f"<component>{_text(section)}</component>" for section in sections)
    return f"<component><structuredBody>{inner}</structuredBody></component>" if inner else ""


def _text(element: etree._Element) -> str:
    return etree.tostring(element, encoding="unicode", with_tail=False)


def xpath(element: etree._Element) -> str:
    """Position of an element by local names: /ClinicalDocument/component[1]/structuredBody[1]/…"""
    steps: list[str] = []
    while (parent := element.getparent()) is not None and name(parent) != "x":
        before = sum(1 for s in element.itersiblings(preceding=True) if name(s) == name(element))
        steps.append(f"{name(element)}[{before + 1}]")
        element = parent
    return "/".join(["", name(element), *reversed(steps)])


def find(root: etree._Element, path: str) -> etree._Element | None:
    """The element at a path that `xpath` gives; None where there is none."""
    _, first, *steps = path.split("/")
    at: etree._Element | None = root if name(root) == first else None
    for step in steps:
        if at is None:
            return None
        word, _, number = step.rstrip("]").partition("[")
        same = kids(at, word)
        at = same[int(number) - 1] if len(same) >= int(number) else None
    return at


def sections(root: etree._Element) -> Iterator[etree._Element]:
    return (e for e in root.iter() if name(e) == "section")


def statements(root: etree._Element) -> Iterator[etree._Element]:
    """Every clinical statement below an entry, nested ones too: the entries that a ledger accounts for."""
    return (e for e in root.iter() if name(e) in STATEMENTS and name(e.getparent()) in HOLDERS)


def templates(element: etree._Element) -> list[str]:
    """Roots of the templates that a statement names, once each."""
    return list(dict.fromkeys(t.get("root", "") for t in kids(element, "templateId")))
