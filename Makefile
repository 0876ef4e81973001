# Everything a developer or CI needs. `make deps test` is what CI runs.
OAPI := github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2
LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
MUTANTS := github.com/go-gremlins/gremlins/cmd/gremlins@v0.6.0
OPENAPI_LINT := @redocly/cli@2.77.0
LICENCES := github.com/google/go-licenses@v1.6.0
PAGE_LICENCES := generate-license-file@4.2.5
GO_SBOM := github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
VULNERABILITIES := golang.org/x/vuln/cmd/govulncheck@v1.9.0
UI := web/ui
COMMA := ,
ROOMS := ./dispatch/blood,./dispatch/network,./dispatch/delivery,./dispatch/coldrecord,./dispatch/situation,./dispatch/propose,./dispatch/recovery,./dispatch/flight

.PHONY: build run deps generate ui check lint mutants test test-needs test-go test-ui rules profile bench bench-years soak shots fuzz notices release audit

build: ## the program, into ./hemolift
	go build -o hemolift ./cmd/hemolift

run: ## the demonstration
	go run ./cmd/hemolift demo

deps: ## what tests need, on Debian as root
	sh .ci/deps.sh

generate: ## Go and TypeScript types from web/api.yaml
	cd web/api && go run $(OAPI) -config config.yaml ../api.yaml
	cd $(UI) && npm run --silent generate

$(UI)/node_modules/.package-lock.json: $(UI)/package-lock.json
	cd $(UI) && npm ci --no-audit --no-fund

ui: $(UI)/node_modules/.package-lock.json ## build the page into web/ui/dist
	cd $(UI) && npm run --silent build
	go run ./$(UI)/precompress $(UI)/dist

NOTICES := $(UI)/public/notices.txt
PAHO = $$(go list -m -f '{{.Dir}}' github.com/eclipse/paho.mqtt.golang)

notices: $(UI)/node_modules/.package-lock.json ## the licences of all that the program holds
	cat $(UI)/notices/head.txt > $(NOTICES)
	cd $(UI) && npx --yes $(PAGE_LICENCES) --input package.json --output .notices --overwrite --ci >/dev/null 2>&1
	GOFLAGS=-mod=mod go run $(LICENCES) report ./cmd/hemolift --ignore hemolift --template $(UI)/notices/go.tpl >> $(NOTICES) 2>/dev/null
	printf '\n%s\nThe Go language and its library (BSD-3-Clause)\n\n' "$(RULE)" >> $(NOTICES)
	cat "$$(go env GOROOT)/LICENSE" >> $(NOTICES)
	printf '\n%s\nEclipse Distribution License, of the MQTT client\n\n' "$(RULE)" >> $(NOTICES)
	cat "$(PAHO)/edl-v10" >> $(NOTICES)
	printf '\n%s\nThe page\n%s\n\n' "$(DOUBLE)" "$(DOUBLE)" >> $(NOTICES)
	printf 'The program that reads labels, inside zxing-wasm, is ZXing-C++ (Apache-2.0, the text above),\ncopyright of its authors.\n\n' >> $(NOTICES)
	sed '1,3d;/generate-license-file/d' $(UI)/.notices >> $(NOTICES)
	rm $(UI)/.notices

RULE := --------------------------------------------------------------------------------
DOUBLE := ================================================================================

stamped = cd $(1) && CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -buildid= -X main.release=$(VERSION)" -o "$(CURDIR)/$(2)" ./cmd/hemolift

# VERSION=v1.2.3 make release. Built twice, at two places: the same source gives the same bytes.
release: ## the program with its version, an SBOM of it and of the page, and their digests, into ./release
	@test -n "$(VERSION)" || { echo "make release: give VERSION=v1.2.3"; exit 1; }
	rm -rf release && mkdir -p release/.elsewhere
	git archive HEAD | tar -x -C release/.elsewhere
	$(call stamped,.,release/hemolift)
	$(call stamped,release/.elsewhere,release/.again)
	cmp release/hemolift release/.again || { echo "make release: two builds differ; is everything committed?"; exit 1; }
	rm -r release/.again release/.elsewhere
	go run $(GO_SBOM) app -json -licenses -main cmd/hemolift -output release/hemolift.cdx.json .
	cd $(UI) && npm sbom --sbom-format cyclonedx --omit dev > $(CURDIR)/release/page.cdx.json
	cd release && sha256sum hemolift hemolift.cdx.json page.cdx.json > SHA256SUMS
	@cat release/SHA256SUMS

# Their databases are on the network: what cannot be asked is said to be unknown, never to be well.
audit: $(UI)/node_modules/.package-lock.json ## known vulnerabilities of what the program holds
	go run $(VULNERABILITIES) ./cmd/hemolift || echo "make audit: Go modules: see above; without the database it is UNKNOWN whether one is vulnerable"
	cd $(UI) && npm audit --omit dev || echo "make audit: page: see above; without the database it is UNKNOWN whether one is vulnerable"

check: ## what a change should pass before it is committed: builds, vet, the rules without Postgres
	go build ./... && go vet ./...
	$(MAKE) --no-print-directory rules

# The linters of Go and of api.yaml are tools of their own at pinned versions: no dependency.
lint: $(UI)/node_modules/.package-lock.json ## the shape of the code, and what linters see
	GOFLAGS=-mod=mod go run $(LINT) run ./...
	go test -count=1 -v -run 'TestShape|TestArrows|TestRooms' ./cmd/hemolift
	cd $(UI) && npm run --silent lint
	cd web && REDOCLY_TELEMETRY=off npx --yes $(OPENAPI_LINT) lint --config redocly.yaml --format stylish api.yaml

# Every decider is a function of a situation: these need no server.
rules: ## the rules' own tests, with how much of the rooms they cover
	go test -count=1 -coverpkg=$(ROOMS) -coverprofile=.rules.out $(subst $(COMMA), ,$(ROOMS))
	go tool cover -func=.rules.out | tail -n 1
	rm -f .rules.out

# Each package by its own tests; an hour or so.
mutants: ## do the tests notice when a rule is changed?
	for p in dispatch/blood dispatch/delivery dispatch/flight dispatch/recovery dispatch/situation telemetry/coldchain; do \
		GOFLAGS="-mod=mod -pgo=off" go run $(MUTANTS) unleash --workers 2 --timeout-coefficient 20 ./$$p || exit 1; done

test: test-needs test-ui lint test-go ## everything

test-needs: # says in one line what is missing
	@for need in go gcc node npm git; do command -v $$need >/dev/null || { echo "make test: $$need is missing; run make deps (Debian, as root)"; exit 1; }; done
	@command -v chromium >/dev/null || { echo "make test: chromium is missing; run make deps (Debian, as root)"; exit 1; }
	@ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null || { echo "make test: Postgres is missing; run make deps (Debian, as root)"; exit 1; }

# The profile in cmd/hemolift would have every package compiled twice. The tests in
# browsers go by themselves: their waits are people's, not a busy machine's. They see the program
# from outside, where the race detector would watch nothing but the browser's client.
BROWSER_TESTS := TestFromAnEmptyDirectoryToAReceipt|TestStockOnThePage|TestFromRequestToReceipt|TestAnAdministratorInvitesPeople|TestADeviceIsEnrolledOnThePage|TestFlightControl|TestAFlightIsDiverted|TestAnotherDroneIsAllocated|TestASessionEndsUnderAPage|TestEveryPage|TestAZoneIsDrawnOnTheMap|TestOnesOwnSessionsOnThePage|TestAComputersClockIsWrong|TestARequestOutlivesTheLineAndThePage|TestALikelyDuplicateIsAskedAbout|TestAHundredAlarmsAtOnce|TestADroneAcknowledgesNothing|TestATabSleepsForANight|TestAZoneSaysWhatItTouched|TestThePageComesUpWithoutALine|TestARequestIsAmendedAndFoundAgain|TestLabelsAreReadByACamera|TestAWardSpeaksForItsPad|TestAGuestFollowsADelivery|TestNoticesReachAPhone|TestPeopleSignInByAProvider|TestTheGuidesAreRead|TestPagesByKeys|TestPolicyIsApproved|TestPeopleSignInByAPasskey

# These have one goroutine, in which there is no race; with the detector they take five minutes.
ONE_GOROUTINE := hemolift/telemetry/coldchain/readings hemolift/dispatch/plan hemolift/dispatch/plan/verify

test-go: export GOFLAGS = -pgo=off
test-go:
	go test -race -timeout 15m $$(go list ./... | grep -vxF $(foreach p,$(ONE_GOROUTINE) hemolift/cmd/hemolift,-e $(p)))
	go test -timeout 15m $(ONE_GOROUTINE)
	go test -race -timeout 15m -parallel 4 -skip '$(BROWSER_TESTS)' ./cmd/hemolift
	go test -timeout 25m -run '$(BROWSER_TESTS)' ./cmd/hemolift

test-ui: $(UI)/node_modules/.package-lock.json
	$(MAKE) --no-print-directory generate
	cd $(UI) && npm run --silent check
	cd $(UI) && npm test --silent
	rm -rf $(UI)/.built && cp -r $(UI)/dist $(UI)/.built
	$(MAKE) --no-print-directory ui
	diff -r $(UI)/dist $(UI)/.built || { echo "the committed page in web/ui/dist differs from its source: commit the build"; exit 1; }
	rm -rf $(UI)/.built

profile: ## renew the profile that guides the compiler, from the planner's benchmarks
	go test -run '^$$' -bench Scene -benchtime 1s -cpuprofile cmd/hemolift/default.pgo -o /dev/null ./geo/route

bench: ## benchmarks of the parts
	go test -run '^$$' -bench . ./geo/... ./dispatch/plan ./telemetry/coldchain ./telemetry/telemetrydb
	go test -run '^$$' -bench 'Page|Request|TenThousandDrones' -benchtime 1x ./cmd/hemolift

bench-years: ## what ten years of history cost; five minutes and 7 GB of disk to make them
	go test -v -run '^$$' -bench TenYears -benchtime 1x -timeout 60m ./dispatch

soak: ## ten thousand drones on the map for ten minutes: script a frame, and the heap of each minute
	HEMOLIFT_SOAK_MINUTES=10 go test -v -run '^$$' -bench TenThousandDrones -benchtime 1x -timeout 20m ./cmd/hemolift

shots: $(UI)/node_modules/.package-lock.json ## pictures of every page and state, into ./shots
	mkdir -p shots
	HEMOLIFT_SHOTS=$(CURDIR)/shots go test -count=1 -run '$(BROWSER_TESTS)' ./cmd/hemolift

fuzz: ## each fuzz target for FUZZ (30s)
	grep -rlE '^func Fuzz' --include='*_test.go' . | xargs grep -oE '^func Fuzz[A-Za-z0-9]+' | sed 's|/[^/]*:func |:|' | sort | while IFS=: read -r dir name; do go test $$dir -run '^$$' -fuzz "^$$name\$$" -fuzztime $(or $(FUZZ),30s) -fuzzminimizetime 1x || exit 1; done
