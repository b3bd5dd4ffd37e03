"""Commands that need no workspace and no network: translate, inspect."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click
import orjson

from nowrongdoor import settings, shelf
from nowrongdoor.errors import Usage

if TYPE_CHECKING:
    from nowrongdoor.flow.ask import Sight

FILES = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for a program to read.")
WORKSPACE = click.option(
    "--workspace",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder made by nwd init (default: this one, if it is one).",
)


def now() -> datetime:
    """The clock of this run: SOURCE_DATE_EPOCH where it is set, so that runs can be repeated to the byte."""
    told = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not told:
        return datetime.now(UTC)
    if not told.isdecimal():
        raise Usage("SOURCE_DATE_EPOCH is not a number of seconds", "unset it, or set it to seconds since 1970")
    return datetime.fromtimestamp(int(told), UTC)


def workspace(folder: Path | None, *, needed: bool = False) -> settings.Settings:
    """Settings of the workspace named, or of the one we stand in. Where none is needed, a folder `profiles` will do."""
    if folder is None and (needed or Path(settings.FILE).is_file()):
        folder = Path.cwd()
    told = settings.load(folder)
    if folder is None and Path("profiles/sources").is_dir():
        told = replace(told, workspace=Path.cwd())
    for name in shelf.shadows(told.workspace) if told.workspace else ():
        click.echo(f"nwd: {name} here stands in front of the shipped one of that name", err=True)
    return told


def demo_secret(told: settings.Settings) -> None:
    if told.demo:
        click.echo(
            "nwd: no secret: ids are made with the public demo secret and go to synthetic servers only", err=True
        )


def show(said: Any) -> None:
    sys.stdout.buffer.write(orjson.dumps(said, option=orjson.OPT_INDENT_2) + b"\n")


def account(accounting: Mapping[str, Any]) -> None:
    """The rows of each file and what became of them, as a table; documents are counted together.

    A document is of one person, whose name its file may bear: a terminal shows none of those.
    """
    files = accounting["files"]
    documents = sum(f["table"] == "document" for f in files)
    beside = documents or any(f["out_of_scope"] for f in files)
    more = {"narrative": "narrative", "out_of_scope": "other"} if beside else {}
    columns = ["read", "written", "merged", "refused", "noise", *more]
    headers = ["entries" if documents else "rows", *columns[1:5], *more.values()]
    lines = [] if documents else [(f"{f['file']} ({f['table']})", [f]) for f in files]
    if documents or len(files) > 1:
        lines.append((many(documents, "document") if documents else "", files))
    width = max([len(name) for name, _ in lines] or [0])
    click.echo(f"  {'':{width}}" + "".join(f"{h:>10}" for h in headers))
    for name, told in lines:
        click.echo(f"  {name:{width}}" + "".join(f"{sum(f[c] for f in told):>10}" for c in columns))
    if passed := accounting.get("no_documents"):
        are = "is no document" if len(passed) == 1 else "are no documents"
        click.echo(f"{many(len(passed), 'file')} {are}: see warnings.ndjson")
    if repeated := accounting.get("repeated"):
        are = "is another of these" if len(repeated) == 1 else "are others of these"
        click.echo(f"{many(len(repeated), 'document')} {are}, byte for byte: see accounting.json")
    if not accounting["balanced"]:
        click.echo(
            "NOT BALANCED: rows were lost. Trust nothing of this run; this is a fault of nwd: report it.", err=True
        )


def progress(read: int, due: int) -> None:
    """On a terminal, how far it has come: one line, written over."""
    if sys.stderr.isatty() and (read % 10 == 0 or read == due):
        click.echo(f"\r  {read} of {many(due, 'document')}", err=True, nl=read == due)


def ended(accounting: Mapping[str, Any]) -> int:
    if not accounting["balanced"]:
        return 1
    return 3 if any(f["refused"] for f in accounting["files"]) else 0


@click.command()
@FILES
@click.option("--source", required=True, help="Who sent the files: the name of a TOML in profiles/sources.")
@click.option(
    "--out", "folder", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder to write."
)
@click.option("--as-of", default="", help="The day that the files speak of (YYYY-MM-DD), where they do not say.")
@click.option("--force", is_flag=True, help="Replace what is in the folder.")
@click.option(
    "--recover", is_flag=True, help="Keep what can be read of a damaged document; all of that counts as restricted."
)
@click.option("--workers", default=0, help="Processes that read documents (default: one for each processor).")
@WORKSPACE
@JSON
def translate(  # noqa: PLR0913, PLR0917 - click hands each option over by itself
    files: Sequence[Path],
    source: str,
    folder: Path,
    as_of: str,
    force: bool,
    recover: bool,
    workers: int,
    workspace: Path | None,
    as_json: bool,
) -> int:
    """Files of one source to FHIR resources in a folder. No network.

    Where the source's files are documents (C-CDA), a folder or a zip archive of them will do.
    """
    from nowrongdoor.flow import prepare
    from nowrongdoor.flow.folder import translate as run_into

    told = _settings(workspace)
    demo_secret(told)
    sender, moment = told.source(source), now()
    run = prepare(sender, told, moment, day(as_of, moment, sender.timezone))
    run = replace(run, recover=recover, workers=workers or os.cpu_count() or 1, progress=progress)
    accounting = run_into(files, run, folder, force=force)
    if as_json:
        show(accounting)
    else:
        account(accounting)
        resources = sum(sum(f["resources"].values()) for f in accounting["files"])
        click.echo(f"{many(resources, 'resource')} in {folder}; what was refused and why in {folder / 'refusals.csv'}")
    return ended(accounting)


_settings = workspace


def day(said: str, moment: datetime, timezone: str) -> str:
    """--as-of: a day that has come where the sender is; "" where nothing is said."""
    if said:
        try:
            told = date.fromisoformat(said if len(said) == len("2026-01-31") else "")
        except ValueError:
            raise Usage("--as-of is not a date", "write YYYY-MM-DD") from None
        if told > moment.astimezone(ZoneInfo(timezone)).date():
            raise Usage("--as-of is a day that is yet to come", "say the day on which the files were made")
        return told.isoformat()
    return said


@click.command()
@FILES
@click.option(
    "--rows", "as_rows", is_flag=True, help="Print each row exactly as read, as NDJSON. Holds what they hold."
)
@click.option("--draft", default="", metavar="NAME", help="Write a source of that name, and its code tables.")
@click.option("--layout", default="", help="Of the draft: the layout, where no header tells it.")
@click.option(
    "--table", "tables", multiple=True, metavar="FILE=TABLE", help="Of the draft: the layout's table that a file is."
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder whose profiles/ the draft goes to (default: the workspace, or this folder).",
)
@WORKSPACE
@JSON
def inspect(  # noqa: PLR0913, PLR0917 - click hands each option over by itself
    files: Sequence[Path],
    as_rows: bool,
    draft: str,
    layout: str,
    tables: Sequence[str],
    into: Path | None,
    workspace: Path | None,
    as_json: bool,
) -> int:
    """What a file is, which source comes nearest, what differs; and a draft of a new source.

    Of clinical documents (C-CDA; also a folder or a zip archive of them): what they are, which software made them,
    their sections, and what the entries of each would become.
    """
    told = _settings(workspace)
    if _are_documents(files, otherwise=bool(as_rows or draft or layout or tables)):
        return _documents(files, told, as_json=as_json)
    from nowrongdoor.flow import ask

    candidates, unread = ask.known(told.workspace)
    for line in unread:
        click.echo(f"nwd: not looked at: {line}", err=True)
    if draft:
        from nowrongdoor.flow.drafting import draft as write
        from nowrongdoor.flow.parts import Asked

        by_hand = Asked(layout, {Path(file).name: table for file, _, table in (t.rpartition("=") for t in tables)})
        drafted = write(draft, files, into or told.workspace or Path(), candidates, by_hand)
        show(drafted) if as_json else _drafted(draft, drafted)
        return 0
    if layout or tables:
        raise Usage("--layout and --table are of a draft", "add --draft NAME")
    sights = [sight for file in files for sight in ask.look(file, candidates)]
    if as_rows:
        for sight in sights:
            _rows(sight)
        return 0
    said = [ask.told(sight) for sight in sights]
    if as_json:
        show(said)
        return 0
    for one in said:
        _inspected(one)
    if any(one["found"] < one["wanted"] or not one["source"] for one in said):
        click.echo("to describe these files as a source of their own: nwd inspect FILE... --draft NAME")
    return 0


_OWN_SOURCE = "a sender of documents is described by a copy of profiles/sources/ccda.toml under a name of its own"


def _are_documents(files: Sequence[Path], *, otherwise: bool) -> bool:
    """`otherwise`: something was asked that only rows have."""
    from nowrongdoor.flow.outlines import are_documents

    found = all(map(are_documents, files))
    if found and otherwise:
        raise Usage("clinical documents have no rows and no columns", _OWN_SOURCE)
    return found


def _documents(files: Sequence[Path], told: settings.Settings, *, as_json: bool) -> int:
    from nowrongdoor.cli.documents import inspected
    from nowrongdoor.flow.outlines import look

    said = list(look(files, told.source("ccda")))
    if as_json:
        show(said)
    else:
        for line in inspected(said):
            click.echo(line)
        click.echo("to make resources of them: nwd translate --source ccda --out DIR FILE...")
    return 3 if any("rule" in one for one in said) else 0


def _rows(sight: "Sight") -> None:
    from nowrongdoor.flow import ask

    if sight.fit.missing:
        click.echo(f"nwd: {sight.path.name}: no source knows it; header taken from line {sight.fit.line}", err=True)
    for row in ask.rows(sight):
        sys.stdout.buffer.write(orjson.dumps(row) + b"\n")


_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", "": "workbook"}
_NOISE = {
    "rows": "row", "refused": "row that cannot be split", "totals": "totals line", "blank": "blank row",
    "repeated_headers": "repeated header",
}  # fmt: skip


def _inspected(told: Mapping[str, Any]) -> None:
    name = f"{told['file']} ({told['sheet']})" if told["sheet"] else told["file"]
    above = f" ({told['header_line'] - 1} above it)" if told["header_line"] > 1 else ""
    how = [
        told["encoding"],
        _DELIMITERS.get(told["delimiter"], told["delimiter"]),
        f"first record on line {told['header_line']}"
        if told["delimiter"] == "XML"
        else f"header on line {told['header_line']}{above}",
    ]
    noise = [many(told[k], word) for k, word in _NOISE.items() if told[k]]
    click.echo(f"{name}: {', '.join([*filter(None, how), *noise])}")
    if not told["header_sure"]:
        click.echo("  no source or layout comes near; that line may be no header, so it is not shown (--rows shows it)")
        return
    source = f"{told['source'] or 'none of them'} (layout {told['layout']}, table {told['table']})"
    click.echo(f"  closest source: {source}: {told['found']} of {told['wanted']} columns")
    lines = {
        "renamed?": [f'"{r["header"]}" -> {r["column"]} ({r["why"]})' for r in told["renamed"]],
        "missing": told["missing"],
        "new (ignored unless you map it)": [f'"{h}"' for h in told["new"]],
        **{f"codes not in codes/{c['file']}: {c['columns']}": _codes(c) for c in told["codes"]},
    }
    for what, said in lines.items():
        if said:
            click.echo(f"  {what}: {', '.join(said)}")


def _codes(told: Mapping[str, Any]) -> list[str]:
    more = told["not_shown"]
    met = [f'"{code}" {many(rows, "row")}' for code, rows in told["codes"].items()]
    return met + ([f"{more['codes']} not shown, in {many(more['rows'], 'row')}"] if more["codes"] else [])


_SEVERAL = {"person": "people", "entry": "entries"}


def many(n: int, word: str) -> str:
    """How many of something, as it is said: "1 row", "2 rows that cannot be split", "3 people"."""
    first, _, rest = word.partition(" that ")
    several = _SEVERAL.get(first) or f"{first}s"
    return f"{n} {first if n == 1 else several}" + (f" that {rest}" if rest else "")


def _drafted(name: str, told: Mapping[str, Any]) -> None:
    for table in told["tables"]:
        click.echo(f"  {table['file']} {table['sheet']}".rstrip() + f" as table {table['table']}")
    for file, tables in told["unsure"].items():
        click.echo(f'  which table is {file}? {", ".join(tables)}: say --table "{file}=TABLE"')
    for file, blanks in told["files"].items():
        click.echo(
            f"drafted {told['folder']}/{file}" + (f" - {many(blanks, 'blank')} to fill, marked TODO" if blanks else "")
        )
    for file in told["kept"]:
        click.echo(f"{told['folder']}/{file} stays as it is; codes without a line were looked for")
    for kind, n in told["not_drafted"].items():
        click.echo(f"  {kind}: {many(n, 'text')} left out, not like a code: is the right column mapped?")
    click.echo(
        "look at each line with a remark, fill the blanks (after headers, draft again: code tables follow), then:"
    )
    click.echo(f"nwd translate --source {name} --out DIR FILE...")
    click.echo(f"what each column is, and what its codes may mean: nwd explain {told['layout']}")
