# Two commands set everything up on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
STAMPS  = $(VENV)/.stamps

.PHONY: help demo demo-legacy test check docs bench clean
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

demo: $(STAMPS)/run ## draft the sample backlog with a local model, then open the desk (ONESHOT=1: end after the summary)
	$(BIN)/graftwork demo $(if $(ONESHOT),--oneshot) $(if $(MODEL),--model $(MODEL))

demo-legacy: $(STAMPS)/test ## connect the ticket table of an old CRM, and show its rows before and after
	$(BIN)/python -m demos.legacy

test: $(STAMPS)/test ## run the tests (ARGS="-k claim" chooses some)
	$(BIN)/graftwork models pull smollm2-135m
	$(BIN)/graftwork models pull minilm-l6-v2
	$(BIN)/python -m pytest $(ARGS)

check: $(STAMPS)/check ## lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	GRAFTWORK_WORKSPACE=tests/workspace $(BIN)/mypy
	$(BIN)/lint-imports

docs: $(STAMPS)/check ## write the generated pages of the reference
	$(BIN)/python -m docs.generate

bench: $(STAMPS)/test ## print every figure beside its reference (about fifteen minutes)
	$(BIN)/python -m benchmarks

clean: ## remove the virtual environment and the demos' workspaces
	rm -rf $(VENV) demo demo-legacy

# A virtual environment in three sizes: to run, to test, to check.
$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Graftwork needs Python 3.11 or newer; name one with make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/run: $(STAMPS)/venv pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(STAMPS)/test: $(STAMPS)/run
	$(BIN)/python -m pip install --quiet --group test
	@touch $@

$(STAMPS)/check: $(STAMPS)/test
	$(BIN)/python -m pip install --quiet --group check
	@touch $@
