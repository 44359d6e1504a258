# From a bare clone: python3 (3.11 to 3.13) and make. Everything lands in .venv/.
PYTHON ?= python3
ARGS ?=

PY := .venv/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
CASHBACK := $(PY) -m pipelines.cli
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header
SQL_FILES = $(shell find sql expectations -name '*.sql' 2>/dev/null)

# Great Expectations and Airflow: no usage reports, no example DAGs, no files in $HOME.
export GX_ANALYTICS_ENABLED := false
export AIRFLOW__CORE__LOAD_EXAMPLES := False
export AIRFLOW_HOME ?= $(CURDIR)/.cache/airflow

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup fmt lint test test-airflow test-spark airflow spark run golden sql bench lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.dev ## install everything that development needs, with the command cashback
	@echo "ready: .venv/bin/cashback --help"

fmt: .venv/.dev ## format Python and SQL
	$(PY) -m ruff check --fix-only .
	$(PY) -m ruff format .
	$(if $(SQL_FILES),$(PY) -m sqlfluff fix --quiet sql expectations)

lint: .venv/.dev ## check style, types and SQL, changing nothing
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(if $(SQL_FILES),$(PY) -m sqlfluff lint sql expectations)

test: .venv/.dev ## run all tests
	$(PY) -m pytest -n 2 $(ARGS)

test-airflow: .venv/.dev ## run a whole Airflow: close, approval, kill, backfill
	$(PY) -m pytest -m servers tests/scheduling $(ARGS)

test-spark: .venv/.dev .cache/spark/.ready ## build all models on Spark, and compare; needs Java 17
	$(PY) -m pytest -m spark tests/spark $(ARGS)

spark: .cache/spark/.ready ## install Spark, in an environment of its own; needs Java 17

airflow: .venv/.runtime ## schedule the sample with Airflow, on this machine (ARGS=--port=8081)
	$(PY) -m pipelines.scheduling.standalone $(ARGS)

run: .venv/.runtime ## run the shipped campaign over the shipped sample (ARGS="--as-of ...")
	$(CASHBACK) run $(ARGS)

golden: .venv/.dev ## accept what a run of the sample now gives; review the difference
	$(PY) -m pytest tests/test_golden.py --update-golden

sql: .venv/.dev ## check the SQL alone: its style and its cases
	$(if $(SQL_FILES),$(PY) -m sqlfluff lint sql expectations)
	$(PY) -m pytest -n 2 -k sql

bench: .venv/.runtime .cache/bench/.ready ## time a run against copies and other programs (ARGS=--all)
	$(PY) -m benchmarks.bench $(ARGS)

lock: ## make the lock files again from pyproject.toml; pins stay (ARGS=--upgrade renews)
	@command -v uv >/dev/null || { echo "make lock needs uv: install it first" >&2; exit 1; }
	$(LOCK) $(ARGS) pyproject.toml --output-file locks/runtime.txt
	$(LOCK) $(ARGS) pyproject.toml --output-file locks/dev.txt --group dev -c locks/runtime.txt
	$(LOCK) $(ARGS) tests/peers/requirements.in --output-file locks/peers.txt
	$(LOCK) $(ARGS) benchmarks/peers/requirements.in --output-file locks/bench.txt
	$(LOCK) $(ARGS) pipelines/spark/requirements.in --output-file locks/spark.txt

clean: ## remove the environment and caches; never data/home, which holds the ledger
	rm -rf .venv .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis dist data/bench
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: each is newer than its lock file, so nothing is installed twice.
.venv/bin/python:
	@command -v $(PYTHON) >/dev/null || \
		{ echo "$(PYTHON) is not there: name a Python 3.11 to 3.13, as in make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "$(PYTHON) is $$($(PYTHON) -V): name a Python 3.11 to 3.13, as in make PYTHON=python3.11" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.runtime: locks/runtime.txt | .venv/bin/python
	@echo "installing what a run needs into .venv; the first time takes minutes"
	$(PIP) --require-hashes -r locks/runtime.txt
	@touch $@

.venv/.dev: locks/dev.txt | .venv/bin/python
	@echo "installing what development needs into .venv; the first time takes minutes"
	$(PIP) --require-hashes -r locks/dev.txt
	$(PIP) --no-deps --no-build-isolation -e .
	@touch .venv/.runtime $@  # the development lock holds all of the runtime one

# Other programs have an environment of their own: nothing of theirs is in the product's.
.cache/bench/.ready: locks/bench.txt | .venv/bin/python
	$(PYTHON) -m venv .cache/bench
	.cache/bench/bin/python -m pip install --quiet --disable-pip-version-check \
		--require-hashes -r locks/bench.txt
	@touch $@

.cache/spark/.ready: locks/spark.txt | .venv/bin/python
	@command -v java >/dev/null || [ -n "$$JAVA_HOME" ] || \
		{ echo "Spark needs Java 17, which is not there: install it first" >&2; exit 1; }
	@echo "installing Spark into .cache/spark; it is large"
	$(PYTHON) -m venv .cache/spark
	.cache/spark/bin/python -m pip install --quiet --disable-pip-version-check \
		--require-hashes -r locks/spark.txt
	@touch $@
