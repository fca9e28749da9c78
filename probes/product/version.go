package product

import (
	_ "embed"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/hashicorp/go-version"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// Running is the version that the instance says it runs, and everything it is judged against.
type Running struct {
	App      string         `json:"app_version,omitempty"` // as written by the instance; empty: it said none
	Database string         `json:"database_version,omitempty"`
	From     string         `json:"from,omitempty"` // where it was read
	Tried    []string       `json:"tried,omitempty"`
	Cause    probes.Cause   `json:"cause,omitempty"`  // why it could not be read: an answer that may be another later
	Stable   string         `json:"stable,omitempty"` // the current stable as the operator knows it
	Table    []Release      `json:"table,omitempty"`  // what halocheck knows of stable versions, newest first
	Hosting  probes.Hosting `json:"hosting"`
	Now      time.Time      `json:"now"`
	Unasked  bool           `json:"unasked,omitempty"` // the guide does not ask for a version
}

// Read takes the versions out of an answer of /InstanceInfo or /Control: halo-api §4.
func (r *Running) Read(page wire.Page, from string) {
	fields, _ := object(page.Body)
	if app, database := versions(fields); page.Status == http.StatusOK && app != "" {
		r.App, r.Database, r.From = app, database, from
	}
}

// versions are the two that HaloPSA tells. The application's is never read out of a number, in which 2.220 is 2.22.
func versions(fields map[string]any) (app, database string) {
	app, _ = fields["app_version"].(string)
	return app, text(fields["database_version"])
}

// Release is a version, or a train such as 2.250, as a source showed it on a day.
type Release struct {
	Version string `json:"version" yaml:"version"`
	Channel string `json:"channel,omitempty" yaml:"channel"` // "stable" or "beta"; empty in older reports: stable
	Seen    string `json:"seen" yaml:"seen"`                 // YYYY-MM-DD: when it was seen, not when it was released
	Patched string `json:"patched,omitempty" yaml:"patched"` // YYYY-MM-DD: its last change by then; empty: not known
	Source  string `json:"source" yaml:"source"`
}

//go:embed versions.yaml
var versionsFile []byte

// StableReleases is the embedded table, newest first. It is parsed at the first call and shared: nobody changes it.
var StableReleases = sync.OnceValue(func() []Release {
	var table []Release
	if err := yaml.UnmarshalWithOptions(versionsFile, &table, yaml.Strict()); err != nil {
		panic(err) // a test reads it
	}
	return table
})

// fresh is how long a table entry may speak of the latest stable version: contract §9.
const fresh = 90 * 24 * time.Hour

// floors are the first versions with the fix for the SQL injection, each within its own train: halo-failures §3.1.
var floors = []struct{ train, first string }{{"2.174", "2.174.94"}, {"2.184", "2.184.23"}}

// floor is the first version that has the fix whatever its train.
const floor = "2.186.2"

// Version makes product.version. The question comes from further up, since most instances answer it only with a token.
func Version(given *probes.Probe[Running]) *probes.Requirement[Running] {
	return &probes.Requirement[Running]{
		ID:    "product.version",
		Level: probes.Must,
		Says:  "The instance runs the latest stable version of HaloPSA.",
		Source: probes.Source{
			Section: "Minimum requirements for on-premise environments", Item: "2",
		},
		Remedy: probes.Remedy{
			Who:   probes.HaloAdmin,
			Do:    "Upgrade to the latest stable version of HaloPSA.",
			Where: "Halo's self-service portal offers the release; stop the IIS site, replace the files, run upgrader.exe, start the site",
		},
		FindOut: probes.Remedy{
			Who:   probes.HaloAdmin,
			Do:    "Compare the version in the About window of the agent application with the latest stable one that Halo's support portal offers.",
			Where: "the agent application > About; Halo's self-service portal",
		},
		Causes: []probes.Cause{
			probes.BelowSecurityFloor, probes.NotLatestStable, probes.StableUnknown, probes.VersionHidden, probes.RateLimited, probes.ServerError,
		},
		Given: given,
		Judge: judgeRunning,
	}
}

func judgeRunning(r Running) probes.Verdict {
	running, err := Parse(r.App)
	told := "this instance runs " + r.App
	switch {
	case r.Unasked:
		return probes.DoesNotApply("this guide does not ask for a version")
	case r.Hosting == probes.Hosted && r.App == "":
		return probes.DoesNotApply("Halo hosts and upgrades this instance")
	case r.Hosting == probes.Hosted:
		return probes.DoesNotApply("Halo hosts and upgrades this instance; " + told)
	case r.App == "" && r.Cause != "":
		return probes.CannotTell(r.Cause, "the version could not be read ("+strings.Join(r.Tried, ", ")+")")
	case r.App == "":
		return probes.CannotTell(probes.VersionHidden, "the instance does not show its version (asked: "+strings.Join(r.Tried, ", ")+")")
	case err != nil:
		return probes.CannotTell(probes.VersionHidden, fmt.Sprintf("the instance says that it runs %q, which is no version number", r.App))
	case !aboveFloor(running):
		return probes.Fail(probes.BelowSecurityFloor, told+"; a known SQL injection is fixed in 2.174.94, 2.184.23, and 2.186.2 and later")
	}
	if r.Stable != "" {
		return against(running, told, r.Stable, "as given")
	}
	stable := slices.DeleteFunc(slices.Clone(r.Table), func(release Release) bool { return release.Channel != "" && release.Channel != "stable" })
	for _, release := range stable {
		seen, err := time.Parse(time.DateOnly, release.Seen)
		if err == nil && r.Now.Sub(seen) < fresh {
			v := against(running, told, release.Version, fmt.Sprintf("seen on %s in %s", release.Seen, release.Source))
			if v.Status == probes.Failed {
				v.Because += earlierTrain(stable, running)
			}
			return v
		}
	}
	known := "halocheck knows no stable version"
	if len(stable) > 0 {
		known = fmt.Sprintf("the newest that halocheck knows, %s, is of %s", stable[0].Version, stable[0].Seen)
	}
	return probes.CannotTell(probes.StableUnknown, told+", above the security floor; "+known)
}

// against compares with a version that is known to be the latest stable one.
func against(running *version.Version, told, stable, source string) probes.Verdict {
	latest, err := Parse(stable)
	if err != nil {
		return probes.CannotTell(probes.StableUnknown, fmt.Sprintf("%s; %q is no version number to compare with", told, stable))
	}
	if running.LessThan(latest) {
		return probes.Fail(probes.NotLatestStable, fmt.Sprintf("%s; the latest stable version is %s (%s)", told, stable, source))
	}
	return probes.Pass(fmt.Sprintf("%s; the latest stable version is %s (%s)", told, stable, source), running)
}

// earlierTrain says what is known of the train that the instance runs, where that is an earlier one of the stable trains, which are the
// newest first.
func earlierTrain(stable []Release, running *version.Version) string {
	for i, release := range stable[1:] {
		v, err := Parse(release.Version)
		if err != nil || release.Patched == "" || !slices.Equal(v.Segments()[:2], running.Segments()[:2]) {
			continue
		}
		which := "an earlier stable train"
		if i == 0 {
			which = "the stable train before it"
		}
		return fmt.Sprintf("; %s is %s, patched on %s", release.Version, which, release.Patched)
	}
	return ""
}

// aboveFloor tells whether the fix is in: within its own train a version is measured by that train's first.
func aboveFloor(v *version.Version) bool {
	segments := v.Segments()
	train := fmt.Sprintf("%d.%d", segments[0], segments[1])
	for _, f := range floors {
		if f.train == train {
			return v.GreaterThanOrEqual(version.Must(version.NewVersion(f.first)))
		}
	}
	return v.GreaterThanOrEqual(version.Must(version.NewVersion(floor)))
}

// Parse reads a version such as "v2.126.32", "2.208" or "2.208.1 Beta": numbers by part, a leading v and any suffix
// left out (halo-api §4).
func Parse(text string) (*version.Version, error) {
	text = strings.TrimLeft(strings.TrimSpace(text), "vV")
	suffix := strings.TrimLeft(text, ".0123456789")
	text = strings.TrimRight(strings.TrimSuffix(text, suffix), ".")
	if !strings.Contains(text, ".") {
		return nil, fmt.Errorf("%q is no version; versions look like 2.212.7", text)
	}
	return version.NewVersion(text)
}
