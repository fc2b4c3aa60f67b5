# make demo and make test are all a newcomer needs: both make their own environment in .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CLIENTS := .venv-clients

.PHONY: demo test lint bench mutate torture turns test-postgres test-real test-pages test-clients clean

demo: $(READY)
	$(BIN)/freeze demo

test: $(READY) lint
	$(BIN)/python -m pytest -q -n 3 --dist loadfile

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m benchmarks.bench

mutate: $(READY)
	$(BIN)/python -m benchmarks.mutate $(if $(MUTANTS),--mutants $(MUTANTS)) $(if $(SEED),--seed $(SEED)) $(if $(PACKAGES),--packages $(PACKAGES))

torture: ROUNDS ?= 40
torture: DATABASE ?= both
torture: $(READY)
	$(BIN)/python -m benchmarks.torture --rounds $(ROUNDS) --database $(DATABASE) $(if $(SEED),--seed $(SEED)) $(if $(STATE),--state $(STATE))
	FREEZE_TEST_EVERY=1 $(BIN)/python -m pytest -q tests/test_crash_points.py
	$(BIN)/python -m benchmarks.eleven_days

turns: TIMES ?= 20
turns: DATABASE ?= both
turns: $(READY)
	$(BIN)/python -m benchmarks.turns --times $(TIMES) --database $(DATABASE)

test-postgres: $(READY)
	$(BIN)/python -m pytest -q -n 2 -m postgres tests/test_both_databases.py tests/test_store_refuses.py

test-real: $(READY)
	$(BIN)/python -m pytest -q -m real tests/test_real_wordpress.py tests/test_real_wordpress_commands.py

test-clients: $(READY) $(CLIENTS)/.ready
	$(BIN)/python -m pytest -q -m clients tests

test-pages: $(READY)
	$(BIN)/python -m pytest -q -m pages tests

clean:
	rm -rf $(VENV) $(CLIENTS) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Freeze Guard needs Python 3.11 or newer.") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --config-settings editable_mode=compat --editable '.[dev]'
	touch $@

# Calendar programs of other people's, apart from ours: what they need must not change what we run on.
$(CLIENTS)/.ready: Makefile
	$(PYTHON) -m venv $(CLIENTS)
	$(CLIENTS)/bin/python -m pip install --quiet --disable-pip-version-check 'khal>=0.13' 'vdirsyncer>=0.20'
	touch $@
