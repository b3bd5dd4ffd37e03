"""XML spoiled by chance, in its bytes and in its tree: refused whole, or every record has a fate; nothing gets past."""

import copy
import random
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from nowrongdoor import sources
from nowrongdoor.errors import Stop
from nowrongdoor.flow import prepare, settle
from nowrongdoor.flow.run import Known, open_all
from nowrongdoor.model import Fate, Tally
from nowrongdoor.settings import Settings

SOURCE = "manzanita-county"
FIXTURE = Path(__file__).resolve().parents[2] / "fixtures" / SOURCE / "in"
MOMENT = datetime(2026, 11, 22, tzinfo=UTC)
SLOW = 2.0  # CPU seconds
ROUNDS = 60  # of each file: a few seconds in all
PIECES = [
    b"<", b">", b"&", b"'", b'"', b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<?x?>",
    b"&#0;", b"&#x10FFFF;", b"&nbsp;", b"<!DOCTYPE a>", b"</ClientDemographics>", b"<ClientAdmission>", b"\xc3\x28",
    b'encoding="UTF-16"', b' xsi:nil="true"', b' xmlns="urn:y"', b"<ClientID/>", b"\r", b" " * 300,
]  # fmt: skip
TEXTS = [
    "",
    " ",
    "0",
    "9" * 60,
    "1e400",
    "NaN",
    "2026-02-30",
    "9999-12-31",
    "#REF!",
    "=1+1",
    "\u202e",
    "x" * 5000,
    "N/A",
]


def spoiled_bytes(chance, content):
    at = chance.randrange(len(content))
    size = chance.randrange(1, 400)
    return chance.choice(
        [
            content[:at],
            content[:at] + content[at + size :],
            content[:at] + chance.choice(PIECES) + content[at:],
            content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :],
            content[:at] + content[at : at + size] * 3 + content[at + size :],
        ]
    )


def spoiled_tree(chance, content):
    root = etree.fromstring(content)
    for _ in range(chance.choice([1, 2, 5])):
        every = [e for e in root.iter() if isinstance(e.tag, str) and e is not root]
        one, other = chance.choice(every), chance.choice(every)
        match chance.randrange(6):
            case 0:
                one.text = chance.choice(TEXTS)
            case 1:
                one.getparent().remove(one)
            case 2:
                other.append(copy.deepcopy(one))
            case 3:
                one.addnext(copy.deepcopy(one))
            case 4:
                one.tag = chance.choice(["ClientID", "AdmitNewClient", "ClientAdmission", "Diagnosis", "x"])
            case _:
                one.set(chance.choice(["sent", "id", "npi", "confidentiality"]), chance.choice(TEXTS))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


class Nowhere:
    """An `Out` that keeps nothing and believes everything."""

    def start(self, inputs): ...

    def mentioned(self, facts):
        return list(facts)

    def known(self, _person, facts):
        return Known(facts)

    def keep(self, _draft, _person):
        return True

    def revision(self, _person):
        return 0

    def settle(self, *_): ...

    def refuse(self, _refusal): ...

    def warn(self, _row, _issues): ...

    def told(self, _entry): ...


@pytest.fixture(scope="module")
def run():
    return prepare(sources.load(SOURCE), Settings(), MOMENT)


@pytest.mark.parametrize("spoil", [spoiled_bytes, spoiled_tree])
@pytest.mark.parametrize("path", sorted(FIXTURE.iterdir()), ids=lambda path: path.stem)
def test_whatever_happened_to_a_file_nothing_gets_past_and_nothing_is_lost(run, tmp_path, path, spoil):
    """Seeded. Either a Stop with a cause and a cure, or every record was read and has a fate; and never for long."""
    chance = random.Random(f"{path.name} {spoil.__name__}")
    copied, stopped, taken = tmp_path / path.name, 0, 0
    for n in range(ROUNDS):
        copied.write_bytes(spoil(chance, path.read_bytes()))
        began = time.process_time()
        try:
            inputs, tally = open_all([copied], run), Tally()
            settle(inputs, run, Nowhere(), tally)
        except Stop as stop:
            stopped += bool(stop.cure)
            continue
        assert tally.balanced, n
        assert not any(tally.count(i.number, Fate.LOST) for i in inputs), n
        assert SLOW > time.process_time() - began, n
        taken += 1
    assert stopped + taken == ROUNDS  # each Stop says its cure
    assert taken
