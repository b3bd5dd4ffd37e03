"""`nwd demo`: the main job on packaged, invented data, in a minute."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import shorten

import click

from nowrongdoor.cli.files import JSON, show
from nowrongdoor.cli.workspace import tell

_COLUMNS = ("read", "written", "merged", "refused", "noise")


@click.command()
@click.argument("folder", default="nwd-demo", type=click.Path(path_type=Path, file_okay=False))
@JSON
def demo(folder: Path, as_json: bool) -> int:
    """The whole road on invented data against a sandbox server, twice; the second run sends nothing."""
    from nowrongdoor.flow import demo as flow
    from nowrongdoor.flow.workspace import open_store
    from nowrongdoor.sandbox import running

    def say(text: str) -> None:
        if not as_json:
            click.echo(text)

    with running() as base:
        settings = flow.start(folder, base)
        with open_store(settings) as store:
            say(_row(f"Taking in {len(flow.SOURCES)} sources", ("rows", *_COLUMNS[1:])))
            taken = {}
            for name, (title, accounting) in zip(flow.SOURCES, flow.take_all(settings, store), strict=True):
                taken[name] = accounting
                counts = [sum(f[c] for f in accounting["files"]) for c in _COLUMNS]
                balance = "balanced" if accounting["balanced"] else "NOT BALANCED"
                say(_row(f"  {name:17} {shorten(title, 34, placeholder='…')}", counts) + f"   {balance}")
            say(f"Sandbox FHIR server on {base} (R4, synthetic)")
            say("Delivering to Bay Laurel Health Plan for care management")
            first = flow.push(settings, store, lambda *_: None)
            if not as_json:
                tell(first)
            again = dict(zip(flow.SOURCES, (a for _, a in flow.take_all(settings, store)), strict=True))
            second = flow.push(settings, store, lambda *_: None)
            files = flow.write(settings, store)
    created, changed = (second.states[s] for s in ("created", "updated"))
    say(f"Again, the same files: {created} created, {changed} changed, {second.fates['unchanged']} as they were")
    say(f"FHIR in {folder / 'fhir'} ({files} files), what was refused and why in {folder / 'refusals.csv'}")
    said = flow.summary(taken, first, second)
    if as_json:
        show(said)
    wrong = [
        *_differences(said, flow.expected()),
        *(f"{n} is not balanced" for n, a in {**taken, **again}.items() if not a["balanced"]),
    ]
    for line in wrong:
        click.echo(f"nwd: this demo should have counted otherwise: {line}", err=True)
    say("Next: nwd inspect YOUR-FILE.csv")
    return 1 if wrong else 0


def _row(name: str, cells: Sequence[object]) -> str:
    return f"{name:54}{cells[0]:>6}{cells[1]:>9}{cells[2]:>8}{cells[3]:>9}{cells[4]:>7}"


def _differences(said: object, expected: object, where: str = "") -> list[str]:
    if isinstance(said, dict) and isinstance(expected, dict):
        keys = sorted(said.keys() | expected.keys())
        return [d for k in keys for d in _differences(said.get(k), expected.get(k), f"{where} {k}".strip())]
    return [] if said == expected else [f"{where}: {said}, expected {expected}"]
