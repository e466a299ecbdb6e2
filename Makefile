# The verbs of the course; `make help` lists them. Works with GNU make 3.81 and later.

PYTHON ?= python3
SUBMISSIONS ?= notebooks
OUT ?= grades
LAB_ARGS ?=
ONLY ?=
CIFAR ?=
FRA ?=
PYTEST_ARGS ?=
TEST_JOBS ?= 2

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input

# a Python that was asked for is used or refused; otherwise the first good one on PATH
ifeq ($(origin PYTHON),file)
PYTHONS = $(PYTHON) python3.13 python3.12 python3.11
else
PYTHONS = $(PYTHON)
endif
USABLE = import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))

TF_CPP_MIN_LOG_LEVEL ?= 3
export TF_CPP_MIN_LOG_LEVEL

.PHONY: help setup lab test grade grade-sample test-long build solve data bench reproduce lint lock

help:  ## list the verbs
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile

setup: $(STAMP)  ## make .venv with the locked packages, the course and its `course` command
	@:

$(STAMP): requirements.lock pyproject.toml
	@if ! { $(BIN)/python -c '$(USABLE)' && $(BIN)/python -m pip --version; } >/dev/null 2>&1; then \
		for python in $(PYTHONS); do \
			"$$python" -c '$(USABLE)' >/dev/null 2>&1 && break; python=; \
		done; \
		if [ -z "$$python" ]; then \
			echo "error: the course needs Python 3.11, 3.12 or 3.13 with its venv module (tried: $(PYTHONS)); name one: make setup PYTHON=/path/to/python" >&2; \
			exit 1; \
		fi; \
		echo "Making $(VENV) with $$("$$python" --version)"; \
		"$$python" -m venv --clear $(VENV); \
	fi
	@echo "Installing the packages of requirements.lock (a few minutes the first time)"
	@$(PIP) install --require-hashes --only-binary :all: -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@# no news pop-up (it would ask the network), and no menus for instructors in a learner's Lab
	@$(BIN)/jupyter-labextension disable --level=sys_prefix \
		"@jupyterlab/apputils-extension:announcements" "@jupyter/nbgrader" >/dev/null 2>&1 \
		|| echo "note: JupyterLab may ask about its news"
	@touch $(STAMP)

lab: setup  ## open the notebooks in JupyterLab (LAB_ARGS=...)
	$(BIN)/python -m jupyterlab notebooks/ $(LAB_ARGS)

test: setup  ## run every test and re-run every notebook (TEST_JOBS=2 at once, PYTEST_ARGS=...)
	$(BIN)/python -m pytest tests solutions notebooks --nbval --nbval-current-env \
		--nbval-sanitize-with tests/nbval_sanitize.cfg -m "not minutes" \
		--numprocesses $(TEST_JOBS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

test-long: setup  ## run the tests that take minutes, all bad submissions among them
	$(BIN)/python -m pytest tests -m minutes $(PYTEST_ARGS)

grade: setup  ## grade notebooks (SUBMISSIONS=file-or-folder OUT=folder)
	$(BIN)/course grade "$(SUBMISSIONS)" --out "$(OUT)"

grade-sample: setup  ## make a class of students who don't exist and grade it (OUT=folder)
	@rm -rf "$(OUT)-sample" && $(BIN)/course sample-class "$(OUT)-sample" --students 40
	$(BIN)/course grade "$(OUT)-sample" --out "$(OUT)" --fresh

build: setup  ## build the notebooks from solutions/*.py
	$(BIN)/course build

solve: setup  ## execute the solutions and keep their outputs
	$(BIN)/course solve

data: setup  ## rebuild the data that a program writes: data/jazz, data/translation
	$(BIN)/python -m course_utils.authoring.jazz
	$(BIN)/python -m course_utils.authoring.translation

bench: setup  ## run the benchmarks
	@for file in benchmarks/*.py; do \
		echo "== $$file"; $(BIN)/python "$$file" || exit 1; \
	done

reproduce: setup  ## train every system at full length (ONLY="name ..." CIFAR=file.npz FRA=fra.txt)
	$(BIN)/python -m benchmarks.reproduce $(ONLY:%=--only %) $(CIFAR:%=--cifar %) $(FRA:%=--fra %)

lint: setup  ## check style and format
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .

lock:  ## pin the newest allowed versions in requirements.lock and environment.yml (needs uv)
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --extra test \
		--generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make lock" --output-file requirements.lock pyproject.toml
	uv run --no-project python -m course_utils.authoring.pins
