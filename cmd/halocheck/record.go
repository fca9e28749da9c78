package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/record"
	"github.com/halocheck/halocheck/probes"
)

func newRecord(w world) *cobra.Command {
	var o options
	var quiet bool
	c := &cobra.Command{
		Use: "record URL DIR", Short: "Keep an instance as a sanitised fixture",
		Long: `record asks what check asks and keeps the answers in a folder, as a scenario of
the fake: statuses, a few headers, and the fields that requirements are judged
by. Names become pseudonyms; no secret, token, host name or e-mail is kept.

The folder is then served to a second check, so that record can say which
findings it cannot bring back. DIR is new or empty, or a recording, which is
replaced.

Exit codes: 0 recorded, 2 usage, 3 interrupted, 4 halocheck itself broke.`,
		Example: `  halocheck record acme.halopsa.com acme --client-id ID --client-secret-file F
  halocheck record --fake missing-intermediate broken-chain
  halocheck fake --replay broken-chain`,
		Args: func(_ *cobra.Command, args []string) error {
			want := 2
			if len(o.fakes) > 0 {
				want = 1
			}
			if len(args) != want {
				return usagef("record takes a URL and a folder, or with --fake the folder alone, as in `halocheck record https://acme.halopsa.com acme`")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(o.fakes) > 0 {
				w = withoutCustomer(w)
			}
			if err := settle(c, w, o.config); err != nil {
				return err
			}
			o.show.add(&cobra.Command{}) // it makes no report, so what a report has is as if nothing was given
			o.show.quiet = quiet
			return keep(c.Context(), w, &o, args[:len(args)-1], args[len(args)-1])
		},
	}
	o.connect(c)
	c.Flags().BoolVar(&quiet, "quiet", false, "tell only what the recording cannot hold")
	return c
}

// keep is one recording: the folder is opened before anything is asked, and put in its place once it is whole.
func keep(ctx context.Context, w world, o *options, args []string, dir string) error {
	f, err := openFolder(dir)
	if err != nil {
		return err
	}
	defer f.drop()
	p, err := prepare(w, o, args)
	if err != nil {
		return err
	}
	defer p.close()

	tape := record.Listen(p.session)
	run, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	findings := collect(run, w, p, o.show.quiet)
	askAlone(run, w, p, findings)
	if errors.Is(context.Cause(ctx), probes.ErrInterrupted) {
		say(w.err, errors.New("it was interrupted, so nothing is recorded"))
		return exit{probes.ExitIncomplete}
	}
	made, err := settleFaults(ctx, w, o, p, tape, findings)
	if err != nil {
		return err
	}
	if errors.Is(context.Cause(ctx), probes.ErrInterrupted) {
		say(w.err, errors.New("it was interrupted, so nothing is recorded"))
		return exit{probes.ExitIncomplete}
	}
	expected := record.Findings{Expected: made.want}
	for _, d := range made.differences {
		expected.Unheld = append(expected.Unheld, d.Want)
	}
	tellUnheld(w, made.differences)
	told, err := expected.JSON()
	if err != nil {
		return broken{err}
	}
	files := []recorded{{record.ScenarioFile, made.text}, {record.FindingsFile, told}}
	if err := f.write(files); err != nil {
		return broken{err}
	}
	if !o.show.quiet {
		_, err = fmt.Fprint(w.out, summary(p.session, dir, made, findings))
	}
	return result(err)
}

// tellUnheld says what the recording cannot bring back; of what waits for that, only how much it is.
func tellUnheld(w world, differences []record.Difference) {
	behind := 0
	for i, d := range differences {
		if i > 0 && (d.Want.Status == probes.Blocked || d.Got.Status == probes.Blocked) {
			behind++
			continue
		}
		say(w.err, fmt.Errorf("the recording does not hold everything: %s; %s", d, d.Reason()))
	}
	if behind > 0 {
		say(w.err, fmt.Errorf("%d findings that wait for others come out otherwise, too; %s names them all", behind, record.FindingsFile))
	}
}

// askAlone asks once more what the admin credentials showed, without them, so that whoever replays with the integration's
// credentials alone gets its own answers. It is not done where the login fails: that would only be another failed login.
func askAlone(ctx context.Context, w world, p *plan, findings []probes.Finding) {
	s := p.session
	in := slices.ContainsFunc(findings, func(f probes.Finding) bool { return f.ID == "login.agent" && f.Status == probes.Passed })
	if !in || !s.Admin.Given() {
		return
	}
	alone := &probes.Session{
		Target: s.Target, Guide: s.Guide, Credentials: s.Credentials, Teams: s.Teams, Stable: s.Stable, Net: s.Net, Clock: s.Clock,
		Only: []string{"application.*", "role.*", "agent.*"},
	}
	collect(ctx, w, &plan{session: alone, checks: p.checks}, true)
}

// recording is one that was tried out.
type recording struct {
	scenario    record.Scenario
	text        []byte
	want        []record.Expected
	differences []record.Difference
}

// settleFaults makes the recording and replays it. Where several faults come to the same finding, and the first of them
// does not stop what the instance stopped, the others are tried.
func settleFaults(ctx context.Context, w world, o *options, p *plan, tape *record.Tape, findings []probes.Finding) (*recording, error) {
	r, err := tape.Recording("halocheck " + toolVersion())
	if err != nil {
		return nil, broken{err}
	}
	resource := p.session.Target.Resource
	choices := record.Choices(findings, servable(), resource)
	faults := make([]string, len(choices))
	for i, c := range choices {
		faults[i] = c.Names[0]
	}
	try := func(faults []string) (*recording, error) {
		made := &recording{scenario: record.Scenario{Faults: standing(slices.Compact(slices.Clone(faults))), Recording: r}, want: record.Expect(findings, resource)}
		var err error
		if made.text, err = tape.YAML(made.scenario); err != nil {
			return nil, broken{err}
		}
		got, err := replayedFindings(ctx, w, made.text, o.guide, o.timeout)
		made.differences = record.Compare(made.want, got)
		return made, err
	}
	best, err := try(faults)
	for i, c := range choices {
		for _, name := range c.Names[1:] {
			stopped := func(d record.Difference) bool { return d.Want.BlockedBy == c.Finding.ID }
			if err != nil || !slices.ContainsFunc(best.differences, stopped) {
				break
			}
			other := slices.Clone(faults)
			other[i] = name
			var made *recording
			if made, err = try(other); err == nil && len(made.differences) < len(best.differences) {
				best, faults = made, other
			}
		}
	}
	return best, err
}

// servable are the faults that the fake can serve.
func servable() []record.Fault {
	var out []record.Fault
	for _, f := range fakehalo.Faults() {
		out = append(out, record.Fault{Name: f.Name, Requirement: f.Requirement, Status: f.Status, Cause: f.Cause})
	}
	return out
}

// standing are those of the faults that one server can have together, the earlier ones first.
func standing(names []string) []string {
	starts := func(names []string) bool {
		faults, err := fakehalo.Named(names...)
		if err != nil {
			return false
		}
		server, err := fakehalo.StartWith(fakehalo.Options{Faults: faults})
		if err == nil {
			closeFake(server)
		}
		return err == nil
	}
	if len(names) < 2 || starts(names) {
		return names
	}
	var out []string
	for _, name := range names {
		if with := append(slices.Clone(out), name); starts(with) {
			out = with
		}
	}
	return out
}

// replayedFindings serve a recording to a check and tell what that comes to.
func replayedFindings(ctx context.Context, w world, text []byte, guideFile string, timeout time.Duration) ([]record.Expected, error) {
	serving, err := fakehalo.ReadRecording(record.ScenarioFile, text)
	if err != nil {
		return nil, broken{err}
	}
	g, err := readGuide(guideFile)
	if err != nil {
		return nil, err
	}
	server, err := fakehalo.StartWith(serving)
	if err != nil {
		return nil, broken{err}
	}
	s := &probes.Session{Guide: g}
	p := &plan{session: s, checks: checksOf(s)}
	defer p.close()
	unset := &options{hosting: string(probes.Auto), typed: func(string) bool { return false }}
	if err := p.pointTo(w, unset, server, nil); err != nil {
		return nil, broken{err}
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return record.Expect(collect(ctx, w, p, true), s.Target.Resource), nil
}

// summary is what a recording came to.
func summary(s *probes.Session, dir string, made *recording, findings []probes.Finding) string {
	var b strings.Builder
	answers := 0
	for _, a := range made.scenario.Recording.Answers {
		answers += len(a.Say)
	}
	fmt.Fprintf(&b, "recorded %s in %s\n", s.Target.Resource, dir)
	fmt.Fprintf(&b, "  %-14s %d questions, %d answers", record.ScenarioFile, len(made.scenario.Recording.Answers), answers)
	if len(made.scenario.Faults) > 0 {
		fmt.Fprintf(&b, "; faults: %s", strings.Join(made.scenario.Faults, ", "))
	}
	sum := probes.Summarise(findings)
	fmt.Fprintf(&b, "\n  %-14s %d findings, %s", record.FindingsFile, len(findings), sum.Outcome)
	if len(sum.RootCauses) > 0 {
		fmt.Fprintf(&b, ", fix first: %s", strings.Join(sum.RootCauses, ", "))
	}
	if n := len(made.differences); n > 0 {
		fmt.Fprintf(&b, "\nreplayed: %d of the findings came out otherwise", n)
	} else {
		b.WriteString("\nreplayed: the same findings")
	}
	fmt.Fprintf(&b, "\nserve it with: halocheck fake --replay %s\n", dir)
	return b.String()
}
