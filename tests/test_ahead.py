"""What threads do ahead comes in order, with its errors, and ends when nobody asks."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from kg.ahead import done_ahead, processors, told_ahead
from kg.deadline import check, limited
from kg.errors import JudgingLimitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MANY = 10_000
"""More than may wait to be asked for."""


def threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("ahead")]


def failing_at(last: int) -> Iterator[int]:
    yield from range(last)
    raise ValueError(last)


def test_work_comes_in_order_while_the_next_item_is_made() -> None:
    begun, seen = threading.Event(), []

    def items() -> Iterator[int]:
        yield 1
        assert begun.wait(5)  # made while the first one is worked on
        seen.append(2)
        yield 2

    def work(item: int) -> int:
        begun.set()
        return item * 10

    assert list(done_ahead(work, items())) == [10, 20]
    assert seen == [2]
    assert not threads()


def test_no_more_than_one_item_is_made_ahead() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in range(9):
            made.append(number)
            yield number

    for done in done_ahead(lambda item: item, items()):
        assert len(made) <= done + 2


@pytest.mark.parametrize("count", [2, 3])
def test_so_many_items_are_worked_on_at_once_and_come_in_order(count: int) -> None:
    together, made = threading.Barrier(count, timeout=5), []

    def items() -> Iterator[int]:
        for number in range(4 * count):
            made.append(number)
            yield number

    def work(item: int) -> int:
        together.wait()  # passed only by as many as there are to be at once
        return item

    done = []
    for item in done_ahead(work, items(), count):
        done.append(item)
        assert len(made) <= len(done) + count + 1
    assert done == list(range(4 * count))
    assert not threads()


def test_an_error_of_the_work_is_raised() -> None:
    done: list[float] = []
    with pytest.raises(ZeroDivisionError):
        done.extend(done_ahead(lambda item: 6 / item, [3, 2, 0, 1]))
    assert done == [2, 3]
    assert not threads()


def test_an_error_of_an_item_leaves_nothing_undone() -> None:
    done: list[int] = []
    with pytest.raises(ValueError, match="2"):
        list(done_ahead(done.append, failing_at(2)))
    assert done == [0, 1]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_what_tasks_tell_comes_in_order(count: int) -> None:
    tasks = [partial(range, number * MANY, (number + 1) * MANY) for number in range(4)]
    with told_ahead(tasks, count) as told:
        assert [one for part in told for one in part] == list(range(4 * MANY))
    assert not threads()


def test_an_error_of_a_task_is_raised_where_it_belongs() -> None:
    told: list[int] = []
    tasks: list[Callable[[], Iterable[int]]]
    tasks = [partial(range, 2), partial(failing_at, 3), partial(range, 1)]

    def ask() -> None:
        with told_ahead(tasks, 2) as parts:
            for part in parts:
                told.extend(part)

    with pytest.raises(ValueError, match="3"):
        ask()
    assert told == [0, 1, 0, 1, 2]
    assert not threads()


def test_tasks_end_when_nobody_asks_any_more() -> None:
    ended: list[int] = []

    def endless(number: int) -> Iterable[int]:
        try:
            while True:
                yield number
        finally:
            ended.append(number)

    with told_ahead([partial(endless, 1), partial(endless, 2)], 2) as told:
        assert next(next(told)) == 1
    assert not threads()
    assert 1 in ended


def test_tasks_keep_to_the_limit_of_who_asks() -> None:
    def checked() -> Iterator[int]:
        check()
        yield 1

    with limited(0), pytest.raises(JudgingLimitError), told_ahead([checked], 1) as told:
        list(next(told))


def test_there_is_a_processor() -> None:
    assert processors() >= 1
