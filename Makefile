# certtui: `make run` and `make test` set up everything they need. `make help` lists the rest.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=

.DEFAULT_GOAL := help
.PHONY: help run demo lab test lint bench snapshots dev dev-console dist docs clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | awk -F'\t' '{printf "make %-12s %s\n", $$1, $$2}'

run: $(VENV)/.run  ## the console on the embedded store (ARGS="--demo" for a look around)
	@$(BIN)/certtui $(ARGS)

demo: $(VENV)/.run  ## the console on a throw-away store full of certificates
	@$(BIN)/certtui --demo $(ARGS)

lab: $(VENV)/.dev  ## an ACME server and a name server on loopback, to order from; says what to type
	@scripts/test-programs.sh
	@$(BIN)/python -m tests.lab

test: $(VENV)/.dev  ## the whole test suite, real servers included (ARGS="-k words" for a part)
	@scripts/test-programs.sh
	@scripts/pebbles.sh .cache/pebble
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

lint: $(VENV)/.dev  ## ruff, mypy strict, the arrows between layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.dev  ## the ratios of the speed budget (ARGS="--rows 100000" for a smaller store)
	@$(BIN)/python -m benchmarks $(ARGS)

snapshots: $(VENV)/.dev  ## take the pictures of every screen anew; kept only if every test passes
	@scripts/snapshots.sh $(BIN)/python

docs: $(VENV)/.dev  ## write the generated pages and the picture of docs/ anew
	@$(BIN)/python -m certtui.keys_docs > docs/keys.md
	@$(BIN)/python -m certtui.config_docs > docs/configuration.md
	@$(BIN)/python -m tests.unit.test_access_docs
	@$(BIN)/python -m tests.picture docs/console.svg

dev: $(VENV)/.dev  ## the console on demo data with textual's developer mode; `make dev-console` in another terminal
	@$(BIN)/textual run --dev --command "$(BIN)/certtui --demo $(ARGS)"

dev-console: $(VENV)/.dev  ## textual's live console: messages and prints of `make dev`
	@$(BIN)/textual console

dist: $(VENV)/.dev  ## dist/: the wheel, and a wheelhouse for hosts that reach no index
	@rm -rf dist && mkdir -p dist/wheelhouse
	@$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .
	@$(BIN)/python -m pip wheel --quiet --constraint constraints.txt --wheel-dir dist/wheelhouse "$$(ls dist/*.whl)[server,postgres,lexicon]"
	@echo "dist/ holds $$(cd dist && ls *.whl) and a wheelhouse of $$(ls dist/wheelhouse | wc -l) files."
	@echo "They fit $$($(BIN)/python --version) on this kind of machine. There, without an index: python3 -m pip install --no-index --find-links wheelhouse certtui"

clean:  ## forget the virtual environment, caches and builds
	@rm -rf $(VENV) .cache build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis snapshots-actual

$(VENV)/bin/python:
	@scripts/venv.sh $(PYTHON) $(VENV)

$(VENV)/.run: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Setting up certtui in $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Setting up certtui and its tests in $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@ $(VENV)/.run
