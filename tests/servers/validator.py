"""HL7's own Java validator as a process of its own: hand it resources, read what it says of each.

It knows R4, and under a name each set of packages and definitions that it is given (`against`). No network.
"""

import json
import os
import queue
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from servers.start import JAVA, CannotStart, drain, hapi_jar, program

MAIN = "nowrongdoor.testserver.ReferenceValidator"
LIMIT = 120.0  # seconds for one answer; the first of a set takes 8 on a quiet machine
UNKNOWN = "validation_val_profile_unknown"  # and what follows: why it is


@dataclass(frozen=True, slots=True)
class Asked:
    """`against`: a set's name; "" is R4 alone. `profiles` are followed besides those in meta.profile."""

    resource: Mapping[str, Any] | str
    against: str = ""
    profiles: Sequence[str] = ()

    def line(self, number: int) -> str:
        text = self.resource if isinstance(self.resource, str) else json.dumps(self.resource, ensure_ascii=False)
        return json.dumps(
            {"id": number, "against": self.against, "profiles": list(self.profiles), "resource": text},
        )


@dataclass(frozen=True, slots=True)
class Said:
    """`message` is the validator's own id of the message, "" where it has none (JSON of the wrong shape)."""

    severity: str
    location: str
    message: str
    text: str

    @property
    def error(self) -> bool:
        return self.severity in {"error", "fatal"}

    @property
    def unknown_profile(self) -> bool:
        """The resource was not looked at under a profile that it names: it is not validated, whatever else is said."""
        return self.message.lower().startswith(UNKNOWN)


class Validator:
    def __init__(self, process: "subprocess.Popen[str]", errors: IO[bytes]) -> None:
        self._process, self._errors = process, errors
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=drain, args=(process.stdout, self._lines), daemon=True).start()

    def check(self, asked: Iterable[Asked]) -> list[list[Said]]:
        """What is said of each, in the order asked. Raises CannotStart where no answer comes."""
        waiting = list(asked)
        threading.Thread(target=self._ask, args=(waiting,), daemon=True).start()
        answers: dict[int, list[Said]] = {}
        while len(answers) < len(waiting):
            answer = json.loads(self._next())
            answers[answer["id"]] = [
                Said(i["severity"], i.get("location") or "", i.get("messageId") or "", i["text"])
                for i in answer["issues"]
            ]
        return [answers[number] for number in range(len(waiting))]

    def _ask(self, waiting: Sequence[Asked]) -> None:
        """In a thread of its own: both pipes are short, and a writer that waits would never read."""
        with suppress(OSError):  # it ended; whoever waits for an answer says so
            for number, one in enumerate(waiting):
                self._process.stdin.write(one.line(number) + "\n")
            self._process.stdin.flush()

    def _next(self) -> str:
        try:
            if line := self._lines.get(timeout=LIMIT):
                return line
            cause = "it ended"
        except queue.Empty:
            cause = f"no answer within {LIMIT:g} s"
        self._errors.seek(0)
        raise CannotStart(f"{cause}; its last words: {self._errors.read().decode(errors='replace').strip()[-2000:]}")


@contextmanager
def validator(against: Mapping[str, Sequence[Path]]) -> Iterator[Validator]:
    """`against`: of each set its packages (tgz) and definitions (folders or files); loaded when first asked for."""
    sets = [f"--against={name}={path}" for name, paths in against.items() for path in paths]
    options = [part for one in sets for part in one.split("=", 1)]
    threads = str(min(os.cpu_count() or 1, 4))
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            [program("java"), *JAVA, "-cp", str(hapi_jar()), MAIN, "--threads", threads, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
        ) as process,
    ):
        try:
            yield Validator(process, errors)
        finally:
            process.stdin.close()
            process.wait(20)
