"""Options that several commands of the benchmarks take."""

from __future__ import annotations

from pathlib import Path

import click

from kg.errors import StoreError
from kg.store import Store


def numbers(
    context: click.Context, parameter: click.Parameter, value: str
) -> list[int]:
    """Return numbers from 1 on that are told with commas; raise BadParameter."""
    try:
        found = sorted(int(number) for number in value.split(","))
    except ValueError as error:
        raise click.BadParameter(f"{value} is not a list of numbers") from error
    if found[0] < 1:
        raise click.BadParameter(f"{found[0]} is less than 1")
    return found


output = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path(__file__).with_name("RESULTS.md"),
    help="Where the numbers are put on top.",
)


def store(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> Path | None:
    """Return the path of a store that `kg build` made; raise BadParameter."""
    if value is None:
        return None
    try:
        return Store(Path(value)).path
    except StoreError as error:
        raise click.BadParameter(str(error)) from error
