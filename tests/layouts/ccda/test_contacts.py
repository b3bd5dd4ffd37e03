"""Names, addresses and telephone numbers stay as they are written, in FHIR's slots."""

import pytest

from layouts.ccda.piece import read
from nowrongdoor.layouts.ccda import contacts


@pytest.mark.parametrize(
    ("piece", "expected"),
    [
        ('<name use="L"><given>Ana</given><given>B</given><family qualifier="SP">Roe</family></name>',
         [{"use": "usual", "family": "Roe", "given": ["Ana", "B"]}]),
        ('<name use="SRCH"><given>Ana</given><family qualifier="BR">Poe</family></name>',
         [{"use": "maiden", "family": "Poe", "given": ["Ana"]}]),
        ('<name><given>Ana</given><family>Roe</family><family qualifier="BR">Poe</family></name>',
         [{"family": "Roe", "given": ["Ana"]}, {"use": "maiden", "family": "Poe", "given": ["Ana"]}]),
        ('<name><given>Ana</given><given qualifier="CL">Annie</given><family>Roe</family></name>',
         [{"family": "Roe", "given": ["Ana"]}, {"use": "nickname", "family": "Roe", "given": ["Annie"]}]),
        ('<name><given qualifier="CL">Ana</given><family>Roe</family></name>', [{"family": "Roe", "given": ["Ana"]}]),
        ('<name use="P SRCH"><prefix> Dr. </prefix><family>de la</family><family>Cruz</family></name>',
         [{"use": "nickname", "family": "de la Cruz", "prefix": ["Dr."]}]),
        ('<name use="OR">Dr. Ana Roe</name>', [{"use": "official", "text": "Dr. Ana Roe"}]),
        ('<name use="ASGN"><family>Roe</family><validTime><low value="2001"/></validTime></name>',
         [{"family": "Roe", "period": {"start": "2001"}}]),
        ('<name nullFlavor="UNK"/>', []),
        ("<name><given/><family> </family></name>", []),
    ],
)  # fmt: skip
def test_names_stay_as_they_are_written(piece, expected):
    assert (expected, []) == read(piece, contacts.en)


@pytest.mark.parametrize(
    ("piece", "expected"),
    [
        ('<addr use="HP"><streetAddressLine>1 Elm</streetAddressLine><streetAddressLine>B</streetAddressLine></addr>',
         {"use": "home", "line": ["1 Elm", "B"]}),
        ("<addr><city>Salinas</city><state>California</state><postalCode>939011234</postalCode></addr>",
         {"city": "Salinas", "state": "CA", "postalCode": "939011234"}),
        ("<addr><houseNumber>1</houseNumber><streetName>Elm</streetName><county>Yolo</county></addr>",
         {"line": ["1 Elm"], "district": "Yolo"}),
        ('<addr use="BAD PST">General Delivery, <city>Davis</city></addr>',
         {"use": "old", "type": "postal", "city": "Davis", "text": "General Delivery,"}),
        ('<addr use="TMP"><city>Davis</city><useablePeriod><low value="2020"/></useablePeriod></addr>',
         {"use": "temp", "period": {"start": "2020"}, "city": "Davis"}),
        ('<addr nullFlavor="UNK"/>', None),
        ('<addr use="H"><city nullFlavor="UNK"/></addr>', None),
        ("<addr><city>Da<!-- not there -->vis</city></addr>", {"city": "Davis"}),
    ],
)  # fmt: skip
def test_an_address_stays_as_it_is_written_but_for_its_state(piece, expected):
    assert (expected, []) == read(piece, contacts.ad)


def test_a_state_that_us_core_does_not_know_stands_in_the_text_and_is_told_of():
    piece = "<addr><city>Ocotlán</city><state>Jalisco</state><country>MX</country></addr>"
    assert ({"city": "Ocotlán", "country": "MX", "text": "Ocotlán, Jalisco, MX"}, ["state"]) == read(piece, contacts.ad)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('value="tel:+1(559)555-0111" use="MC"', {"system": "phone", "value": "+1(559)555-0111", "use": "mobile"}),
        ('value="TEL: 559-555-0111" use="WP"', {"system": "phone", "value": "559-555-0111", "use": "work"}),
        ('value="559-555-0111" use="HP"', {"system": "phone", "value": "559-555-0111", "use": "home"}),
        ('value="(559) 555-0111 ext. 2"', {"system": "phone", "value": "(559) 555-0111 ext. 2"}),
        ('value="tel:559-555-0111" use="PG"', {"system": "pager", "value": "559-555-0111"}),
        ('value="fax:559-555-0111"', {"system": "fax", "value": "559-555-0111"}),
        ('value="mailto:a@example.org"', {"system": "email", "value": "a@example.org"}),
        ('value="a@example.org"', {"system": "email", "value": "a@example.org"}),
        ('value="https://example.org/a"', {"system": "url", "value": "https://example.org/a"}),
        ('value="ask at the desk"', {"system": "other", "value": "ask at the desk"}),
        ('value="tel:" use="HP"', None),
        ('value="http://"', None),
        ('value="" nullFlavor="UNK"', None),
    ],
)
def test_a_telecom_loses_only_its_scheme(attributes, expected):
    assert (expected, []) == read(f"<telecom {attributes}/>", contacts.tel)
