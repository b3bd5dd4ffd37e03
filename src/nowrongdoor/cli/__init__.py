"""`nwd`: a door. It asks the flow, prints short lines, and says how it ended by its exit code.

0 done (withheld is normal) · 1 stopped · 2 wrong usage or settings · 3 done, but something was refused or held.
"""

import logging
import sys
from importlib import import_module
from typing import Any

import click

from nowrongdoor import __version__
from nowrongdoor.errors import Trouble, Usage

# command → module of this package that has it: modules are imported when their command is, so that `--help` is quick
COMMANDS = {
    "translate": "files", "inspect": "files", "explain": "explain", "check": "checking",
    "init": "workspace", "intake": "workspace", "refusals": "workspace", "status": "workspace", "push": "workspace",
    "codes": "codes", "demo": "demo", "sandbox": "testers", "conform": "testers",
}  # fmt: skip


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"{__name__}.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(
                [
                    (name, command.get_short_help_str(80))
                    for name in COMMANDS
                    if (command := self.get_command(ctx, name))
                ]
            )


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(__version__, prog_name="nwd")
def group() -> None:
    """County behavioral-health exports and plan data to FHIR R4, and on to a server; nothing lost, nothing leaked."""


def main(args: list[str] | None = None) -> Any:
    """Run a command; a person's mistake is one line and an exit code, never a traceback."""
    logging.getLogger().addHandler(logging.NullHandler())  # libraries' retries are told by the tally, not by their logs
    try:
        if any("\0" in arg for arg in args or ()):
            raise Usage("an argument holds a NUL, which no name of a file does", "write it anew")
        code = group.main(args, standalone_mode=False)
    except click.exceptions.Exit as e:
        code = e.exit_code
    except click.ClickException as e:
        e.show()
        code = 2
    except click.Abort:
        click.echo("nwd: stopped by hand", err=True)
        code = 1
    except KeyboardInterrupt:
        click.echo("nwd: stopped by hand; what was settled is kept", err=True)
        code = 1
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has seen enough
        code = 1
    except OSError as e:
        click.echo(f"nwd: {e.filename or 'a file'}: {e.strerror or str(e) or 'cannot be used'}   (exit 1)", err=True)
        code = 1
    except Trouble as e:
        code = 2 if isinstance(e, Usage) else 1
        click.echo(f"nwd: {e}   (exit {code})", err=True)
    sys.exit(code if isinstance(code, int) else 0)
