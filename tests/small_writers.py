"""What other processes do to the small store; imported before they are forked."""

from __future__ import annotations

import json
import os
import random

import kg.folder
import kg.rules
import kg.shapes
import kg.vocabulary  # what judges is imported late; here it must be there already
from kg.backup import restore
from kg.change import Change
from kg.created import marks, was_created
from kg.erasure import erase
from kg.history import is_stated
from kg.stores import open_store
from kg.terms import NamedNode
from tests.small_store import EX, GRACE_SECONDS, add, open_small, stating

PRELOADED = (kg.rules, kg.shapes, kg.vocabulary)


def write_until_killed(path, seed, file):
    """Add and remove by chance, and note each change that was accepted in *file*."""
    chance = random.Random(seed)
    graph = open_small(path)
    with file.open("a", encoding="utf-8") as notes:
        for number in range(10_000):
            change = any_change(graph, chance, f"{seed}-{number}")
            verdict, version = graph.add(change, agent=f"{seed}", message=f"{number}")
            effect = verdict.change
            if verdict.accepted and (effect.added or effect.removed):
                line = {
                    "version": version,
                    "added": sorted(map(str, effect.added)),
                    "removed": sorted(map(str, effect.removed)),
                }
                os.write(notes.fileno(), f"{json.dumps(line)}\n".encode())


def any_change(graph, chance, name):
    """Return a change that may be refused: a town without a label is one too many.

    Some create an empty graph, or drop it.
    """
    label = f'; rdfs:label "{name}"@en' if chance.random() < 0.9 else ""
    near = chance.choice(["port", "land", name])
    added = stating(
        f"ex:town-{name} a ex:Town {label} ; ex:near ex:{near} ; ex:within ex:land .",
        graph=chance.choice(["atlas", "gazetteer"]),
    ).added
    places = {NamedNode(f"{EX}atlas"), NamedNode(f"{EX}gazetteer")}
    there = [q for q in graph.snapshot().quads() if q.graph_name in places]
    there = sorted(filter(is_stated, there), key=str)
    removed = chance.sample(there, k=min(len(there), chance.choice([0, 0, 1, 3])))
    shelf = NamedNode(f"{EX}shelf-{chance.randrange(4)}")
    if was_created(graph.snapshot(), shelf):
        removed = [*removed, *marks(shelf)]
    else:
        added |= marks(shelf)
    return Change(added=added, removed=frozenset(removed))


def erase_and_restore(path, backup, ready):
    """Erase `ex:gone` and bring it back from the backup, again and again."""
    kg.folder.GRACE_SECONDS = GRACE_SECONDS  # it is to be killed at work
    ready.touch()
    while True:
        erase(open_store(path), [NamedNode(f"{EX}gone")], agent="Ada")
        restore(backup, path, force=True, wait=5)


def add_a_town(path, name):
    """Add a town of this name, waiting for other writers."""
    graph = open_small(path)
    graph.store.wait_seconds = 60
    add(graph, f'ex:town-{name} a ex:Town ; rdfs:label "{name}"@en .')
