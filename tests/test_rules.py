"""Reasoning: what follows, what clashes and why, in agreement with owlrl."""

from __future__ import annotations

import random
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from owlrl import OWLRL_Semantics
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse
from rdflib import Graph

from kg.errors import AxiomError
from kg.files import data_folder, sorted_files
from kg.rules import ClashKind, compile_rules
from kg.terms import RDFS, SKOS, TYPE, from_rdflib, in_view, to_rdflib
from tests.rules_cases import CONTRADICTIONS, INFERENCES, PREFIXES, REFUSALS
