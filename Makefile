# Every target works from a bare clone: it sets up .venv first, and only when needed.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.PHONY: demo test lint bench torture format lock clean
.DEFAULT_GOAL := demo

demo: .venv/.training
	@mkdir -p out
	@$(BIN)/assent assess \
	    examples/llama-3.1-405b.yaml \
	    examples/deepseek-v3.yaml \
	    examples/deepseek-r1-distill-llama-70b.yaml \
	    --html out/assessment.html
	@echo
	@echo "A permit, from the application to the offline verifier, and a refusal:"
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/permit.sh out/permit
	@echo
	@echo "A small GPT trains under a permit: gated, metered, overseen, paused, resumed:"
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/supervised.sh out/supervised

test: .venv/.development
	@$(BIN)/pytest -n 2 -q

lint: .venv/.development
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/ruff check --quiet
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: .venv/.bench
	@$(BIN)/python -m bench.run

torture: .venv/.development
	@HYPOTHESIS_PROFILE=torture $(BIN)/pytest -n 2 -q -m fuzz

format: .venv/.development
	@$(BIN)/ruff format --quiet
	@$(BIN)/ruff check --fix --quiet

# Re-pin everything to the newest releases; review the difference like any change.
lock:
	rm -rf .venv/lock && $(PYTHON) -m venv .venv/lock
	.venv/lock/bin/python -m pip install --quiet torch==2.13.0 --editable '.[torch,postgresql,dev,bench]'
	.venv/lock/bin/python -m pip freeze --exclude-editable | sed 's/+cpu//' > constraints.txt
	rm -rf .venv/lock

clean:
	rm -rf .venv out build

.venv/bin/python:
	@$(PYTHON) -m venv .venv

.venv/.runtime: pyproject.toml constraints.txt | .venv/bin/python
	@echo "setting up assent (once) ..."
	@$(PIP) --editable .
	@touch $@

.venv/.training: .venv/.runtime
	@echo "setting up PyTorch, to train with (once) ..."
	@$(PIP) --editable '.[torch]'
	@touch $@

.venv/.development: .venv/.runtime
	@echo "setting up what the tests need (once) ..."
	@$(PIP) --editable '.[torch,postgresql,dev]'
	@touch $@

.venv/.bench: .venv/.development
	@echo "setting up the peers to measure against (once) ..."
	@$(PIP) --editable '.[bench]'
	@touch $@
