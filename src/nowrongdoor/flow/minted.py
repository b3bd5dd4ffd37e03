"""Does a source mint new ids for the same statements at every export? Two documents of one person can prove it."""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

import orjson

from nowrongdoor.model import Fact, Issue, Key, Stated

SEEN = Issue(
    "ids-minted", "it says what another document of this person says, word for word, under other ids",
    'if this source gives its entries new ids at every export, write ids = "content" into its TOML and take all of its '
    "documents in again; else each export makes everything new", "", "warning",
)  # fmt: skip
_FEWEST = 2  # twins: one alone may be chance
_NAMED = '"identifier":['  # without one of its own an entry is known by what it says, and proves nothing
_ENTRIES = {"goal", "service", "condition", "observation", "medication", "procedure", "encounter", "device"}


def proof(facts: Iterable[Fact], now: Collection[int]) -> Stated | None:
    """A statement of one person, from a file of `now`, whose document shares no id with another and half of its words.

    A document that keeps one id of another's is of a source that keeps ids.
    """
    told = [f for f in facts if isinstance(f, Stated) and f.kind in _ENTRIES and _NAMED in f.resource]
    if len({f.origin.file for f in told}) < 2:
        return None
    files: dict[Key, set[int]] = {}
    for f in told:
        files.setdefault(f.key, set()).add(f.origin.file)
    stable = {file for among in files.values() if len(among) > 1 for file in among}
    apart: dict[int, dict[bytes, Stated]] = {}
    for f in told:
        if f.origin.file not in stable:
            apart.setdefault(f.origin.file, {})[_words(f)] = f
    said = Counter(words for own in apart.values() for words in own)
    for file in sorted(apart.keys() & set(now)):
        twins = [f for words, f in apart[file].items() if said[words] > 1]
        if len(twins) >= max(_FEWEST, len(apart[file]) / 2):
            return twins[0]
    return None


def _words(fact: Stated) -> bytes:
    """What it says apart from ids, its own and those of what it refers to."""
    told = orjson.loads(fact.resource)
    told.pop("identifier", None)
    return orjson.dumps(_without(told), option=orjson.OPT_SORT_KEYS)


def _without(node: Any) -> Any:
    if isinstance(node, list):
        return [_without(child) for child in node]
    if isinstance(node, dict):
        return {name: _without(child) for name, child in node.items() if name != "reference"}
    return node
