# Needs nothing but make and Python 3.11 or later; everything else goes into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
EXAMPLE := examples/01-clinic-infusion.html

.PHONY: help demo test lint format clean
.DEFAULT_GOAL := help

help:
	@echo "make demo     check an example article; findings here, and an HTML report"
	@echo "make test     everything that continuous integration runs"
	@echo "make lint     style, types and import contract only"
	@echo "make format   put the code into the house format"
	@echo "make clean    remove what was built; 'make clean all=1' removes $(VENV) too"

# Made again when pyproject.toml changes.
$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "claimcheck needs Python 3.11 or later, and $(PYTHON) is not; name one that is:" >&2; \
	  echo "  make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "setting up $(VENV) (a few minutes the first time)"
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "$(PYTHON) cannot make environments; on Debian and Ubuntu: apt install python3-venv" >&2; \
	  exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch $@

# The tool exits with 1 because it finds something; anything else is a fault.
demo: $(STAMP)
	@$(BIN)/claimcheck check $(EXAMPLE); test $$? -eq 1
	@mkdir -p out
	@$(BIN)/claimcheck check $(EXAMPLE) --format html -o out/demo.html -q; test $$? -eq 1
	@echo
	@echo "The same as a page, to open in a browser: $(CURDIR)/out/demo.html"

test: $(STAMP)
	@$(BIN)/python scripts/run_checks.py

lint: $(STAMP)
	@$(BIN)/python scripts/run_checks.py --only lint

format: $(STAMP)
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix-only .

clean:
	@rm -rf build dist out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +
	@if [ -n "$(all)" ]; then rm -rf $(VENV); fi
