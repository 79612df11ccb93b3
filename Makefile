# What a person or a machine does with this project. `make help` explains it.

GO       ?= go
SAMPLES  := testdata/releases
DATA     ?= data
# staticcheck has a mod file of its own, so that nothing of it is linked in.
LINTER   := $(GO) tool -modfile=.ci/tools.mod staticcheck
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
# Tests are compiled without the profile by which the program is: all that it is made of
# would be compiled a second time.
TESTFLAGS := -pgo=off
LDFLAGS  := -s -w -X main.version=$(VERSION)

.DEFAULT_GOAL := help

.PHONY: help
help: ## say what each target does
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

.PHONY: build
build: ## build bin/hcpcs
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/hcpcs ./cmd/hcpcs

# A release for linux needs nothing of the machine that it runs on. The linker
# warns of dlopen, getpwuid and getaddrinfo, which DuckDB's code holds and nothing
# here calls: extensions are off, and Go looks names up by itself.
RELEASE        := bin/release/hcpcs-$(VERSION)-$(shell $(GO) env GOOS)-$(shell $(GO) env GOARCH)
STATIC_linux   := -linkmode external -extldflags -static
RELEASE_LDFLAGS = $(LDFLAGS) $(STATIC_$(shell $(GO) env GOOS))

.PHONY: release
release: ## build bin/release/hcpcs-VERSION-OS-ARCH for other machines, with its checksum
	mkdir -p bin/release
	CGO_ENABLED=1 $(GO) build -trimpath -tags netgo,osusergo -ldflags '$(RELEASE_LDFLAGS)' -o $(RELEASE) ./cmd/hcpcs
	cd bin/release && { command -v sha256sum >/dev/null && sha256sum $(notdir $(RELEASE)) || shasum -a 256 $(notdir $(RELEASE)); } > $(notdir $(RELEASE)).sha256
	$(RELEASE) version

.PHONY: run
run: build ## load the project's own sample releases into ./data, and show what the last one changed
	bin/hcpcs run --source $(SAMPLES) --data-dir $(DATA)
	@echo
	bin/hcpcs changes --data-dir $(DATA)

.PHONY: test
test: ## run the tests (with CMS's own releases, where they lie beside the project)
	$(GO) test $(TESTFLAGS) ./...

.PHONY: race
race: ## run the tests of the packages that start goroutines under the race detector
	$(GO) test -race ./extract ./pipeline/mail
	$(GO) test -race -run TextReader ./transform
	$(GO) test -race -run 'Foreseen|Settle|Preview|Interrupted|CheckAgrees|CheckKeepsLines|CheckStops|CheckListsMalformed|CheckParquetJudges|ExportParquet' ./load
	$(GO) test -race -run 'Early|SampleRun$$|SampleRunFromASite$$|SampleRunIsMailedOnce|Cancelled|Lock|Progress|TestSchedule' ./pipeline

.PHONY: fuzz
fuzz: ## look for inputs that break the readers, one minute each
	$(GO) test -run '^$$' -fuzz '^FuzzParseText$$' -fuzztime 1m ./transform
	$(GO) test -run '^$$' -fuzz '^FuzzTextReader$$' -fuzztime 1m ./transform
	$(GO) test -run '^$$' -fuzz '^FuzzWorkbookCells$$' -fuzztime 1m ./transform
	$(GO) test -run '^$$' -fuzz '^FuzzParseWorkbook$$' -fuzztime 1m ./transform
	$(GO) test -run '^$$' -fuzz '^FuzzReadFolder$$' -fuzztime 1m ./extract
	$(GO) test -run '^$$' -fuzz '^FuzzLinksOf$$' -fuzztime 1m ./extract

.PHONY: lint
lint: ## gofmt, go vet, staticcheck, and the arrows between packages
	@test -z "$$(gofmt -l cmd extract load pipeline sql transform)" || { echo 'gofmt would change:'; gofmt -l cmd extract load pipeline sql transform; exit 1; }
	$(GO) vet ./...
	$(LINTER) ./...
	$(GO) test -count=1 -run '^TestImportArrows$$' ./transform

.PHONY: bench
bench: build ## measure whole processes and stages beside pandas and the floor (BENCH=-update commits to it)
	$(GO) run ./cmd/bench $(BENCH)

.PHONY: bench-short
bench-short: build ## the same in about a minute, on small histories
	$(GO) run ./cmd/bench -short $(BENCH)

.PHONY: clients
clients: ## run the cookbook with other clients: DuckDB 1.1 and DuckDB's Node client (wants npm)
	testdata/clients/run.sh

.PHONY: docs
docs: ## write the data dictionary anew, from the database's own comments
	$(GO) test -count=1 -run 'TestSampleReleasesForAnalysts/dictionary' ./load -update

.PHONY: frame
frame: ## write anew what a published file is before any release is in it (load/frame.go)
	$(GO) test -count=1 -run TestTheFrameThatIsKept ./load -update

.PHONY: profile
profile: ## write anew what the compiler is shown of the program at work (cmd/hcpcs/default.pgo)
	$(GO) test ./pipeline -trimpath -run '^$$' -bench '^BenchmarkRun$$' -benchtime 10x -cpuprofile $(CURDIR)/cmd/hcpcs/default.pgo -o bin/profiled.test

.PHONY: samples
samples: ## write testdata/releases anew
	$(GO) run ./extract/cmstest/writesamples $(SAMPLES)

.PHONY: clean
clean: ## remove what was built and loaded here
	rm -rf bin $(DATA)
