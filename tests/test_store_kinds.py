"""What is promised of the embedded store holds of a remote one: the same tests pass.

A part of them is run here; all of them by hand, by `pytest --store-kind remote`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.store_kinds import REMOTE, UNITED

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("kind", [REMOTE, UNITED])
def test_the_protocols_are_kept_before_a_store_of_another_kind(kind, store_kind):
    if store_kind != "embedded":
        pytest.skip("runs the tests of the protocols itself")
    tests = ["tests/test_wire.py", "tests/test_created.py"]
    options = ["-q", "-p", "no:cacheprovider", "-n0", "--store-kind", kind]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *tests],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5_000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) > 80
