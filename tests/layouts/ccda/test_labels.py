"""Words of caution hold for all that stands in what carries them, and nothing that was said is taken for less."""

import pytest

from nowrongdoor.files import xml
from nowrongdoor.layouts.ccda import labels
from nowrongdoor.layouts.ccda.tree import V3, Notes

SYSTEM = 'codeSystem="2.16.840.1.113883.5.25"'


def security(value, code="SECCONOBS"):
    return (
        f'<observation classCode="OBS" moodCode="EVN"><code code="{code}"/>'
        f'<value xsi:type="CE" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" code="{value}"/></observation>'
    )


def carried(header="", section="", entry=""):
    """({word: labels} of document, section, entry; rules told)."""
    root = xml.parse(
        f'<ClinicalDocument xmlns="urn:hl7-org:v3">{header}<recordTarget/><component><section>{section}'
        f"<entry><act>{entry}</act></entry></section></component></ClinicalDocument>".encode()
    )
    notes = Notes(root)
    document = labels.of(root, (), notes)
    inside = labels.of(next(root.iter(V3 + "section")), document, notes)
    deepest = labels.of(next(root.iter(V3 + "act")), inside, notes)
    return (document, inside, deepest), [issue.rule for _, issue in notes.issues]


def confidentiality(code, system=SYSTEM):
    return f'<confidentialityCode code="{code}" {system}/>'


@pytest.mark.parametrize(
    ("document", "section", "entry", "expected"),
    [
        ("N", "", "", (("N",), ("N",), ("N",))),
        ("N", "R", "", (("N",), ("R",), ("R",))),
        ("N", "", "V", (("N",), ("N",), ("V",))),
        ("V", "N", "R", (("V",), ("V",), ("V",))),
        ("R", "L", "U", (("R",), ("R",), ("R",))),
        ("", "", "", ((), (), ())),
        ("", "M", "", ((), ("M",), ("M",))),
    ],
)
def test_the_most_restrictive_of_the_path(document, section, entry, expected):
    told = [confidentiality(code) if code else "" for code in (document, section, entry)]
    assert (expected, []) == carried(*told)


@pytest.mark.parametrize(
    ("header", "expected", "rules"),
    [
        ('<confidentialityCode code="N"/>', ("N",), []),
        ('<confidentialityCode nullFlavor="UNK"/>', (), ["label"]),
        (f"<confidentialityCode {SYSTEM}/>", (), ["label"]),
        ('<confidentialityCode nullFlavor="MSK"/>', ("R",), []),
        (confidentiality("N", 'codeSystem="1.3.6.1.4.1.21367.100.1"'), ("R",), ["label"]),
        (confidentiality("V", 'codeSystem="1.3.6.1.4.1.21367.100.1"'), ("V",), ["label"]),
        (confidentiality("SECRET"), ("R",), ["label"]),
        (confidentiality("PSY"), ("PSY",), []),
    ],
)
def test_a_code_that_is_missing_is_no_label_and_one_that_is_strange_restricts(header, expected, rules):
    (document, _, entry), told = carried(header)
    assert (expected, expected, rules) == (document, entry, told)


def test_a_ban_on_redisclosure_in_a_section_holds_for_all_in_it():
    organizer = f"<entry><organizer><component>{security('NORDSCLCD')}</component></organizer></entry>"
    assert (((), ("R",), ("R",)), ["label"]) == carried(section=organizer)


def test_a_security_observation_of_an_entry_is_about_that_entry():
    organizer = f"<organizer><component>{security('HIV', 'SECCATOBS')}</component></organizer>"
    assert (((), (), ("HIV",)), []) == carried(entry=f"<entryRelationship>{organizer}</entryRelationship>")


def test_a_class_of_security_joins_the_others():
    inner = f"<entryRelationship>{security('R', 'SECCLASSOBS')}</entryRelationship>"
    assert ((("N",), ("N",), ("R",)), []) == carried(confidentiality("N"), entry=inner)


def test_another_observation_is_no_label():
    assert (((), (), ()), []) == carried(entry=f"<entryRelationship>{security('HIV', 'ASSERTION')}</entryRelationship>")


def test_what_is_masked_is_restricted_where_it_stands():
    assert (((), (), ("R",)), []) == carried(entry='<code nullFlavor="MSK"/>')
    assert (((), ("R",), ("R",)), []) == carried(section='<title nullFlavor="MSK"/>')
    assert ((("R",), ("R",), ("R",)), []) == carried('<custodian><id nullFlavor="MSK"/></custodian>')


def test_words_that_hold_together_stand_side_by_side():
    assert ("42CFRPart2", "R", "SUD") == labels.merged(["N", "SUD", "R", "42CFRPart2", "SUD"])
    assert () == labels.merged([])
