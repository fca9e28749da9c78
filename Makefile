# Everything a contributor runs. The first target explains the others.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
GO ?= go
# The longest package takes minutes; only a hang takes this long.
TESTFLAGS ?= -timeout 30m
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X github.com/halocheck/halocheck/internal/version.linked=$(VERSION)

.DEFAULT_GOAL := help
.PHONY: help build test suites race check fmt vet lint fresh tidy generate goldens man bench soak fuzz clean

help: ## say what each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

build: ## build bin/halocheck
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/halocheck ./cmd/halocheck

# The specs of selfproof mostly wait, so they run in several processes at once; `go test ./...` runs them one by one.
SPECS = $(GO) tool ginkgo --procs=4 --timeout=30m --silence-skips --no-color
test: ## run every test
	$(GO) test $(TESTFLAGS) -skip '^TestSuites$$' ./...
	$(SPECS) ./suites/selfproof -- -test.run '^TestSuites$$'

suites: ## run the Ginkgo suites alone, against the fake or against HALO_URL
	$(GO) tool ginkgo ./suites

race: ## run the tests with the race detector; of the same way gone many times over (-short), and of other processes, less
	$(GO) test -race -short -vet=off $(TESTFLAGS) -skip '^TestSuites$$' ./...
	$(SPECS) --race ./suites/selfproof -- -test.run '^TestSuites$$' -test.short

check: fmt vet cross lint race fresh tidy vulnerabilities ## everything that has to hold before a commit

fmt: ## fail where gofmt would change something
	@out=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$out" ]; then echo "not gofmt-ed; run gofmt -w on:"; echo "$$out"; exit 1; fi

vet: ## go vet
	$(GO) vet ./...

.PHONY: cross
# Without what only halocheckd links, which is for Linux: its databases take minutes to compile for each further system. What
# is compiled for vet alone is not optimised.
SERVICE := modernc.org/sqlite|halocheck/internal/store
cross: ## go vet for Windows and macOS, of what halocheck is made from
	@packages=$$($(GO) list -f '{{.ImportPath}} {{.Deps}} {{.TestImports}} {{.XTestImports}}' ./... | grep -vE '$(SERVICE)' | cut -d' ' -f1); \
		for system in windows darwin; do echo "GOOS=$$system $(GO) vet, without halocheckd"; GOOS=$$system CGO_ENABLED=0 $(GO) vet -gcflags='all=-N -l' $$packages; done

.PHONY: vulnerabilities
vulnerabilities: ## govulncheck, where its database can be reached
	@if curl -sSfI --max-time 10 $(or $(GOVULNDB),https://vuln.go.dev)/index/db.json >/dev/null 2>&1; then $(GO) tool govulncheck ./...; \
		else echo "vulnerabilities: skipped, since the database of known vulnerabilities cannot be reached from here"; fi

.PHONY: notice
notice: ## write NOTICE anew: the licences of what is linked
	HALOCHECK_NOTICE=write $(GO) test -count=1 -run TestFreshNotice ./cmd/halocheck

lint: ## golangci-lint, pinned in tools/go.mod
	$(GO) tool -modfile=tools/go.mod golangci-lint run ./...

.PHONY: matrix
matrix: ## tell every fault in every dialect; make test has a third of these pairs
	HALOCHECK_MATRIX=all $(SPECS) --label-filter matrix ./suites/selfproof -- -test.run '^TestSuites$$'

.PHONY: examples
examples: ## run the example of a vendor's own module, built on this checkout
	cd fixtures/examples && $(GO) mod tidy -diff && $(GO) vet ./... && $(GO) test ./...

.PHONY: streams
streams: ## the memory of halocheckd while 200 pages follow a check
	HALOCHECK_STREAMS=200 $(GO) test -count=1 -v -run TestStreams ./cmd/halocheckd

.PHONY: scale
scale: ## what halocheckd asks of its database with 10,000 customers of 90 checks each, on SQLite and PostgreSQL
	HALOCHECK_SCALE=10000 $(GO) test -count=1 -v -timeout 20m -run TestScale ./internal/store

.PHONY: night
night: ## the workers of halocheckd while one is killed and PostgreSQL ends every connection; minutes
	HALOCHECK_NIGHT=1 $(GO) test -count=1 -v -timeout 20m -run TestFailures ./internal/jobs

.PHONY: deploy
deploy: ## check deploy/kubernetes with Kubernetes' own validation and Job controller, in a module of its own
	cd deploy/semantics && $(GO) mod tidy -diff && $(GO) vet ./... && $(GO) test -v ./...

.PHONY: images
images: ## make the container images as OCI layouts in dist/images, and run what they hold
	cd tools/image && $(GO) mod tidy -diff && $(GO) vet ./... && $(GO) test -v ./...
	for arch in amd64 arm64; do GOARCH=$$arch GOOS=linux CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' -o dist/linux-$$arch/ ./cmd/halocheck ./cmd/halocheckd; done
	cd tools/image && $(GO) run . -version '$(VERSION)' -revision "$$(git rev-parse HEAD)" -date "$$(git log -1 --format=%cI)" -out ../../dist/images \
		$$(for program in halocheck halocheckd; do for arch in amd64 arm64; do echo $$program:linux/$$arch=../../dist/linux-$$arch/$$program; done; done)

fresh: ## fail where a generated file is stale
	$(GO) test -count=1 -run Fresh ./cmd/halocheck ./probes/guide

tidy: ## fail where go.mod is not tidy
	$(GO) mod tidy -diff

generate: ## write the generated files anew
	$(GO) run ./cmd/halocheck list --format markdown > probes/catalogue/CATALOGUE.md.new
	mv probes/catalogue/CATALOGUE.md.new probes/catalogue/CATALOGUE.md
	HALOCHECK_FAULT_NAMES=write $(GO) test -count=1 -run TestFreshFaultNames ./cmd/halocheck
	HALOCHECK_PARSED=write $(GO) test -count=1 -run TestFreshParsedGuide ./probes/guide

goldens: ## write the kept reports in fixtures/reports anew
	mkdir -p fixtures/reports
	HALOCHECK_GOLDENS=write $(GO) test -count=1 -run TestSuites ./suites/selfproof -ginkgo.focus 'reads as it is kept'

man: ## write the manual pages to bin/man
	mkdir -p bin/man
	HALOCHECK_MAN=$(CURDIR)/bin/man $(GO) test -count=1 -run TestManPages ./cmd/halocheck

.PHONY: windows
windows: ## run halocheck.exe under wine, where there is one, as a support engineer does on Windows
	GOOS=windows GOARCH=amd64 CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/halocheck.exe ./cmd/halocheck
	tools/windows-test bin/halocheck.exe

.PHONY: share
share: man ## write what a package has beside the program to bin/share
	rm -rf bin/share && mkdir -p bin/share/completions bin/share/man.gz
	cp -r bin/man bin/share/man
	for page in bin/share/man/*; do gzip -9n <$$page >bin/share/man.gz/$${page##*/}.gz; done
	for shell in bash fish zsh powershell; do $(GO) run ./cmd/halocheck completion $$shell >bin/share/completions/halocheck.$$shell; done
	mv bin/share/completions/halocheck.powershell bin/share/completions/halocheck.ps1

# The tools of a release, each pinned in a module of its own. They take minutes to build the first time.
goreleaser := github.com/goreleaser/goreleaser/v2
syft := github.com/anchore/syft/cmd/syft
cosign := github.com/sigstore/cosign/v3/cmd/cosign
crane := github.com/google/go-containerregistry/cmd/crane
RELEASE_TOOLS := bin/tools/goreleaser bin/tools/syft bin/tools/cosign
.PHONY: release-tools release-dry
release-tools: $(RELEASE_TOOLS) bin/tools/crane ## build goreleaser, syft, cosign and crane into bin/tools
bin/tools/goreleaser bin/tools/syft bin/tools/cosign: bin/tools/%: tools/%/go.sum
	$(GO) build -C tools/$* -trimpath -ldflags "-s -w -X main.version=$$($(GO) list -C tools/$* -f '{{.Module.Version}}' $($*))" -o $(CURDIR)/$@ $($*)
bin/tools/crane: tools/image/go.sum
	$(GO) build -C tools/image -trimpath -ldflags '-s -w' -o $(CURDIR)/$@ $(crane)
release-dry: $(RELEASE_TOOLS) ## make a release twice without publishing it, compare, verify, install and remove it
	tools/release-dry

bench: ## print the benchmarks: ratios measured side by side
	$(GO) test -run '^$$' -bench . -skip Fleet10000 -benchtime 5x -timeout 1h ./suites/selfproof
	$(GO) test -run '^$$' -bench Fleet10000 -benchtime 1x -timeout 1h ./suites/selfproof
	$(GO) test -run '^$$' -bench . -benchtime 1x ./fakehalo

.PHONY: side-by-side
side-by-side: ## print what halocheck and testssl.sh say of the same servers; takes minutes
	HALOCHECK_SIDE_BY_SIDE=1 $(GO) test -count 1 -v -timeout 60m ./suites/selfproof -ginkgo.label-filter side-by-side -ginkgo.v

.PHONY: clients
clients: ## prove clients with contract.Run and halocheck fake --contract, and print the table client x fault; takes minutes
	@dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; $(GO) build -o "$$dir/halocheck" ./cmd/halocheck; \
	HALOCHECK_CLIENTS="$$dir" $(GO) test -count 1 -run TestForTheTable ./fakehalo/contract; \
	(cd fixtures/examples/python && HALOCHECK="$$dir/halocheck" python3 -B contract.py --out json="$$dir/Python, the example.json"); \
	HALOCHECK_CLIENTS="$$dir" $(GO) test -count 1 -v -timeout 30m -run TestSuites ./suites/selfproof -ginkgo.focus 'every fault: the table' -ginkgo.v

.PHONY: instances
instances: ## check 10,000 healthy and 10,000 singly broken instances of the second HaloPSA, each in a form of its own
	HALOCHECK_INSTANCES=$${HALOCHECK_INSTANCES:-10000} $(GO) test -count=1 -timeout 120m ./suites/selfproof/independent

soak: ## make HALOCHECK_SOAK checks (default 1000) of random faults in one process, and weigh it
	HALOCHECK_SOAK=$${HALOCHECK_SOAK:-1000} $(GO) test -v -count=1 -timeout 60m -run TestSuites ./suites/selfproof -ginkgo.focus 'many checks' -ginkgo.v

FUZZED = $$(git grep -l '^func Fuzz' -- '*_test.go' | xargs -n1 dirname | sort -u)
# Go before 1.27 now and then takes the end of FUZZTIME itself for a failure (golang/go#75804); no input is written then.
fuzz: ## run every fuzz target for FUZZTIME (default 20s)
	@said=$$(mktemp); trap 'rm -f "$$said"' EXIT; for pkg in $(FUZZED); do \
		for target in $$(grep -hoE '^func Fuzz[A-Za-z]*' $$pkg/*_test.go | cut -c6-); do \
			echo "$$pkg $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $${FUZZTIME:-20s} -fuzzminimizetime 1s ./$$pkg 2>&1 | tee "$$said" || \
				{ grep -qx '    context deadline exceeded' "$$said" && ! grep -q 'Failing input' "$$said"; }; \
		done; \
	done

.PHONY: fuzz-short
fuzz-short: ## change the seeds of every fuzz target at random a thousand times, without the build that guides make fuzz
	@bin=$$(mktemp -d); trap 'rm -rf "$$bin"' EXIT; for pkg in $(FUZZED); do \
		$(GO) test -c -o "$$bin/test" ./$$pkg; \
		for target in $$(grep -hoE '^func Fuzz[A-Za-z]*' $$pkg/*_test.go | cut -c6-); do \
			echo "$$pkg $$target"; \
			(cd $$pkg && "$$bin/test" -test.run '^$$' -test.fuzz "^$$target$$" -test.fuzztime 1000x -test.fuzzcachedir "$$bin/cache" >"$$bin/said" 2>&1) || { cat "$$bin/said"; exit 1; }; \
		done; \
	done

.PHONY: kills
kills: ## kill what keeps something, HALOCHECK_KILLS times each (default 50), and look for what it said; put 1,000 slow hosts before healthy ones
	HALOCHECK_KILLS=$${HALOCHECK_KILLS:-50} HALOCHECK_SLOW=1000 $(GO) test -count=1 -v -run 'TestKilledAndResumed|TestSlowHostsAreNoBurden' ./cmd/halocheck
	HALOCHECK_KILLS=$${HALOCHECK_KILLS:-50} $(GO) test -count=1 -v -timeout 60m -run TestSuites ./suites/selfproof -ginkgo.label-filter state -ginkgo.v
	HALOCHECK_KILLS=$${HALOCHECK_KILLS:-50} $(GO) test -count=1 -v -run TestNoFinishedRunIsLost ./internal/store

.PHONY: mutants reproducible
MUTATED = ./probes ./internal/secret $(addprefix ./probes/,guide halo product application role agent network login trust)
mutants: ## break each condition, verdict and cause, and print what the tests let live
	$(GO) build -o bin/mutants ./suites/selfproof/mutants
	nice bin/mutants -least 90 -workers $${WORKERS:-1} $(or $(PKG),$(MUTATED))

reproducible: ## build twice in two folders, and fail where the digests differ
	@for n in 1 2; do \
		dir=$$(mktemp -d); git archive HEAD | tar -x -C "$$dir"; \
		(cd "$$dir" && $(GO) build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' -o halocheck ./cmd/halocheck); \
		sha256sum < "$$dir/halocheck"; rm -rf "$$dir"; \
	done | uniq -c | awk '{print} $$1 != 2 {bad = 1} END {exit bad}'

clean: ## remove what was built
	rm -rf bin dist
