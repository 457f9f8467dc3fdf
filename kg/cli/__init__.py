"""The command `kg`; the only place that prints.

Exit status: 0 all is well, 1 something was found or not accepted, 2 the input or the
store cannot be used.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click
from rich.console import Console

from kg.cli import (
    asking,
    authoring,
    changing,
    drawing,
    explaining,
    giving,
    keeping,
    mapping,
    remote,
)
from kg.cli.common import Context, WholeHelp
from kg.cli.keeping import print_since
from kg.cli.refusals import refusal
from kg.cli.tokens import token_command
from kg.errors import ExequaturError, VersionConflictError

if TYPE_CHECKING:
    from collections.abc import Sequence


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


class Commands(WholeHelp):
    """The group of commands; it turns our errors into one line and a status."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 as click has it
        """Run the command; an error of ours ends it with status 2."""
        try:
            return super().invoke(ctx)
        except ExequaturError as error:
            console = Console(stderr=True)
            console.print(f"kg: {error}", markup=False, soft_wrap=True)
            if isinstance(error, VersionConflictError):
                print_since(error, console)
                ctx.exit(1)
            ctx.exit(2)

    def main(
        self,
        args: Sequence[str] | None = None,
        *more: Any,  # noqa: ANN401 as click has it
        **options: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Run what the command line says; a closed or full output is no traceback."""
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if stream is None:  # closed by whoever started us
                setattr(sys, name, _nowhere())
            elif isinstance(stream, io.TextIOWrapper):
                # A locale without the letters of a name is no reason to fail.
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().main(args, *more, **options)
        except OSError as error:
            # What cannot be written now must not be tried once more at the end.
            sys.stdout = _nowhere()
            click.echo(f"kg: {refusal(error)}", err=True)
            sys.exit(2)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of a newcomer's way."""
        return list(self.commands)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--store", metavar="DIR|URL", help="Directory of the store, or its URL.")
@click.option("--base", help="Base IRI to mint and serve entities and sources under.")
@click.version_option(package_name="exequatur")
@click.pass_context
def main(ctx: click.Context, store: str | None, base: str | None) -> None:
    """Ask, check and serve a knowledge graph of diplomacy.

    \b
    kg build                          make the store from the shipped files
    kg list                           which questions there are
    kg run posts-of-state -p state=Kenya
    kg validate my-facts.trig         would these facts be accepted?
    kg serve                          SPARQL and pages at a local address

    Settings come from options, then EXEQUATUR_… variables, then exequatur.toml;
    `kg settings` shows them all.
    """
    ctx.obj = Context(store=store, base=base)


for command in (
    changing.build_command,
    asking.list_command,
    asking.run_command,
    asking.query_command,
    asking.show_command,
    explaining.why_command,
    drawing.picture_command,
    authoring.draft_command,
    authoring.new_command,
    authoring.evidence_command,
    changing.validate_command,
    changing.add_command,
    mapping.map_command,
    changing.remove_command,
    changing.replace_graph_command,
    changing.check_command,
    keeping.log_command,
    keeping.diff_command,
    keeping.undo_command,
    keeping.erase_command,
    keeping.backup_command,
    keeping.restore_command,
    keeping.rebuild_command,
    remote.copy_command,
    remote.store_command,
    giving.dump_command,
    giving.serve_command,
    token_command,
    giving.settings_command,
    giving.completion_command,
):
    main.add_command(command)
