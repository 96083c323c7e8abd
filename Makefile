# What there is to do here; `make` alone lists it.
SHELL := /bin/bash
SWIFT ?= swift
RELEASE := $(SWIFT) build -c release --static-swift-stdlib --product martlet -Xlinker -s
SOURCES := Package.swift Sources Tests Examples Benchmarks
BINARY := .build/release/martlet

.DEFAULT_GOAL := help
SEEDS ?= 10000
.PHONY: help setup build run demo test bench counts tsan docs fuzz soak soak-logs soak-events simulate lint format clean

help: ## List the targets
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install the packages for building and running (Debian 12; root or sudo)
	@scripts/setup

build: ## Build the release binary, .build/release/martlet
	@$(RELEASE)

run: setup build ## Set up, build, and serve this machine's own metrics on http://127.0.0.1:9090
	@exec $(BINARY) serve $(ARGUMENTS)

demo: setup build ## Set up, build, and serve a small service under load, with alerts that fire
	@exec $(BINARY) demo $(ARGUMENTS)

test: ## Set up and run all tests, end to end with the real peers (about 25 minutes on 2 cores)
	@scripts/setup --test
	@scripts/test $(ARGUMENTS)

fuzz: ## Fuzz the query language and the reading of OTLP and Jaeger under AddressSanitizer (EXECUTIONS=1000000)
	@scripts/fuzz $(EXECUTIONS)

soak: ## Kill, stop and starve the server, and simulate failing disks, for long (about half an hour)
	@scripts/soak

soak-logs: ## Take 10,000 log records a second for ten minutes; tells processor time and memory
	@MARTLET_LOG_SOAK_SECONDS=600 $(SWIFT) test --filter LogLoadTests

soak-events: ## Take samples, log records and spans at once for a minute, 12,000 a second (DURATION=60 RATE=12000)
	@MARTLET_EVENT_SOAK_SECONDS=$(or $(DURATION),60) MARTLET_EVENT_SOAK_RATE=$(or $(RATE),12000) \
		$(SWIFT) test --filter EventLoadTests

simulate: ## Simulate power cuts and failing disks on the time-series store (SEEDS=10000; SEED=n replays one)
	@MARTLET_SIMULATION_SEEDS=$(SEEDS) $(if $(SEED),MARTLET_SIMULATION_SEED=$(SEED)) \
		$(SWIFT) test -c release -Xswiftc -enable-testing --filter SimulationTests

bench: ## Measure (writes TSV rows: peer, operation, threads, value)
	@scripts/bench

counts: ## Count instructions and allocations of the recording calls; fail where they grew
	@scripts/bench-counts

tsan: ## Run the recording side's tests under ThreadSanitizer
	@scripts/tsan

docs: ## Build the documentation archives; fail on a warning
	@scripts/docs

lint: ## Check the formatting
	@$(SWIFT) format lint --strict --recursive $(wildcard $(SOURCES))

format: ## Format all Swift files
	@$(SWIFT) format --in-place --recursive $(wildcard $(SOURCES))

clean: ## Remove everything that was built
	@rm -rf .build Examples/*/.build Benchmarks/.build Benchmarks/*/.build
