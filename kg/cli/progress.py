"""The progress of long work, shown on a terminal."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console
    from rich.progress import Task

    from kg.progress import Tell


class _Rate(ProgressColumn):
    """How much is done in a second, where that is counted."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="progress.data.speed")


@contextmanager
def progress_bar(console: Console) -> Iterator[Tell]:
    """Show each phase, its rate and the time left; be silent where no one looks."""
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(compact=True),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        shown = _Phases(progress)
        yield shown.tell


class _Phases:
    """One line for the phase at hand."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._phase = ""
        self._task = progress.add_task("starting", total=None)

    def tell(self, phase: str, done: int = 0, total: int | None = None) -> None:
        """Show how far *phase* has come; a new one takes the line of the last."""
        if phase != self._phase:
            self._phase = phase
            self._progress.remove_task(self._task)
            self._task = self._progress.add_task(phase, total=total)
        self._progress.update(self._task, completed=done, total=total)
