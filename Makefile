# make run        sets everything up and starts the agent; ARGS="--source demo" and the like are passed on
# make test       sets everything up and runs all tests; one suite: make test-edge, -other-python, -wheel, -train, -export, -loop, -terraform, -homeassistant
# make run CLOUD=1   the same with a cloud side and a stand-in for Blynk on this machine, to see the whole way to the carer
# make check      style, types, architecture, contract
# make bench      measures; prints medians and the ratio to the baseline
# make bench-export   the dataset's export: 50,000 samples out of emulators; takes a quarter of an hour
# make bench-homeassistant   many devices at one Home Assistant, twice: little recorded, everything recorded; ARGS="--devices 20"
# make release-zip   dist/howsitgoing.zip: the Home Assistant component, as HACS installs it
# make functions-zip   dist/functions.zip: the cloud functions, as Terraform deploys them
# make availability-zip   dist/availability.zip: the function for AWS, as Terraform deploys it
# make contract   writes the contract's copies and its schema
# make lock       compiles requirements/*.txt anew; newer versions: make lock ARGS=--upgrade
# make clean      removes what make has made
# Another Python than python3: make PYTHON=/path/to/python3.11 run

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
export PYTHON
BIN := .venv/bin
ARGS ?=

.PHONY: help
help:
	@sed -n 's/^# //p' Makefile

.PHONY: environment-run environment-dev
environment-run:
	@scripts/environment .venv run
environment-dev:
	@scripts/environment .venv dev

.PHONY: run
run: $(if $(CLOUD),environment-dev,environment-run)
	@$(BIN)/howsitgoing models pull yunet --once --timeout 5 || true
	@exec $(if $(CLOUD),$(BIN)/python scripts/run_with_cloud.py,$(BIN)/howsitgoing run) $(ARGS)

.PHONY: test
test:
	@scripts/install-test-parts
	@scripts/test -- $(ARGS)

.PHONY: test-edge test-other-python test-wheel test-train test-export test-loop test-terraform test-homeassistant
test-edge test-other-python test-wheel test-train test-export test-loop test-terraform test-homeassistant:
	@scripts/test $(@:test-%=%) -- $(ARGS)

.PHONY: check
check: environment-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/contract.py --check

.PHONY: bench
bench: environment-dev
	@$(BIN)/python -m tests.bench $(ARGS)

.PHONY: bench-export
bench-export:
	@scripts/environment .venv-export export "$(PYTHON)"
	@PYTHONPATH=tests .venv-export/bin/python -m tests.bench.export $(ARGS)

.PHONY: bench-homeassistant
bench-homeassistant:
	@scripts/environment .venv-homeassistant homeassistant "$$(scripts/find-python 3.13)"
	@PYTHONPATH=tests:homeassistant .venv-homeassistant/bin/python tests/homeassistant/load.py $(ARGS)

.PHONY: release-zip
release-zip:
	@$(PYTHON) scripts/release_zip.py $(ARGS)

.PHONY: functions-zip
functions-zip:
	@$(PYTHON) scripts/functions_zip.py $(ARGS)

.PHONY: availability-zip
availability-zip:
	@$(PYTHON) scripts/availability_zip.py $(ARGS)

.PHONY: contract
contract: environment-run
	@$(BIN)/python scripts/contract.py

LOCK := scripts/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate $(ARGS)
.PHONY: lock
lock:
	echo uv | $(LOCK) --python-version 3.11 - -o requirements/uv.txt
	$(LOCK) --python-version 3.11 pyproject.toml --extra cloud --extra aws --group build -o requirements/run.txt
	$(LOCK) --python-version 3.11 pyproject.toml --extra cloud --extra aws --extra functions --group build --group dev -c requirements/run.txt -o requirements/dev.txt
	$(PYTHON) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["functions"], sep="\n")' | \
	  $(LOCK) --python-version 3.11 -c requirements/dev.txt - -o cloud/requirements.txt
	$(LOCK) --python-version 3.11 pyproject.toml --group build --group dev --extra train -c requirements/dev.txt -o requirements/train.txt
	$(LOCK) --python-version 3.11 pyproject.toml --group build --group dev --group dev-export --extra export -o requirements/export.txt
	@if [ -f requirements/homeassistant.in ]; then $(LOCK) --python-version 3.13 requirements/homeassistant.in -o requirements/homeassistant.txt; fi
	@if [ -f requirements/terraform.in ]; then $(LOCK) --python-version 3.11 requirements/terraform.in -o requirements/terraform.txt; fi
	$(LOCK) --python-version 3.11 requirements/label-studio.in -o requirements/label-studio.txt

.PHONY: clean
clean:
	rm -rf .venv .venv-* .cache .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .import_linter_cache build dist
