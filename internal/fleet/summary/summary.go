// Package summary adds up the results of a fleet and writes what they say together: as text, JSON, a page or metrics.
package summary

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/fleet/metrics"
	"github.com/halocheck/halocheck/internal/fleet/overview"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/suggest"
	"github.com/halocheck/halocheck/probes"
)

// Schema is the version of the JSON form; fields are only added.
const Schema = "halocheck.fleet-summary/v1"

// The formats.
const (
	Text = "text"
	JSON = "json"
	HTML = "html" // the overview, one page that loads nothing
	// Metrics are gauges for the node exporter's textfile collector. They are no format of [Formats]: they have a file of
	// their own.
	Metrics = "metrics"
)

// Formats are what a summary can be written as.
var Formats = []string{HTML, JSON, Text}

// CheckFormat refuses what is none of the [Formats].
func CheckFormat(format string) error {
	if slices.Contains(Formats, format) {
		return nil
	}
	return fmt.Errorf("there is no format %q%s; there are %s", format, suggest.Text(format, Formats, ""), strings.Join(Formats, ", "))
}

// Aggregates are what the results say together, and against an earlier run.
type Aggregates struct {
	Counts   *fleet.Counts
	baseline *fleet.Baseline
	changes  *fleet.Changes // nil: there is no earlier run
	page     *overview.Page // nil: nobody wants it
	metrics  *metrics.File  // nil: nobody wants it
}

// New are the aggregates of a number of instances, for the formats in which they will be written. The baseline may be nil.
func New(instances int, baseline *fleet.Baseline, formats ...string) *Aggregates {
	a := &Aggregates{Counts: fleet.NewCounts(instances), baseline: baseline}
	if baseline != nil {
		a.changes = fleet.NewChanges()
	}
	if slices.Contains(formats, HTML) {
		a.page = overview.New()
	}
	if slices.Contains(formats, Metrics) {
		a.metrics = metrics.New()
	}
	return a
}

// Add adds a result.
func (a *Aggregates) Add(r *fleet.Result) {
	a.Counts.Add(r)
	if a.changes != nil {
		a.changes.Add(a.baseline, r)
	}
	if a.page != nil {
		a.page.Add(r)
	}
	if a.metrics != nil {
		a.metrics.Add(r)
	}
}

// Summary is what the results of a run come to.
type Summary struct {
	Schema string `json:"schema"`
	Shard  string `json:"shard"`
	*fleet.Counts
	TookMS  float64        `json:"took_ms"`
	Earlier int            `json:"earlier,omitempty"` // of those that are done, how many a run before this one has finished
	Missing []string       `json:"missing,omitempty"` // shards, of those that are joined, without any result
	Stopped string         `json:"stopped,omitempty"` // why not all were finished
	Changes *fleet.Changes `json:"changes,omitempty"`

	Joined bool `json:"-"` // nothing was asked, so there is no time that it took

	version string
	names   []string
	shard   fleet.Shard
	code    int // where any Must counts
	all     *Aggregates
}

// FailOn are what an exit code may depend on: any Must that fails, a new one, or none.
var FailOn = []string{"any", "new", "none"}

// ExitCode is the exit code of a run.
func (s Summary) ExitCode(failOn string) int {
	switch {
	case failOn == "new" && len(s.Changes.New) > 0:
		return probes.ExitNotConformant
	case failOn == "any":
		return s.code
	case s.Broken > 0:
		return probes.ExitBroken
	case s.Done < s.Instances, failOn == "new" && len(s.Changes.Unjudged) > 0:
		return probes.ExitIncomplete
	}
	return probes.ExitConformant
}

// Run is what a summary says of a run beside its results.
type Run struct {
	Version string
	Shard   fleet.Shard
	All     []fleet.Instance // of the whole inventory
	Names   []string         // of the shard's instances
	Earlier int
	Took    time.Duration
	Stopped string
	Missing []fleet.Shard
	Joined  bool
}

// Summary is the summary of a run.
func (a *Aggregates) Summary(r Run) Summary {
	if a.changes != nil {
		var names []string
		for _, i := range r.All {
			names = append(names, i.Name)
		}
		a.changes.Sort(a.baseline, names)
	}
	s := Summary{
		Schema: Schema, Shard: r.Shard.String(), Counts: a.Counts, TookMS: float64(r.Took.Microseconds()) / 1000, Earlier: r.Earlier,
		Stopped: r.Stopped, Changes: a.changes, Joined: r.Joined, version: r.Version, names: r.Names, shard: r.Shard, code: a.Counts.Total(), all: a,
	}
	for _, shard := range r.Missing {
		s.Missing = append(s.Missing, shard.String())
	}
	return s
}

// Write writes the summary in a format. The name is that of the file, which metrics name their fleet by.
func (s Summary) Write(w io.Writer, format, name string) error {
	switch format {
	case Metrics:
		return s.all.metrics.Write(w, metrics.Totals{
			Fleet: metrics.FleetOf(name), Version: s.version, Shard: s.shard, Missing: len(s.Missing), Counts: s.Counts, Changes: s.Changes,
		})
	case HTML:
		whole := overview.Totals{Version: s.version, Stopped: s.Stopped, At: time.Now(), Counts: s.Counts, Changes: s.Changes, Names: s.names, Missing: s.Missing}
		if s.shard != fleet.Unsharded {
			whole.Shard = s.Shard
		}
		return s.all.page.Write(w, whole)
	}
	if format == JSON {
		text, err := safetext.JSON(s, "  ")
		if err == nil {
			_, err = w.Write(text)
		}
		return err
	}
	var b bytes.Buffer
	s.text(&b)
	_, err := safetext.NewWriter(w).Write(b.Bytes())
	return err
}
