"""How much memory a folder of documents needs, in a process of its own.

`python tests/ccda/memory.py FOLDER OUT` prints MiB at the peak, with little room in memory for what is to be written:
what is left is what a document leaves behind.
"""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.memory import own_peak
from ccda import corpus

LARGEST = 60_000  # bytes of a document: many small ones leave more behind than a few large ones
ROOM = 4 << 20  # bytes that wait to be written


def write(corpora: Path, folder: Path, many: int) -> None:
    """So many documents, each of another person: public ones, with a number before the patient's first id."""
    folder.mkdir()
    files = [p for name in ("ms", "vendor", "synthea") for p in corpus.files(corpora, name)]
    whole = [raw for p in files if len(raw := p.read_bytes()) < LARGEST and b"recordTarget" in raw]
    for n in range(many):
        raw = whole[n % len(whole)]
        at = raw.index(b'extension="', raw.index(b"<patientRole")) + len(b'extension="')
        (folder / f"{n:05}.xml").write_bytes(raw[:at] + b"%d-" % n + raw[at:])


def peak(folder: Path, out: Path) -> float:
    """MiB that translating it needs. Raises where it fails."""
    command = [sys.executable, __file__, str(folder), str(out)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main(folder: Path, out: Path) -> None:
    from ccda.written import MOMENT, source
    from nowrongdoor.flow import prepare
    from nowrongdoor.flow.folder import translate
    from nowrongdoor.settings import Settings
    from nowrongdoor.store import Sorted

    Sorted.__init__.__kwdefaults__["room"] = ROOM
    translate([folder], prepare(source(), Settings(), MOMENT), out)
    print(own_peak())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
