package version

import (
	"runtime/debug"
	"testing"
)

// TestRead has a build of each kind: what Go records of it is as `go version -m` prints it.
func TestRead(t *testing.T) {
	bundle := &debug.Module{Path: roots, Version: "v0.0.0-20261030153154-30a33513ff6d"}
	mod := func(version string) debug.Module { return debug.Module{Path: module, Version: version} }
	vcs := []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"}, {Key: "vcs.time", Value: "2026-11-28T08:53:33Z"}, {Key: "vcs.modified", Value: "true"}}
	foreign := debug.Module{Path: "example.com/vendor", Version: "v9.9.9"}
	required, replaced := mod("v1.4.0"), mod("v1.4.0")
	replaced.Replace = &debug.Module{Path: module, Version: "v1.4.1"}
	folder := mod("v1.4.0")
	folder.Replace = &debug.Module{Path: "../halocheck"}
	for name, x := range map[string]struct {
		build                *debug.BuildInfo
		linked, commit, date string
		want                 Info
	}{
		"no information":            {want: Info{Version: "dev"}},
		"go run":                    {build: &debug.BuildInfo{Main: mod("(devel)")}, want: Info{Version: "dev"}},
		"go install of a release":   {build: &debug.BuildInfo{Main: mod("v1.2.3"), Deps: []*debug.Module{bundle}}, want: Info{Version: "v1.2.3", Roots: "2026-10-30"}},
		"go install of a commit":    {build: &debug.BuildInfo{Main: mod("v0.0.0-20261128085333-cb317a1aaaaa")}, want: Info{Version: "v0.0.0-20261128085333-cb317a1aaaaa", Commit: "cb317a1aaaaa", Date: "2026-11-28T08:53:33Z"}},
		"go install after v1.2.3":   {build: &debug.BuildInfo{Main: mod("v1.2.4-0.20261128085333-cb317a1aaaaa")}, want: Info{Version: "v1.2.4-0.20261128085333-cb317a1aaaaa", Commit: "cb317a1aaaaa", Date: "2026-11-28T08:53:33Z"}},
		"go build of a checkout":    {build: &debug.BuildInfo{Main: mod("v0.0.0-20261128085333-0123456789ab+dirty"), Settings: vcs}, want: Info{Version: "v0.0.0-20261128085333-0123456789ab+dirty", Commit: "0123456789abcdef0123456789abcdef01234567", Date: "2026-11-28T08:53:33Z", Modified: true}},
		"make build":                {build: &debug.BuildInfo{Main: mod("(devel)"), Settings: vcs}, linked: "v1.2.3-4-g0123456-dirty", want: Info{Version: "v1.2.3-4-g0123456-dirty", Commit: "0123456789abcdef0123456789abcdef01234567", Date: "2026-11-28T08:53:33Z", Modified: true}},
		"a release":                 {build: &debug.BuildInfo{Main: mod("(devel)"), Settings: vcs}, linked: "v1.2.3", commit: "fedc", date: "2026-11-01T00:00:00Z", want: Info{Version: "v1.2.3", Commit: "fedc", Date: "2026-11-01T00:00:00Z"}},
		"another program":           {build: &debug.BuildInfo{Main: foreign, Deps: []*debug.Module{&required, bundle}, Settings: vcs}, want: Info{Version: "v1.4.0", Roots: "2026-10-30"}},
		"another program, replaced": {build: &debug.BuildInfo{Main: foreign, Deps: []*debug.Module{&replaced}}, want: Info{Version: "v1.4.1"}},
		"another program, a folder": {build: &debug.BuildInfo{Main: foreign, Deps: []*debug.Module{&folder}}, want: Info{Version: "dev"}},
		"a test of another module":  {build: &debug.BuildInfo{Main: foreign}, want: Info{Version: "dev"}},
	} {
		t.Run(name, func(t *testing.T) {
			defer func(v, c, d string) { linked, linkedCommit, linkedDate = v, c, d }(linked, linkedCommit, linkedDate)
			if x.linked != "" {
				linked, linkedCommit, linkedDate = x.linked, x.commit, x.date
			}
			got := read(x.build)
			if got.Go == "" || got.Platform == "" {
				t.Errorf("no Go or platform: %+v", got)
			}
			got.Go, got.Platform = "", ""
			if got != x.want {
				t.Errorf("got  %+v\nwant %+v", got, x.want)
			}
		})
	}
}
