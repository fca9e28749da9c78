// Package version tells which halocheck this is.
package version

import (
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/halocheck/halocheck/internal/lazyregexp"
)

// Releases set these with the linker: -X github.com/halocheck/halocheck/internal/version.linked=v1.2.3.
var (
	linked       = dev
	linkedCommit string
	linkedDate   string // RFC 3339: the commit's
)

const (
	dev    = "dev"
	module = "github.com/halocheck/halocheck"
	roots  = "golang.org/x/crypto/x509roots/fallback"
)

// Info is where a program comes from. A field that the build did not record is empty.
type Info struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Date     string `json:"date,omitempty"` // RFC 3339, of the commit
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Roots    string `json:"-"` // YYYY-MM-DD, of the built-in roots
}

// String is the version alone.
func String() string { return Read().Version }

// Read tells of this program.
var Read = sync.OnceValue(func() Info {
	build, _ := debug.ReadBuildInfo()
	return read(build)
})

// read takes the linker's values first, then those of the module, then those of the checkout. In another program halocheck is a
// dependency, and the main module's version is not its own.
func read(build *debug.BuildInfo) Info {
	i := Info{Version: linked, Commit: linkedCommit, Date: linkedDate, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if build == nil {
		return i
	}
	own := build.Main
	for _, d := range build.Deps {
		if d.Replace != nil {
			d = d.Replace
		}
		switch d.Path {
		case module:
			own = *d
		case roots:
			if at, _, ok := pseudo(d.Version); ok {
				i.Roots = at.Format(time.DateOnly)
			}
		}
	}
	if i.Version == dev && own.Path == module && own.Version != "" && own.Version != "(devel)" {
		i.Version = own.Version
	}
	if at, commit, ok := pseudo(i.Version); ok && i.Commit == "" {
		i.Commit, i.Date = commit, at.Format(time.RFC3339)
	}
	i.Modified = strings.HasSuffix(i.Version, "+dirty") || strings.HasSuffix(i.Version, "-dirty")
	if build.Main.Path != module || linkedCommit != "" {
		return i
	}
	for _, s := range build.Settings {
		switch s.Key {
		case "vcs.revision":
			i.Commit = s.Value
		case "vcs.time":
			i.Date = s.Value
		case "vcs.modified":
			i.Modified = s.Value == "true"
		}
	}
	return i
}

// pseudoVersion ends in the commit's time and the first twelve digits of its hash.
var pseudoVersion = lazyregexp.New(`[-.](\d{14})-([0-9a-f]{12})(\+(dirty|incompatible))?$`)

// pseudo is the commit that a version without a tag was made from.
func pseudo(version string) (at time.Time, commit string, ok bool) {
	m := pseudoVersion().FindStringSubmatch(version)
	if m == nil {
		return time.Time{}, "", false
	}
	at, err := time.Parse("20060102150405", m[1])
	return at, m[2], err == nil
}
