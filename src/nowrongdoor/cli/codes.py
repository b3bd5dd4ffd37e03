"""`nwd codes`: codes that no table knows, and the lines to add for them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from nowrongdoor import settings, shelf
from nowrongdoor.cli.files import JSON, WORKSPACE, many, show
from nowrongdoor.cli.files import workspace as load
from nowrongdoor.errors import Usage

_FILES = 3  # names of files behind a code


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--source", default="", help="Whose codes: the name of a TOML in profiles/sources. Needed with FILES.")
@click.option(
    "--draft", "home", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Write the missing lines into DIR/profiles/codes: the workspace, or a folder of yours.",
)  # fmt: skip
@click.option("--values", is_flag=True, help="Show also what does not look like a code: it may be of a person.")
@WORKSPACE
@JSON
def codes(  # noqa: PLR0913, PLR0917 - click hands each option over by itself
    files: Sequence[Path], source: str, home: Path | None, values: bool, workspace: Path | None, as_json: bool
) -> int:
    r"""Codes met that no code table knows, whose they are, and the lines that are missing.

    Without FILES: in all that was taken into the workspace. With FILES: in these, which --source sent; nothing is taken
    in. A row with such a code is refused, or goes on with the code as text: the list says which. What may be of a
    person is counted, with its first rows, and shown only with --values: a note, a number, a word that stands once,
    and every word of a column where most do.

    \b
    To mend it:
      1. nwd codes --draft DIR    adds a line "code,TODO," to each table; what stands there stays
      2. write the target in the place of each TODO (nwd explain LAYOUT: what a table may map to);
         delete the line of a mere slip: that is for the sender to correct
      3. take the files in again, and ask again: a code may hide another

    Exit code 3: a code has no line, or a line's target is not in the code system that it names.
    """
    told = load(workspace, needed=not files)
    if files and not source:
        raise Usage(
            "nwd codes FILE... needs --source", "who sent the files? nwd inspect FILE tells which comes nearest"
        )
    from nowrongdoor.flow import codes as flow

    missing, tables = _ask(files, source, told, values=values)
    drafted = flow.draft(missing, home, told.workspace) if home else []
    if as_json:
        show({"unmapped": missing, "tables": tables, "drafted": drafted})
    else:
        _tables(tables)
        _unmapped(missing)
    if home:
        _drafted(drafted, home, as_json=as_json)
        if hidden := sum(m["not_shown"]["codes"] for m in missing):
            why = "may be of a person: --values shows them and adds a line for each"
            click.echo(f"{many(hidden, 'text')} not added, as not shown: {why}", err=as_json)
    elif missing and not as_json:
        click.echo(
            "next: the same command with --draft DIR adds a line for each code shown; its target is for you to say"
        )
    return 3 if missing or any(t["unknown"] for t in tables) else 0


def _ask(files: Sequence[Path], source: str, told: settings.Settings, *, values: bool) -> tuple[list[Any], list[Any]]:
    from nowrongdoor.flow import codes as flow
    from nowrongdoor.flow import outlines
    from nowrongdoor.flow.workspace import open_store

    if files:
        sender = told.source(source)
        if outlines.is_of_documents(sender.layout):
            return outlines.unmapped(sender, outlines.loose(files), told.workspace), flow.tables(sender, told.workspace)
        missing = flow.unmapped(sender, flow.loose(files, sender), told.workspace, values=values)
        return missing, flow.tables(sender, told.workspace)
    missing, tables = [], []
    with open_store(told) as store:
        names = sorted({file.source for file in store.files(source)})
        if source and not names:
            raise Usage(f"nothing of a source called {source!r} was taken in here", "`nwd status` lists the sources")
        for sender in map(told.source, names):
            if outlines.is_of_documents(sender.layout):
                missing += outlines.unmapped(sender, outlines.taken_in(store, sender), told.workspace)
            else:
                missing += flow.unmapped(sender, flow.taken_in(store, sender), told.workspace, values=values)
            tables += flow.tables(sender, told.workspace)
    return missing, tables


def _tables(tables: Sequence[Mapping[str, Any]]) -> None:
    once = {t["path"]: t for t in tables}
    if once:
        click.echo("code tables, and the ConceptMap that says the same in FHIR")
    for t in once.values():
        none = "none: not the table as it is shipped" if t["maps_to_codes"] else "none: its targets are no codes"
        click.echo(f"  {t['file']:32} {many(t['lines'], 'line'):>9}   {t['concept_map'] or none}")
        for bad in t["unknown"]:
            click.echo(f"      {bad['code']}: target {bad['target']} is not in {bad['system']}; correct {t['path']}")
    if elsewhere := sum(sum(t["not_checked"].values()) for t in once.values()):
        click.echo(f"  not looked up: {many(elsewhere, 'target')} of code systems that are not shipped whole (--json)")


def _unmapped(missing: Sequence[Mapping[str, Any]]) -> None:
    for m in missing:
        spelled = "+".join(f'"{h}"' for h in m["headers"])
        click.echo(f"{m['source']}: {m['columns']} ({spelled}) of {m['table']}, not in codes/{m['file']}")
        for told in m["codes"]:
            names = list(told["files"])
            more = f" and {len(names) - _FILES} more" if len(names) > _FILES else ""
            click.echo(f"  {told['code']!r:32} {many(told['rows'], 'row'):>8}   {', '.join(names[:_FILES])}{more}")
        if hidden := m["not_shown"]["codes"]:
            rows = many(m["not_shown"]["rows"], "row")
            places = ", ".join(f"{at['file']} row {at['row']}" for at in m["not_shown"]["places"])
            click.echo(f"  {many(hidden, 'text')} not shown (--values), in {rows}: may be of a person; {places}")
        click.echo(f"  such a row is {m['row_is']}; the table to edit: {m['path']}")
    n = sum(len(m["codes"]) + m["not_shown"]["codes"] for m in missing)
    click.echo(f"{many(n, 'code')} without a target" if n else "every code has its target")


def _drafted(drafted: Sequence[Mapping[str, Any]], home: Path, *, as_json: bool) -> None:
    for one in drafted:
        added = f"{many(one['lines'], 'line')} added" if one["lines"] else "stays as it is"
        click.echo(f"{one['path']}: {added}; {many(one['blanks'], 'target')} to fill, marked TODO", err=as_json)
    new = {f"profiles/codes/{one['file']}" for one in drafted if one["new"]}
    for name in shelf.shadows(home):
        if name in new:
            click.echo(f"nwd: {name} there stands in front of the shipped one of that name", err=True)
