package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/credential"
	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/output"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/probes"
)

func processors() int { return runtime.GOMAXPROCS(0) }

// instanceSettings are an entry's settings.
func (r *fleetRun) instanceSettings(i fleet.Instance) (*options, error) {
	o := newOptions(r.environment, settings.Inventory)
	o.cache = r.cache
	if err := i.Fill(o.Values); err != nil {
		return nil, err
	}
	if r.defaultTimeout {
		return o, o.Default("timeout", r.options.timeout.String())
	}
	return o, nil
}

// instanceEnvironment is the environment as an entry sees it: its secrets, and none of the variables that speak of one customer. What is
// said of it bears its name.
func (r *fleetRun) instanceEnvironment(i fleet.Instance, o *options) (environment, error) {
	env := r.environment
	env.in, env.err = strings.NewReader(""), instanceWriter{r, i.Name}
	getenv, err := i.FillSecrets(o.Values, r.getenv)
	env.getenv = getenv
	return env, err
}

// validate finds every mistake of an entry without asking anything.
func (r *fleetRun) validate(ctx context.Context, i fleet.Instance) error {
	o, err := r.instanceSettings(i)
	if err != nil {
		return err
	}
	env, err := r.instanceEnvironment(i, o)
	if err != nil {
		return err
	}
	if o.isFake() {
		return r.validateFake(ctx, i, o, env)
	}
	p, err := prepare(ctx, env, o)
	if err == nil {
		err = halocheck.Validate(ctx, p.Target, p.Options...)
	}
	if err != nil {
		return locateError(i, err)
	}
	for n, ref := range []fleet.Reference{i.Secret, i.Admin} {
		if ref.Scheme == "file" && credential.WorldReadable(ref.Value) {
			r.worldReadable = append(r.worldReadable, i.Errorf([]string{"client-secret", "admin-secret"}[n], "every user of this machine can read the file with the secret; take that away with chmod o-r"))
		}
	}
	return nil
}

// validateFake does the same for an embedded fake, which is not started yet.
func (r *fleetRun) validateFake(ctx context.Context, i fleet.Instance, o *options, env environment) error {
	if err := o.check(); err != nil {
		return locateError(i, err)
	}
	a, err := o.Arguments(ctx, env.source(o))
	if err == nil {
		_, err = halocheck.Requirements(a.Options...)
	}
	if err != nil {
		return locateError(i, err)
	}
	if _, err := fakehalo.Named(o.List("fake")...); err != nil {
		return i.Errorf("fake", "%s; `halocheck fake --list` names them all", err)
	}
	for _, name := range []string{o.Text("client-secret-file"), o.Text("admin-secret-file")} {
		if name == "" {
			continue
		}
		if _, _, err := env.secrets().Read(ctx, name, ""); err != nil {
			return locateError(i, &halocheck.SettingError{Setting: "client-secret", Problem: err})
		}
	}
	return nil
}

// locateError is a mistake of an entry with its place: that of the setting, else the entry's own.
func locateError(i fleet.Instance, err error) error {
	var at *fleet.InventoryError
	var over exitError
	if err == nil || errors.As(err, &at) || errors.As(err, &over) {
		return err
	}
	var wrong *halocheck.SettingError
	field, text := "", err.Error()
	if errors.As(err, &wrong) {
		field, text = wrong.Setting, settingProblem(wrong)
		if wrong.Value != "" {
			text = wrong.Value + ": " + text
		}
	} else if rest, ok := strings.CutPrefix(text, "--"); ok {
		field, text, _ = strings.Cut(rest, ": ")
	}
	if strings.HasSuffix(field, "-secret-file") {
		field = strings.TrimSuffix(field, "-file")
	}
	return i.Errorf(field, "%s", strings.ReplaceAll(text, ", or - for standard input", ""))
}

// check runs one instance. Without a result and without an error it could not be started; that was told.
func (r *fleetRun) check(ctx context.Context, i fleet.Instance, pass *fleet.Permit) (*fleet.Result, error) {
	o, err := r.instanceSettings(i)
	if err != nil {
		return nil, err
	}
	env, err := r.instanceEnvironment(i, o)
	if err != nil {
		r.say(err)
		return nil, nil //nolint:nilnil // one instance less, not the end of the run
	}
	p, err := prepare(ctx, env, o)
	if err != nil {
		r.say(locateError(i, err))
		return nil, nil //nolint:nilnil // as above: a secret was taken away since it was looked at
	}
	defer p.close()
	rep, err := p.run(ctx, env, true, halocheck.WithLimiter(pass.Wait), halocheck.WithResolver(r.resolver))
	var own internalError
	switch {
	case errors.As(err, &own):
		return nil, internalError{fmt.Errorf("%s: %w", i.Name, own.error)}
	case err != nil:
		r.say(locateError(i, err))
		return nil, nil //nolint:nilnil // as above
	}
	if r.options.reports != "" && !errors.Is(context.Cause(ctx), probes.ErrInterrupted) {
		name := filepath.Join(r.options.reports, i.Name+".json")
		if err := output.WriteAtomic(name, func(f io.Writer) error { return report.JSON(f, rep) }); err != nil {
			return nil, internalError{fmt.Errorf("--reports: %w", err)}
		}
	}
	return fleet.ResultOf(i, rep), nil
}
