module github.com/halocheck/halocheck

go 1.26.0

// Ordinary clients read certificates with a negative serial number; crypto/x509 does so only when told.
godebug x509negativeserial=1

require (
	charm.land/lipgloss/v2 v2.0.6 // colour, width and NO_COLOR of the text report
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
	github.com/cpuguy83/go-md2man/v2 v2.0.6 // indirect
	github.com/danieljoos/wincred v1.2.3 // indirect
	github.com/go-openapi/jsonpointer v0.22.5 // indirect
	github.com/go-openapi/swag/jsonname v0.25.5 // indirect
	github.com/godbus/dbus/v5 v5.2.2 // indirect
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822 // indirect
	github.com/oasdiff/yaml v0.1.1 // indirect
	github.com/oasdiff/yaml3 v0.0.14 // indirect
	github.com/pandatix/go-abnf v0.5.3 // indirect
	github.com/russross/blackfriday/v2 v2.1.0 // indirect
	golang.org/x/telemetry v0.0.0-20261010193011-f71dc92da45e // indirect
	golang.org/x/vuln v1.9.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)

require (
	github.com/Masterminds/semver/v3 v3.4.0 // indirect
	github.com/charmbracelet/colorprofile v0.4.3 // indirect
	github.com/charmbracelet/ultraviolet v0.0.0-20260811164956-006e29f97886 // indirect
	github.com/charmbracelet/x/ansi v0.11.8 // indirect
	github.com/charmbracelet/x/term v0.2.2 // indirect
	github.com/charmbracelet/x/termios v0.1.1 // indirect
	github.com/charmbracelet/x/windows v0.2.2 // indirect
	github.com/clipperhouse/displaywidth v0.11.0 // indirect
	github.com/clipperhouse/uax29/v2 v2.7.0 // indirect
	github.com/go-logr/logr v1.4.3 // indirect
	github.com/go-task/slim-sprig/v3 v3.0.0 // indirect
	github.com/google/pprof v0.0.0-20260402051712-545e8a4df936 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/lucasb-eyer/go-colorful v1.4.1 // indirect
	github.com/mattn/go-runewidth v0.0.24 // indirect
	github.com/muesli/cancelreader v0.2.2 // indirect
	github.com/onsi/ginkgo/v2 v2.34.0 // tests only: the suites
	github.com/onsi/gomega v1.44.0 // tests only: the suites, goroutines left behind
	github.com/rivo/uniseg v0.4.7 // indirect
	github.com/rogpeppe/go-internal v1.16.0 // tests only: transcripts of the command
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // tests only: reports against the published schema
	github.com/spf13/cobra v1.10.2 // the command line, completion, manual pages
	github.com/spf13/pflag v1.0.10 // what cobra says of a mistyped flag
	github.com/xo/terminfo v0.0.0-20220910002029-abceb7e1c41e // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/mod v0.42.0 // indirect
	golang.org/x/sync v0.24.0 // error groups
	golang.org/x/sys v0.49.0 // no core dump of a process that holds a secret; a lock on Windows
	golang.org/x/term v0.47.0 // a secret asked for without echo; the terminal's width
	golang.org/x/text v0.43.0 // names compared as people read them
	golang.org/x/tools v0.52.0 // indirect
)

tool (
	github.com/onsi/ginkgo/v2/ginkgo
	golang.org/x/vuln/cmd/govulncheck
)
