"""The commands that keep a store and explain its past: log, diff, undo, backup, …"""

from __future__ import annotations

import shlex
from dataclasses import asdict
from datetime import UTC
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Unpack

import click
from rich.markup import escape
from rich.table import Table

from kg.backup import backup, backup_remote, restore
from kg.change import Change
from kg.cli.common import (
    Context,
    How,
    console,
    how_options,
    print_verdict,
    whoami,
    write_change,
    write_json,
    write_report,
)
from kg.display import statement_text, term_text
from kg.erasure import MESSAGE, erase, plan_erasure
from kg.history import changes, diff, marked, undo
from kg.journal import journal_lines
from kg.names import find_entity
from kg.report import Severity
from kg.terms import NamedNode
from kg.verify import rebuild

if TYPE_CHECKING:
    from rich.console import Console

    from kg.erasure import Erasure
    from kg.errors import VersionConflictError
    from kg.gate import Verdict
    from kg.graph import KnowledgeGraph
    from kg.store import Snapshot

SHOWN = 10
"""How many quads are shown of a change, where they are not all asked for."""


@click.command("log")
@click.option("-n", "--number", type=click.IntRange(min=1), help="Only the last ones.")
@click.option(
    "-f", "--format", "format_name", type=click.Choice(["table", "json"]),
    default="table", help="How to write it.",
)  # fmt: skip
@click.pass_obj
def log_command(obj: Context, number: int | None, format_name: str) -> None:
    """Show the accepted changes, the last one first: when, by whom, why, how much.

    \b
    kg log
    kg log -n 5 --format json
    """
    found = changes(obj.graph().snapshot())[::-1][:number]
    if format_name == "json":
        rows = [
            {k: v for k, v in asdict(c).items() if k != "what"}
            | {"time": c.time.isoformat()}
            for c in found
        ]
        write_json(rows)
        return
    table = Table(
        "version", "time (UTC)", "by", "added", "removed", "message",
        box=None, header_style="bold", pad_edge=False,
    )  # fmt: skip
    for c in found:
        when = f"{c.time.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        counts = (str(c.version), when, escape(c.agent), str(c.added), str(c.removed))
        table.add_row(*counts, escape(c.message))
    console().print(table)


@click.command("diff")
@click.argument("old", type=int, metavar="V1")
@click.argument("new", type=int, metavar="[V2]", required=False)
@click.option(
    "-f", "--format", "format_name", type=click.Choice(["text", "nquads"]),
    default="text", help="`nquads` writes D and A before each quad, as the journal.",
)  # fmt: skip
@click.pass_obj
def diff_command(obj: Context, old: int, new: int | None, format_name: str) -> None:
    """Show what was removed and added between version V1 and V2, or the current one.

    \b
    kg diff 1
    kg diff 3 5
    """
    store = obj.graph().store
    change = diff(store, old, new or store.version)
    if format_name == "nquads":
        click.echo("".join(journal_lines(change)), nl=False)
        return
    for line in marked(change.removed, change.added):
        click.echo(line)


@click.command("undo")
@click.argument("version", type=int)
@how_options
@click.pass_obj
def undo_command(obj: Context, version: int, **how: Unpack[How]) -> None:
    """Take back what the change to VERSION did, as a new change.

    It must fit what came later, and what is left must conform.

    \b
    kg undo 7 -m "The article was about another minister"
    """

    def make(graph: KnowledgeGraph, _: Snapshot) -> Change:
        return undo(graph.store, version)

    how["message"] = how["message"] or f"Undo version {version}"
    write_change(obj, make, "text", {}, how, strict=False)


@click.command("erase")
@click.argument("entity")
@click.option(
    "--with",
    "others",
    multiple=True,
    metavar="ENTITY",
    help="Erase this too, such as a claim that would lose its maker.",
)
@click.option("--keep-texts", is_flag=True, help="Keep texts that name the entity.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@how_options
@click.pass_obj
def erase_command(
    obj: Context,
    entity: str,
    others: tuple[str, ...],
    keep_texts: bool,
    yes: bool,
    **how: Unpack[How],
) -> None:
    """Remove ENTITY from the data, the journal and all older versions, for good.

    With it go its tenures, stances, participations and times. What would be left
    without what it needs is shown; mend it first, or erase it with --with.

    \b
    kg erase "Ada Envoy" -m "At the request of the person"
    """
    graph = obj.graph()
    snapshot = graph.snapshot()
    nodes = [find_entity(snapshot, name) for name in (entity, *others)]
    how["message"] = how["message"] or MESSAGE
    how["if_version"] = how["if_version"] or snapshot.version
    plan = plan_erasure(snapshot, nodes)
    del snapshot  # it would hold the version that is to go
    _show_plan(plan)
    with obj.telling() as tell:
        verdict = graph.validate(Change(removed=plan.removed), tell=tell)
    if not verdict.accepted or (plan.naming and not keep_texts):
        _refuse_erasure(plan, verdict, (entity, *others))
    if not (yes or click.confirm("Erase this for good?", err=True)):
        raise SystemExit(1)
    with obj.telling() as tell:
        verdict, version = erase(
            graph.store, nodes, keep_texts=keep_texts, tell=tell, **how
        )
    print_verdict(verdict, version)
    click.echo(
        "note: backups made before still hold it, and so may the files that it came"
        " from: remove it there too",
        err=True,
    )
    if not isinstance(obj.settings.store, Path):
        click.echo(
            "note: the store itself may keep it on its disk, in its logs and its own"
            " backups, until it tidies up: its manual tells how to have it do so",
            err=True,
        )


def _show_plan(plan: Erasure) -> None:
    """Say what goes, and which texts that stay name it or may do so."""
    names = ", ".join(term_text(node) for node in plan.nodes)
    click.echo(f"to be erased: {names}; {len(plan.removed)} quads", err=True)
    shown = {
        "named in what comes from files": set(plan.texts) - set(plan.naming),
        "named in": plan.naming,
        "perhaps named in": plan.hints,
    }
    for what, quads in shown.items():
        for quad in sorted(quads, key=str)[:SHOWN]:
            click.echo(f"{what}: {statement_text(quad)}", err=True)
        if len(quads) > SHOWN:
            click.echo(f"{what}: {len(quads) - SHOWN} more", err=True)


def _refuse_erasure(
    plan: Erasure, verdict: Verdict, given: tuple[str, ...]
) -> NoReturn:
    """Tell how to go on where what would be left names it, or says nothing without."""
    write_report(verdict, {}, "text")
    speaking = {quad.subject for quad in plan.removed}
    wrong = chain(
        (f.focus for f in verdict.findings if f.severity is Severity.VIOLATION),
        (quad.subject for quad in plan.naming if quad.subject in speaking),
    )
    left = {node for node in wrong if isinstance(node, NamedNode)}
    first, *others = [*given, *(term_text(node) for node in sorted(left, key=str))]
    options = "".join(f" \\\n    --with {shlex.quote(name)}" for name in others)
    click.echo(
        "not erased: other things would still name it (--keep-texts keeps them), or be"
        " left without what\nthey need. Mend them first, with `kg remove` and `kg add`,"
        f" or erase them too:\n  kg erase {shlex.quote(first)}{options}",
        err=True,
    )
    raise SystemExit(1)


@click.command("backup")
@click.argument("target", type=click.Path(path_type=Path))
@click.pass_obj
def backup_command(obj: Context, target: Path) -> None:
    """Copy the store to the folder TARGET, while others read and write it.

    The copy is a store itself: `kg --store TARGET …` asks it.

    \b
    kg backup /backups/exequatur-2026-11-22
    """
    if isinstance(obj.settings.store, Path):
        version = backup(obj.graph().store, target)
    else:
        version = backup_remote(obj.graph().store, target)
    click.echo(f"{target} holds version {version}", err=True)


@click.command("restore")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Discard changes that SOURCE lacks.")
@click.pass_obj
def restore_command(obj: Context, source: Path, force: bool) -> None:
    """Put a copy of the backup SOURCE in the store's place, in one step.

    A server that runs answers from it with the next request. A store behind a URL is
    filled by parts, and holds no dataset until all of it is there.

    \b
    kg restore /backups/exequatur-2026-11-22
    """
    settings = obj.settings
    place = settings.store
    if isinstance(place, Path):
        done = restore(source, place, force=force, wait=settings.wait_seconds)
    else:
        from kg.remote.restoring import restore_remote

        with obj.telling() as tell:
            done = restore_remote(source, place, force=force, tell=tell)
    click.echo(f"{settings.store} is at version {done.version}", err=True)
    for node in done.erased:
        name = term_text(node)
        click.echo(f"note: {name} was erased and is back: kg erase {name}", err=True)


@click.command("rebuild")
@click.option("-m", "--message", default="Made the derived parts anew",
              help="Why; kept in the log.")  # fmt: skip
@click.option("--agent", default=whoami, help="Who; kept in the log.")
@click.pass_obj
def rebuild_command(obj: Context, message: str, agent: str) -> None:
    """Make merged view, inferences and report anew from what is stated.

    A new version is made only if something was wrong with them.
    """
    with obj.telling() as tell:
        version = rebuild(obj.graph().store, agent=agent, message=message, tell=tell)
    done = f"mended as version {version}" if version else "all is well"
    click.echo(done, err=True)


def print_since(error: VersionConflictError, err: Console) -> None:
    """Show what came since the version that a change was made for."""
    for change in error.since:
        err.print(str(change), markup=False, soft_wrap=True)
        for line in change.what:
            err.print(f"  {line}", markup=False, soft_wrap=True)
        more = change.added + change.removed - len(change.what)
        if more:
            err.print(f"  … {more} more", markup=False)
