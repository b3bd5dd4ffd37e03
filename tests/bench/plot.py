"""Draw the bench's figures as one SVG that can be read by day and by night: `python tests/bench/plot.py`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

_WIDTH, _LEFT, _RIGHT, _BAR, _STEP = 760, 196, 150, 18, 32
_STYLE = """
.page { fill: #ffffff } text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328 }
.head { font-weight: 600; font-size: 15px } .note { fill: #59636e; font-size: 12px }
.own { fill: #0969da } .other { fill: #8c959f } .axis { stroke: #d1d9e0 } .range { stroke: #1f2328; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
  .page { fill: #0d1117 } text { fill: #f0f6fc } .note { fill: #9198a1 } .own { fill: #4493f8 } .other { fill: #6e7681 }
  .axis { stroke: #3d444d } .range { stroke: #f0f6fc }
}
"""
_PAGE = '<rect class="page" width="100%" height="100%" rx="6"/>'  # a viewer that knows no night shows day, readably


class Bar(NamedTuple):
    """`beside`: what stands after the bar; from the slowest to the fastest round goes a thin line."""

    name: str
    told: Mapping[str, float]
    beside: str
    own: bool = False


Panel = tuple[str, str, Sequence[Bar]]


def draw(results: Path, svg: Path) -> None:
    """From results/route.json, as the bench has saved it."""
    told = json.loads(results.read_text(encoding="utf-8"))
    page(svg, (_route(told), _checkers(told)), told)


def page(svg: Path, panels: Sequence[Panel], told: Mapping[str, Any]) -> None:
    """Panels one below the other, and when and where it was measured."""
    lines, bottom = [], 30.0
    for head, note, bars in panels:
        lines += list(_panel(bottom, head, note, bars))
        bottom += 62 + _STEP * len(bars)
    where = f"{told['date']}, {told['machine']} shared with other work, Python {told['python']}"
    lines.append(_text(16, bottom, where, "note"))
    what = "CPU time of one process, medians of interleaved rounds; thin lines: from the slowest round to the fastest"
    lines.append(_text(16, bottom + 18, what, "note"))
    size = f'width="{_WIDTH}" height="{bottom + 34:.0f}" viewBox="0 0 {_WIDTH} {bottom + 34:.0f}"'
    title = f"<title>{escape(' / '.join(head for head, _, _ in panels))}</title>"
    body = "\n".join(
        (f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">', title, f"<style>{_STYLE}</style>", _PAGE)
    )
    svg.write_text("\n".join((body, *lines, "</svg>\n")), encoding="utf-8", newline="\n")


def _route(told: Mapping[str, Any]) -> Panel:
    route = told["route"]
    naive = route["naive"]["rate"]
    names = {"naive": "loop with fhir.resources", "route": "nwd translate", "unchecked": "the same, unchecked"}
    bars = [Bar(n, route[way], beside(route[way]["rate"], naive), way == "route") for way, n in names.items()]
    made = "same rows in, same resources out, Provenance included"
    return f"Rows of a county export a second ({told['rows']:,} rows)", made, bars


def _checkers(told: Mapping[str, Any]) -> Panel:
    checked = told["checkers"]
    usual, ceiling = checked["fhir.resources"]["rate"], checked["orjson.dumps"]["rate"]
    names = [n for n in ("fhir.resources", "fhirclient", "fastjsonschema", "nowrongdoor") if n in checked]
    bars = [
        Bar(f"{n} {checked[n]['version']}", checked[n], beside(checked[n]["rate"], usual), n == "nowrongdoor")
        for n in names
    ]
    share = checked["nowrongdoor"]["rate"] / ceiling
    note = f"orjson.dumps only writes them, at {ceiling:,} a second: ours runs at {share:.0%} of that"
    return f"Resources checked a second (the same {checked['resources']:,})", note, bars


def beside(rate: float, least: float) -> str:
    return f"{rate:,.0f}" + ("" if rate == least else f" ({rate / least:.1f} times)")


def _panel(top: float, head: str, note: str, bars: Sequence[Bar]) -> Iterator[str]:
    yield _text(16, top, head, "head")
    yield _text(16, top + 18, note, "note")
    scale = (_WIDTH - _LEFT - _RIGHT) / max(bar.told["fastest"] for bar in bars)
    for n, bar in enumerate(bars):
        y = top + 32 + _STEP * n
        wide, slow, fast = (bar.told[word] * scale for word in ("rate", "slowest", "fastest"))
        middle = y + _BAR / 2
        yield _text(_LEFT - 10, middle + 4.5, bar.name, anchor="end")
        yield f'<rect class="{"own" if bar.own else "other"}" x="{_LEFT}" y="{y}" width="{wide:.1f}" height="{_BAR}"/>'
        yield _line("range", _LEFT + slow, middle, _LEFT + fast, middle)
        yield _text(_LEFT + max(wide, fast) + 8, middle + 4.5, bar.beside)
    yield _line("axis", _LEFT, top + 28, _LEFT, top + 28 + _STEP * len(bars))


def _line(class_: str, *ends: float) -> str:
    x1, y1, x2, y2 = (f"{end:.1f}" for end in ends)
    return f'<line class="{class_}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'


def _text(x: float, y: float, said: str, class_: str = "", *, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{class_}" text-anchor="{anchor}">{escape(said)}</text>'


if __name__ == "__main__":
    _RESULTS = Path(__file__).resolve().parent / "results"
    draw(_RESULTS / "route.json", _RESULTS / "route.svg")
