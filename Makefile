# Wangdian 网点. `make run` is all that a newcomer needs; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
LOCK := requirements/dev.txt
# Named after the lock's content: the environment is brought up to date exactly when the lock has changed.
STAMP := $(VENV)/lock-$(firstword $(shell sha256sum $(LOCK)))
MINOR := import sys; print("%d.%d" % sys.version_info[:2])
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help env run demo up token test check format lint types imports house contracts rules bench faults races oracle fuzz cluster-test mutations compose-test sbom audit secrets clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' \
	  | awk -F'|' '{ printf "  make %-12s %s\n", $$1, $$2 }'

env: $(STAMP) ## the Python environment (.venv) from the hashed lock; the other targets make it themselves

$(STAMP):
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo "Wangdian needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is not one of them."; \
	  echo "Name one: make PYTHON=python3.12 ..."; exit 1; }
	@echo "environment: $(LOCK) into $(VENV), about a minute"
	@test "$$($(PY) -c '$(MINOR)' 2>&1)" = "$$($(PYTHON) -c '$(MINOR)')" || $(PYTHON) -m venv --clear $(VENV)
	@$(PY) -m pip install --quiet --require-hashes --requirement $(LOCK)
	@for source in libs/*/src services/*/src .; do (cd "$$source" && pwd); done \
	  > "$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/wangdian.pth"
	@rm -f $(VENV)/lock-* && touch $@

run: env ## start everything, play a branch day, stay up until Ctrl-C
	@$(PY) -m deploy.devstack run

demo: env ## start everything, play a branch day, check its books, stop
	@$(PY) -m deploy.devstack demo

up: env ## start everything with the kept data, without playing
	@$(PY) -m deploy.devstack up

token: env ## an access token of a user of the running stack: make -s token CLIENT=operator-1
	@$(PY) -m deploy.devstack token $(CLIENT)

test: env ## every test, on a stack of its own; ARGS="-k words" chooses
	@$(PY) -m pytest --rules-out .local/rules.json $(ARGS)

check: env format lint types imports house contracts test ## what must be green before a commit
	@$(PY) -m tools.rules --check --from .local/rules.json

format: env ## is the code formatted?
	@$(VENV)/bin/ruff format --check --quiet .

lint: env ## ruff's findings
	@$(VENV)/bin/ruff check --quiet .

types: env ## mypy --strict
	@$(VENV)/bin/mypy

imports: env ## who may import whom
	@$(VENV)/bin/lint-imports

house: env ## sizes and the rules of the house
	@$(PY) -m tools.sizes
	@$(PY) -m tools.house
	@$(PY) -m tools.mutations --check
	@$(PY) -m tools.rules --check --collected

contracts: env ## are the committed contracts current and compatible? `python -m tools.contracts` writes them
	@$(PY) -m tools.contracts --check

rules: env ## run the tests that carry a rule's or a mechanism's id, write docs/rules.md
	@$(PY) -m tools.rules

bench: env ## the benchmarks, each against a limit or a peer; results in .local/bench.json
	@$(PY) -m benchmarks

faults: env ## kills, cuts and restarts at full length
	@FAULTS=full $(PY) -m pytest -s -m fault

oracle: env ## the law read a second time at full length: 100,000 sales at the gate, every mutant of a rule, the keeping of recordings
	@ORACLE=full $(PY) -m pytest -s --hypothesis-profile=oracle \
	  services/compliance/tests/gate services/compliance/tests/unit/test_retention_clock.py

races: env ## 1,000 runs of the gate beside each change of what it rests on
	@RACES=full $(PY) -m pytest -s services/compliance/tests/service/test_gate_facts.py

fuzz: env ## many requests made from each OpenAPI document: no error of ours, nothing that it does not name
	@FUZZ=full $(PY) -m pytest -s -k test_fuzzed services

cluster-test: env ## three brokers killed in turn under two processes of each service; scale-out figures
	@CLUSTER=1 $(PY) -m pytest -s -m cluster tests/cluster
	@$(PY) -m benchmarks scale_out

mutations: env ## plants breaks of each invariant in a copy, sees a test notice each, writes docs/invariants.md
	@$(PY) -m tools.mutations

compose-test: env ## the composed system run for real: built, played on, killed, taken down (needs a container engine)
	@if docker info >/dev/null 2>&1; then engine=true; \
	elif [ -n "$$CONTAINER_ENGINE" ]; then engine=$$($$CONTAINER_ENGINE | tail -n 1) && [ -n "$$engine" ] || exit 1; \
	else echo "no container engine answers: start one, or name the command that does (it prints the variables to set):"; \
	  echo "make compose-test CONTAINER_ENGINE=..."; exit 1; fi; \
	eval "$$engine"; CONTAINERS=1 $(PY) -m pytest -s -m containers tests/containers

sbom: .local/audit ## what stands in each image, as CycloneDX 1.6 in .local/sbom
	@mkdir -p .local/sbom
	@for image in ticketing feedback staffing compliance demo; do \
	  .local/audit/bin/cyclonedx-py requirements requirements/$$image.txt --sv 1.6 --output-reproducible \
	    -o .local/sbom/$$image.json && echo ".local/sbom/$$image.json"; done

audit: .local/audit ## are there known weaknesses in what the locks name? (asks the package index)
	@for image in ticketing feedback staffing compliance demo dev; do \
	  .local/audit/bin/pip-audit --strict --disable-pip --require-hashes -r requirements/$$image.txt || exit 1; done

.local/audit: requirements/audit.txt
	@$(PYTHON) -m venv --clear $@ && $@/bin/pip install --quiet --require-hashes --requirement $<
	@touch $@

secrets: env ## the secret files that docker-compose.yml mounts; keeps the ones that exist
	@$(PY) -m deploy.secrets

clean: ## remove the kept data (.local); a running stack keeps it
	@test ! -e .local/stack.pid || flock -n .local/stack.pid true || { echo "a stack is running: stop it first"; exit 1; }
	@rm -rf .local
