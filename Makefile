.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
UV_COMPILE := uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header
# A stamp remembers which lock file the environment was built from.
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement

help: ## Show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed; is there another? make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/.installed: requirements.txt | $(BIN)/python
	@$(INSTALL) requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt | $(BIN)/python
	@$(INSTALL) requirements-dev.txt
	@touch $@ .venv/.installed

run: .venv/.installed ## Start everything, the embedded database included (ARGS="--port 8001")
	@exec $(BIN)/python -m learning_platform serve $(ARGS)

demo: .venv/.installed ## Fill the database with a believable school (ARGS=--fast: and a track to watch)
	@$(BIN)/python -m learning_platform demo $(ARGS)

test: .venv/.installed-dev programs ## Run the tests, in parallel (ARGS="-k draw")
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

lint: .venv/.installed-dev ## Everything that is checked without running it
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test ## Everything CI checks

programs: ## Install Chromium and PgBouncer for the tests, where they are missing
	@.ci/programs

pictures: .venv/.installed-dev programs ## Take the screenshots of the READMEs again
	@$(BIN)/python docs/pictures/take.py

bench: .venv/.installed-dev ## Measure, against references (see docs/performance.md)
	@$(BIN)/python -m benchmarks $(ARGS)

fuzz: .venv/.installed-dev ## Send hostile requests to every route; none may break it (ARGS="--requests 1000000")
	@$(BIN)/python -m tests.hostile.fuzz $(ARGS)

migration: .venv/.installed ## Write the next migration from the models (m="what it does")
	@test -n "$(m)" || { echo 'Say what it does: make migration m="..."' >&2; exit 1; }
	@$(BIN)/python -m migrations.draft "$(m)"

messages: .venv/.installed ## Bring new texts into locale/, for translation
	@$(BIN)/pybabel --quiet extract --mapping pyproject.toml --keyword N_ --keyword translate_plural:1,2 \
		--omit-header --add-location file --sort-by-file --output locale/messages.pot learning_platform
	@$(BIN)/pybabel --quiet update --input-file locale/messages.pot --output-dir locale \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 120

format: .venv/.installed-dev ## Put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## Write the lock files again (needs uv)
	$(UV_COMPILE) pyproject.toml --extra embedded --group dev --output-file requirements-dev.txt
	$(UV_COMPILE) --extra embedded pyproject.toml --output-file requirements.txt
	$(UV_COMPILE) pyproject.toml --output-file requirements-server.txt

.PHONY: help run demo test lint check programs pictures bench fuzz migration messages format lock
