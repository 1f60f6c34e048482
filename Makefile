# Two commands matter: `make demo` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python deploy/run.py
export PORT ?= 8000

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types imports migrations format bench screenshots reset stop shell

help: ## List every target
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: $(VENV)/.installed ## Set everything up and serve the shop on PORT (8000)
	$(BIN)/python deploy/demo.py

test: $(VENV)/.installed-tests ## Set everything up and run the tests
	$(RUN) $(BIN)/pytest -n 2 --dist loadgroup $(ARGS)

check: lint types imports migrations test ## Everything CI demands

lint: $(VENV)/.installed-tests ## Format and lint, changing nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

format: $(VENV)/.installed-tests ## Format, and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/.installed-tests ## Check types
	$(RUN) $(BIN)/mypy .

imports: $(VENV)/.installed-tests ## Check the import contracts
	$(BIN)/lint-imports

migrations: $(VENV)/.installed-tests ## Check that no migration is missing and that production settings are safe
	$(RUN) $(BIN)/python manage.py makemigrations --check --dry-run
	$(RUN) env HTTPS=true $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(RUN) $(BIN)/python manage.py spectacular --fail-on-warn --validate --file /dev/null

bench: $(VENV)/.installed-tests ## Measure what the README quotes
	@for file in $$(grep -l __main__ benchmarks/*.py); do echo "== $$file"; $(RUN) $(BIN)/python $$file || exit 1; done

screenshots: $(VENV)/.installed-tests ## Take the pictures of docs/ (the demo must be running)
	$(BIN)/python deploy/screenshots.py

reset: stop ## Throw the demo's data away and start over
	rm -rf var

stop: ## Stop embedded servers left behind by a killed run
	@test ! -x $(BIN)/python || $(BIN)/python deploy/run.py --stop

shell: $(VENV)/.installed ## Open Django's shell with the servers up
	$(RUN) $(BIN)/python manage.py shell

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing what the project needs (a minute or two the first time) ..."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.installed-tests: tests/requirements.txt $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@
