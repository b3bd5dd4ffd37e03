"""Values of a clinical document become FHIR values as HL7's guide says, and what is wrong becomes an issue."""

import pytest

from layouts.ccda.piece import OPEN, read
from nowrongdoor import codes, shelf
from nowrongdoor.files import xml
from nowrongdoor.layouts.ccda import contacts, oids, times, values
from nowrongdoor.layouts.ccda.tree import Notes, kid

LOINC, SNOMED = "2.16.840.1.113883.6.1", "2.16.840.1.113883.6.96"


# moments -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("2013", "2013"),
        ("201308", "2013-08"),
        ("20130801", "2013-08-01"),
        ("20130801-0500", "2013-08-01"),
        ("201308010500-0800", "2013-08-01T05:00:00-08:00"),
        ("20130801050059Z", "2013-08-01T05:00:59Z"),
        ("20130801050059+0000", "2013-08-01T05:00:59+00:00"),
        ("19540323000000.000-0600", "1954-03-23T00:00:00.000-06:00"),
        ("20160229", "2016-02-29"),
        ("20130801000000", "2013-08-01"),  # midnight without a zone: a padded day, nothing is lost
        ("", ""),
    ],
)
def test_precision_is_kept_and_nothing_is_added(stamp, expected):
    assert (expected, []) == read(f'<t value="{stamp}"/>', times.ts)


@pytest.mark.parametrize(
    ("stamp", "expected", "rule"),
    [
        ("20130801113000", "2013-08-01", "ccda-zone"),
        ("2013080111-0500", "2013-08-01", "ccda-zone"),  # an hour has no minutes, and FHIR wants them
        ("20130801113000-500", "2013-08-01", "ccda-zone"),
        ("20130801113000-1500", "2013-08-01", "ccda-zone"),
        ("201308012460-0500", "2013-08-01", "D32"),
        ("20130230", "", "D32"),
        ("20150229", "", "D32"),
        ("201308011", "", "ccda-date"),
        ("2013-08-01", "", "ccda-date"),
        ("YYYYMMDD", "", "ccda-date"),
        ("-08", "", "ccda-date"),
        ("٢٠١٣٠٨٠١", "", "ccda-date"),
        ("000000", "", "D39"),
        ("000101", "", "D39"),
        ("00010101000000", "", "D39"),
        ("1900", "", "D39"),
        ("19000101000000", "", "D39"),
        ("99991231", "", "D39"),
    ],
)
def test_a_stamp_that_is_odd_is_cut_or_left_out_and_told(stamp, expected, rule):
    assert (expected, [rule]) == read(f'<t value="{stamp}"/>', times.ts)


def test_a_stamp_in_the_place_of_a_reason_is_read_and_told():
    assert ("2011-03-01", ["ccda-null-date"]) == read('<t nullFlavor="20110301000000"/>', times.ts)
    assert ("", []) == read('<t nullFlavor="UNK"/>', times.ts)


def test_of_a_birth_only_the_day_is_asked_so_that_no_zone_is_missed():
    assert ("1954-03-23", []) == read('<t value="195403231130"/>', times.date)


@pytest.mark.parametrize(
    ("inner", "expected", "rules"),
    [
        ('<low value="20130801"/><high value="20130831"/>', {"start": "2013-08-01", "end": "2013-08-31"}, []),
        ('<low value="20130801"/><high nullFlavor="UNK"/>', {"start": "2013-08-01"}, []),
        (
            '<low inclusive="false" value="20130801"/><high inclusive="false" value="20130831"/>',
            {"start": "2013-08-02", "end": "2013-08-30"},
            [],
        ),
        ('<low value="20130801"/><width value="2" unit="wk"/>', {"start": "2013-08-01", "end": "2013-08-15"}, []),
        ('<low value="20130801"/><width value="2" unit="mo"/>', {"start": "2013-08-01"}, ["ccda-interval"]),
        ('<center value="20130801"/>', {}, ["ccda-interval"]),
        ('<low value="20130801"/><high value="20120801"/>', {"start": "2013-08-01"}, ["per-1"]),
        ('<low value="20130801"/><high value="201308"/>', {"start": "2013-08", "end": "2013-08"}, ["per-1"]),
        ('<low value="20130801"/><high value="201309"/>', {"start": "2013-08-01", "end": "2013-09"}, []),
        (
            '<low value="201308011000-0500"/><high value="20130801"/>',
            {"start": "2013-08-01", "end": "2013-08-01"},
            ["per-1"],
        ),
        (
            '<low value="201308011000-0500"/><high value="201308010900-0800"/>',
            {"start": "2013-08-01T10:00:00-05:00", "end": "2013-08-01T09:00:00-08:00"},
            [],
        ),
    ],
)
def test_a_span_is_a_period(inner, expected, rules):
    assert (expected, rules) == read(f"<t>{inner}</t>", times.ivl)


def test_a_single_value_is_a_moment_and_no_span():
    assert ({}, []) == read('<t value="20130801"/>', times.ivl)
    assert ("2013-08-01", []) == read('<t value="20130801"/>', times.moment)
    assert ("2013-08-02", []) == read('<t><low value="20130802"/></t>', times.moment)


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ('value="8" unit="h"', {"repeat": {"frequency": 1, "period": 8, "periodUnit": "h"}}),
        ('value="1.5" unit="d"', {"repeat": {"frequency": 1, "period": 1.5, "periodUnit": "d"}}),
        ('value="8" unit="moon"', {}),
        ('value="0" unit="h"', {}),
    ],
)
def test_every_so_often_is_a_timing(period, expected):
    assert (expected, []) == read(f"<t><period {period}/></t>", lambda e, _: times.pivl(e))


# codes ---------------------------------------------------------------------


def test_a_code_with_translations_keeps_each_once_and_the_words_it_was_chosen_for():
    made, rules = read(
        f'<code code=" 57133-1 " codeSystem="{LOINC}" displayName="Referral note"><originalText>Sent  on</originalText>'
        f'<translation code="1" codeSystem="1.2.3"/><translation code="57133-1" codeSystem="{LOINC}"/></code>',
        values.cd,
    )
    first = {"system": "http://loinc.org", "code": "57133-1", "display": "Referral note"}
    assert {"coding": [first, {"system": "urn:oid:1.2.3", "code": "1"}], "text": "Sent on"} == made
    assert [] == rules


def test_a_null_code_gives_its_translation_and_no_code_is_invented():
    translated = f'<v nullFlavor="OTH"><translation code="111" codeSystem="{SNOMED}"/></v>'
    assert {"coding": [{"system": "http://snomed.info/sct", "code": "111"}]} == read(translated, values.cd)[0]
    assert {"text": "as told"} == read('<v nullFlavor="OTH"><originalText>as told</originalText></v>', values.cd)[0]
    assert (None, []) == read('<v nullFlavor="UNK"/>', values.cd)


@pytest.mark.parametrize("system", ["", 'codeSystem="CPT"', 'codeSystemName="LOINC"'])
def test_a_code_without_a_system_keeps_only_its_text(system):
    assert ({"text": "Walk"}, ["ccda-code-system"]) == read(f'<v code="77" displayName="Walk" {system}/>', values.cd)
    assert ({"text": "77"}, ["ccda-code-system"]) == read(f'<v code="77" {system}/>', values.cd)


@pytest.mark.parametrize(
    ("original", "expected", "rules"),
    [
        ('<reference value="#a"/>', "Walks daily , alone", []),
        ('<reference value="a"/>', "Walks daily , alone", []),
        ('Daily <reference value="#a"/>', "Daily Walks daily , alone", []),
        ('<reference value="#none"/>', "Walk", ["ccda-reference"]),
        ('told<reference value="#none"/>', "told", ["ccda-reference"]),
    ],
)
def test_original_text_is_found_in_the_narrative_or_told_to_be_missing(original, expected, rules):
    told = "<text><table><tr ID='a'><td>Walks <content>da</content>ily</td><td>, alone</td></tr></table></text>"
    piece = f'{told}<v displayName="Walk"><originalText>{original}</originalText></v>'
    assert ({"text": expected}, rules) == read(piece, values.cd)


def test_an_oid_has_a_canonical_system_by_the_table_or_stays_one():
    table = oids.shipped()
    assert "http://loinc.org" == oids.system(LOINC, table)
    assert "http://terminology.hl7.org/CodeSystem/v3-ActCode" == oids.system("2.16.840.1.113883.5.4", table)
    assert "urn:oid:2.16.840.1.113883.1.11.19830" == oids.system("2.16.840.1.113883.1.11.19830", table)
    assert "" == oids.system("SNOMED", table)
    assert "urn:x" == oids.system("1.2", {"1.2": ("urn:x",)})


def test_the_table_has_oids_on_one_side_and_uris_on_the_other():
    rows = codes.load("oids.csv").rows
    assert [] == [root for root in rows if not oids.OID.fullmatch(root)]
    assert [] == [s for s, _, _ in rows.values() if not s.startswith(("http://", "https://", "urn:oid:"))]
    listed = shelf.find("profiles/codes/oids.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert listed == sorted(listed, key=lambda line: [int(n) for n in line.partition(",")[0].split(".")])


# what is not there ---------------------------------------------------------


@pytest.mark.parametrize(
    ("flavor", "reason"),
    [("NI", "unknown"), ("UNK", "unknown"), ("ASKU", "asked-unknown"), ("NASK", "not-asked"), ("NAV", "temp-unknown"),
     ("MSK", "masked"), ("OTH", "unsupported"), ("NA", "not-applicable"), ("PINF", "positive-infinity"),
     ("QS", "unknown"), ("20120101", ""), ("", "")],
)  # fmt: skip
def test_why_there_is_no_value(flavor, reason):
    assert reason == read(f'<v nullFlavor="{flavor}"/>', lambda e, _: values.null(e))[0]


def test_what_stands_where_a_required_value_does_not():
    made, _ = read('<v nullFlavor="MSK"/>', lambda e, _: values.absent(e))
    assert {"extension": [{"url": values.DATA_ABSENT, "valueCode": "masked"}]} == made


@pytest.mark.parametrize(("told", "expected"), [("true", True), ("1", True), ("false", False), ("", False)])
def test_a_negated_statement_is_told_from_others(told, expected):
    assert expected == read(f'<v negationInd="{told}"/>', lambda e, _: values.negated(e))[0]


@pytest.mark.parametrize(
    ("code", "table", "expected", "rules"),
    [
        ("aborted", values.REQUEST_STATUS, "revoked", []),
        ("Active", values.REQUEST_STATUS, "active", []),
        ("", values.REQUEST_STATUS, "unknown", []),
        ("ordered", values.REQUEST_STATUS, "unknown", ["ccda-status"]),
        ("new", values.GOAL_STATUS, "proposed", []),
        ("", values.GOAL_STATUS, "", []),
        ("ordered", values.GOAL_STATUS, "", ["ccda-status"]),
        ("completed", values.OBSERVATION_STATUS, "final", []),
    ],
)
def test_status_by_table_and_no_status_is_made_up(code, table, expected, rules):
    read_status = lambda e, notes: values.status(e, table, notes)  # noqa: E731 - one line of a test
    assert (expected, rules) == read(f'<act><statusCode code="{code}"/></act>', read_status)


# identifiers ---------------------------------------------------------------

UUID = "67265ED2-35BB-43F8-B9DE-91C5935625E0"


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('root="1.2.3" extension="A-1"', {"system": "urn:oid:1.2.3", "value": "A-1"}),
        ('root="1.2.3"', {"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.3"}),
        (f'root="{UUID}"', {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{UUID.lower()}"}),
        (f'root="{UUID}" extension="A"', {"system": f"urn:uuid:{UUID.lower()}", "value": "A"}),
        ('root="2.16.840.1.113883.4.873" extension="http://x.org/1"',
         {"system": "urn:ietf:rfc:3986", "value": "http://x.org/1"}),
        ('root="2.16.840.1.113883.4.6" extension="1234567893"',
         {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}),
        (f'root="{SNOMED}" extension="1"', {"system": f"urn:oid:{SNOMED}", "value": "1"}),
        ('root="2.16.840.1.113883.4.6"', None),
        ('root="2.16.840.1.113883.4.1" extension="000-00-0000"', None),
        ('root="1.2.3" extension="A" nullFlavor="NA"', None),
        ('nullFlavor="NI"', None),
        ('root="here"', None),
    ],
)  # fmt: skip
def test_an_id_is_an_identifier(attributes, expected):
    assert (expected, []) == read(f"<id {attributes}/>", values.ii)


def test_a_root_that_names_no_system_is_said_to_be_unknown():
    made, _ = read('<id root="here" extension="A" assigningAuthorityName="Us"/>', values.ii)
    assert ("A", {"display": "Us"}) == (made["value"], made["assigner"])
    assert "unknown" == made["_system"]["extension"][0]["valueCode"]


def test_an_npi_that_fails_its_check_is_not_written_and_still_tells_apart():
    piece = '<id root="2.16.840.1.113883.4.6" extension="1234567890"/>'
    assert (None, ["npi-check"]) == read(piece, values.ii)
    assert "2.16.840.1.113883.4.6^1234567890" == read(piece, lambda e, _: values.ii_key(e))[0]


def test_a_social_security_number_is_written_only_where_the_deployment_says_so():
    piece = '<id root="2.16.840.1.113883.4.1" extension="000-00-0000"/>'
    assert None is read(piece, values.ii)[0]
    assert {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "000-00-0000"} == read(piece, values.ii, ssn=True)[0]


def test_one_number_is_one_key_with_and_without_hyphens():
    both = [f'<id root="2.16.840.1.113883.4.1" extension="{n}"/>' for n in ("000-00-0000", "000000000")]
    assert 1 == len({read(piece, lambda e, _: values.ii_key(e))[0] for piece in both})
    assert UUID.lower() == read(f'<id root="{UUID}"/>', lambda e, _: values.ii_key(e))[0]


def test_ids_are_given_once_each():
    piece = (
        '<act><id nullFlavor="NI"/><id root="1.2" extension="a"/><id root="1.2" extension="a"/><id root="1.3"/></act>'
    )
    made, _ = read(piece, values.ids)
    assert ["a", "urn:oid:1.3"] == [one["value"] for one in made]
    assert "1.2^a" == read(piece, lambda e, _: values.key(e))[0]


# numbers and the rest ------------------------------------------------------


@pytest.mark.parametrize(
    ("piece", "expected"),
    [
        ('<v xsi:type="PQ" value="7.10" unit="mg/dL"/>',
         ("valueQuantity", {"value": 7.1, "unit": "mg/dL", "system": values.UCUM, "code": "mg/dL"})),
        ('<v xsi:type="PQ" nullFlavor="OTH"><translation value="5"><originalText>sips</originalText></translation></v>',
         ("valueQuantity", {"value": 5, "unit": "sips"})),
        ('<v xsi:type="IVL_PQ"><low value="1"/><high value="2"/></v>',
         ("valueRange", {"low": {"value": 1}, "high": {"value": 2}})),
        ('<v xsi:type="IVL_PQ"><low value="0"/><high value="2"/></v>',
         ("valueQuantity", {"value": 2, "comparator": "<="})),
        ('<v xsi:type="IVL_PQ"><high inclusive="false" value="2"/></v>',
         ("valueQuantity", {"value": 2, "comparator": "<"})),
        ('<v xsi:type="IVL_PQ"><low value="92" unit="%"/><high nullFlavor="PINF"/></v>',
         ("valueQuantity", {"value": 92, "unit": "%", "system": values.UCUM, "code": "%", "comparator": ">="})),
        ('<v xsi:type="IVL_PQ"><low inclusive="false" value="3"/></v>',
         ("valueQuantity", {"value": 3, "comparator": ">"})),
        ('<v xsi:type="INT" value="12"/>', ("valueInteger", 12)),
        ('<v xsi:type="INT" value="1.5"/>', ("valueQuantity", {"value": 1.5})),
        ('<v xsi:type="REAL" value="-0.5"/>', ("valueQuantity", {"value": -0.5})),
        ('<v xsi:type="BL" value="false"/>', ("valueBoolean", False)),
        ('<v xsi:type="BL" value="perhaps"/>', None),
        ('<v xsi:type="TS" value="20130801"/>', ("valueDateTime", "2013-08-01")),
        ('<v xsi:type="IVL_TS"><low value="2013"/></v>', ("valuePeriod", {"start": "2013"})),
        ('<v xsi:type="ST">  never  smoked </v>', ("valueString", "never smoked")),
        ('<v xsi:type="n:CD" xmlns:n="urn:hl7-org:v3" code="1" codeSystem="1.2"/>',
         ("valueCodeableConcept", {"coding": [{"system": "urn:oid:1.2", "code": "1"}]})),
        ('<v code="1" codeSystem="1.2"/>',
         ("valueCodeableConcept", {"coding": [{"system": "urn:oid:1.2", "code": "1"}]})),
        ('<v xsi:type="CD" nullFlavor="UNK"/>', None),
        ('<v xsi:type="PQ" nullFlavor="NA"/>', None),
    ],
)  # fmt: skip
def test_a_value_by_its_type(piece, expected):
    assert (expected, []) == read(piece, values.value_x)


@pytest.mark.parametrize("unit", ["per day", "tablet"])
def test_a_unit_that_is_no_ucum_is_kept_as_a_word(unit):
    """With a warning, and without a code that nobody could look up."""
    told = read(f'<v xsi:type="PQ" value="2" unit="{unit}"/>', values.value_x)
    assert (("valueQuantity", {"value": 2, "unit": unit}), ["ccda-unit"]) == told


@pytest.mark.parametrize("told", ["1e5", "1,5", "12 mg", "0.12345678901234567890", "٣"])
def test_what_is_no_number_is_left_out_and_told(told):
    assert (None, ["ccda-number"]) == read(f'<v xsi:type="PQ" value="{told}"/>', values.value_x)


def test_a_number_keeps_all_digits_that_its_sender_computed():
    assert 55.707817783350166 == values.number("55.707817783350166")


@pytest.mark.parametrize(
    ("piece", "expected"),
    [
        ('<t mediaType="application/pdf" representation="B64"> JVBE\nRi0= </t>',
         {"contentType": "application/pdf", "data": "JVBERi0="}),
        ('<t mediaType="text/plain">Plan</t>', {"contentType": "text/plain", "data": "UGxhbg=="}),
        ('<t mediaType="text/rtf"><reference value="note.rtf"/></t>', {"contentType": "text/rtf", "url": "note.rtf"}),
        ('<t representation="B64">JVBERi0=</t>', {"contentType": "application/octet-stream", "data": "JVBERi0="}),
        ("<t>Plan</t>", {"contentType": "text/plain; charset=utf-8", "data": "UGxhbg=="}),
        ('<t representation="B64"><reference value="note.rtf"/></t>', {"url": "note.rtf"}),
        ('<t representation="B64">%%%</t>', None),
        ("<t/>", None),
    ],
)  # fmt: skip
def test_a_body_that_is_no_xml_stays_as_it_came(piece, expected):
    assert (expected, []) == read(piece, lambda e, _: values.attachment(e))


def test_nothing_is_read_from_nothing():
    notes = Notes(xml.parse(f"{OPEN}</r>".encode()))
    nothing = kid(notes.root, "code")
    readers = (values.cd, values.value_x, values.quantity, values.ivl_pq, times.ts, times.ivl, contacts.en, contacts.ad)
    assert [None, None, None, None, "", {}, [], None] == [read(nothing, notes) for read in readers]
    assert [] == notes.issues
