// Package metrics tells a fleet's results as gauges, in a file for the textfile collector of the Prometheus node exporter.
//
// The file is valid in both text formats, Prometheus' own and OpenMetrics. It has two series an instance, whatever becomes
// of it, so that ten thousand instances are twenty thousand series and no night adds more.
package metrics

import (
	"bufio"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
)

// File is what is gathered for one file, result by result.
type File struct {
	instances   []instance
	first, last time.Time // the start of the first check and the end of the last one; zero: there was none
}

// instance is what is told of one.
type instance struct {
	name string
	exit int       // as of `halocheck check`
	ends time.Time // when the first of its certificates ends; zero: none was seen
}

// Totals is what is known once all results are there.
type Totals struct {
	Fleet   string // what the series are told apart by, where one machine has several files
	Version string
	Shard   fleet.Shard
	Missing int // shards without a file
	Counts  *fleet.Counts
	Changes *fleet.Changes // nil: there is no earlier run
}

// New is a file without a result.
func New() *File { return &File{} }

// FleetOf is the name of a fleet by that of its metrics file: two files of one folder never have the same series.
func FleetOf(file string) string {
	base := filepath.Base(file)
	return strings.TrimSuffix(base, filepath.Ext(base))
}

// Add takes one more result.
func (f *File) Add(r *fleet.Result) {
	i := instance{name: r.Name, exit: r.Exit}
	for _, c := range r.Certificates {
		if i.ends.IsZero() || c.NotAfter.Before(i.ends) {
			i.ends = c.NotAfter
		}
	}
	f.instances = append(f.instances, i)
	if f.first.IsZero() || r.Started.Before(f.first) {
		f.first = r.Started
	}
	if end := r.Started.Add(time.Duration(r.TookMS * float64(time.Millisecond))); end.After(f.last) {
		f.last = end
	}
}

// Write writes all gauges.
func (f *File) Write(to io.Writer, w Totals) error {
	t := w.Counts
	g := &gauges{to: bufio.NewWriter(to), fleet: w.Fleet}
	g.family("halocheck_fleet_run", "The run that the other series are of; always 1.")
	g.value(1, "version", w.Version, "shard", w.Shard.String())
	g.one("halocheck_fleet_instances", "Instances that were to be checked.", float64(t.Instances))
	g.one("halocheck_fleet_instances_finished", "Instances that have a result.", float64(t.Done))
	g.one("halocheck_fleet_instances_broken", "Instances that halocheck itself broke on.", float64(t.Broken))
	g.one("halocheck_fleet_shards_missing", "Shards of which there are no results.", float64(w.Missing))
	g.family("halocheck_fleet_outcome_instances", "Instances by outcome.")
	for _, o := range []probes.Outcome{probes.Conformant, probes.NotConformant, probes.Incomplete} {
		g.value(float64(t.Outcomes[o]), "outcome", string(o))
	}
	g.family("halocheck_fleet_root_cause_instances", "Instances by what has to be fixed first, and why.")
	for _, c := range t.Roots {
		g.value(float64(c.Instances), "requirement", c.ID, "cause", string(c.Cause))
	}
	g.family("halocheck_fleet_waiting_instances", "Instances by who has to act on a Must that fails.")
	for _, a := range t.Actors {
		g.value(float64(a.Instances), "who", string(a.Who))
	}
	if c := w.Changes; c != nil {
		g.family("halocheck_fleet_changes", "Musts on a host by what became of them since the earlier run.")
		g.value(float64(len(c.New)), "change", "newly_failing")
		g.value(float64(len(c.Fixed)), "change", "fixed")
		g.value(float64(len(c.Still)), "change", "still_failing")
		g.value(float64(len(c.Unjudged)), "change", "newly_unjudged")
	}
	g.one("halocheck_fleet_requests", "Requests that the checks made.", float64(t.Requests))
	if !f.last.IsZero() {
		g.one("halocheck_fleet_duration_seconds", "From the start of the first check to the end of the last one.", f.last.Sub(f.first).Seconds())
		g.one("halocheck_fleet_last_result_timestamp_seconds", "When the last check ended.", seconds(f.last))
	}
	slices.SortFunc(f.instances, func(a, b instance) int { return strings.Compare(a.name, b.name) })
	g.family("halocheck_instance_exit_code", "What halocheck check ends with for an instance: 0 conformant, 1 not conformant, 3 incomplete, 4 halocheck itself broke.")
	for _, i := range f.instances {
		g.value(float64(i.exit), "name", i.name)
	}
	g.family("halocheck_instance_certificate_end_timestamp_seconds", "When the first of an instance's certificates ends.")
	for _, i := range f.instances {
		if !i.ends.IsZero() {
			g.value(seconds(i.ends), "name", i.name)
		}
	}
	// A comment in Prometheus' own format; OpenMetrics takes a file without it for a torn one.
	g.print("# EOF\n")
	if g.err != nil {
		return g.err
	}
	return g.to.Flush()
}

// seconds are those since 1970, to the millisecond.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// gauges writes families of gauges, each in one piece as both formats want it.
type gauges struct {
	to    *bufio.Writer
	fleet string
	name  string // of the family that was begun last
	err   error  // the first
}

func (g *gauges) print(format string, args ...any) {
	if g.err == nil {
		_, g.err = fmt.Fprintf(g.to, format, args...)
	}
}

// family begins a family; help has nothing to escape.
func (g *gauges) family(name, help string) {
	g.name = name
	g.print("# HELP %s %s\n# TYPE %s gauge\n", name, help, name)
}

// one is a family of one series.
func (g *gauges) one(name, help string, value float64) {
	g.family(name, help)
	g.value(value)
}

// escaped are the three characters that a label's value cannot have as they are.
var escaped = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// value is one series; labels are names and values in turn.
func (g *gauges) value(value float64, labels ...string) {
	g.print(`%s{fleet="%s"`, g.name, label(g.fleet))
	for ; len(labels) > 1; labels = labels[2:] {
		g.print(`,%s="%s"`, labels[0], label(labels[1]))
	}
	g.print("} %s\n", strconv.FormatFloat(value, 'f', -1, 64))
}

// label is a label's value as both formats take it: UTF-8 throughout, and harmless.
func label(text string) string { return escaped.Replace(safetext.Line(text)) }
