"""`nwd check`: is this valid FHIR, US Core, ours? Counts, then each kind of issue once, with its first places."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

import click
import orjson

from nowrongdoor.cli.files import JSON, WORKSPACE, many, show
from nowrongdoor.cli.files import workspace as _settings
from nowrongdoor.errors import Usage
from nowrongdoor.model import Resource

_FILES = 20  # lines of the table
_KINDS = 30  # of issues
_OFTEN = 0.2  # seconds between two words of progress


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--against", multiple=True, metavar="WHAT", help="Hold everything to it too: us-core@7.0.0, a profile's URL or id."
)
@click.option("--values", is_flag=True, help="Show what stands at the first places. It may speak of people.")
@click.option("--operation-outcome", "as_outcomes", is_flag=True, help="Print an OperationOutcome a resource (NDJSON).")
@WORKSPACE
@JSON
def check(  # noqa: PLR0913, PLR0917 - click hands each option over by itself
    paths: Sequence[Path],
    against: Sequence[str],
    values: bool,
    as_outcomes: bool,
    workspace: Path | None,
    as_json: bool,
) -> int:
    """Are these valid FHIR R4, and valid by the profiles that they name? NDJSON, JSON, Bundles, folders."""
    from nowrongdoor.flow.checking import Asking
    from nowrongdoor.flow.checking import check as ask

    if as_outcomes and (values or as_json):
        raise Usage("an OperationOutcome is JSON already, and never shows values", "say --operation-outcome alone")
    progress = _Progress() if sys.stderr.isatty() else None
    asking = Asking(against, values, _print if as_outcomes else None, progress)
    told = ask(paths, _settings(workspace).workspace, asking)
    if progress:
        progress.clear()
    if as_json:
        show(told)
    elif not as_outcomes:
        _table(told["files"], told)
        _issues(told["issues"])
        _not_checked(told["not_checked"])
    if not told["resources"]:
        click.echo("nwd: nothing was checked: there is no resource in what was given", err=True)
    return 0 if told["resources"] and not told["errors"] else 3


def _print(outcome: Resource) -> None:
    sys.stdout.buffer.write(orjson.dumps(outcome) + b"\n")


class _Progress:
    """One line on a terminal, not more often than a person can read."""

    def __init__(self) -> None:
        self._said = monotonic()

    def __call__(self, resources: int) -> None:
        if monotonic() - self._said > _OFTEN:
            self._said = monotonic()
            click.echo(f"\r  {many(resources, 'resource')}", nl=False, err=True)

    def clear(self) -> None:
        click.echo("\r" + " " * 40 + "\r", nl=False, err=True)


def _table(files: Sequence[Mapping[str, Any]], total: Mapping[str, Any]) -> None:
    """Each file with something in it; of many, those first in which something is wrong."""
    files = [f for f in files if f["resources"] or f["errors"] or f["warnings"]]
    shown = sorted(files, key=lambda f: not (f["errors"] or f["warnings"])) if len(files) > _FILES else files
    click.echo(f"{'resources':>10} {'errors':>8} {'warnings':>8}")
    for f in shown[:_FILES]:
        _line(f, f["file"])
    if len(files) > 1:
        _line(total, f"all {len(files)} files" + (f", {_FILES} shown" if len(files) > _FILES else ""))


def _line(counts: Mapping[str, Any], name: str) -> None:
    click.echo(f"{counts['resources']:>10} {counts['errors']:>8} {counts['warnings']:>8}   {name}")


def _issues(issues: Sequence[Mapping[str, Any]]) -> None:
    for i in issues[:_KINDS]:
        rule = i["rule"] if i["severity"] == "error" else f"{i['rule']} (warning)"
        click.echo(f"{i['times']:>6} x  {rule}  {i['element']} {i['cause']}   {i['cure']}")
        for place in i["places"]:
            value = f" = {place['value']}" if "value" in place else ""
            click.echo(f"{'':9}{place['where']} {place['element']}".rstrip() + value)
    if len(issues) > _KINDS:
        click.echo(f"{many(len(issues) - _KINDS, 'kind')} of issue more: --json tells them all")


def _not_checked(kinds: Mapping[str, int]) -> None:
    for kind, n in kinds.items():
        click.echo(f"{n:>6} x  not checked  {kind}")
    if kinds:
        click.echo(f"{many(sum(kinds.values()), 'thing')} not checked, which is not the same as passed")
