package main

import (
	"bytes"
	"fmt"
	"time"

	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/fleet/metrics"
	"github.com/halocheck/halocheck/internal/fleet/overview"
	"github.com/halocheck/halocheck/internal/output"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
)

// fleetAggregates are what the results say together, and against an earlier run.
type fleetAggregates struct {
	tally   *fleet.Counts
	older   *fleet.Baseline
	changes *fleet.Changes // nil: there is no earlier run
	page    *overview.Page // nil: nobody wants it
	metrics *metrics.File  // nil: nobody wants it
}

func newFleetAggregates(instances int, older *fleet.Baseline, outs []*output.File) *fleetAggregates {
	s := &fleetAggregates{tally: fleet.NewCounts(instances), older: older}
	if older != nil {
		s.changes = fleet.NewChanges()
	}
	for _, o := range outs {
		if o.Format == htmlFormat && s.page == nil {
			s.page = overview.New()
		}
		if o.Format == metricsFormat {
			s.metrics = metrics.New()
		}
	}
	return s
}

func (s *fleetAggregates) add(r *fleet.Result) {
	s.tally.Add(r)
	if s.changes != nil {
		s.changes.Add(s.older, r)
	}
	if s.page != nil {
		s.page.Add(r)
	}
	if s.metrics != nil {
		s.metrics.Add(r)
	}
}

// fleetSummary is the JSON form on standard output; fields are only added.
type fleetSummary struct {
	Schema string `json:"schema"`
	Shard  string `json:"shard"`
	*fleet.Counts
	TookMS  float64        `json:"took_ms"`
	Earlier int            `json:"earlier,omitempty"` // of those that are done, how many a run before this one has finished
	Missing []string       `json:"missing,omitempty"` // shards, of those that are joined, without any result
	Stopped string         `json:"stopped,omitempty"` // why not all were finished
	Changes *fleet.Changes `json:"changes,omitempty"`

	joined bool // nothing was asked, so there is no time that it took
}

// finish writes the summary and chooses the exit code.
func (r *fleetRun) finish(s *fleetAggregates, started time.Time, stopped error) error {
	code := s.tally.Total()
	if s.changes != nil {
		var names []string
		for _, i := range r.inventory.Instances {
			names = append(names, i.Name)
		}
		s.changes.Sort(s.older, names)
	}
	switch r.options.failOn {
	case "new":
		code = codeOfNew(s)
	case "none":
		code = codeOfNone(s)
	}
	why := ""
	switch {
	case isInterrupted(stopped):
		why, code = "interrupted", probes.ExitIncomplete
	case stopped != nil:
		why = stopped.Error()
	}
	sum := fleetSummary{
		Schema: "halocheck.fleet-summary/v1", Shard: r.shard.String(), Counts: s.tally, Earlier: len(r.instances) - len(r.pending),
		TookMS: float64(time.Since(started).Microseconds()) / 1000, Stopped: why, Changes: s.changes, joined: r.joined,
	}
	for _, shard := range r.missingShards {
		sum.Missing = append(sum.Missing, shard.String())
	}
	unwritten := r.writeOuts(sum, s) // first, since whoever reads standard output may be gone
	if err := writeResult(sum.write(r.out, r.options.format)); err != nil {
		return err
	}
	if unwritten != nil {
		return unwritten
	}
	if why != "" && r.options.results != "" && s.tally.Done < s.tally.Instances {
		printMessage(r.err, fmt.Errorf("%s; nothing that was finished is lost, and --resume goes on", why))
	}
	if code != probes.ExitConformant {
		return exitError{code}
	}
	return nil
}

// codeOfNew is the exit code of --fail-on new: what fails or was unjudged before does not count.
func codeOfNew(s *fleetAggregates) int {
	switch {
	case len(s.changes.New) > 0:
		return probes.ExitNotConformant
	case s.tally.Broken > 0:
		return probes.ExitBroken
	case len(s.changes.Unjudged) > 0 || s.tally.Done < s.tally.Instances:
		return probes.ExitIncomplete
	}
	return probes.ExitConformant
}

// failOns are what --fail-on takes.
var failOns = []string{"any", "new", "none"}

const failOnUsage = "what ends in exit 1: any Must that fails, a new one (with --against), or none, where another step judges"

// codeOfNone is the exit code of --fail-on none: whatever the instances are like, each has a result.
func codeOfNone(s *fleetAggregates) int {
	switch {
	case s.tally.Broken > 0:
		return probes.ExitBroken
	case s.tally.Done < s.tally.Instances:
		return probes.ExitIncomplete
	}
	return probes.ExitConformant
}

// mostLines bounds the lists of a summary for people; the JSON form has everything.
const mostLines = 10

func (s fleetSummary) text(b *bytes.Buffer) {
	fmt.Fprintf(b, "halocheck %s  fleet of %d", toolVersion(), s.Instances)
	if s.Shard != fleet.Whole.String() {
		fmt.Fprintf(b, " (shard %s)", s.Shard)
	}
	fmt.Fprintf(b, "  %d finished", s.Done)
	if s.Earlier > 0 {
		fmt.Fprintf(b, ", %d of them earlier,", s.Earlier)
	}
	if !s.joined {
		fmt.Fprintf(b, " in %s", time.Duration(s.TookMS*float64(time.Millisecond)).Round(100*time.Millisecond))
	}
	fmt.Fprintf(b, ", %d requests\n\n", s.Requests)
	for _, o := range []probes.Outcome{probes.Conformant, probes.NotConformant, probes.Incomplete} {
		fmt.Fprintf(b, "%7d  %s\n", s.Outcomes[o], o)
	}
	if n := s.Instances - s.Done; n > 0 {
		fmt.Fprintf(b, "%7d  not finished\n", n)
	}
	if n := len(s.Missing); n > 0 {
		fmt.Fprintf(b, "%7d  shards missing: %s\n", n, firstNames(s.Missing))
	}
	if s.Broken > 0 {
		fmt.Fprintf(b, "%7d  of them broke halocheck itself\n", s.Broken)
	}
	countsText(b, "Fix first", s.Roots)
	if len(s.Actors) > 0 {
		b.WriteString("\nWho has to act\n")
		for _, a := range s.Actors {
			fmt.Fprintf(b, "%7d  %s\n", a.Instances, report.Clean(string(a.Who)))
		}
	}
	countsText(b, "Could not be judged", s.Unjudged)
	if s.Changes != nil {
		changesText(b, s.Changes)
	}
}

func countsText(b *bytes.Buffer, title string, list []fleet.CauseCount) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", title)
	for _, c := range list[:min(len(list), mostLines)] {
		fmt.Fprintf(b, "%7d  %s %s\n", c.Instances, c.ID, report.Clean(string(c.Cause)))
	}
	writeRemainder(b, len(list))
}

// writeRemainder says that a list goes on.
func writeRemainder(b *bytes.Buffer, n int) {
	if n > mostLines {
		fmt.Fprintf(b, "         and %d more; --format json has all\n", n-mostLines)
	}
}

func changesText(b *bytes.Buffer, c *fleet.Changes) {
	b.WriteString("\nSince the earlier run\n")
	for _, list := range []struct {
		what string
		all  []fleet.Change
		tell bool
	}{{"newly failing", c.New, true}, {"fixed", c.Fixed, true}, {"newly unjudged", c.Unjudged, true}, {"still failing", c.Still, false}} {
		fmt.Fprintf(b, "%7d  %s\n", len(list.all), list.what)
		if len(list.all) == 0 || !list.tell {
			continue
		}
		for _, by := range []struct {
			name string
			key  func(fleet.Change) []string
		}{{"requirement", fleet.ByRequirement}, {"cause", fleet.ByCause}, {"label", fleet.ByLabel}} {
			if counts := fleet.CountChanges(list.all, by.key); len(counts) > 0 {
				fmt.Fprintf(b, "         by %s: %s\n", by.name, commonest(counts))
			}
		}
		for _, x := range list.all[:min(len(list.all), mostLines)] {
			fmt.Fprintf(b, "           %s  %s %s\n", report.Clean(x.Name), report.Clean(report.RequirementLabel(x.ID, x.Host)), report.Clean(causeWords(x)))
		}
		writeRemainder(b, len(list.all))
	}
	if n := len(c.Added); n > 0 {
		fmt.Fprintf(b, "%7d  not in the earlier run\n", n)
	}
	if n := len(c.Gone); n > 0 {
		fmt.Fprintf(b, "%7d  no longer in the inventory\n", n)
	}
}

func causeWords(x fleet.Change) string {
	switch {
	case x.Cause == "" && x.Was == "":
		return ""
	case x.Cause == "":
		return "(was " + string(x.Was) + ")"
	}
	return string(x.Cause)
}

// commonest names the commonest.
func commonest(list []fleet.KeyCount) string {
	text := ""
	for n, x := range list[:min(len(list), 5)] {
		if n > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s %d", report.Clean(x.Key), x.Count)
	}
	if len(list) > 5 {
		text += fmt.Sprintf(", and %d more", len(list)-5)
	}
	return text
}

// listInstances is --dry-run: the instances of this shard, each on a line.
func (r *fleetRun) listInstances() error {
	var b bytes.Buffer
	for _, i := range r.instances {
		where := i.URL()
		if fakes := i.Get("fake"); len(fakes) > 0 {
			where = fmt.Sprintf("fake %v", fakes)
		}
		fmt.Fprintf(&b, "%s  %s\n", i.Name, report.Clean(where))
	}
	_, err := r.out.Write(b.Bytes())
	return writeResult(err)
}
