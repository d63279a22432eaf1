# Two commands: `make report` and `make test`. Both build the environment themselves; a second run builds nothing.
.DEFAULT_GOAL := help
.PHONY: help report test check-code bench reference recovery deep clean
VENV := .venv
BIN := $(VENV)/bin
CUT := exports/pacer/synthetic

help: ## what can be made
	@grep -E '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed 's/:.*## /|/' | awk -F'|' '{printf "  make %-10s %s\n", $$1, $$2}'

$(VENV)/ready: requirements.lock pyproject.toml .ci/environment
	@sh .ci/environment $(VENV)
	@touch $@

report: $(VENV)/ready ## the four reports of PACER on a synthetic cut, in results/pacer/synthetic
	@test -f $(CUT)/cut.yaml || $(BIN)/pacer simulate analysis_plan/pacer --n 412 --seed 20150416 --out $(CUT)
	@$(BIN)/pacer run analysis_plan/pacer --cut synthetic --exports exports --results results all

test: $(VENV)/ready check-code ## style, types, floors, and every test (under 12 minutes on 2 cores)
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not deep"

check-code: $(VENV)/ready
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/ready ## times of the whole run, of a run with nothing to do, of larger trials, of a large export, of the logic, of the estimators beside R's
	@$(BIN)/python tests/bench_statistics.py
	@$(BIN)/python tests/bench_exports.py
	@$(BIN)/python tests/bench_logic.py
	@$(BIN)/python tests/bench.py

reference: $(VENV)/ready ## run the R scripts again and compare with the committed values (needs R: see CONTRIBUTING)
	@$(BIN)/python tests/reference/rerun.py

recovery: $(VENV)/ready ## bias, coverage and type I error of every estimator in simulated trials (under an hour on 2 cores)
	@$(BIN)/python -m tests.recovery.characteristics

deep: $(VENV)/ready ## the long tests: kill and restart, larger trials, damaged files, planted defects
	@$(BIN)/python -m pytest -m deep -n 0

clean: ## remove environment, results and synthetic exports
	@rm -rf $(VENV) results exports
