# Two commands do everything: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
export PORT

.PHONY: install install-dev demo stop test check crawl bench clean format messages lock

install: $(VENV)/.installed

# Exact versions from requirements.lock (exported from uv.lock), so that pip alone is enough.
$(VENV)/.installed: pyproject.toml requirements.lock
	@echo "Installing into $(VENV) (a minute or two the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@$(BIN)/python manage.py compile_catalogues
	@touch $@

install-dev: $(VENV)/.installed-dev

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	@echo "Installing what tests and checks need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# So that webhooks can be tried with a receiver on this machine.
demo: export DURE_WEBHOOK_LOOPBACK ?= True
demo: install
	@$(BIN)/python -m dure.embedded start
	@$(BIN)/python manage.py demo $(if $(ONCE),--once)
ifdef ONCE
	@$(BIN)/python -m dure.embedded stop
endif

stop:
	@$(BIN)/python -m dure.embedded stop

test: install-dev
	@bin/test

check: install-dev
	@bin/check

# Every page in a browser, in both languages and schemes and three widths: longer than a test may be.
crawl: install-dev
	@bin/test tests/portal/crawl/in_a_browser.py

bench: install-dev
	@$(BIN)/python -m tests.benchmarks

format: install-dev
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

# Bring the catalogues up to date with the code.
messages: install-dev
	@$(BIN)/python manage.py check_translations --update

clean:
	@test ! -x $(BIN)/python || $(BIN)/python -m dure.embedded forget
	@rm -rf var

# Bring the exact versions up to date with pyproject.toml.
lock:
	@uv lock
	@uv export --frozen --quiet --no-dev --no-emit-project --no-header -o requirements.lock
	@uv export --frozen --quiet --no-emit-project --no-header -o requirements-dev.lock
