"""What a server could do and could not, as a table for people, as JSON and JUnit for programs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias
from xml.etree import ElementTree as ET

import orjson

from nowrongdoor.model import value

Word: TypeAlias = Literal["pass", "fail", "skip", "error"]


@value
class Result:
    """One check. `saw`: methods and status codes in order, never bodies; `why`: of a fail, a skip or an error."""

    name: str
    needs: str
    required: bool
    word: Word
    why: str
    saw: tuple[str, ...]
    seconds: float


@value
class Report:
    """All checks of one run. `left`: what could not be deleted again, as Type/id."""

    place: str
    software: str
    run: str
    started: datetime
    results: Sequence[Result]
    left: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Nothing that this gateway cannot do without failed."""
        return not any(r.required and r.word in {"fail", "error"} for r in self.results)

    def count(self, word: Word) -> int:
        return sum(r.word == word for r in self.results)

    def table(self) -> str:
        lines = [f"{self.software} at {self.place}, run {self.run}"]
        for r in self.results:
            mark = "required" if r.required else ""
            lines.append(f"  {r.word:<6}{r.name:<22}{mark:<10}{r.why or r.needs}")
        words: tuple[Word, ...] = ("pass", "fail", "skip", "error")
        lines.append("  ".join(f"{word} {self.count(word)}" for word in words))
        lines += [f"could not be deleted: {name}" for name in self.left]
        return "\n".join(lines) + "\n"

    def json(self) -> bytes:
        return orjson.dumps(self, option=orjson.OPT_INDENT_2)

    def junit(self) -> bytes:
        """JUnit XML, one testcase a check; a required check that fails is told apart by its class name."""
        total = f"{sum(r.seconds for r in self.results):.3f}"
        counts = {"failures": "fail", "errors": "error", "skipped": "skip"}
        head: dict[str, Any] = {
            "name": f"nwd conform {self.place}",
            "timestamp": self.started.isoformat(),
            "time": total,
        }
        suite = ET.Element("testsuite", head, tests=str(len(self.results)))
        for key, word in counts.items():
            suite.set(key, str(sum(r.word == word for r in self.results)))
        for r in self.results:
            where = "conform.required" if r.required else "conform.useful"
            case = ET.SubElement(suite, "testcase", classname=where, name=r.name, time=f"{r.seconds:.3f}")
            if r.word != "pass":
                tag = {"fail": "failure", "error": "error", "skip": "skipped"}[r.word]
                ET.SubElement(case, tag, message=r.why)
            ET.SubElement(case, "system-out").text = f"{r.needs}\n{', '.join(r.saw)}"
        return bytes(ET.tostring(suite, encoding="utf-8", xml_declaration=True))
