"""How clinical documents are shown: what they are, section by section, and what their entries become."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from nowrongdoor.cli.files import many

_FILES = 3  # names of files behind a cause, or of software


def inspected(told: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """One document, or many counted together."""
    from nowrongdoor.flow.outlines import summary

    all_ = summary(told)
    software = _some(list(all_["software"]))
    if len(told) == 1 and not all_["unread"]:
        (one,) = told
        marks = [one["document"] or "no type that we know"]
        marks += [f"confidentiality {one['confidentiality']}"] if one["confidentiality"] else []
        yield f"{one['file']}: {', '.join(marks + ([f'made by {software}'] if software else []))}"
    else:
        yield many(len(told), "document")
        yield from (f"  {n} {kind or 'of no type that we know'}" for kind, n in all_["kinds"].most_common())
        for rule, files in all_["unread"].items():
            yield f"  {len(files)} cannot be read: {rule} ({_some(files)})"
        yield from [f"  made by {software}"] if software else []
    for s in (s for s in all_["sections"] if s["entries"]):
        name = s["section"] or "no section that we know"
        yield f"  {s['code'] or '(no code)':10} {name:38} {many(s['entries'], 'entry'):>12}   {_becomes(s)}"
    if words := [s["code"] or "(no code)" for s in all_["sections"] if not s["entries"]]:
        yield f"  words only: {', '.join(words)}"
    for e in all_["entries"]:
        if beyond := e["becomes"].get("out of scope"):
            where = f"in {e['code']} " if e["code"] else ""
            yield f"  no rule for {e['template']} {where}({many(beyond, 'entry')}): only the section's words are kept"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_FILES]) + (f" and {len(names) - _FILES} more" if len(names) > _FILES else "")


def _becomes(part: Mapping[str, Any]) -> str:
    return ", ".join(f"{n} {what}" for what, n in sorted(part["becomes"].items(), key=lambda pair: (-pair[1], pair[0])))


def stated(said: Mapping[str, Any]) -> None:
    """Which part of a document becomes what, as a table."""
    click.echo(f"{said['layout']}   documents: what each part of the header becomes")
    for h in said["header"]:
        click.echo(f"  {h['part']:40} {', '.join(h['becomes'])}")
    click.echo("sections: what their entries become, and in any section goals (mood GOL) and requests (INT, RQO, …)")
    for s in said["sections"]:
        click.echo(
            f"  {s['code']:8} {s['section']:40} {', '.join(s['becomes']) or 'its words, in the DocumentReference'}"
        )
    click.echo(f"nwd explain {said['layout']} FILE... tells what the entries of your own documents become")


def entries(told: Sequence[Mapping[str, Any]]) -> None:
    """What entries became, by section, template, element and mood."""
    for e in told:
        key = f"{e['code']:8} {e['template']:44} {e['element']:24} {e['mood']:5}"
        click.echo(f"  {key} {e['entries']:6}   {', '.join(e['becomes'])}")
