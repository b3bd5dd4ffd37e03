"""Commands that need no workspace and no network: translate, inspect, explain, check."""

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import orjson

from nowrongdoor import settings, sources
from nowrongdoor.errors import Usage

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
    """Settings of the workspace named, or of the one we stand in; none where that may be."""
    if folder is None and (needed or Path(settings.FILE).is_file()):
        folder = Path.cwd()
    return settings.load(folder)


def demo_secret(told: settings.Settings) -> None:
    if told.demo:
        click.echo(
            "nwd: no secret: ids are made with the public demo secret and go to synthetic servers only", err=True
        )


def show(said: Any) -> None:
    sys.stdout.buffer.write(orjson.dumps(said, option=orjson.OPT_INDENT_2) + b"\n")


def account(accounting: Mapping[str, Any]) -> None:
    """The rows of each file and what became of them, as a table."""
    columns = ("read", "written", "merged", "refused", "noise")
    files = accounting["files"]
    width = max([len(f["file"]) + len(f["table"]) + 3 for f in files] or [0])
    click.echo(f"  {'':{width}}" + "".join(f"{c:>9}" for c in ("rows", *columns[1:])))
    for f in files:
        name = f"{f['file']} ({f['table']})"
        click.echo(f"  {name:{width}}" + "".join(f"{f[c]:>9}" for c in columns))
    if len(files) > 1:
        click.echo(f"  {'':{width}}" + "".join(f"{sum(f[c] for f in files):>9}" for c in columns))
    if not accounting["balanced"]:
        click.echo(
            "NOT BALANCED: rows were lost. Trust nothing of this run; this is a fault of nwd: report it.", err=True
        )


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
@WORKSPACE
@JSON
def translate(  # noqa: PLR0913, PLR0917 - click hands each option over by itself
    files: Sequence[Path], source: str, folder: Path, as_of: str, force: bool, workspace: Path | None, as_json: bool
) -> int:
    """Files of one source to FHIR resources in a folder. No network."""
    from nowrongdoor.flow import prepare
    from nowrongdoor.flow.folder import translate as run_into

    told = _settings(workspace)
    demo_secret(told)
    run = prepare(sources.load(source, told.workspace, told.stricter.get(source)), told, now(), day(as_of))
    accounting = run_into(files, run, folder, force=force)
    if as_json:
        show(accounting)
    else:
        account(accounting)
        resources = sum(sum(f["resources"].values()) for f in accounting["files"])
        click.echo(f"{resources} resources in {folder}; what was refused and why in {folder / 'refusals.csv'}")
    return ended(accounting)


_settings = workspace


def day(said: str) -> str:
    if said:
        try:
            datetime.fromisoformat(said)
        except ValueError:
            raise Usage("--as-of is not a date", "write YYYY-MM-DD") from None
    return said
