.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin

help: ## Show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

# The stamp remembers which lock file the environment was built from.
.venv/.installed: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ .venv/.installed

run: .venv/.installed ## Start everything, the embedded database included
	@exec $(BIN)/python -m learning_platform serve $(ARGS)

demo: .venv/.installed ## Fill the database with a believable school (ARGS=--fast: with a track to watch)
	@$(BIN)/python -m learning_platform demo $(ARGS)

test: .venv/.installed-dev ## Run the tests, in parallel
	@$(BIN)/python -m pytest -n auto $(ARGS)

check: .venv/.installed-dev ## Everything CI checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n auto

messages: .venv/.installed ## Bring new texts into locale/, for translation
	@$(BIN)/pybabel --quiet extract --mapping pyproject.toml --keyword N_ --keyword translate_plural:1,2 \
		--omit-header --add-location file --sort-by-file --output .venv/messages.pot learning_platform
	@$(BIN)/pybabel --quiet update --input-file .venv/messages.pot --output-dir locale \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 120

format: .venv/.installed-dev ## Put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## Write the lock files anew (needs uv)
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements.txt
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --group dev pyproject.toml -o requirements-dev.txt

.PHONY: help run demo test check messages format lock
