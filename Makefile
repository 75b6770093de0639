# What people type. Every target installs what it needs; `make help` lists them.

SWIFT_FLAGS := --explicit-target-dependency-import-check error
# debug is built soonest; CONFIG=release is what runs in production.
CONFIG ?= debug
NEXY := .build/$(CONFIG)/nexy
VENV := .venv
TEXT ?= Open Safari
# What is said goes through the environment, so that the shell never reads it.
export TEXT OUT
PORT ?= 50051
MINUTES ?= 10
INPUTS ?= 100000
ROUNDS ?= 5
LOAD = NEXY_BINARY=$(abspath .build/release/nexy) $(VENV)/bin/python Tests/Load
SHA256 := $(shell command -v sha256sum || echo shasum -a 256)
PROTOS := $(shell find protos -name '*.proto' | sort)
SOURCES := Package.swift $(shell find Sources Tests Benchmarks -name '*.swift' -not -path '*/Generated/*' 2>/dev/null)

.PHONY: help setup build release serve say test lint format unit integration proto bench bench-more bench-updates bench-publish soak fuzz fuzz-updates clean

help:
	@echo "make serve            build and run the server (CONFIG=release for speed)"
	@echo "make say TEXT='…'     talk to it from another terminal (PORT=, OUT=file.wav)"
	@echo "make test             everything CI runs: set-up, lint, build, unit and integration tests"
	@echo "make bench            release build, then server and peers in one run: Benchmarks/RESULTS.md (ROUNDS=5)"
	@echo "make bench-more       figures without a peer: a crowd, gaps behind a slow engine, the log's statistics"
	@echo "make soak             50 turns at a time for MINUTES=10, with slow readers, cancels and faults"
	@echo "make fuzz             INPUTS=100000 hostile inputs on the wire"
	@echo "make fuzz-updates     50,000 hostile requests of the update server"
	@echo "make bench-updates    feeds and downloads beside nginx"
	@echo "make bench-publish    a release of 276 MB beside curl and cp"
	@echo "make proto            regenerate Sources/NexyWire/Generated from protos/"
	@echo "make format           format the Swift code"

setup:
	@.ci/setup

build: setup
	swift build -c $(CONFIG) --product nexy $(SWIFT_FLAGS)

serve: build
	@$(NEXY) serve

say: build
	@$(NEXY) say --port $(PORT) $(if $(OUT),--out "$$OUT") -- "$$TEXT"

test: lint unit integration

lint: setup
	@swift format lint --strict $(SOURCES)

format:
	@swift format --in-place $(SOURCES)

unit: setup
	swift test $(SWIFT_FLAGS)

# A test that fails beside a busy neighbour is run once more, and every such test is named at the end (docs/decisions/0018).
integration: build $(VENV)/ready
	@.ci/setup nginx-light
	NEXY_BINARY=$(abspath $(NEXY)) $(VENV)/bin/python -m pytest -q --reruns 1 -rR Tests/NexyIntegrationTests

$(VENV)/ready: Tests/NexyIntegrationTests/requirements.txt | setup
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@

# The plugins are built from the very packages that the product links.
proto:
	@.ci/setup protobuf-compiler
	swift build --product protoc-gen-swift
	swift build --product protoc-gen-grpc-swift-2
	rm -rf Sources/NexyWire/Generated && mkdir Sources/NexyWire/Generated
	protoc -I protos \
	  --plugin=.build/debug/protoc-gen-swift --plugin=protoc-gen-grpc-swift=.build/debug/protoc-gen-grpc-swift-2 \
	  --swift_out=Sources/NexyWire/Generated --swift_opt=Visibility=Package,FileNaming=PathToUnderscores \
	  --grpc-swift_out=Sources/NexyWire/Generated --grpc-swift_opt=Visibility=Package,FileNaming=PathToUnderscores,Server=true,Client=true \
	  --descriptor_set_out=Sources/NexyWire/Generated/services.protoset --include_imports $(PROTOS)
	$(SHA256) $(PROTOS) $$(find Sources/NexyWire/Generated -type f | sort) > generated.sha256
	mv generated.sha256 Sources/NexyWire/Generated/

release:
	@$(MAKE) --no-print-directory build CONFIG=release

$(VENV)/load: Tests/Load/requirements.txt $(VENV)/ready
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@

# Server, peers and load in one run: writes Benchmarks/RESULTS.md. Installs nginx and wrk, to compare with on loopback.
bench: release $(VENV)/load
	@.ci/setup nginx-light wrk curl
	swift build -c release --product nexy-echo-peer $(SWIFT_FLAGS)
	NEXY_BINARY=$(abspath .build/release/nexy) $(VENV)/bin/python Benchmarks/run.py --rounds $(ROUNDS)

# What no peer can be beside: the turn inside one process, gaps behind a slow engine, a crowd, and the log's statistics.
bench-more: release $(VENV)/load
	.build/release/nexy bench turn --rounds 5
	.build/release/nexy bench turn --rounds 5 --in-flight 16
	.build/release/nexy bench latency --turns 1000 --in-flight 100
	.build/release/nexy bench latency --turns 5 --first-sound 600 --real-time-factor 0.7 --sound 2000
	$(LOAD)/overload.py
	$(LOAD)/overload.py --over-ms 500
	$(LOAD)/overload.py --over-ms 1000
	$(LOAD)/logs.py

# Both end with status 1 when the server does.
soak: release $(VENV)/load
	$(LOAD)/soak.py --minutes $(MINUTES) --turns 50

fuzz: release $(VENV)/load
	$(LOAD)/fuzz.py --inputs $(INPUTS)

fuzz-updates: release $(VENV)/load
	$(LOAD)/updates_fuzz.py --requests 50000

# Installs nginx and wrk, to compare with on loopback.
bench-updates: release $(VENV)/load
	@.ci/setup nginx-light wrk curl
	$(LOAD)/updates.py --rounds 5

bench-publish: release $(VENV)/load
	@.ci/setup curl
	$(LOAD)/publish.py --rounds 5

clean:
	rm -rf .build $(VENV)
