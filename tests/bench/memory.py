"""The most memory that a piece of work needs, in a process of its own."""

import subprocess
import sys
from pathlib import Path

_TESTS = Path(__file__).resolve().parents[1]
_CHILD = """
import sys
sys.path.insert(0, sys.argv[1])
from bench import measure, memory
getattr(measure, sys.argv[2])(*map(measure.Path, sys.argv[3:]))
print(memory.own_peak())
"""


def own_peak() -> float:
    """MiB that this process has held at once."""
    status = Path("/proc/self/status")
    if status.is_file():  # Linux's getrusage also counts what the parent held before this program began
        told = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
        return int(told.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def peak(way: str, files: Path, out: Path) -> float:
    """MiB that `route` or `naive` needs for these files. Raises where it fails."""
    command = [sys.executable, "-c", _CHILD, str(_TESTS), way, str(files), str(out)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
