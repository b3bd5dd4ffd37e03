"""Which code or identifier system an OID stands for in FHIR; one that is not in the table stays an OID, never guessed.

`profiles/codes/oids.csv` is a code table as others: source = OID, target = canonical system, display = name. Sources:
HL7's R4 and terminology.hl7.org definitions of the systems, which state both.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from nowrongdoor import codes

OID = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]*))+")
UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@lru_cache(maxsize=1)
def shipped() -> Mapping[str, Sequence[str]]:
    """The table as it is shipped, for a source that names none."""
    return codes.load("oids.csv").rows


def system(root: str, systems: Mapping[str, Sequence[str]]) -> str:
    """Canonical system of a codeSystem, or of an id's root; else the OID or UUID as a URI, "" where it is neither."""
    found = systems.get(root)
    return found[0] if found else uri(root)


@lru_cache(maxsize=4096)  # a document names the same few again and again
def uri(root: str) -> str:
    """An OID or UUID as a URI; "" for any other text."""
    if OID.fullmatch(root):
        return f"urn:oid:{root}"
    return f"urn:uuid:{root.lower()}" if UUID.fullmatch(root) else ""
