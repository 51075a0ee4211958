# The commands that must always work. Each makes what it needs first; each works a second time, quickly.
.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin
OPEN ?= 1
ACCOUNTS ?= 5000
MONTHS ?= 24
BENCH_ACCOUNTS ?= 400000
BENCH_MONTHS ?= 12
PYTHON_CODE := supra_console queries screens tests bench sql/alembic scripts/localdb scripts/timescaledb scripts/translations scripts/timescale-wasm/serve.py

.PHONY: help demo demo-down test check format bench lock translations

help: ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.venv/complete: requirements/dev.lock scripts/environment
	@scripts/environment

demo: .venv/complete ## a database with a demo utility, and the console open on it (OPEN=0: all but the last)
	@url=$$(scripts/localdb up --instance demo) && \
	SUPRA_DATABASE_URL="$$url" $(BIN)/supra-console db prepare-demo --accounts $(ACCOUNTS) --months $(MONTHS)
	@if url=$$(scripts/timescaledb up); then \
		SUPRA_DATABASE_URL="$$url" $(BIN)/supra-console db prepare-demo-timescale || true; \
	fi
	@if [ "$(OPEN)" = 0 ]; then \
		echo "open it with: $(BIN)/supra-console --profile demo"; \
		echo "the time series with: $(BIN)/supra-console --profile demo-timescale"; \
	else \
		exec $(BIN)/supra-console --profile demo; \
	fi

demo-down: ## stop the demo's servers (their data stays)
	@scripts/localdb down --instance demo
	@scripts/timescaledb down

test: .venv/complete ## the whole test suite, on servers of its own
	@$(BIN)/python -m pytest $(TESTS)

check: .venv/complete ## lint, types, import contracts, SQL lint, translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(PYTHON_CODE)
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --disable-progress-bar --processes 2 sql
	$(BIN)/python scripts/translations check

format: .venv/complete ## put Python and SQL into the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix --disable-progress-bar sql

bench: .venv/complete ## the benchmarks, at full size; a table, and bench/results.json
	@$(BIN)/python -m bench --accounts $(BENCH_ACCOUNTS) --months $(BENCH_MONTHS)

translations: .venv/complete ## collect texts into the catalogues and compile them
	@$(BIN)/python scripts/translations update

lock: ## renew the locked requirements (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		--upgrade --group dev pyproject.toml -o requirements/dev.lock
