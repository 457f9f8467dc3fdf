"""Exequatur: a knowledge graph whose every answer knows the sentence it comes from.

The names in `__all__` are promises; everything else may change without notice.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.answers import Answer
    from kg.build import Sources, build_store
    from kg.change import Change, read_change
    from kg.check import check_files
    from kg.config import Settings
    from kg.entities import describe
    from kg.errors import ExequaturError
    from kg.gate import Verdict, judge
    from kg.graph import KnowledgeGraph
    from kg.names import find_entities, find_entity
    from kg.queries import SavedQueries, SavedQuery
    from kg.report import Finding, Severity
    from kg.store import Snapshot, Store

_HOMES = {
    "Answer": "answers",
    "Change": "change",
    "ExequaturError": "errors",
    "Finding": "report",
    "KnowledgeGraph": "graph",
    "SavedQueries": "queries",
    "SavedQuery": "queries",
    "Settings": "config",
    "Severity": "report",
    "Snapshot": "store",
    "Sources": "build",
    "Store": "store",
    "Verdict": "gate",
    "build_store": "build",
    "check_files": "check",
    "describe": "entities",
    "find_entities": "names",
    "find_entity": "names",
    "judge": "gate",
    "read_change": "change",
}
"""Where each name lives; it is imported when it is asked for, not before."""

__all__ = [
    "Answer",
    "Change",
    "ExequaturError",
    "Finding",
    "KnowledgeGraph",
    "SavedQueries",
    "SavedQuery",
    "Settings",
    "Severity",
    "Snapshot",
    "Sources",
    "Store",
    "Verdict",
    "build_store",
    "check_files",
    "describe",
    "find_entities",
    "find_entity",
    "judge",
    "read_change",
]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(f"kg.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'kg' has no attribute {name!r}")
