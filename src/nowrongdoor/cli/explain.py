"""`nwd explain`: what a column becomes, where an element came from, what a layout holds."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from nowrongdoor import settings, sources
from nowrongdoor.cli.files import JSON, WORKSPACE, now, show
from nowrongdoor.cli.files import workspace as _settings


@click.command()
@click.argument("what", default="")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@WORKSPACE
@JSON
def explain(what: str, files: Sequence[Path], workspace: Path | None, as_json: bool) -> int:
    """What each column becomes, where an element came from, which columns a layout has.

    WHAT is the name of a source: which elements each of its columns becomes, in its fixture or in FILES. Type/id: which
    cell each element of that resource of the workspace came from. The name of a layout: its tables, its columns, and
    what may stand in them. Without WHAT: which sources and layouts there are.
    """
    if "/" in what:
        return _trace(what, _settings(workspace, needed=True), as_json=as_json)
    told = _settings(workspace)
    from nowrongdoor.flow import shape

    if what and (files or what in sources.names(told.workspace) or not shape.is_layout(what)):
        return _columns(what, files, told, as_json=as_json)
    if what:
        said = shape.shape(what, told, now())
        show(said) if as_json else _shape(said)
    else:
        said = shape.there(told)
        show(said) if as_json else _there(said)
    return 0


def _there(said: Mapping[str, Any]) -> None:
    click.echo("sources (nwd explain NAME: what each column becomes)")
    for s in said["sources"]:
        click.echo(f"  {s['source']:20} {s['title']}   layout {s['layout']}")
    for line in said["not_read"]:
        click.echo(f"  not looked at: {line}")
    click.echo("layouts (nwd explain NAME: which columns there are)")
    for one in said["layouts"]:
        click.echo(f"  {one['layout']:20} {', '.join(one['tables'])}")


def _shape(said: Mapping[str, Any]) -> None:
    for table in said["tables"]:
        click.echo(
            f"{said['layout']} {table['table']}"
            + ("   who may know what: a refused row holds its person" if table["consent"] else "")
        )
        for c in table["columns"]:
            marks = ["required" if c["required"] else "optional", c["reads"]]
            marks += ["warns only"] if c["not_understood"] == "warns" else []
            marks += ["absent only if a person says so"] if c["by_hand"] else []
            becomes = ", ".join(_short(c["elements"]))
            click.echo(f"  {c['column']:18} {', '.join(marks)}" + (f"   -> {becomes}" if becomes else ""))
            for kind, targets in c["codes"].items():
                click.echo(f"  {'':18} [codes] {kind}: {', '.join(targets) or 'any target'}")
    click.echo("optional: may stand under [absent]; warns only: a cell not understood does not refuse its row")
    if said["elements_from"]:
        click.echo(
            f"-> is what the fixture of {said['elements_from']} shows; nwd explain SOURCE FILE... asks your own files"
        )


def _columns(source: str, files: Sequence[Path], told: settings.Settings, *, as_json: bool) -> int:
    from nowrongdoor.flow import prepare
    from nowrongdoor.flow.explain import explain as ask

    run = prepare(told.source(source), told, now())
    said = ask(run, files)
    if as_json:
        show(said)
        return 0
    for table in said["tables"]:
        click.echo(f"{table['table']}   {', '.join(table['files'])}")
        for c in table["columns"]:
            name = f"{c['column']} <- {c['header']}" if c["column"] and c["header"] else c["column"] or c["header"]
            effect = ", ".join(_short(c["elements"])) or c["effect"] or "no column"
            codes = "".join(f"   codes/{file}" for file in c["codes"])
            click.echo(f"  {name:40}  {effect}" + (f" ({c['declared']})" if c["declared"] else "") + codes)
    click.echo("where a source is silent, conventions of the field fill in:")
    for c in said["conventions"]:
        click.echo(f"  {c['element']:24} {c['value']:28} {c['when']}")
    return 0


def _trace(reference: str, told: settings.Settings, *, as_json: bool) -> int:
    from nowrongdoor.flow.trace import trace
    from nowrongdoor.flow.workspace import open_store

    assert told.workspace is not None
    with open_store(told) as store:
        said = trace(reference, store, told, now())
    if as_json:
        show(said)
        return 0
    click.echo(f"{reference}   source {said['source']}")
    for path, cells in said["elements"].items():
        places = dict.fromkeys(f"{c['file']} {c['sheet']}".strip() + f" row {c['row']} {c['column']}" for c in cells)
        click.echo(f"  {path:44} {'; '.join(places)}")
    return 0


_INSIDE = re.compile(r"\.(coding|reference|valueCoding)\b.*|\.(code|system|display|url)$|(?<=\.extension)\..*")


def _short(elements: Sequence[str]) -> list[str]:
    """Elements without the insides of codes, references and extensions."""
    paths = {re.sub(r"\._(\w+)\.extension.*", r".\1", _INSIDE.sub("", path)) for path in elements}
    return sorted(path for path in paths if not any(path.startswith(f"{other}.") for other in paths))
