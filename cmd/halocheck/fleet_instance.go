package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/credential"
	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/settings"
)

// fleetChecker checks the instances of an inventory.
type fleetChecker struct {
	environment
	cache         *settings.Cache
	timeout       string      // where it was typed: of an instance whose entry has none
	tell          func(error) // what is said of one instance
	worldReadable []error     // secrets that every user of this machine can read
}

// warnWorldReadable tells once of secrets that are open to everybody.
func (r *fleetChecker) warnWorldReadable() {
	switch n := len(r.worldReadable); n {
	case 0:
	case 1:
		r.tell(r.worldReadable[0])
	default:
		r.tell(fmt.Errorf("%w; it is one of %d", r.worldReadable[0], n))
	}
}

// instanceSettings are an entry's settings.
func (r *fleetChecker) instanceSettings(i fleet.Instance) (*options, error) {
	o := newOptions(r.environment, settings.Inventory)
	o.cache = r.cache
	if err := i.Fill(o.Values); err != nil {
		return nil, err
	}
	if r.timeout != "" {
		return o, o.Default("timeout", r.timeout)
	}
	return o, nil
}

// instanceEnvironment is the environment as an entry sees it: its secrets, and none of the variables that speak of one customer. What is
// said of it bears its name.
func (r *fleetChecker) instanceEnvironment(i fleet.Instance, o *options) (environment, error) {
	env := r.environment
	env.in, env.err = strings.NewReader(""), instanceWriter{i.Name, r.tell}
	getenv, err := i.FillSecrets(o.Values, r.getenv)
	env.getenv = getenv
	return env, err
}

// Validate finds every mistake of an entry without asking anything.
func (r *fleetChecker) Validate(ctx context.Context, i fleet.Instance) error {
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
func (r *fleetChecker) validateFake(ctx context.Context, i fleet.Instance, o *options, env environment) error {
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
	var over exit.Code
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

// Check asks one instance.
func (r *fleetChecker) Check(ctx context.Context, i fleet.Instance, opts ...halocheck.Option) (*halocheck.Report, error) {
	o, err := r.instanceSettings(i)
	if err != nil {
		return nil, exit.Internal(err) // it was read once already
	}
	env, err := r.instanceEnvironment(i, o)
	if err != nil {
		return nil, err
	}
	p, err := prepare(ctx, env, o)
	if err != nil {
		return nil, locateError(i, err) // such as a secret that was taken away since it was looked at
	}
	defer p.close()
	rep, err := p.run(ctx, env, true, opts...)
	return rep, checkError(i, err)
}

// checkError is why a check did not come to its end: a mistake of an entry has its place, and what broke here ends the run as it is.
func checkError(i fleet.Instance, err error) error {
	var own exit.InternalError
	if errors.As(err, &own) {
		return err
	}
	return locateError(i, err)
}

// instanceWriter is standard error for what is said of one instance.
type instanceWriter struct {
	name string
	tell func(error)
}

func (n instanceWriter) Write(text []byte) (int, error) {
	for line := range strings.Lines(string(bytes.TrimRight(text, "\n"))) {
		n.tell(fmt.Errorf("%s: %s", n.name, strings.TrimPrefix(strings.TrimRight(line, "\n"), "halocheck: ")))
	}
	return len(text), nil
}
