module github.com/halocheck/halocheck

go 1.26.0

// Ordinary clients read certificates with a negative serial number or an RSA key of 16384 bits, and a key that is too short
// has to be named as that; crypto/x509 and crypto/tls do so only when told.
godebug (
	rsa1024min=0
	tlsmaxrsasize=16384
	x509negativeserial=1
)

require (
	github.com/agnivade/levenshtein v1.2.2 // how near a mistyped name is to a known one
	github.com/cenkalti/backoff/v5 v5.0.3 // retries with jitter, each attempt visible
	github.com/getkin/kin-openapi v0.152.0 // tests only: the fake's answers against its description
	github.com/goccy/go-yaml v1.19.2 // strict YAML with line and column
	github.com/golang-jwt/jwt/v5 v5.3.1 // the fake's id_token
	github.com/google/go-cmp v0.7.0 // tests only: differences
	github.com/hashicorp/go-version v1.9.0 // versions compared by number, four parts too
	github.com/jarcoal/httpmock v1.4.2 // tests only: the HTTP client's own edges
	github.com/prometheus/client_model v0.6.3 // tests only: metrics read back
	github.com/prometheus/common v0.73.1 // tests only: metrics read back
	github.com/zalando/go-keyring v0.2.8 // a secret from the keyring
	go.etcd.io/bbolt v1.5.0 // the fake's --state
	golang.org/x/crypto v0.58.0 // OCSP; SSH vantage points
	golang.org/x/crypto/x509roots/fallback v0.0.0-20261030153154-30a33513ff6d // the public roots with their constraints
	golang.org/x/net v0.62.0 // SOCKS vantage points, HTTP/2, names outside ASCII
	golang.org/x/oauth2 v0.37.0 // the token request
	golang.org/x/time v0.16.0 // a fleet's rates
	pgregory.net/rapid v1.3.0 // tests only: properties
)

require (
	filippo.io/age v1.3.2 // seals the secrets that a team's page keeps
	github.com/alexedwards/scs/v2 v2.9.0 // the sessions of a team's page
	github.com/coreos/go-oidc/v3 v3.21.0 // the log-in of a team's page
	github.com/jackc/pgx/v5 v5.13.0
	github.com/pressly/goose/v3 v3.30.1
	github.com/prometheus/client_golang v1.25.0 // the metrics of a team's page
	github.com/riverqueue/river v0.51.2 // the queue of the night's checks
	github.com/riverqueue/river/riverdriver v0.51.2
	github.com/riverqueue/river/riverdriver/riverpgxv5 v0.51.2
	github.com/riverqueue/river/riverdriver/riversqlite v0.51.2
	github.com/riverqueue/river/rivertype v0.51.2
	modernc.org/sqlite v1.62.0
)

require (
	filippo.io/hpke v0.4.0 // indirect
	github.com/beorn7/perks v1.0.1 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/cpuguy83/go-md2man/v2 v2.0.6 // indirect
	github.com/danieljoos/wincred v1.2.3 // indirect
	github.com/dustin/go-humanize v1.1.0 // indirect
	github.com/go-jose/go-jose/v4 v4.1.4 // indirect
	github.com/go-openapi/jsonpointer v0.22.5 // indirect
	github.com/go-openapi/swag/jsonname v0.25.5 // indirect
	github.com/godbus/dbus/v5 v5.2.2 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/jackc/pgpassfile v1.0.0 // indirect
	github.com/jackc/pgservicefile v0.0.0-20240606120523-5a60cdf6a761 // indirect
	github.com/jackc/puddle/v2 v2.2.3 // indirect
	github.com/mattn/go-isatty v0.0.24 // indirect
	github.com/mfridman/interpolate v0.2.0 // indirect
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822 // indirect
	github.com/ncruces/go-strftime v1.1.0 // indirect
	github.com/oasdiff/yaml v0.1.1 // indirect
	github.com/oasdiff/yaml3 v0.0.14 // indirect
	github.com/pandatix/go-abnf v0.5.3 // indirect
	github.com/prometheus/procfs v0.23.0 // indirect
	github.com/remyoudompheng/bigfft v0.0.0-20230129092748-24d4a6f8daec // indirect
	github.com/riverqueue/river/rivershared v0.51.2 // indirect
	github.com/russross/blackfriday/v2 v2.1.0 // indirect
	github.com/sethvargo/go-retry v0.5.0 // indirect
	github.com/tidwall/gjson v1.20.0 // indirect
	github.com/tidwall/match v1.2.0 // indirect
	github.com/tidwall/pretty v1.2.1 // indirect
	github.com/tidwall/sjson v1.2.5 // indirect
	go.uber.org/multierr v1.11.0 // indirect
	golang.org/x/telemetry v0.0.0-20261010193011-f71dc92da45e // indirect
	golang.org/x/vuln v1.9.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
	modernc.org/libc v1.80.2 // indirect
	modernc.org/mathutil v1.7.1 // indirect
	modernc.org/memory v1.12.1 // indirect
)

require (
	github.com/Masterminds/semver/v3 v3.4.0 // indirect
	github.com/charmbracelet/x/ansi v0.11.8
	github.com/clipperhouse/displaywidth v0.11.0 // indirect
	github.com/clipperhouse/uax29/v2 v2.7.0 // indirect
	github.com/go-logr/logr v1.4.4 // indirect
	github.com/go-task/slim-sprig/v3 v3.0.0 // indirect
	github.com/google/pprof v0.0.0-20261016150608-1facf8f91b50 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/lucasb-eyer/go-colorful v1.4.1 // indirect
	github.com/mattn/go-runewidth v0.0.24 // indirect
	github.com/onsi/ginkgo/v2 v2.34.0 // tests only: the suites
	github.com/onsi/gomega v1.44.0 // tests only: the suites, goroutines left behind
	github.com/rogpeppe/go-internal v1.16.0 // tests only: transcripts of the command
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // tests only: reports against the published schema
	github.com/spf13/cobra v1.10.2 // the command line, completion, manual pages
	github.com/spf13/pflag v1.0.10 // what cobra says of a mistyped flag
	go.yaml.in/yaml/v3 v3.0.6 // indirect
	golang.org/x/mod v0.42.0 // indirect
	golang.org/x/sync v0.25.0 // error groups
	golang.org/x/sys v0.50.0 // no core dump of a process that holds a secret; a lock on Windows
	golang.org/x/term v0.47.0 // a secret asked for without echo; the terminal's width
	golang.org/x/text v0.44.0 // names compared as people read them
	golang.org/x/tools v0.52.0 // indirect
)

tool (
	github.com/onsi/ginkgo/v2/ginkgo
	golang.org/x/vuln/cmd/govulncheck
)
