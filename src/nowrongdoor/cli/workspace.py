"""Commands of a workspace: init, intake, refusals, status, push."""

import os
import re
import secrets
import sys
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import orjson

from nowrongdoor import settings
from nowrongdoor.cli.files import JSON, WORKSPACE, account, day, demo_secret, ended, many, now, progress, show
from nowrongdoor.cli.files import workspace as load
from nowrongdoor.errors import Stop, Usage

_TOML = """\
# Who this deployment is. The secret makes the ids: keep a copy of secret.key; with another one all ids change.
[deployment]
namespace = "{namespace}"
secret_file = "secret.key"
timezone = "America/Los_Angeles"

# Organizations that data may go to; code tables of sources call them by the name in [partners.NAME].
# [partners.bay-laurel]
# name = "Bay Laurel Health Plan"
# kind = "plan"

# FHIR servers. audience: every partner who reads it; all must be allowed. synthetic = true: invented people only.
# [servers.sandbox]
# base = "http://127.0.0.1:8080/fhir"
# audience = ["bay-laurel"]
# purposes = ["CAREMGT"]
# synthetic = true
"""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def init(folder: Path) -> int:
    """Make a workspace: settings, a secret, places for your own sources and code tables."""
    if (folder / settings.FILE).exists():
        raise Usage(f"{folder} is a workspace already", f"edit {folder / settings.FILE}")
    for name in ("profiles/sources", "profiles/codes"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    key = folder / "secret.key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_text(secrets.token_hex(32) + "\n", encoding="ascii")
    name = re.sub(r"[^\w .-]", "-", folder.resolve().name) or "workspace"
    (folder / settings.FILE).write_text(_TOML.format(namespace=name), encoding="utf-8", newline="\n")
    click.echo(f"{folder / settings.FILE}, a secret, profiles/ for your own sources and code tables")
    click.echo(f"Next: nwd inspect YOUR-FILE.csv; then nwd intake --workspace {folder} --source NAME FILE...")
    return 0


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--source", default="", help="Who sent the files: the name of a TOML in profiles/sources.")
@click.option("--as-of", default="", help="The day that the files speak of (YYYY-MM-DD), where they do not say.")
@click.option(
    "--corrections", type=click.Path(path_type=Path, dir_okay=False), help="A file from nwd refusals --csv, mended."
)
@click.option("--yes", is_flag=True, help="Take corrections without asking.")
@WORKSPACE
@JSON
def intake(  # noqa: PLR0913, PLR0917 - click hands each option over by itself
    files: Sequence[Path],
    source: str,
    as_of: str,
    corrections: Path | None,
    yes: bool,
    workspace: Path | None,
    as_json: bool,
) -> int:
    """Take files of one source into the workspace; or refused rows that were mended.

    Where the source's files are documents (C-CDA), a folder or a zip archive of them will do.
    """
    told = load(workspace, needed=True)
    demo_secret(told)
    if corrections:
        if files or source:
            raise Usage("--corrections takes no files and no --source", "the corrections know where they belong")
        return _corrections(told, corrections, yes=yes, as_json=as_json)
    if not files or not source:
        raise Usage("nwd intake needs --source and files", "or --corrections FILE")
    from nowrongdoor.flow import prepare
    from nowrongdoor.flow import workspace as flow

    with _store(told) as store:
        sender, moment = told.source(source), now()
        run = prepare(sender, told, moment, day(as_of, moment, sender.timezone))
        run = replace(run, workers=os.cpu_count() or 1, progress=progress)
        accounting = flow.intake(files, run, store)
        _show(accounting, as_json=as_json)
        digests = {f["sha256"] for f in accounting["files"]}
        _go_on(run, store, {f.number for f in store.files(source) if f.sha256 in digests}, as_json=as_json)
        return _left(store, source, accounting, as_json=as_json)


def _go_on(run: Any, store: Any, but: Container[int], *, as_json: bool) -> None:
    """Rows that were refused only for what they pointed at: it may be there now."""
    from nowrongdoor.flow import corrections

    if went := corrections.go_on(run, store, but):
        click.echo(f"{many(went, 'row that waited for these')} went in as well", err=as_json)


def _left(store: Any, source: str, accounting: Mapping[str, Any], *, as_json: bool) -> int:
    from nowrongdoor.flow.workspace import left

    waits = left(store, source)
    if waits["refused"] or waits["held"]:
        one = waits["refused"] == 1
        held = f", which {'holds' if one else 'hold'} {many(waits['held'], 'person')}" if waits["held"] else ""
        click.echo(
            f"{many(waits['refused'], 'row')} {'is' if one else 'are'} refused{held}: nwd refusals --source {source}",
            err=as_json,
        )
    return ended(accounting) or (3 if any(waits.values()) else 0)


def _store(told: settings.Settings) -> Any:
    from nowrongdoor.flow.workspace import open_store

    return open_store(told)


def _show(accounting: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        show(accounting)
    else:
        account(accounting)


def _corrections(told: settings.Settings, path: Path, *, yes: bool, as_json: bool) -> int:
    from nowrongdoor.flow import corrections, prepare

    code = 0
    with _store(told) as store:
        rows = corrections.offered(path, store)
        changed = [c for c in rows if c.changed]
        for c in changed:
            for column, before, after in c.changed:
                click.echo(f"  {c.where}  {column}: {before!r} -> {after!r}", err=as_json)
        question = f"{many(len(rows), 'row')} offered, {len(changed)} changed as shown"
        if not changed:
            click.echo(f"{question}: nothing to do", err=as_json)
            return 3 if rows else 0
        if not yes and not click.confirm(question, err=as_json):
            return 1
        for name in sorted({c.refusal.source for c in changed}):
            run = prepare(told.source(name), told, now())
            mended = [c for c in changed if c.refusal.source == name]
            if aside := corrections.set_aside(mended, run, store):
                click.echo(f"{aside} of them set aside", err=as_json)
                continue
            accounting = corrections.replay(mended, run, store)
            _show(accounting, as_json=as_json)
            _go_on(run, store, (), as_json=as_json)
            code = max(code, _left(store, name, accounting, as_json=as_json))
    return code


@click.command()
@click.option("--source", default="", help="Only of this source.")
@click.option(
    "--csv",
    "table",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the rows to mend in a spreadsheet (.csv or .xlsx).",
)
@click.option("--force", is_flag=True, help="Replace that file.")
@WORKSPACE
@JSON
def refusals(source: str, table: Path | None, force: bool, workspace: Path | None, as_json: bool) -> int:
    """What was refused, why, and how to mend it: counted by cause; row by row with --json, or in a file with --csv."""
    told = load(workspace, needed=True)
    from nowrongdoor.flow import refusals as flow

    with _store(told) as store:
        if source and not store.files(source):
            raise Usage(f"nothing of a source called {source!r} was taken in here", "`nwd status` lists the sources")
        rows = list(store.refusals(source))
        if table:
            if table.exists() and not force:
                raise Usage(f"{table} is there already", "name another file, or say --force: mends in it would be lost")
            flow.export(rows, table)
            click.echo(f"{many(len(rows), 'row')} in {table}; mend them, then: nwd intake --corrections {table}")
        elif as_json:
            for row in rows:
                sys.stdout.buffer.write(orjson.dumps({k: v for k, v in row.line.items() if k != "header"}) + b"\n")
        else:
            _causes(row.line for row in rows)
            held = store.holding(source)
            if held:
                click.echo(f"held: {many(held, 'person')}; their data waits until the rows above are mended")
    return 3 if rows else 0


def _causes(lines: Iterable[Mapping[str, Any]]) -> None:
    counts: Counter[tuple[str, str, str]] = Counter()
    for line in lines:
        counts.update({(i["rule"], _where(i["column"], i["cause"]), i["cure"]) for i in line["issues"]})
    for (rule, cause, cure), n in counts.most_common():
        click.echo(f"{n:5} {'row ' if n == 1 else 'rows'}  {rule:13} {cause}\n{'':26}{cure}")
    if not counts:
        click.echo("nothing is refused")


def _where(column: str, cause: str) -> str:
    return f"{column}: {cause}" if column and not cause.startswith(column) else cause


@click.command()
@WORKSPACE
@JSON
def status(workspace: Path | None, as_json: bool) -> int:
    """What was taken in, what is refused or held, and what each server has of it."""
    told = load(workspace, needed=True)
    from nowrongdoor.flow.workspace import status as ask

    with _store(told) as store:
        said = ask(store, told)
    if as_json:
        show(said)
        return 0
    for name, s in said["sources"].items():
        click.echo(
            f"  {name:20} {s['files']:5} files {s['rows']:8} rows {s['people']:7} people {s['refused']:5} rows refused"
        )
    for name, s in said["servers"].items():
        waiting = ", ".join(f"{n} {state}" for state, n in s["outbox"].items()) or "nothing waits"
        click.echo(f"  {name:20} {s['holds']:7} resources there; {waiting}")
    return 0


@click.command()
@click.argument("server")
@WORKSPACE
@JSON
def push(server: str, workspace: Path | None, as_json: bool) -> int:
    """Deliver what is due to one server of the settings, as far as consent allows."""
    told = load(workspace, needed=True)
    entry = told.server(server)
    demo_secret(told)
    from nowrongdoor.flow.deliver import FATES, Delivery, deliver

    def progress(percent: int, so_far: Delivery) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r  {percent:3}%  {so_far.due} of them settled", nl=percent == 100, err=True)

    with _store(told) as store:
        done = deliver(entry, told, store, now, progress)
    if as_json:
        show(
            {
                "server": server,
                "due": done.due,
                **{f: done.fates[f] for f in FATES},
                "states": done.states,
                "why": done.why,
                "sent_before": done.sent_before,
            }
        )
    else:
        tell(done)
    if done.down:
        waiting = done.fates["waiting"]
        raise Stop(
            f"{done.down.cause}. {many(waiting, 'parcel')} {'waits' if waiting == 1 else 'wait'}",
            f"`nwd push {server}` sends them when it does",
        )
    return 3 if any(done.fates[f] for f in ("held", "refused", "waiting")) else 0


def tell(done: Any) -> None:
    """The tally of a delivery, the number first, and why what stayed here did."""
    fates = done.fates
    click.echo(
        f"  due {done.due}   "
        + "   ".join(f"{f} {fates[f]}" for f in ("sent", "unchanged", "withheld", "held", "waiting", "refused"))
    )
    for n, why in done.reasons():
        click.echo(f"  {n:7}  {why}")
    if done.sent_before:
        click.echo(f"  {done.sent_before:7}  of them are on the server from before: nothing was deleted there")
