"""Other converters of clinical documents, each in a process of its own, as their makers release them: pinned."""

import json
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from servers.start import CannotStart, program, run, stale

HERE = Path(__file__).resolve().parent
VENV = HERE.parents[2] / ".venv-rivals"
MICROSOFT, MEDPLUM = "python-fhir-converter", "@medplum/ccda"


class Answer(NamedTuple):
    seconds: float  # of CPU
    failed: int  # documents that it could not convert


class Rival:
    """`version`: of the package; `warm`: passes until its compiler has done what it can."""

    def __init__(self, process: subprocess.Popen[str], version: str, warm: int) -> None:
        self._process, self.version, self.warm = process, version, warm
        self._answer()

    def convert(self, paths: Sequence[Path]) -> Answer:
        self._process.stdin.write(json.dumps([str(path) for path in paths]) + "\n")
        self._process.stdin.flush()
        return Answer(**json.loads(self._answer()))

    def made(self, path: Path) -> Mapping[str, int]:
        """How many resources it makes of one document, by type; none where it cannot convert it."""
        self._process.stdin.write(json.dumps({"path": str(path)}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._answer())["made"]

    def _answer(self) -> str:
        if line := self._process.stdout.readline():
            return line
        raise CannotStart(f"it ended: {' '.join(map(str, self._process.args))}")


@contextmanager
def rivals() -> Iterator[tuple[Mapping[str, Rival], list[str]]]:
    """Those that can be had, by name, and why the others cannot: fetched when they are not there yet."""
    with ExitStack() as stack:
        found, absent = {}, []
        for name, make in ((MICROSOFT, _microsoft), (MEDPLUM, _medplum)):
            try:
                command, version, warm = make()
                found[name] = Rival(stack.enter_context(_running(command)), version, warm)
            except CannotStart as why:
                absent.append(f"{name}: {why}")
        yield found, absent


def _microsoft() -> tuple[list[str], str, int]:
    python = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    pinned, done = HERE / "requirements.txt", VENV / "installed"
    if stale(done, [pinned]):
        venv.create(VENV, with_pip=True, clear=True)
        run([str(python), "-m", "pip", "install", "--quiet", "-r", str(pinned)], HERE)
        done.touch()
    told = dict(line.split("==") for line in pinned.read_text(encoding="utf-8").splitlines() if "==" in line)
    return [str(python), str(HERE / "microsoft.py")], told[MICROSOFT], 1


def _medplum() -> tuple[list[str], str, int]:
    home = HERE / "medplum"
    if stale(home / "node_modules" / ".package-lock.json", [home / "package-lock.json"]):
        run([program("npm"), "ci", "--no-audit", "--no-fund"], home)
    version = json.loads((home / "package.json").read_text(encoding="utf-8"))["dependencies"][MEDPLUM]
    return [program("node"), str(home / "convert.mjs")], version, 6


@contextmanager
def _running(command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """It reads one line and answers one; it ends when its input does."""
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8"
    ) as process:
        try:
            yield process
        finally:
            process.stdin.close()
