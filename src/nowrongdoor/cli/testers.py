"""Commands for conformance testers: sandbox, conform."""

import os
from pathlib import Path

import click

from nowrongdoor import settings
from nowrongdoor.cli.files import JSON, now


@click.command()
@click.option("--port", default=8080, show_default=True, help="0: any free port.")
@click.option("--database", default=":memory:", show_default=True, help="A file keeps its data.")
@click.option(
    "--habit", "habits", multiple=True, help="NAME=VALUE: behave as some known server does; --habit help lists them."
)
def sandbox(port: int, database: str, habits: tuple[str, ...]) -> int:
    """A small, honest FHIR R4 server on this machine, for trying things out."""
    from nowrongdoor.sandbox import habits_of, serve

    serve(port, database, habits_of(habits))
    return 0


@click.command()
@click.argument("url")
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), help="Write a JUnit report.")
@click.option("--token-env", default="", help="Environment variable that holds a bearer token.")
@click.option("--yes", is_flag=True, help="Write to a server that is not on this machine without asking.")
@JSON
def conform(url: str, junit: Path | None, token_env: str, yes: bool, as_json: bool) -> int:
    """What this gateway needs of a FHIR server, asked of this one; it writes test data there, and removes it."""
    from nowrongdoor.conform import run

    base = settings.base_of(url, url)
    question = f"{base} is not on this machine; write test data there and remove it again"
    if not settings.is_here(base) and not yes and not click.confirm(question, err=True):
        return 1

    report = run(base, bearer=os.environ.get(token_env, "") if token_env else "", clock=now)
    if junit:
        junit.write_bytes(report.junit())
    if as_json:
        click.echo(report.json(), nl=False)
    else:
        click.echo(report.table())
    return 0 if report.ok else 1
