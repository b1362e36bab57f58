PYTHON ?= python3
PROVIDER ?= emnify
BIN := .venv/bin
ROOMS := flows tasks inputs validation providers journal reports domain sandbox tests benchmarks chaos

.PHONY: install demo demo-audit test lint bench chaos mutants soak lock clean

# The main job: a sandbox of its own, and a damaged list from one of its accounts to another.
# `make demo PROVIDER=supersim` does it with Super SIM, `PROVIDER=soracom` with Soracom.
demo: .venv/.installed
	$(BIN)/python -m flows.demo "$(PROVIDER)"

# Three months of books and accounts, what happens to SIMs between, and an audit of each month.
demo-audit: .venv/.installed
	$(BIN)/python -m flows.demo_audit

# A .venv with everything pinned; the other targets see to it themselves.
install: .venv/.installed

# Lint, types, tests (a file at a time on each of three processes, since many tests wait; the slow ones early); ends with
# pytest's own closing line.
test: lint
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

lint: .venv/.installed
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	$(BIN)/mypy $(ROOMS)

bench: .venv/.installed
	$(BIN)/python -m benchmarks.all

# simferry killed 200 times per provider while a simulated one goes on, then the provider, the disk and the journal:
# `make chaos CHAOS="emnify --kills 20 --load 2"` does less of it. 1 unless nothing is lost, moved twice or untrue.
chaos: .venv/.installed
	$(BIN)/python -m chaos $(CHAOS)

# Each safety guard (chaos/mutations) taken out of a copy of the tree: its tests have to go red. `make mutants NAMES=…`
mutants: .venv/.installed
	$(BIN)/python -m chaos.mutants $(NAMES)

# 1,000,000 SIMs through the emnify sandbox in a little weather: time, memory, open files, the journal's size (6 minutes and
# more). `make soak SOAK="--sims 20000"` does less of it. 1 unless nothing is lost, moved twice or untrue, and memory level.
soak: .venv/.installed
	$(BIN)/python -m chaos.soak $(SOAK)

.venv/.installed: requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# New pins, with hashes and without anybody's index address; needs uv.
lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --no-strip-extras --output-file requirements-dev.txt
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --no-strip-extras --constraint requirements-dev.txt --output-file requirements.txt

clean:
	rm -rf .venv .sandbox runs
