"""What documents become, beside other converters: of the resources that were expected of 18 reviewed documents.

`python -m tests.bench.statements`; NWD_CORPORA names the folder of public corpora. Ours are compared element by element
(tests/ccda/expected/README.md). Of the others only the type is asked: whatever stands in it, each resource of a type
that was expected counts as found, so their figures are the most that they can be. What they make besides is no fault by
itself: resources of medications and results, which here stay words unless a plan needs them.
"""

import json
import os
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lxml import etree

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # tests say `from bench import ...`

from bench.documents import OURS
from bench.rivals import Rival, rivals
from ccda import corpus
from ccda.matching import COUNTED, Comparison
from ccda.test_statements import EXPECTED, read

_SHOWN = ("Patient", "Condition", "Goal", "CarePlan", "ServiceRequest", "Task", "Observation", "Procedure", "Consent")
_OURS_TOO = ("Patient", "Organization", "Practitioner")  # of a wrapped piece: those of the header around it


def main(arguments: Sequence[str] | None = None) -> None:
    asked = ArgumentParser(prog="python -m tests.bench.statements", description=__doc__)
    asked.parse_args(arguments)
    if not os.environ.get("NWD_CORPORA"):
        asked.error("NWD_CORPORA is not set: the folder of public corpora")
    corpora = Path(os.environ["NWD_CORPORA"])
    with rivals() as (others, absent), TemporaryDirectory() as folder:
        for why in absent:
            print(f"not asked: {why}")
        told = [_document(path, corpora, others, Path(folder) / "document.xml") for path in EXPECTED]
    _print(told, others)


def _document(path: Path, corpora: Path, others: Mapping[str, Rival], place: Path) -> dict[str, Any]:
    """Of one document: resources that were expected and that each makes, by type, and how many of those were found."""
    head, *lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    document = corpora / head["document"]
    ours = Comparison(lines, read(document), wrapped=head["wrapped"])
    place.write_bytes(etree.tostring(corpus.document(document), xml_declaration=True, encoding="utf-8"))
    expected = Counter(want.resource["resourceType"] for want in ours.wanted)
    found = {OURS: (Counter(m.resource["resourceType"] for m in ours.matched.values()), len(ours.extra))}
    for name, rival in others.items():
        made = Counter({kind: n for kind, n in rival.made(place).items() if kind in COUNTED})
        if head["wrapped"]:
            made -= Counter({kind: made[kind] for kind in _OURS_TOO if not expected[kind]})
        found[name] = (made & expected, (made - expected).total())
    return {"expected": expected, "found": found}


def _print(told: Sequence[Mapping[str, Any]], others: Mapping[str, Rival]) -> None:
    expected = sum((one["expected"] for one in told), Counter())
    print(f"{len(told)} documents, {expected.total()} resources expected; of these, and beside them:\n")
    print(f"{'':24}" + "".join(f"{kind[:9]:>10}" for kind in _SHOWN) + f"{'all':>7}{'more':>6}  recall  precision")
    print(f"{'expected':24}" + "".join(f"{expected[kind]:10}" for kind in _SHOWN) + f"{expected.total():7}")
    for name in (OURS, *others):
        found = sum((one["found"][name][0] for one in told), Counter())
        right, more = found.total(), sum(one["found"][name][1] for one in told)
        most = "" if name == OURS else "<="
        figures = f"{most:>3}{right / expected.total():.3f} {most:>3}{right / (right + more):.3f}"
        print(f"{name:24}" + "".join(f"{found[kind]:10}" for kind in _SHOWN) + f"{right:7}{more:6}{figures}")


if __name__ == "__main__":
    main()
