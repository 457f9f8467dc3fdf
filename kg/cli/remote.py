"""The commands about stores that other programs keep: store check, copy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table

from kg.cli.common import Context, WholeHelp, console, write_json
from kg.config import store_place
from kg.store import Store
from kg.stores import open_store

if TYPE_CHECKING:
    from kg.remote.capabilities import Capability


@click.group("store", cls=WholeHelp)
def store_command() -> None:
    """Look into stores that other programs keep."""


@store_command.command("check")
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def check_command(url: str, as_json: bool) -> None:
    """Try out what the store at URL does, and tell what that means.

    It writes into a graph of its own, and removes it again. The status is 1 where the
    store cannot be used.

    \b
    kg store check http://localhost:3030/exequatur
    """

    from kg.remote import Place
    from kg.remote.capabilities import capabilities

    found = list(capabilities(Place.of(url)))
    if as_json:
        write_json([_members(one) for one in found])
    else:
        console().print(_table(found))
    if any(one.needed and not one.holds for one in found):
        raise SystemExit(1)


@click.command("copy")
@click.argument("source")
@click.argument("target")
@click.option("--force", is_flag=True, help="Replace what TARGET holds.")
@click.pass_obj
def copy_command(obj: Context, source: str, target: str, force: bool) -> None:
    """Copy a dataset, with its journal, from one store to another, and verify it.

    SOURCE and TARGET are directories, or URLs of SPARQL stores. A copy to a SPARQL
    store that broke off is gone on with when the same command is given again.

    \b
    kg copy exequatur-store http://localhost:3030/exequatur
    """
    from kg.remote import Place
    from kg.remote.capabilities import fitting
    from kg.remote.copying import copy_to

    given = open_store(store_place(source))
    place = store_place(target)
    with obj.telling() as tell:
        if isinstance(place, Path):
            tell("copying")
            made = Store.receive(place, given, force=force)
            said = f"{len(made.snapshot()):,} quads"
        else:
            where = Place.of(place)
            view = fitting(where)
            done = copy_to(given, where, view=view, force=force, tell=tell)
            said = f"{done.quads:,} quads, read back and found the same"
            if done.resumed:
                said += f"; {done.resumed:,} of them were there already"
    click.echo(f"{target} holds version {given.version}: {said}", err=True)


def _members(one: Capability) -> dict[str, object]:
    return {
        "name": one.name,
        "holds": one.holds,
        "needed": one.needed,
        **({} if one.holds else {"means": one.means}),
    }


def _table(found: list[Capability]) -> Table:
    table = Table("", "", "What it means", box=None, pad_edge=False)
    for one in found:
        state = "yes" if one.holds else ("no, and needed" if one.needed else "no")
        table.add_row(one.name, state, "" if one.holds else one.means)
    return table
