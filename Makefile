# The commands of this repository; `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help demo test faults check format bench build release install clean
.NOTPARALLEL:

OURS := Package.swift Sources Tests providers state-backends
PREFIX ?= /usr/local
# Arguments for the tests: make test FILTER=ReportingTests

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile | expand -t 17

# A build for debugging: it takes a third of the time of an optimised one, and `make test` goes on from it.
demo: ## build plumb, then watch the quick start being planned, applied, drifted, healed and destroyed
	@Tests/Services/packages build
	swift build --product plumb
	@PLUMB="$$(swift build --show-bin-path)/plumb" examples/quickstart/demo

test: ## run all tests, against real servers that are installed when they are missing
	@Tests/Services/packages test
ifdef FILTER
	swift test --filter $(FILTER)
else
	# What starts, interrupts and kills whole processes has the machine to itself.
	@unit=0; Tests/run unit --skip EndToEndTests || unit=$$?; \
	    Tests/run end-to-end --skip-build --filter EndToEndTests --no-parallel && exit $$unit
endif

# PLUMB_KILLS, PLUMB_FAULT_ROUNDS, PLUMB_FAULT_ROWS and PLUMB_FAULT_STATE say how many, which, and on what:
# Tests/EndToEnd/Faults/FaultMatrixTests.swift. A small slice of it is a part of `make test`.
faults: ## kill plumb and break what it stands on some hundred times, and count what is lost: nothing must be
	@Tests/Services/packages test
	PLUMB_KILLS=$${PLUMB_KILLS:-150} PLUMB_FAULT_ROUNDS=$${PLUMB_FAULT_ROUNDS:-4} \
	    swift test --filter EndToEndTests.FaultMatrixTests --no-parallel

check: ## check target dependencies, layers, formatting; warnings are errors
	@Tests/Services/packages test
	swift format lint --strict --parallel --recursive $(OURS)
	Tests/Style/check
	swift build --build-tests --explicit-target-dependency-import-check error

format: ## write all sources in the one format
	swift format --in-place --parallel --recursive $(OURS)

bench: release ## measure plumb, beside terraform and kubectl where they are installed, and on real servers
	bench/run
	bench/records
	bench/kubernetes --keep
	bench/machines
	bench/controllers --stacks 60 --minutes 2

build: ## build everything for debugging, tests too
	@Tests/Services/packages build
	swift build --build-tests

release: ## build the optimised plumb
	@Tests/Services/packages build
	swift build -c release --static-swift-stdlib --product plumb

install: release ## install plumb to $(PREFIX)/bin
	install -D -m 755 "$$(swift build -c release --show-bin-path)/plumb" "$(DESTDIR)$(PREFIX)/bin/plumb"

clean: ## remove what was built
	rm -rf .build
