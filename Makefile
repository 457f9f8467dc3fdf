# Shortcuts: each target is a line that you could type. Python 3.11+, pip and git are
# all it takes.
PYTHON ?= python3
BIN := .venv/bin

# The tests start hundreds of processes, which would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: serve test check web wheel clean

serve: .venv/user.done ## build the store and serve it at a local address
	$(BIN)/kg build
	$(BIN)/kg serve

test: .venv/dev.done ## pass every test
	$(BIN)/python -m pytest -n auto --dist worksteal

check: .venv/dev.done ## what CI runs: tests, lint, types, wheel
	.ci/run

web: .venv/dev.done ## fetch the SPARQL page's editor by npm, for later builds too
	$(BIN)/python hatch_build.py

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/user.done: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

.venv/dev.done: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	touch $@ .venv/user.done

clean: ## remove what the other targets made
	rm -rf .venv build dist exequatur-store
