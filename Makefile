# `make demo` and `make test` need Python 3.11 or newer and make; they set up .venv by themselves.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test quick check readme lock bench clean

demo: $(READY) ## lint the example bot, then probe a client at a simulated venue
	@echo "examples/hedge/broken is a small hedging bot that awaits a synchronous client."
	@echo "diag reads it, follows the values into the SDK, and explains each defect link by link:"
	@echo
	@$(BIN)/diag lint examples/hedge/broken; code=$$?; \
	if [ $$code -ne 1 ]; then echo "expected findings (exit code 1), got exit code $$code" >&2; exit 1; fi
	@echo
	@echo "The exit code of diag was 1, which means findings. The same bot, mended:"
	@echo
	@$(BIN)/diag lint examples/hedge/mended
	@echo
	@echo "What a client does when it runs, a probe shows: the reference client of GRVT fetches the BBO"
	@echo "and works an order of 0.5 ETH at a simulated venue on this machine, and the venue's ledger judges:"
	@echo
	@$(BIN)/diag probe grvt --ticker ETH
	@echo
	@echo "Next: \`$(BIN)/diag probe grvt --ticker ETH --scenario lost-acks\` puts the client into trouble,"
	@echo "\`$(BIN)/diag rule DG101\` explains a rule, \`$(BIN)/diag lint --diff PATH\` shows the fixes."

test: $(READY) ## run the tests
	$(BIN)/python -m pytest -q -n 2 --dist worksteal $(TESTS)

quick: $(READY) ## run the tests that take no longer than a moment
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not slow" $(TESTS)

check: $(READY) ## style, types, direction and circles of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m scripts.structure

readme: $(READY) ## write the example of the README and the tables of the documents anew
	$(BIN)/python -m scripts.readme
	$(BIN)/python -m scripts.probe_tables
	$(BIN)/python -m scripts.record_kinds

bench: $(READY) ## ratios against other checkers; see bench/README.md
	$(BIN)/python -m bench

# The stamp: the environment is made again when what goes into it changes. uv, itself of the lock, takes a tenth of
# the time that pip takes; where it cannot be had, or reaches no index, pip does all.
$(READY): requirements.lock pyproject.toml diag/__init__.py exchange_diag.pth
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	|| { echo "diag needs Python 3.11 or newer: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@sed -n '/^uv==/,/# via/p' requirements.lock \
	| $(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r /dev/stdin \
	&& $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock \
	|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

lock: $(READY) ## write requirements.lock anew, with the newest releases
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --extra dev \
	  --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV)
