# Everything a contributor does, from a fresh clone: needs python3 (3.11 or newer), pip and make; the real servers also need Go.
PYTHON ?= python3
JOBS ?= auto
CLUSTER ?=
ROUNDS ?= 1
BENCH ?=
SOAK_MINUTES ?= 15
SEED ?= 1
DAMAGES ?= 200000

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
RUFF := $(VENV)/bin/ruff
PYTEST := $(PY) -m pytest -n $(JOBS) -q
REAL_KUBECONFIG := out/real.kubeconfig

.PHONY: help demo test check test-real test-kubectl test-clients real bench bench-full flame bench-server bench-testing bench-survival soak fuzz docs nightly format clean
.NOTPARALLEL:
.DELETE_ON_ERROR:

help:
	@echo "make demo        a controller on the in-memory API server; CLUSTER=KUBECONFIG uses that cluster"
	@echo "make test        the quick suite, in parallel (JOBS=auto)"
	@echo "make check       format, lint, types, import contracts, generated files"
	@echo "make test-real   the behaviour, conformance and survival tests and the demo on a real kube-apiserver (needs Go the first time)"
	@echo "make test-kubectl  what kubectl prints and does, on ours and on a real server (needs Go the first time)"
	@echo "make test-clients  client-go, controller-runtime, kube-rs and Python's clients against ours (needs Go and Rust)"
	@echo "make bench       sync, events, reads and start against client-go and lightkube (needs Go)"
	@echo "make bench-full  all works and all clients, as tables (needs Go, and Rust for kube-rs; half an hour)"
	@echo "make flame       a flame graph of a sync and of events, out/flame.svg"
	@echo "make bench-server  the in-memory API server beside a real one, per CPU second"
	@echo "make bench-testing  a suite of tests, each with a FakeClient, beside the real server's start"
	@echo "make bench-survival  fairlead and its peers through the same troubles, as a table"
	@echo "make soak        mixed faults for SOAK_MINUTES=15, 20,000 objects, 2,000 events a second"
	@echo "make fuzz        DAMAGES=200000 damaged lists and watch streams, from SEED=1"
	@echo "make docs        the documentation, into docs/_build/html"
	@echo "make nightly     everything, with slow tests and many more examples"
	@echo "make real        builds the real servers, once; make format writes the code as make check wants it"
	@echo "make clean       removes what make made in this folder"

demo: $(VENV)/.stamp-run
	$(PY) examples/demo.py $(if $(CLUSTER),--kubeconfig '$(CLUSTER)')

test: $(VENV)/.stamp-tests
	$(PYTEST) -m "not slow and not clients" tests

check: $(VENV)/.stamp-tests $(VENV)/.stamp-lint
	$(RUFF) format --check .
	$(RUFF) check .
	$(PY) -m mypy
	$(VENV)/bin/pyright --pythonpath $(PY)
	$(VENV)/bin/lint-imports
	$(PY) -m fairlead.codegen --check

format: $(VENV)/.stamp-lint
	$(RUFF) format .
	$(RUFF) check --fix .

# Builds nothing that is in the cache already; see hack/realserver.py.
real:
	$(PYTHON) hack/realserver.py

test-real: $(VENV)/.stamp-tests real
	$(PYTEST) --fairlead-target=real,sync-real tests/behaviour tests/conformance
	$(PY) -m pytest -q -n 3 --fairlead-target=real tests/survival
	$(PY) -m tests.support.realserver --kubeconfig $(REAL_KUBECONFIG) -- $(PY) examples/demo.py --kubeconfig $(REAL_KUBECONFIG)

# Alone on its server: what kubectl lists must be what its own session made.
test-kubectl: $(VENV)/.stamp-tests real
	$(PY) -m pytest -q --fairlead-target=real tests/kubectl

test-clients: $(VENV)/.stamp-tests
	$(PY) -m pytest -q -m clients tests/clients

bench: $(VENV)/.stamp-run $(VENV)/.stamp-bench
	$(PY) bench/run.py --binaries out/bench-bin --json out/bench.json --markdown out/bench.md

flame: $(VENV)/.stamp-run $(VENV)/.stamp-bench
	$(PY) bench/flame.py --output out/flame.svg

# BENCH="--resume" goes on where it ended; BENCH='--only kube-rs' or '--work real' measures a part; BENCH="--scale 0.02" tries it out.
bench-full: $(VENV)/.stamp-tests $(VENV)/.stamp-bench $(VENV)/.stamp-bench-peers real
	$(PY) bench/run.py --full --peers $(VENV)/bench-peers --binaries out/bench-bin --json out/bench-full.json --markdown out/bench-full.md $(BENCH)

bench-server: $(VENV)/.stamp-tests real
	$(PY) bench/apiserver.py --json out/bench-server.json

bench-testing: $(VENV)/.stamp-tests real
	$(PY) bench/testing.py --json out/bench-testing.json

bench-survival: $(VENV)/.stamp-tests $(VENV)/.stamp-peers real
	$(PY) -m tests.survival.compare --peers $(VENV)/peers --rounds $(ROUNDS) --json out/survival.json

soak: $(VENV)/.stamp-tests real
	$(PY) -m tests.survival.soak --minutes $(SOAK_MINUTES) --seed $(SEED) --report out/soak-$(SEED).txt

fuzz: $(VENV)/.stamp-tests
	$(PY) -m tests.unit.informer.test_damage $(DAMAGES) $(SEED)

docs: $(VENV)/.stamp-docs
	$(PY) -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

nightly: check real
	HYPOTHESIS_PROFILE=nightly FAIRLEAD_SEEDS=20000 $(PYTEST) --fairlead-target=memory,http,real,sync,sync-http,sync-real --ignore=tests/kubectl tests
	$(MAKE) test-real
	$(MAKE) test-kubectl
	for round in 1 2 3; do FAIRLEAD_SURVIVAL_LONG=1 $(PY) -m pytest -q -n 3 --fairlead-target=real tests/survival || exit 1; done
	$(MAKE) fuzz
	$(MAKE) soak
	$(MAKE) bench

clean:
	rm -rf $(VENV) .boot .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache out docs/_build
	find src tests examples bench hack docs -name __pycache__ -type d -prune -exec rm -rf {} +

# Where venv has no ensurepip (Debian and its kin), virtualenv does the same; it is kept out of the system's packages.
$(VENV)/.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "fairlead needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Choose another: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "making $(VENV)"
	@rm -rf $(VENV)
	@if $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then $(PYTHON) -m venv $(VENV); else \
	  $(PYTHON) -m pip --disable-pip-version-check install --quiet --target .boot virtualenv \
	  && PYTHONPATH=.boot $(PYTHON) -m virtualenv --quiet $(VENV); fi
	@$(PIP) install "pip>=25.1"
	@touch $@

$(VENV)/.stamp-run: $(VENV)/.stamp pyproject.toml
	@echo "installing fairlead"
	@$(PIP) install --editable ".[server,cli]"
	@touch $@

# A dependency group of pyproject.toml on top of the package itself: tests, lint, docs.
$(VENV)/.stamp-tests $(VENV)/.stamp-docs: $(VENV)/.stamp-%: $(VENV)/.stamp-run
	@echo "installing what $* needs"
	@$(PIP) install --group $*
	@touch $@

# pyright runs on node: the machine's where there is one, else the one that comes as a wheel.
$(VENV)/.stamp-lint: $(VENV)/.stamp-run
	@echo "installing what lint needs"
	@$(PIP) install --group lint
	@command -v node >/dev/null || $(PIP) install --group node
	@touch $@

$(VENV)/.stamp-bench: $(VENV)/.stamp-run bench/requirements.txt
	@echo "installing what bench needs"
	@$(PIP) install -r bench/requirements.txt
	@touch $@

$(VENV)/.stamp-bench-peers: $(VENV)/.stamp-run bench/peers.txt
	@echo "installing the other clients that bench measures"
	@rm -rf $(VENV)/bench-peers
	@$(PIP) install --target $(VENV)/bench-peers -r bench/peers.txt
	@touch $@

# The peers' packages lie beside ours, so that neither decides the other's versions.
$(VENV)/.stamp-peers: $(VENV)/.stamp-run tests/survival/peers.txt
	@echo "installing the peers"
	@rm -rf $(VENV)/peers
	@$(PIP) install --target $(VENV)/peers -r tests/survival/peers.txt
	@touch $@
