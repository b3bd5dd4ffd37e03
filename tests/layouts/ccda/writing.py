"""Invented documents: a header of ours, and the sections and entries that a test writes."""

import json

from nowrongdoor.files import xml
from nowrongdoor.layouts.ccda import statements

SNOMED, LOINC, T = "2.16.840.1.113883.6.96", "2.16.840.1.113883.6.1", "2.16.840.1.113883.10.20.22.4."
ASSERTION = '<code code="ASSERTION" codeSystem="2.16.840.1.113883.5.4"/>'


class Source:
    name, part2, programmes, timezone = "ccda", False, {}, "UTC"

    def __init__(self, **options):
        self.options = options

    def has_code(self, _):
        """What systems are called is as it is shipped."""
        return False


def document(*sections, mrn="P-1", head="", kind="34133-9", made="20260101120000+0000", number="D-1"):
    body = "".join(f"<component>{s}</component>" for s in sections)
    return f"""<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><id root="1.2.3" extension="{number}"/>
<code code="{kind}" codeSystem="{LOINC}"/><title>Summary</title><effectiveTime value="{made}"/>{head}
<recordTarget><patientRole><id root="1.2.3.4" extension="{mrn}"/><patient><name><given>Wanda</given>
<family>Wrapper</family></name></patient></patientRole></recordTarget>
<component><structuredBody>{body}</structuredBody></component></ClinicalDocument>"""


def section(code, *entries, text="", title="A section", more=""):
    words = f"<text>{text}</text>" if text else ""
    held = "".join(f"<entry>{e}</entry>" for e in entries)
    return f'<section><code code="{code}" codeSystem="{LOINC}"/>{more}<title>{title}</title>{words}{held}</section>'


def statement(tag, mood, *inner, template="", negated=False):
    named = f'<templateId root="{T}{template}"/>' if template else ""
    denied = ' negationInd="true"' if negated else ""
    return f'<{tag} moodCode="{mood}"{denied}>{named}{"".join(inner)}</{tag}>'


def id_(extension, root="1.2.9"):
    return f'<id root="{root}" extension="{extension}"/>'


def code(word, display="", element="code", system=SNOMED):
    kind = ' xsi:type="CD"' if element == "value" else ""
    return f'<{element}{kind} code="{word}" codeSystem="{system}" displayName="{display}"/>'


def status(word):
    return f'<statusCode code="{word}"/>'


def on(day):
    return f'<effectiveTime value="{day}"/>'


def hangs(link, inner):
    return f'<entryRelationship typeCode="{link}">{inner}</entryRelationship>'


def linked(extension):
    """An entry reference."""
    return statement("act", "EVN", id_(extension), template="122")


class Read:
    """What became of a document: `of(kind)` its resources, `fates` by row from 2."""

    def __init__(self, text, **options):
        self.document = statements(xml.parse(text.encode()), Source(**options), 0)
        self.fates = {t.origin.row: t.fate.name for t in self.document.told}
        self.rules = {issue.rule for _, issue in self.document.warnings}

    def facts(self, kind):
        return [f for f in self.document.facts if f.kind == kind]

    def of(self, kind):
        return [json.loads(f.resource) for f in self.facts(kind)]

    def keys(self, kind):
        return [f.id for f in self.facts(kind)]
