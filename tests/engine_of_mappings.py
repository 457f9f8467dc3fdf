"""The engine of mappings, for tests: installed by CI, else used where it is there."""

from __future__ import annotations

import os

import pytest

from kg.mapping_engine import engine_python, set_up_engine


def need_engine():
    """Have the engine, or skip the test with the reason."""
    if engine_python() is None:
        if os.environ.get("CI") != "true":
            pytest.skip("the engine is not here; `kg map --set-up` installs it")
        set_up_engine()
