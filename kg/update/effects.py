"""What the operations of an update request do, one after the other."""

from __future__ import annotations

import hashlib
import secrets
from itertools import count
from typing import TYPE_CHECKING

from kg.errors import ChangeError, ExequaturError, QueryError
from kg.sparql import position
from kg.terms import (
    BlankNode,
    DefaultGraph,
    GraphName,
    NamedNode,
    Quad,
    Term,
    Triple,
)
from kg.update.canonical import Canonical
from kg.update.requests import Manage, Modify, operation, refuse_long
from kg.update.templates import TemplateReader
from kg.update.workspace import Dataset
