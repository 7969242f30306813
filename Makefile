# Two commands are enough on a fresh machine: `make demo` and `make test`.
# `make PYTHON=/path/to/python` chooses the interpreter; else the newest fitting one is taken.

PYTHON ?= $(firstword $(foreach name,python3.14 python3.13 python3.12 python3.11 python3 python, \
	$(shell $(name) -c 'import sys; sys.version_info >= (3, 11) and print("$(name)")' 2>/dev/null)))

VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.run-installed
DEV := $(VENV)/.dev-installed
EXTRA := $(VENV)/.extra-installed
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCKED := install --require-hashes --only-binary :all:
COMPILE := CUSTOM_COMPILE_COMMAND="make lock" build/lock/bin/pip-compile --quiet --generate-hashes \
	--strip-extras --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links
GROUP = $(PYTHON) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["$(1)"], sep="\n")' > build/lock/$(1).in

# The tests start the program hundreds of times; it is compiled once.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test lint check-types unit test-extra bench bench-full wheel zh-mark lock clean

demo: $(RUN)
	$(BIN)/boomtalk demo

test: lint unit

lint: $(DEV) check-types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# mypy cannot follow the hook of an editable install; the link lets it see `boomtalk` as it
# is when installed.
check-types: $(DEV)
	mkdir -p build/types
	ln -sfn ../.. build/types/boomtalk
	cd build/types && MYPYPATH=. ../../$(BIN)/mypy --config-file ../../pyproject.toml \
		--namespace-packages --explicit-package-bases \
		-p boomtalk.engine -p boomtalk.plugins -p boomtalk.commands -p boomtalk.examples -m boomtalk.cli

# Most tests wait for something, so there are more workers than cores. What runs alone comes
# first: in a fresh clone it compiles the tests once for all workers.
unit: $(DEV)
	$(BIN)/pytest -m "not extra and alone"
	$(BIN)/pytest -m "not extra and not alone" -n 6 --dist worksteal

# Needs a browser, peer tools, root or many minutes, and Ray; see CONTRIBUTING.md.
test-extra: $(EXTRA)
	$(BIN)/pytest -m "extra and not alone" -n 4 --dist worksteal
	$(BIN)/pytest -m "hypothesis and not extra" -n 4 --hypothesis-profile thorough
	$(BIN)/pytest -m "extra and alone"

# A quarter of an hour on two cores; HRP_BIN names hrp. See perf/README.md.
bench: $(DEV)
	$(BIN)/python -m perf.bench.peers k6 hey vegeta oha hrp-venv
	$(BIN)/python -m perf.bench --seconds 3 --repeats 3
	$(BIN)/python -m perf.startup --repeats 5

# Marks a Chinese page as up to date with its English page: make zh-mark PAGE=cases
zh-mark: | $(BIN)/python
	$(BIN)/python docs/zh/mark.py $(PAGE)

# All that is left out there: two hours.
bench-full: $(EXTRA)
	$(BIN)/python -m perf.bench.peers
	$(BIN)/python -m perf.bench --full --seconds 6 --repeats 5
	$(BIN)/python -m perf.bench live --seconds 10 --repeats 10
	$(BIN)/python -m perf.startup --repeats 20
	$(BIN)/python -m perf.growth
	$(BIN)/python -m perf.soak --minutes 30

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "boomtalk needs Python 3.11 or newer: install it, or say make PYTHON=/path/to/python" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The stamps name what was installed last, so that a second call installs nothing.
$(RUN): requirements/run.txt pyproject.toml | $(BIN)/python
	$(PIP) $(LOCKED) -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch $@

$(DEV): requirements/dev.txt $(RUN)
	$(PIP) $(LOCKED) -r requirements/dev.txt
	touch $@

$(EXTRA): requirements/extra.txt $(DEV)
	$(PIP) $(LOCKED) -r requirements/extra.txt
	touch $@

# The sdist and, from it, the wheel.
wheel: $(DEV)
	$(BIN)/python -m build --no-isolation --outdir dist

lock: pyproject.toml requirements/build.in
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip --quiet install pip-tools
	$(COMPILE) --output-file requirements/run.txt pyproject.toml requirements/build.in
	$(call GROUP,dev)
	$(call GROUP,extra)
	$(COMPILE) --no-annotate --output-file requirements/dev.txt -c requirements/run.txt \
		pyproject.toml requirements/build.in build/lock/dev.in
	$(COMPILE) --no-annotate --extra ray --output-file requirements/extra.txt -c requirements/dev.txt \
		pyproject.toml build/lock/extra.in

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
