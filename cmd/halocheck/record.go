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
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/probes"
)

func newRecord(env environment) *cobra.Command {
	o := newOptions(env, settings.Record)
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
			alone := o.isFake() || o.Given("config") // the folder needs no URL before it
			if len(args) != 2 && (len(args) != 1 || !alone) || len(args) == 2 && o.isFake() {
				return usagef("record takes a URL and a folder, or with --fake the folder alone, as in `halocheck record https://acme.halopsa.com acme`")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if o.isFake() {
				env = withoutCustomer(env)
			}
			last := len(args) - 1
			if err := o.read(c.Context(), env, args[:last]); err != nil {
				return err
			}
			return recordInstance(c.Context(), env, o, args[last])
		},
	}
	o.addFlags(c, settings.Record)
	c.Flags().Lookup("quiet").Usage = "tell only what the recording cannot hold"
	return c
}

// recordInstance is one recording: the folder is opened before anything is asked, and put in its place once it is whole.
func recordInstance(ctx context.Context, env environment, o *options, dir string) error {
	f, err := record.OpenFolder(dir)
	if err != nil {
		return err
	}
	defer f.Discard()
	p, err := prepare(ctx, env, o)
	if err != nil {
		return err
	}
	defer p.close()

	capture := record.NewCapture(p.session)
	run, cancel := context.WithTimeout(ctx, o.Duration("timeout"))
	defer cancel()
	findings := runChecks(run, env, p, o.Bool("quiet"))
	repeatWithoutAdmin(run, env, p, findings)
	if errors.Is(context.Cause(ctx), probes.ErrInterrupted) {
		printMessage(env.err, errors.New("it was interrupted, so nothing is recorded"))
		return exitError{probes.ExitIncomplete}
	}
	made, err := chooseFaults(ctx, env, o, p, capture, findings)
	if err != nil {
		return err
	}
	if errors.Is(context.Cause(ctx), probes.ErrInterrupted) {
		printMessage(env.err, errors.New("it was interrupted, so nothing is recorded"))
		return exitError{probes.ExitIncomplete}
	}
	expected := record.Findings{Expected: made.want}
	for _, d := range made.differences {
		expected.NotReproduced = append(expected.NotReproduced, d.Want)
	}
	reportDifferences(env, made.differences)
	told, err := expected.JSON()
	if err != nil {
		return internalError{err}
	}
	if err := f.Write(map[string][]byte{record.ScenarioFile: made.text, record.FindingsFile: told}); err != nil {
		return internalError{err}
	}
	if !o.Bool("quiet") {
		_, err = fmt.Fprint(env.out, summary(p.session, dir, made, findings))
	}
	return writeResult(err)
}

// reportDifferences says what the recording cannot bring back; of what waits for that, only how much it is.
func reportDifferences(env environment, differences []record.Difference) {
	behind := 0
	for i, d := range differences {
		if i > 0 && (d.Want.Status == probes.Blocked || d.Got.Status == probes.Blocked) {
			behind++
			continue
		}
		printMessage(env.err, fmt.Errorf("the recording does not hold everything: %s; %s", d, d.Reason()))
	}
	if behind > 0 {
		printMessage(env.err, fmt.Errorf("%d findings that wait for others come out otherwise, too; %s names them all", behind, record.FindingsFile))
	}
}

// repeatWithoutAdmin asks once more what the admin credentials showed, without them, so that whoever replays with the integration's
// credentials alone gets its own answers. It is not done where the login fails: that would only be another failed login.
func repeatWithoutAdmin(ctx context.Context, env environment, p *preparedCheck, findings []probes.Finding) {
	s := p.session
	in := slices.ContainsFunc(findings, func(f probes.Finding) bool { return f.ID == "login.agent" && f.Status == probes.Passed })
	if !in || !s.Admin.Given() {
		return
	}
	alone := &probes.Session{
		Target: s.Target, Guide: s.Guide, Credentials: s.Credentials, Teams: s.Teams, Stable: s.Stable, Net: s.Net, Clock: s.Clock,
		Only: []string{"application.*", "role.*", "agent.*"},
	}
	runChecks(ctx, env, &preparedCheck{session: alone, checks: p.checks}, true)
}

// replayedRecording is one that was tried out.
type replayedRecording struct {
	scenario    record.Scenario
	text        []byte
	want        []record.ExpectedFinding
	differences []record.Difference
}

// chooseFaults makes the recording and replays it. Where several faults come to the same finding, and the first of them
// does not stop what the instance stopped, the others are tried.
func chooseFaults(ctx context.Context, env environment, o *options, p *preparedCheck, capture *record.Capture, findings []probes.Finding) (*replayedRecording, error) {
	r, err := capture.Recording("halocheck " + toolVersion())
	if err != nil {
		return nil, internalError{err}
	}
	resource := p.session.Target.Resource
	choices := record.FaultChoices(findings, fakeFaults(), resource)
	faults := make([]string, len(choices))
	for i, c := range choices {
		faults[i] = c.Names[0]
	}
	try := func(faults []string) (*replayedRecording, error) {
		made := &replayedRecording{scenario: record.Scenario{Faults: compatibleFaults(slices.Compact(slices.Clone(faults))), Recording: r}, want: record.ExpectedFindings(findings, resource)}
		var err error
		if made.text, err = capture.YAML(made.scenario); err != nil {
			return nil, internalError{err}
		}
		got, err := replayedFindings(ctx, env, made.text, o.Text("guide"), o.Duration("timeout"))
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
			var made *replayedRecording
			if made, err = try(other); err == nil && len(made.differences) < len(best.differences) {
				best, faults = made, other
			}
		}
	}
	return best, err
}

// fakeFaults are the faults that the fake can serve.
func fakeFaults() []record.Fault {
	var out []record.Fault
	for _, f := range fakehalo.Faults() {
		out = append(out, record.Fault{Name: f.Name, Requirement: f.Requirement, Status: f.Status, Cause: f.Cause})
	}
	return out
}

// compatibleFaults are those of the faults that one server can have together, the earlier ones first.
func compatibleFaults(names []string) []string {
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
func replayedFindings(ctx context.Context, env environment, text []byte, guideFile string, timeout time.Duration) ([]record.ExpectedFinding, error) {
	serving, err := fakehalo.ReadRecording(record.ScenarioFile, text)
	if err != nil {
		return nil, internalError{err}
	}
	g, err := readGuide(ctx, guideFile)
	if err != nil {
		return nil, err
	}
	server, err := fakehalo.StartWith(serving)
	if err != nil {
		return nil, internalError{err}
	}
	s := &probes.Session{Guide: g}
	p := &preparedCheck{session: s, checks: checksOf(s)}
	defer p.close()
	unset := newOptions(env, settings.Record)
	if err := p.pointTo(ctx, env, unset, server, nil); err != nil {
		return nil, internalError{err}
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return record.ExpectedFindings(runChecks(ctx, env, p, true), s.Target.Resource), nil
}

// summary is what a recording came to.
func summary(s *probes.Session, dir string, made *replayedRecording, findings []probes.Finding) string {
	var b strings.Builder
	answers := 0
	for _, a := range made.scenario.Recording.Answers {
		answers += len(a.Replies)
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
