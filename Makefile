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

BIN := .venv/bin

# .venv's own Python if it works; one that was asked for is used or refused
ifeq ($(origin PYTHON),file)
PYTHONS = $(BIN)/python $(PYTHON) python3.13 python3.12 python3.11
else
PYTHONS = "$(PYTHON)"
endif
USABLE = import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))

# what other installations set must not reach Python, Jupyter or the kernels that it starts
unexport PYTHONHOME PYTHONPATH JUPYTER_PATH
export JUPYTER_PREFER_ENV_PATH := 1
export KERAS_BACKEND := tensorflow

# Jupyter, IPython and matplotlib want a home that they can write to
RUN := $(shell [ -d "$$HOME" ] && [ -w "$$HOME" ] || echo 'HOME="$$PWD/.venv/home" ')$(BIN)/python

.PHONY: help setup lab test coverage browser grade grade-sample test-long test-processors build solve data bench reproduce lint lock

help:  ## list the verbs
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile

setup:  ## make or mend .venv: the locked packages, the course and its `course` command
	@for python in $(PYTHONS); do \
		"$$python" -I -c '$(USABLE)' >/dev/null 2>&1 \
			&& exec "$$python" -I -X utf8 course_utils/environment.py; \
	done; \
	echo 'error: the course needs Python 3.11, 3.12 or 3.13 with its venv module (tried: $(PYTHONS)); name one: make setup PYTHON=/path/to/python' >&2; \
	exit 1

lab: setup  ## open your own copies of the notebooks in JupyterLab (LAB_ARGS=...)
	-@$(RUN) -m course_utils.cli seal
	$(RUN) -m course_utils.cli lab $(LAB_ARGS)

test: setup  ## run every test and re-run every notebook (TEST_JOBS=2 at once, PYTEST_ARGS=...)
	$(RUN) -m pytest tests solutions notebooks --nbval --nbval-current-env \
		--nbval-sanitize-with tests/nbval_sanitize.cfg -m "not minutes" \
		--numprocesses $(TEST_JOBS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

test-long: setup  ## run the tests that take minutes, all bad submissions among them
	$(RUN) -m pytest tests -m minutes $(PYTEST_ARGS)

coverage: setup  ## run the tests of `make test` and list the lines that none of them reaches
	@$(RUN) -m coverage erase
	-$(RUN) -m coverage run -m pytest tests -m "not minutes" --numprocesses $(TEST_JOBS) --dist loadfile $(PYTEST_ARGS)
	@$(RUN) -m coverage combine --quiet
	$(RUN) -m coverage report

test-processors: setup  ## run the answer keys as other processors would compute them (TEST_JOBS=2)
	TEST_JOBS="$(TEST_JOBS)" $(RUN) -m tests.processors

browser: setup  ## drive the notebooks in JupyterLab by a browser (needs Chromium)
	@$(RUN) -c 'import playwright, axe_playwright_python' 2>/dev/null \
		|| { $(RUN) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["browser"], sep="\n")' \
		| $(RUN) -m pip install --quiet --no-user -r /dev/stdin; }
	$(RUN) -m pytest tests/test_lab.py $(PYTEST_ARGS)

grade: setup  ## grade notebooks (SUBMISSIONS=file-or-folder OUT=folder)
	-@$(RUN) -m course_utils.cli seal
	$(RUN) -m course_utils.cli grade "$(SUBMISSIONS)" --out "$(OUT)"

grade-sample: setup  ## make a class of students who don't exist and grade it (OUT=folder)
	@rm -rf "$(OUT)-sample" && $(RUN) -m course_utils.cli sample-class "$(OUT)-sample" --students 40
	$(RUN) -m course_utils.cli grade "$(OUT)-sample" --out "$(OUT)" --fresh

build: setup  ## build the notebooks from solutions/*.py
	$(RUN) -m course_utils.cli build

solve: setup  ## execute all solutions and keep their outputs (one: course solve 04)
	$(RUN) -m course_utils.cli solve

data: setup  ## rebuild the data that a program writes: data/jazz, data/translation
	$(RUN) -m course_utils.authoring.jazz
	$(RUN) -m course_utils.authoring.translation

bench: setup  ## run the benchmarks
	@for file in benchmarks/*.py; do \
		echo "== $$file"; $(RUN) "$$file" || exit 1; \
	done

reproduce: setup  ## train every system at full length (ONLY="name ..." CIFAR=file.npz FRA=fra.txt)
	$(RUN) -m benchmarks.reproduce $(ONLY:%=--only %) $(CIFAR:%=--cifar %) $(FRA:%=--fra %)

lint: setup  ## check style, format and types
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

lock:  ## pin the newest allowed versions in requirements.lock and environment.yml (needs uv)
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --extra test \
		--generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make lock" --output-file requirements.lock pyproject.toml
	uv run --no-project python -m course_utils.authoring.environment_file
