package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/record"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/internal/version"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/suites/faketarget"
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

	started := time.Now()
	capture := &record.Capture{}
	r, err := p.run(ctx, env, o.Bool("quiet"), halocheck.WithSession(capture.Watch))
	if err != nil {
		return err
	}
	asked := p.session
	if err := p.repeatWithoutAdmin(ctx, env, r, capture, o.Duration("timeout")-time.Since(started)); err != nil {
		return err
	}
	if errors.Is(context.Cause(ctx), probes.ErrInterrupted) {
		printMessage(env.err, errors.New("it was interrupted, so nothing is recorded"))
		return exit.Code(probes.ExitIncomplete)
	}
	made, err := capture.Replay(ctx, "halocheck "+version.String(), r.Findings, asked.Target.Resource, fakeServer{env, o})
	if err != nil {
		return exit.Internal(err)
	}
	if errors.Is(context.Cause(ctx), probes.ErrInterrupted) {
		printMessage(env.err, errors.New("it was interrupted, so nothing is recorded"))
		return exit.Code(probes.ExitIncomplete)
	}
	env.print(made.Notes())
	files, err := made.Files()
	if err == nil {
		err = f.Write(files)
	}
	if err != nil {
		return exit.Internal(err)
	}
	if !o.Bool("quiet") {
		_, err = fmt.Fprint(env.out, made.Summary(dir))
	}
	return exit.Unwritten(err)
}

// repeatWithoutAdmin asks once more what the admin credentials showed, without them, so that whoever replays with the
// integration's credentials alone gets its own answers. It is not done where the login fails: that would only be another
// failed login.
func (p *preparedCheck) repeatWithoutAdmin(ctx context.Context, env environment, r *halocheck.Report, capture *record.Capture, left time.Duration) error {
	in := slices.ContainsFunc(r.Findings, func(f probes.Finding) bool { return f.ID == "login.agent" && f.Status == probes.Passed })
	if !in || !p.session.Admin.Given() || left <= 0 || ctx.Err() != nil {
		return nil
	}
	_, err := p.run(ctx, env, true, halocheck.WithSession(capture.Watch), halocheck.WithTimeout(left),
		halocheck.WithAdmin("", nil), halocheck.WithOnly("application.*", "role.*", "agent.*"))
	return err
}

// fakeServer serves faults and recordings by the embedded fake.
type fakeServer struct {
	env environment
	o   *options // of the recorded check
}

// Faults are all that the fake can serve.
func (fakeServer) Faults() []record.Fault {
	var out []record.Fault
	for _, f := range fakehalo.Faults() {
		out = append(out, record.Fault{Name: f.Name, Requirement: f.Requirement, Status: f.Status, Cause: f.Cause})
	}
	return out
}

// Serves tells whether one fake can have these faults together.
func (fakeServer) Serves(names []string) bool {
	faults, err := fakehalo.Named(names...)
	if err != nil {
		return false
	}
	server, err := fakehalo.StartWith(fakehalo.Options{Faults: faults})
	if err == nil {
		faketarget.Close(server)
	}
	return err == nil
}

// Check serves a recording to a check and returns the findings.
func (s fakeServer) Check(ctx context.Context, text []byte) ([]record.ExpectedFinding, error) {
	serving, err := fakehalo.ReadRecording(record.ScenarioFile, text)
	if err != nil {
		return nil, err
	}
	server, err := fakehalo.StartWith(serving)
	if err != nil {
		return nil, err
	}
	o := newOptions(s.env, settings.Record)
	for _, shared := range []string{"guide", "timeout"} {
		if values := s.o.List(shared); len(values) > 0 {
			err = o.Default(shared, values...)
		} else if s.o.Given(shared) {
			err = o.Default(shared, s.o.Text(shared))
		}
		if err != nil {
			return nil, err
		}
	}
	p, err := prepareFake(ctx, s.env, o, server)
	if err != nil {
		return nil, err
	}
	defer p.close()
	r, err := p.run(ctx, s.env, true)
	if err != nil {
		return nil, err
	}
	return record.ExpectedFindings(r.Findings, p.session.Target.Resource), nil
}
