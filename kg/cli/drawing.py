"""The commands that draw: `kg picture`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.common import Context, WholeHelp, pair, write_bytes
from kg.errors import ExequaturError, FormatError
from kg.names import find_entity
from kg.pictures import (
    classes,
    map_drawing,
    neighbourhood,
    neighbours,
    timeline,
)
from kg.pictures.events import Choice
from kg.pictures.events import timeline as events
from kg.pictures.raster import png
from kg.pictures.spots import answer_spots
from kg.pictures.wanted import (
    DEPTHS,
    HARD_MOST,
    KINDS,
    MOST_NODES,
    TIES,
    Around,
    Wanted,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg.pictures.svg import Picture


_SUFFIXES = ("", ".png", ".svg")


@click.group("picture", cls=WholeHelp)
def picture_command() -> None:
    """Draw a part of the graph, without a browser, as SVG or PNG."""


def output_option(command: Callable[..., None]) -> Callable[..., None]:
    """Add the option that tells where a picture goes."""
    return click.option(
        "-o", "--output", type=click.Path(path_type=Path, dir_okay=False),
        help="File to write; PNG where its name ends so, else SVG.",
    )(command)  # fmt: skip


@picture_command.command("neighbourhood")
@click.argument("entity")
@click.option(
    "--most", type=click.IntRange(1, 200), default=neighbours.MOST_NODES,
    show_default=True, help="The most things to draw around it.",
)  # fmt: skip
@output_option
@click.pass_obj
def neighbourhood_command(
    obj: Context, entity: str, most: int, output: Path | None
) -> None:
    """Draw what stands around ENTITY: IRI, short name, label or alias.

    \b
    kg picture neighbourhood "Salman Al-Khalidi" -o khalidi.svg
    """
    snapshot = obj.graph().snapshot()
    around = neighbours.neighbourhood(
        snapshot, find_entity(snapshot, entity), most=most
    )
    if not around.branches:
        raise ExequaturError(f"nothing stands around {around.entity.label}")
    _write(neighbourhood.drawn(around), output)


@picture_command.command("timeline")
@click.option("--state", help="Only what has to do with this state.")
@click.option("--subject", help="Only what is about this subject area.")
@output_option
@click.pass_obj
def timeline_command(
    obj: Context, state: str | None, subject: str | None, output: Path | None
) -> None:
    """Draw the events and texts that are dated, each date as what it is.

    \b
    kg picture timeline -o timeline.svg
    kg picture timeline --state Kenya -o kenya.svg
    """
    snapshot = obj.graph().snapshot()
    choice = Choice(
        state=find_entity(snapshot, state) if state else None,
        subject=find_entity(snapshot, subject) if subject else None,
    )
    found = events(snapshot, choice)
    if not (found.placed or found.yearless or found.undated):
        raise ExequaturError("nothing that is dated fits this")
    _write(timeline.drawn(found), output)


@picture_command.command("map")
@click.argument("query", default="places-of-events")
@click.option("-p", "--param", "given", multiple=True, metavar="KEY=VALUE")
@output_option
@click.pass_obj
def map_command(
    obj: Context, query: str, given: tuple[str, ...], output: Path | None
) -> None:
    """Draw where that is which the saved QUERY answers: places-of-events by default.

    \b
    kg picture map -o events.svg
    kg picture map representations-abroad -p receiving=Morocco -o missions.png
    """
    graph = obj.graph()
    answer = graph.ask(query, dict(pair(text) for text in given))
    found = None if answer.is_ask else answer_spots(graph.snapshot(), answer)
    if found is None:
        raise ExequaturError(
            f"{query} answers nothing that is in different places",
            advice="a map takes a column of places, of states, or of what has a place",
        )
    _write(map_drawing.drawn(found), output)


@picture_command.command("network")
@click.option("--entity", help="Only those who are tied to this one.")
@click.option(
    "--depth", type=click.IntRange(*DEPTHS), default=1, show_default=True,
    help="1 for those tied to the entity, 2 for those tied to them, too.",
)  # fmt: skip
@click.option("--kind", type=click.Choice(list(KINDS)), help="Only members of a kind.")
@click.option(
    "--ties", type=click.Choice(TIES), multiple=True,
    help="Only ties of this kind; may be given more than once.",
)  # fmt: skip
@click.option(
    "--nodes", type=click.IntRange(2, HARD_MOST), default=MOST_NODES,
    show_default=True, help="The most members to draw.",
)  # fmt: skip
@output_option
@click.pass_obj
def network_command(
    obj: Context,
    entity: str | None,
    depth: int,
    kind: str | None,
    ties: tuple[str, ...],
    nodes: int,
    output: Path | None,
) -> None:
    """Draw who is tied to whom by agreements, events and claims.

    \b
    kg picture network -o network.svg
    kg picture network --entity Morocco --ties agreements -o morocco.svg
    """
    from kg.pictures import network_drawing  # it brings numpy, slow to import
    from kg.pictures.network import network

    snapshot = obj.graph().snapshot()
    asked = Around(
        Wanted(frozenset(ties or TIES), kind or ""),
        find_entity(snapshot, entity) if entity else None,
        depth,
        nodes,
    )
    found = network(snapshot, asked)
    if not found.members:
        raise ExequaturError("nobody is tied to anybody by this")
    _write(network_drawing.drawn(found), output)


@picture_command.command("ontology")
@click.option(
    "--columns", type=click.IntRange(1, 12), default=4, show_default=True,
    help="The most columns to draw the classes in.",
)  # fmt: skip
@output_option
@click.pass_obj
def ontology_command(obj: Context, columns: int, output: Path | None) -> None:
    """Draw the classes of the ontology, each below the one of which it is a kind.

    \b
    kg picture ontology -o classes.svg
    """
    tree = classes.class_tree(obj.graph().snapshot())
    _write(classes.drawn(tree, columns=columns), output)


def _write(picture: Picture, output: Path | None) -> None:
    if output is None:
        write_bytes(picture.file().encode(), None)
        return
    suffix = output.suffix.lower()
    if suffix not in _SUFFIXES:
        raise FormatError(
            f"no picture is written as {suffix}", where=str(output),
            advice="let the name end in .svg or .png",
        )  # fmt: skip
    is_png = suffix == ".png"
    content = png(picture) if is_png else picture.file().encode()
    write_bytes(content, output)
    click.echo(f"wrote {output}", err=True)
