# What people run here. `make demo` and `make test` work on a fresh Debian or Ubuntu machine with a
# Swift toolchain; they install the two C libraries that are linked, if pkg-config misses them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

PREFIX ?= /usr
DESTDIR ?=
DOC = $(DESTDIR)$(PREFIX)/share/doc/opwatchd

# Demo and tests share one release build; tests look inside modules, hence the flag for both.
RELEASE := -c release -Xswiftc -enable-testing
# Nothing loads symbols from the binary; exporting them keeps megabytes of dead code in it.
STATIC := -c release --static-swift-stdlib --scratch-path .build-static \
  -Xlinker --no-export-dynamic

# Fuzzers are built apart, each with libFuzzer's main; a fuzzer runs until one of the two is over.
FUZZERS := FilterParse FilterEvaluate JournalLine JournalFile
FUZZ := OPWATCHD_FUZZ=1 swift build -c release -Xswiftc -parse-as-library \
  -Xswiftc -enable-testing --sanitize fuzzer
FUZZ_INPUTS_FilterParse := -max_len=400 -dict=Tests/Fuzzers/filter.dict
FUZZ_INPUTS_FilterEvaluate := $(FUZZ_INPUTS_FilterParse)
FUZZ_INPUTS_JournalLine := -max_len=1200 -dict=Tests/Fuzzers/journal.dict
FUZZ_INPUTS_JournalFile := -max_len=3000 -dict=Tests/Fuzzers/journal.dict
FUZZ_SECONDS ?= 60
FUZZ_RUNS ?= -1

CRASH_BATCHES ?= 12
MINUTES ?= 60

# `make simulate` runs the seeds FROM to FROM + SEEDS - 1, as many at a time as there are cores.
SEEDS ?= 2000
FROM ?= 1
JOBS ?= $(shell nproc)

.PHONY: help demo test lint bench crash fuzz simulate mutants system-test soak install dependencies servers toolchain

help:
	@echo "make demo        build and run opwatchd-demo: the daemon against a simulated service"
	@echo "make test        build and run all tests"
	@echo "make lint        check the format of the sources"
	@echo "make bench       measure memory, size, idle cost, filters and the journal"
	@echo "make system-test kill the daemon 200 times under load, let its disk fail, try networks"
	@echo "make simulate    run SEEDS=$(SEEDS) seeds FROM=$(FROM) against simulated services, with a judge"
	@echo "make mutants     take each safeguard out in turn; a seed or a test must fail"
	@echo "make soak        watch faulty services for MINUTES=$(MINUTES), judging every cancel"
	@echo "make crash       start the journal from every state that a crash may leave"
	@echo "make fuzz        look for inputs that break the parsers, FUZZ_SECONDS=$(FUZZ_SECONDS) each"
	@echo "make install     install binary, unit, catalog, policy and docs under DESTDIR and PREFIX"

demo: dependencies
	swift build $(RELEASE) --product opwatchd-demo
	.build/release/opwatchd-demo

test: dependencies
	swift build $(RELEASE) --build-tests
	swift test $(RELEASE) --skip-build

lint: toolchain
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

bench: dependencies
	swift build $(STATIC) --product opwatchd
	.ci/bench .build-static/release/opwatchd
	swift build $(STATIC) --product FilterBench
	.build-static/release/FilterBench
	swift build $(STATIC) --product JournalBench
	.build-static/release/JournalBench

# Every state of the disk that a crash of a long-lived journal may leave; a minute or two.
crash: dependencies
	swift build $(RELEASE) --build-tests
	CRASH_BATCHES=$(CRASH_BATCHES) swift test $(RELEASE) --skip-build --filter CrashTests

# The engine, the loop and the journal on a virtual clock, seed by seed; exit code 1 on a violation.
simulate: dependencies
	swift build $(RELEASE) --product simulate
	.build/release/simulate --seeds $(SEEDS) --from $(FROM) --jobs $(JOBS) --table $(SIMULATE)

# Half an hour behind its build, which has all mutants in it; one is chosen as a program starts.
mutants: dependencies
	.ci/mutants

# Minutes of the real binary: killed at random moments under load, on a disk that fails, and behind
# nginx and a proxy.
system-test: dependencies servers
	swift build $(RELEASE) --build-tests
	@command -v strace >/dev/null || echo "LEFT OUT: the failing disks, strace is not installed"
	@for program in nginx tinyproxy openssl; do \
	  PATH="$$PATH:/usr/sbin" command -v $$program >/dev/null || \
	    echo "LEFT OUT: TLS and proxies, $$program is not installed"; \
	done
	SYSTEM_TEST=1 swift test $(RELEASE) --skip-build \
	  --filter 'KillTests|InjectionTests|CommandTests.NetworkTests'

# The real binary in real time against services where everything goes wrong; SOAK_SEED repeats one.
soak: dependencies
	swift build $(RELEASE) --build-tests
	SOAK_MINUTES=$(MINUTES) swift test $(RELEASE) --skip-build --filter SoakTests

fuzz: $(FUZZERS:%=fuzz-%)

# What a fuzzer found on its way is kept, and run once more where reads out of bounds are caught.
fuzz-%: dependencies
	$(FUZZ) --scratch-path .build-fuzz --product $*
	$(FUZZ) -Xswiftc -sanitize=address --scratch-path .build-fuzz-address --product $*
	mkdir -p .build-fuzz/corpus/$*
	.build-fuzz/release/$* -max_total_time=$(FUZZ_SECONDS) -runs=$(FUZZ_RUNS) \
	  $(FUZZ_INPUTS_$*) -timeout=10 -rss_limit_mb=1024 -artifact_prefix=.build-fuzz/$*- \
	  .build-fuzz/corpus/$* Tests/Fuzzers/Seeds/$* 2>&1 | grep -vE ' (NEW|REDUCE) '
	.build-fuzz-address/release/$* -runs=0 -timeout=20 \
	  .build-fuzz/corpus/$* Tests/Fuzzers/Seeds/$*

install: dependencies
	swift build $(STATIC) --product opwatchd
	install -D -m 0755 .build-static/release/opwatchd $(DESTDIR)$(PREFIX)/sbin/opwatchd
	strip $(DESTDIR)$(PREFIX)/sbin/opwatchd
	install -D -m 0644 systemd/opwatchd.service $(DESTDIR)$(PREFIX)/lib/systemd/system/opwatchd.service
	install -D -m 0644 systemd/opwatchd.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/opwatchd.conf
	install -D -m 0644 systemd/opwatchd.catalog $(DESTDIR)$(PREFIX)/lib/systemd/catalog/opwatchd.catalog
	install -D -m 0644 README.md $(DOC)/README.md
	install -D -m 0644 -t $(DOC)/docs docs/*.md
	install -D -m 0644 -t $(DOC)/config/examples config/examples/*.yaml
	test -e $(DESTDIR)/etc/opwatchd/policy.yaml || \
	  install -D -m 0644 config/policy.yaml $(DESTDIR)/etc/opwatchd/policy.yaml

dependencies: toolchain
	@if ! pkg-config --exists libsystemd yaml-0.1 2>/dev/null; then \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  echo "Installing libsystemd-dev, libyaml-dev and pkg-config with apt"; \
	  $$sudo apt-get update -q; \
	  $$sudo apt-get install -q -y --no-install-recommends libsystemd-dev libyaml-dev pkg-config; \
	fi

# The distribution starts what it installs; the tests run their own, so those go again.
servers:
	@sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	for program in nginx:nginx-light tinyproxy:tinyproxy openssl:openssl strace:strace; do \
	  PATH="$$PATH:/usr/sbin" command -v "$${program%%:*}" >/dev/null && continue; \
	  echo "Installing $${program##*:} with apt"; \
	  $$sudo apt-get install -q -y --no-install-recommends "$${program##*:}" || continue; \
	  $$sudo systemctl disable --now "$${program%%:*}" 2>/dev/null || true; \
	done

toolchain:
	@command -v swift >/dev/null || { \
	  echo "No Swift toolchain found: install Swift 6.2 or newer from https://www.swift.org/install" >&2; \
	  exit 69; }
