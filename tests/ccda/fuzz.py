"""Public documents spoiled by chance, in their bytes and in their trees, each one through the whole route by itself.

Whatever comes out, nothing may get past the route, take long, or be lost. One seed, one run.
"""

import copy
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from lxml import etree

from ccda import corpus
from nowrongdoor import sources
from nowrongdoor.errors import Stop
from nowrongdoor.flow import documents, prepare, settle
from nowrongdoor.flow.run import Input, Known
from nowrongdoor.model import Tally
from nowrongdoor.settings import Settings

SLOW = 2.0  # CPU seconds that no document may take
MOMENT = datetime(2026, 1, 7, 12, tzinfo=UTC)
LARGEST = 200_000  # bytes of a document that is spoiled: the larger ones only take longer
V3, XSI = corpus.V3, "http://www.w3.org/2001/XMLSchema-instance"

BYTES = [
    b"<", b">", b"&", b"'", b'"', b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<?x?>",
    b"&#0;", b"&#x10FFFF;", b"&amp;", b"&nbsp;", b"<!DOCTYPE a>", b"</section>", b"<entry>", b'encoding="UTF-16"',
    b' nullFlavor="MSK"', b' negationInd="true"', b"\xc3\x28", b"\r", b" " * 300,
]  # fmt: skip
VALUES = [
    "", " ", "0", "-1", "1e400", "9" * 60, "0.1.2", "NaN", "true", "1900", "000000", "20260230", "202601011260",
    "20260101120000.000-0800", "20260101120000+9999", "99991231235959+1400", "00010101000000-1400", "2026-01-01",
    "#", "#nowhere", "#1", "tel:", "mailto:x", "javascript:alert(1)", "http://[", "\u202e", "\U0001f600", "x" * 5000,
    "MSK", "NI", "NA", "OTH", "UNK", "20110301000000", "R", "V", "N", "Z", "GOL", "INT", "RQO", "EVN", "DEF", "PRMS",
    "XXX", "RSON", "REFR", "active", "completed", "nullified", "aborted", "ordered", "2.16.840.1.113883.6.96",
    "2.16.840.1.113883.6.1", "2.16.840.1.113883.4.1", "2.16.840.1.113883.4.6", "1.2.", "urn:oid:1.2",
    "00000000-0000-0000-0000-000000000000", "CD", "PQ", "IVL_PQ", "IVL_TS", "TS", "ST", "ED", "INT_", "x:CD", ":", "BL",
]  # fmt: skip
NAMES = [
    "nullFlavor", "code", "codeSystem", "value", "moodCode", "classCode", "typeCode", "root", "extension", "unit",
    "negationInd", "displayName", "ID", "use", "mediaType", "representation", f"{{{XSI}}}type", "inversionInd",
]  # fmt: skip


# bytes --------------------------------------------------------------------


def cut(chance: random.Random, content: bytes) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] if chance.random() < 0.3 else content[:at] + content[at + chance.randrange(1, 400) :]


def put(chance: random.Random, content: bytes) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + chance.choice(BYTES) + content[at:]


def flip(chance: random.Random, content: bytes) -> bytes:
    spoiled = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 20])):
        spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
    return bytes(spoiled)


def repeat(chance: random.Random, content: bytes) -> bytes:
    at, size = chance.randrange(len(content)), chance.randrange(1, 2000)
    return content[:at] + content[at : at + size] * chance.choice([2, 2, 5]) + content[at + size :]


# trees --------------------------------------------------------------------


def drop(chance: random.Random, tree: list, _other: list) -> None:
    at = chance.choice(tree)
    if (above := at.getparent()) is not None:
        above.remove(at)


def twice(chance: random.Random, tree: list, _other: list) -> None:
    at = chance.choice(tree)
    if (above := at.getparent()) is not None and len(at) < 200:
        for _ in range(chance.choice([1, 1, 1, 30])):
            above.insert(above.index(at), copy.deepcopy(at))


def move(chance: random.Random, tree: list, _other: list) -> None:
    at, to = chance.choice(tree), chance.choice(tree)
    if at.getparent() is not None and at is not to and at not in set(to.iterancestors()):
        to.append(at)


def graft(chance: random.Random, tree: list, other: list) -> None:
    """A piece of another document."""
    chance.choice(tree).append(copy.deepcopy(chance.choice(other)))


def call(chance: random.Random, tree: list, other: list) -> None:
    """By another name, of its own namespace or of none."""
    like = chance.choice(other)
    chance.choice(tree).tag = like.tag if chance.random() < 0.9 else corpus.name(like)


def say(chance: random.Random, tree: list, _other: list) -> None:
    """Another word in an attribute."""
    at = chance.choice([e for e in chance.sample(tree, min(len(tree), 20)) if e.attrib] or tree)
    name = chance.choice([*at.attrib] or NAMES) if chance.random() < 0.8 else chance.choice(NAMES)
    at.set(name, chance.choice(VALUES))


def unsay(chance: random.Random, tree: list, _other: list) -> None:
    at = chance.choice([e for e in chance.sample(tree, min(len(tree), 20)) if e.attrib] or tree)
    for name in chance.sample([*at.attrib], min(len(at.attrib), chance.choice([1, 9]))):
        del at.attrib[name]


def trade(chance: random.Random, tree: list, _other: list) -> None:
    """Two elements exchange what they say."""
    one, two = chance.choice(tree), chance.choice(tree)
    first, second = dict(one.attrib), dict(two.attrib)
    for e, told in ((one, second), (two, first)):
        e.attrib.clear()
        e.attrib.update(told)


def word(chance: random.Random, tree: list, _other: list) -> None:
    chance.choice(tree).text = chance.choice([v for v in VALUES if v.isprintable()])


def empty(chance: random.Random, tree: list, _other: list) -> None:
    at = chance.choice(tree)
    for child in list(at):
        at.remove(child)


def deepen(chance: random.Random, tree: list, _other: list) -> None:
    """So far inside one another that a walk which calls itself might fall."""
    at = chance.choice(tree)
    if (above := at.getparent()) is None:
        return
    for _ in range(chance.choice([3, 40, 240])):
        inner = etree.SubElement(above, at.tag, dict(at.attrib))
        above = inner
    above.append(at)


IN_BYTES = (cut, put, flip, repeat)
IN_TREE = (drop, twice, move, graft, call, say, say, say, unsay, trade, word, empty, deepen)


class Spoiler:
    """Spoiled documents, the same ones for one seed and one corpora."""

    def __init__(self, corpora: Path, seed: int) -> None:
        self._chance = random.Random(seed)
        self._corpora = [list(_whole(corpora, name)) for name in corpus.CORPORA]
        self._trees: dict[str, etree._Element] = {}

    def next(self) -> tuple[str, bytes]:
        """(which document and how it was spoiled, its bytes)."""
        name, content = self._pick()
        return self._in_bytes(name, content) if self._chance.random() < 0.35 else self._in_tree(name, content)

    def _pick(self) -> tuple[str, bytes]:
        """Each corpus as often as the others, however many documents it has."""
        return self._chance.choice(self._chance.choice(self._corpora))

    def _in_bytes(self, name: str, content: bytes) -> tuple[str, bytes]:
        ways = self._chance.choices(IN_BYTES, k=self._chance.choice([1, 1, 2, 4]))
        for way in ways:
            content = way(self._chance, content) or b" "
        return f"{name}: {' '.join(w.__name__ for w in ways)}", content

    def _in_tree(self, name: str, content: bytes) -> tuple[str, bytes]:
        root = copy.deepcopy(self._tree(name, content))
        other = list(self._tree(*self._pick()).iter(f"{{{V3}}}*"))
        ways = self._chance.choices(IN_TREE, k=self._chance.choice([1, 2, 4, 12]))
        for way in ways:
            way(self._chance, list(root.iter("*")), other)
        return f"{name}: {' '.join(w.__name__ for w in ways)}", etree.tostring(root)

    def _tree(self, name: str, content: bytes) -> etree._Element:
        if name not in self._trees:
            self._trees[name] = etree.fromstring(content)
        return self._trees[name]


def _whole(corpora: Path, name: str) -> Iterator[tuple[str, bytes]]:
    """Documents as they are, and what a header makes one, by path; no larger than is useful."""
    for path in corpus.files(corpora, name):
        try:
            root = corpus.document(path)
        except etree.XMLSyntaxError:
            continue
        if root is not None and len(content := etree.tostring(root)) <= LARGEST:
            yield path.relative_to(corpora).as_posix(), content


# through the route --------------------------------------------------------


@dataclass
class Place:
    """Bytes where the route looks for a document."""

    content: bytes
    name: str = "spoiled.xml"
    path: Path = Path("spoiled.xml")

    def read(self) -> bytes:
        return self.content


class Nowhere:
    """An `Out` that keeps what went wrong, and nothing else."""

    def __init__(self) -> None:
        self.rules: Counter[str] = Counter()
        self.made: Counter[str] = Counter()

    def start(self, inputs) -> None: ...

    def mentioned(self, facts):
        return list(facts)

    def known(self, person, facts):  # noqa: ARG002 - an Out's verb
        return Known(facts)

    def keep(self, draft, person) -> bool:  # noqa: ARG002 - an Out's verb
        self.made[draft.resource["resourceType"]] += 1
        return True

    def revision(self, person) -> int:  # noqa: ARG002 - an Out's verb
        return 0

    def settle(self, person, known, standing, refused) -> None: ...

    def refuse(self, refusal) -> None:
        self.rules.update({issue.rule for issue in refusal.issues})

    def warn(self, row, issues) -> None: ...

    def told(self, entry) -> None: ...


@dataclass
class Found:
    """What a run of so many documents came to. `wrong`: what must not be, each with its number in the run."""

    documents: int = 0
    entries: int = 0
    slowest: float = 0.0
    rules: Counter[str] = field(default_factory=Counter)
    made: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def run(corpora: Path, seed: int, *, documents_: int = 0, seconds: float = 0.0) -> Found:
    """So many documents, or for so long. Each second one is read as damaged documents are with --recover."""
    spoiler, found = Spoiler(corpora, seed), Found()
    plain = prepare(sources.load("ccda"), Settings(), MOMENT)
    ways = (plain, replace(plain, recover=True))
    end = time.monotonic() + seconds
    while found.documents < documents_ or time.monotonic() < end:
        what, content = spoiler.next()
        _one(found, ways[found.documents % 2], what, content)
        found.documents += 1
    return found


def _one(found: Found, under, what: str, content: bytes) -> None:
    begun, out, tally = time.process_time(), Nowhere(), Tally()
    opened = documents.Opened(Place(content), 0, under.source, recover=under.recover)
    told, name = (MOMENT.isoformat(), "intake", {}), "spoiled.xml"
    item = Input(0, Path(name), sha256(content).hexdigest(), opened, documents.TABLE, *told, name)
    wrong = []
    try:
        settle([item], under, out, tally)
    except Stop as stop:
        wrong.append(f"it stopped the run: {stop.cause}")
    except Exception as fault:  # noqa: BLE001  # finding these is what this is for
        wrong.append(f"{type(fault).__name__}: {fault}")
    else:
        wrong += [] if tally.balanced and tally.read(0) else ["not balanced"]
    took = time.process_time() - begun
    wrong += ["a fault inside"] * out.rules["fault"] + ([f"{took:.1f} s"] if took > SLOW else [])
    found.wrong += [f"#{found.documents} {what}: {told}" for told in wrong]
    found.entries += tally.read(0)
    found.slowest = max(found.slowest, took)
    found.rules += out.rules
    found.made += out.made
