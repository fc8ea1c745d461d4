# Everything a clone needs, with plain venv and pip. `make` or `make help` lists what there is.
# Settings: make run PORT=9000 · make test PYTEST_ARGS="-k segment" · make setup PYTHON=python3.12 HARDWARE=cpu

PYTHON      ?= python3
VENV        ?= .venv
HOST        ?= 127.0.0.1
PORT        ?= 8000
PYTEST_ARGS ?=
# gpu where an NVIDIA driver answers. faiss-gpu and faiss-cpu install the same module, so it is one or the other.
HARDWARE    ?= $(shell nvidia-smi >/dev/null 2>&1 && echo gpu || echo cpu)
HARDWARE    := $(HARDWARE)

BIN       := $(VENV)/bin
PIP       := $(BIN)/python -m pip --disable-pip-version-check
# A stamp says which extras are installed; it is old as soon as the pins or the requirements change.
RUNTIME   := $(VENV)/.installed-$(HARDWARE)
DEVELOP   := $(VENV)/.installed-$(HARDWARE)-dev
PINS      := pyproject.toml constraints.txt
# The model server has an environment of its own: vLLM needs other versions of what the product needs.
LLM_VENV  ?= .venv-llm
LLM_BIN   := $(LLM_VENV)/bin
LLM_READY := $(LLM_VENV)/.installed-$(HARDWARE)
PROFILE   ?= $(if $(filter gpu,$(HARDWARE)),card,cpu)
# Without a GPU the CPU build of torch is a tenth of the size; it stands in the PyTorch project's own index only.
TORCH_CPU := https://download.pytorch.org/whl/cpu
ANSWERS   := import os, threading, urllib.request as web; threading.Timer(2, os._exit, [1]).start(); \
             web.urlopen("$(TORCH_CPU)/torch/", timeout=2); os._exit(0)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup run sync index test test-slow test-server test-browser test-gpu test-serving check lint types format eval eval-gate \
        bench bench-llm bench-viewer serve-llm llm clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' | while IFS='|' read -r name what; do printf '  make %-13s %s\n' "$$name" "$$what"; done

setup: $(RUNTIME) ## make the virtual environment with what the product needs

run: sync index ## build the store and open chat, viewer and REST on 127.0.0.1:8000
	$(BIN)/clausewise serve --host $(HOST) --port $(PORT)

sync: $(RUNTIME) ## fetch license texts that ScanCode lacks, for at most 10 seconds
	@$(BIN)/clausewise sync --limit 10 2>/dev/null || true

index: $(RUNTIME) ## build the store from the license texts (an unchanged one is left alone)
	$(BIN)/clausewise index build

test: $(DEVELOP) ## run the quick tests
	$(BIN)/python -m pytest $(PYTEST_ARGS)

test-slow: $(DEVELOP) ## run the tests that build whole stores, read every text or wait
test-server: $(DEVELOP) ## run the tests that start a server process
test-browser: $(DEVELOP) ## run the tests that drive chromium
test-gpu: $(DEVELOP) ## run the tests that need a GPU
test-slow test-server test-browser test-gpu: test-%:
	$(BIN)/python -m pytest -m $* $(PYTEST_ARGS) || [ $$? -eq 5 ]  # 5: no test of this kind

test-serving: $(DEVELOP) $(LLM_READY) ## run the tests that start a real vLLM on the CPU
	CLAUSEWISE_TEST_LLM_PYTHON=$(abspath $(LLM_BIN)/python) $(BIN)/python -m pytest -m serving $(PYTEST_ARGS)

check: lint types ## check format, style, types and the rules of the house
	$(BIN)/python -m pytest tests/test_architecture.py

lint: $(DEVELOP) ## check style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEVELOP) ## check types
	$(BIN)/mypy

format: $(DEVELOP) ## write the files in the house's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

serve-llm: $(RUNTIME) $(LLM_READY) ## start a model server (PROFILE=cpu, card, big-card, cards or nodes) on 127.0.0.1:8001
	@CLAUSEWISE_SERVE_PROFILE=$(PROFILE) $(BIN)/python -m serving.launch --python $(LLM_BIN)/python

llm: $(LLM_READY) ## make the model server's own environment (.venv-llm)

eval: $(DEVELOP) ## answer the gold set and report (SYSTEM=all beside others, AGAINST=folder of a run, JUDGE=URL of a served model)
	$(BIN)/clausewise eval run $(if $(SYSTEM),--system $(SYSTEM)) $(if $(AGAINST),--against $(AGAINST))
	$(if $(JUDGE),$(BIN)/clausewise eval judge --url $(JUDGE))

eval-gate: $(DEVELOP) ## exit 1 if answers got worse than the committed baseline, or the metrics miss a damaged answer
	$(BIN)/clausewise eval gate
	$(BIN)/clausewise eval mutate

bench: $(DEVELOP) ## measure build, answers, server and retrieval beside the stock pipeline
	$(BIN)/python -m evals.bench

bench-llm: $(DEVELOP) $(LLM_READY) index ## measure a served model: a tiny random one on the CPU, that of CLAUSEWISE_SERVE_... on a GPU
	@if [ $(HARDWARE) = cpu ]; then tiny=$$(mktemp -d); trap 'rm -rf "$$tiny"' EXIT; PYTHONPATH=. $(BIN)/python tests/tiny_model.py "$$tiny"; \
	  export CLAUSEWISE_SERVE_MODEL="$$tiny" CLAUSEWISE_SERVE_SERVED_NAME=tiny CLAUSEWISE_SERVE_DTYPE=float32 CLAUSEWISE_SERVE_EAGER=yes \
	    CLAUSEWISE_SERVE_MAX_LENGTH=16384; fi; \
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m evals.bench_llm --python $(LLM_BIN)/python $(BENCH_ARGS)

bench-viewer: $(DEVELOP) index ## measure in chromium how soon a text is painted and how it scrolls, beside the bare text
	PYTHONPATH=. $(BIN)/python tests/measure_viewer.py

clean: ## remove the virtual environments and what tools left behind (the data folder stays)
	rm -rf $(VENV) $(LLM_VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Clausewise needs Python 3.11 or newer; name one: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "Python cannot make a virtual environment; on Debian: apt install python3-venv"; exit 1; }

$(LLM_READY): serving/requirements-$(HARDWARE).txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "The model server needs Python 3.11 or newer"; exit 1; }
	@test -x $(LLM_BIN)/python || $(PYTHON) -m venv $(LLM_VENV)
	@if [ $(HARDWARE) = cpu ] && $(PYTHON) -c '$(ANSWERS)' 2>/dev/null; then more="--extra-index-url $(TORCH_CPU)"; fi; \
	echo "installing the model server into $(LLM_VENV) (some gigabytes)"; \
	$(LLM_BIN)/python -m pip --disable-pip-version-check install --quiet $$more -r $<
	@if [ $(HARDWARE) = cpu ]; then $(LLM_BIN)/python -m pip uninstall --quiet --yes torchvision torchaudio torchcodec 2>/dev/null; fi
	@touch $@

$(RUNTIME): $(PINS) | $(BIN)/python
	@rm -f $(VENV)/.installed-*
	$(PIP) uninstall --quiet --yes $(if $(filter gpu,$(HARDWARE)),faiss-cpu,faiss-gpu) 2>/dev/null
	@if [ $(HARDWARE) = cpu ] && $(BIN)/python -c '$(ANSWERS)' 2>/dev/null; then more="--extra-index-url $(TORCH_CPU)"; fi; \
	echo "$(PIP) install torch $$more"; \
	$(PIP) install --quiet --constraint constraints.txt $$more torch
	$(PIP) install --quiet --constraint constraints.txt --editable '.[$(HARDWARE)]'
	@touch $@

$(DEVELOP): $(RUNTIME)
	$(PIP) install --quiet --constraint constraints.txt --editable '.[$(HARDWARE),evals,dev]'
	@touch $@
