"""`nwd explain`: what a column becomes, where an element came from, what a layout holds, what a profile asks."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from shutil import get_terminal_size
from textwrap import fill
from typing import Any

import click

from nowrongdoor import settings, sources
from nowrongdoor.cli.files import JSON, WORKSPACE, now, show
from nowrongdoor.cli.files import workspace as _settings


@click.command()
@click.argument("what", default="")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--profile", help="Instead: what this FHIR profile asks, such as Patient or nwd-consent.")
@WORKSPACE
@JSON
def explain(what: str, files: Sequence[Path], profile: str | None, workspace: Path | None, as_json: bool) -> int:
    """What each column becomes, where an element came from, which columns a layout has, what a profile asks.

    WHAT is the name of a source: which elements each of its columns becomes, in its fixture or in FILES. Type/id: which
    cell each element of that resource of the workspace came from, or which entries of documents state it. The name of a
    layout: its tables, its columns, and what may stand in them. Without WHAT: which sources and layouts there are.

    Of documents (ccda): what the entries of each section become; with FILES, what those of the files become.

    With --profile: each element of one of our FHIR profiles, and where it comes from; with the name of a source, also
    which of its columns become it.
    """
    if profile is not None:
        return _profile(profile, what, files, _settings(workspace), as_json=as_json)
    if "/" in what:
        return _trace(what, _settings(workspace, needed=True), as_json=as_json)
    told = _settings(workspace)
    from nowrongdoor.flow import outlines, shape

    layout = told.source(what).layout if what in sources.names(told.workspace) else what
    if outlines.is_of_documents(layout):
        return _documents(layout, what, files, told, as_json=as_json)
    if what and (files or what in sources.names(told.workspace) or not shape.is_layout(what)):
        return _columns(what, files, told, as_json=as_json)
    if what:
        said = shape.shape(what, told, now())
        show(said) if as_json else _shape(said)
    else:
        said = shape.there(told)
        show(said) if as_json else _there(said)
    return 0


def _documents(layout: str, name: str, files: Sequence[Path], told: settings.Settings, *, as_json: bool) -> int:
    """Of a layout of documents what it states where; of documents, what their entries become."""
    from nowrongdoor.cli.documents import entries, stated
    from nowrongdoor.flow import outlines

    if not files:
        said = outlines.stated(layout)
        show(said) if as_json else stated(said)
        return 0
    found = outlines.summary(outlines.look(files, told.source(name)))
    show(found) if as_json else entries(found["entries"])
    return 3 if found["unread"] else 0


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


def _profile(name: str, source: str, files: Sequence[Path], told: settings.Settings, *, as_json: bool) -> int:
    from nowrongdoor.flow import profile_page

    said = profile_page.page(name, told.workspace)
    if source:
        from nowrongdoor.flow import prepare
        from nowrongdoor.flow.explain import explain as ask

        said["columns"] = profile_page.columns(ask(prepare(told.source(source), told, now()), files), said["type"])
    if as_json:
        show(said)
    else:
        for line in _page(said, source):
            click.echo(line)
    return 0


def _page(said: Mapping[str, Any], source: str) -> Iterator[str]:
    width = min(get_terminal_size((100, 0)).columns, 110)
    yield f"{said['profile']}   {said['title']}"
    yield fill(said["description"], width)
    yield f"{said['url']}\nmade from {said['parent']}\n"
    yield f"{'ELEMENT':34} MANY  TYPE   <- where it comes from: columns by the layouts' own names, parts of documents\n"
    for e in said["elements"]:
        if e["cardinality"].endswith("..0"):
            continue
        more = " …" if len(e["types"]) > 4 else ""
        yield f"{e['element']:34} {e['cardinality']:5} {' | '.join(e['types'][:4])}{more}"
        for line in _about(e):
            yield fill(line, width, initial_indent="    ", subsequent_indent="      ", break_on_hyphens=False)
    if never := [e["element"] for e in said["elements"] if e["cardinality"].endswith("..0")]:
        yield f"\nnever there: {', '.join(never)}"
    if source:
        yield f"\ncolumns of {source}"
        headers: dict[str, dict[str, None]] = {}
        for element, found in said["columns"].items():
            headers.setdefault(_short([element])[0], {}).update(dict.fromkeys(c["header"] for c in found))
        for element, names in sorted(headers.items()):
            line = f"  {element.partition('.')[2]:32} {', '.join(names)}"
            yield fill(line, width, subsequent_indent=" " * 35, break_on_hyphens=False)
    else:
        yield f"\nnwd explain --profile {said['profile']} SOURCE: which columns of a source become it"


def _about(e: Mapping[str, Any]) -> Iterator[str]:
    """What is to be said of one element: meaning, value, codes, rules, where it comes from."""
    binding = e["binding"]
    codes = binding.get("codes", ())
    if not (" | " in e["says"] and (codes or e["is"])):  # the base's own list of codes, of which we use fewer
        yield e["says"]
    yield from filter(None, (e["more"],))
    if e["is"]:
        yield f"is {'; '.join(e['is'])}"
    if codes or (binding and not e["is"] and binding["strength"] != "example"):
        listed = f": {', '.join(codes)}" if codes else ""
        yield f"codes of {binding['value_set'].rpartition('/')[2]} ({binding['strength']}){listed}"
    yield from (f"rule {key}: {human}" for key, human in e["rules"].items())
    if e["from"]:
        yield f"<- {e['from']}"


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
    for entry in said.get("entries", ()):
        click.echo(f"  {entry['file']}  {entry['path']}")
    for path, cells in said.get("elements", {}).items():
        places = dict.fromkeys(f"{c['file']} {c['sheet']}".strip() + f" row {c['row']} {c['column']}" for c in cells)
        click.echo(f"  {path:44} {'; '.join(places)}")
    return 0


_INSIDE = re.compile(r"\.(coding|reference|valueCoding)\b.*|\.(code|system|display|url)$|(?<=\.extension)\..*")


def _short(elements: Sequence[str]) -> list[str]:
    """Elements without the insides of codes, references and extensions."""
    paths = {re.sub(r"\._(\w+)\.extension.*", r".\1", _INSIDE.sub("", path)) for path in elements}
    return sorted(path for path in paths if not any(path.startswith(f"{other}.") for other in paths))
