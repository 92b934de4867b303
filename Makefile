# Everything a user or CI runs. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DBT := $(BIN)/dbt
INSTALLED := $(VENV)/.installed
export DBT_PROFILES_DIR := profiles
# The environment carries the reason, so that neither make nor a shell reads it.
ifneq ($(origin ACCEPT_CHANGE),undefined)
unexport ACCEPT_CHANGE
export SBIR_ACCEPT_CHANGE = $(value ACCEPT_CHANGE)
ACCEPTED := --accept-change "$$SBIR_ACCEPT_CHANGE"
endif

# Values given on the command line reach the scripts through the environment, untouched: within the text of a recipe, or
# expanded by make, a file name such as $(shell …) or `…` would run. So recipes say $$NAME, never $(NAME).
VARIABLES := AWARDS RECIPIENTS PRIME_AWARDS SOURCES FISCAL_YEARS VERSION FROM TO LABELS WORKING SQL SEED SOAK_MINUTES FUZZ PYTHON
GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(name)))
define keep_as_given
override $(1) := $$(value $(1))
export $(1)
endef
$(foreach name,$(GIVEN),$(eval $(call keep_as_given,$(name))))
UNKNOWN := $(firstword $(filter-out $(VARIABLES) SBIR_%,$(GIVEN)))
ifneq ($(UNKNOWN),)
$(error $(shell $(PYTHON) scripts/interface/closest_name.py '$(subst ','\'',$(UNKNOWN))' '$(VARIABLES)'))
endif
ifneq ($(filter-out yes,$(value WORKING)),)
$(error WORKING takes yes, or leave it out)
endif
FILES = $${AWARDS:+"--awards=$$AWARDS"} $${RECIPIENTS:+"--recipients=$$RECIPIENTS"} $${PRIME_AWARDS:+"--prime-awards=$$PRIME_AWARDS"}

.DEFAULT_GOAL := help
.PHONY: help setup fetch load build publish rollback versions diff sql validate report test lint types test-dbt test-python test-long fuzz benchmark bench soak evaluate docs dictionary sample lock clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F '\t' '{printf "  make %-12s %s\n", $$1, $$2}'
	@echo "  Files: make build AWARDS=awards.csv RECIPIENTS=recipients.csv [PRIME_AWARDS=prime.csv] "
	@echo "  each a CSV (.gz, .zst, .zip), Parquet, folder, pattern in quotes or database dump"

setup: $(INSTALLED) ## Make .venv from the hash-pinned lock file

$(INSTALLED): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1). Try: make setup PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up $(VENV), once; this takes about half a minute …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

fetch: setup ## Fetch the published files into data/raw: SOURCES="awards contracts" FISCAL_YEARS="2023 2024" TO=folder
	@set -f; for year in $$FISCAL_YEARS; do set -- "$$@" "--fiscal-year=$$year"; done; \
		$(BIN)/python scripts/fetch_sources.py "$$@" $${TO:+"--to=$$TO"} -- $$SOURCES

load: setup ## Load AWARDS=, RECIPIENTS=, PRIME_AWARDS=; without files the sample, where nothing is loaded
	@$(BIN)/python scripts/load_raw.py --sample $(FILES)

build: setup ## The main job: set up, load, dbt build with its gates, publish
	@$(BIN)/python scripts/build.py $(FILES) $(ACCEPTED)

publish: setup ## Publish the working file, if it is whole and every gate holds on it
	@$(BIN)/python scripts/publish.py $(ACCEPTED)

rollback: setup ## Publish the version before, or VERSION=; versions lists those kept
	@$(BIN)/python scripts/rollback.py $${VERSION:+"--to=$$VERSION"}

versions: setup ## List the published versions that are kept
	@$(BIN)/python scripts/rollback.py --list

diff: setup ## The links that the published version has otherwise than the one before, and why; or FROM=, TO=
	@$(BIN)/python scripts/diff.py $${FROM:+"--from=$$FROM"} $${TO:+"--to=$$TO"}

sql: setup ## Ask the published file: SQL='select …'; without SQL= in a terminal; WORKING=yes asks the working file
	@$(BIN)/python scripts/sql.py $${WORKING:+--working} -- $${SQL:+"$$SQL"}

validate: setup ## Are the links as good in every part of the awards? Worst parts first; exit code 1 where one fails
	@$(BIN)/python scripts/validate.py $${WORKING:+--working}

report: setup ## Write reports/quality: how good the links are, as a page, Markdown and JSON; WORKING=yes of what is not published
	@$(BIN)/python scripts/quality_report.py $${WORKING:+--working}

test: setup ## Everything CI checks, real data too where SBIR_REAL_DATA names the folder
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target lint types test-dbt
	@$(MAKE) --no-print-directory test-python

lint: setup ## ruff and sqlfluff
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	SBIR_WAREHOUSE_DIR=target/lint $(DBT) --no-partial-parse --show-all-deprecations \
		--warn-error-options '{error: all, silence: [UnsupportedConstraintMaterialization]}' --quiet parse
	SBIR_WAREHOUSE_DIR=target/lint $(BIN)/sqlfluff lint --disable-progress-bar models tests

types: setup ## mypy, strict
	$(BIN)/mypy

test-dbt: setup ## dbt unit tests and data tests on the sample, in a warehouse of their own
	rm -rf target/test
	SBIR_WAREHOUSE_DIR=target/test $(BIN)/python scripts/load_raw.py --sample
	SBIR_WAREHOUSE_DIR=target/test DBT_TARGET_PATH=target/test/target $(DBT) --quiet build

test-python: setup ## pytest: scripts, UDFs, gates, end to end
	$(BIN)/pytest

test-long: setup ## Tests that take minutes each: the benchmark against planted faults, a rung of the ladder, a soak of one fault
	$(BIN)/pytest --numprocesses=1 -m long

fuzz: setup ## Property tests and fuzzing with 10,000 examples each (hours); FUZZ= chooses tests
	HYPOTHESIS_PROFILE=long $(BIN)/pytest -k "properties$${FUZZ:+ and $$FUZZ}"

benchmark: setup ## Time the pipeline against the baseline
	$(BIN)/python scripts/benchmark_enrichment.py

bench: setup ## Run the pipeline on growing inputs, up to the nation: table, plot, ratio to the floor (some minutes)
	$(BIN)/python scripts/benchmark_ladder.py

soak: setup ## Build under faults with readers beside, SOAK_MINUTES=10: nothing lost, nothing ungated let out
	$(BIN)/python scripts/soak.py $${SOAK_MINUTES:+"--minutes=$$SOAK_MINUTES"} $${SEED:+"--seed=$$SEED"}

evaluate: setup ## How right the matching is: the warehouse's own figures, name cases, LABELS=pairs.csv
	@$(BIN)/python scripts/evaluate.py $${LABELS:+"--labels=$$LABELS"}

docs: setup ## dbt's page of all tables, columns, macros and their lineage, as one file: reports/docs/index.html
	@$(DBT) --quiet docs generate --static
	@mkdir -p reports/docs
	@cp target/static_index.html reports/docs/index.html
	@echo "Open reports/docs/index.html: one file, no server and no network needed"

dictionary: setup ## Write docs/data_dictionary.md anew from what dbt knows of the tables
	@$(BIN)/python scripts/data_dictionary.py

sample: setup ## Write data/sample anew
	$(BIN)/python scripts/generate_sample.py --awards 1500 --recipients 1200 --seed 20240601 --output data/sample

lock: ## Resolve requirements.lock anew from pyproject.toml (needs uv)
	uv pip compile --quiet --group dev --generate-hashes --no-emit-index-url --no-strip-extras --universal \
		--python-version 3.11 --no-header pyproject.toml --output-file requirements.lock

clean: ## Remove what dbt, tests and linters left; warehouse and .venv stay
	rm -rf target logs .pytest_cache .mypy_cache .ruff_cache
