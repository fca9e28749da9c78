package page

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// mostTime is the longest that one check may take.
const mostTime = 5 * time.Minute

var errTooLarge = errors.New("the form is too large; leave out what does not belong into it")

// start reads a form, and starts its check.
func (s *Server) start(w http.ResponseWriter, req *http.Request) {
	if err := req.ParseMultipartForm(maxForm); err != nil && !errors.Is(err, http.ErrNotMultipart) { //nolint:gosec // Protect bounds the body
		s.Refuse(w, http.StatusRequestEntityTooLarge, errTooLarge)
		return
	}
	d := s.readForm(req.PostForm)
	r := s.launch(req.Context(), d, s.storedAt(req.PostFormValue("stored")), s.who(req))
	if r == nil {
		http.Redirect(w, req, s.keepDraft(d), http.StatusSeeOther)
		return
	}
	back(w, req, r, "")
}

// launch starts the check that was typed, for by; nil where the draft's problems say why there is none.
func (s *Server) launch(ctx context.Context, d *draft, stored *StoredSecret, by string) *run {
	r, err := s.prepare(ctx, d, stored)
	if err != nil {
		d.note(s.options.Table, err)
	}
	if len(d.problems) > 0 {
		return nil
	}
	r.by = by
	if err = s.newRun(r); err == nil {
		err = r.begin("It is asked.", "", r.everything)
	}
	if err != nil {
		s.remove(r)
		d.problems = map[string]string{"": sentence(err)}
		return nil
	}
	return r
}

// readForm is what was typed. A secret that was left empty is the draft's.
func (s *Server) readForm(form url.Values) *draft {
	kept := s.takeDraft(form.Get("draft"))
	d := &draft{values: map[string]string{"guide": guideNames(guidesOf(form["guide"]...))}, secrets: map[string]secret.Text{}, problems: map[string]string{}}
	d.keep = form.Get("keep") != "" && s.options.Keep
	for _, row := range s.formTable() {
		typed := strings.ReplaceAll(strings.Join(form[row.Name], "\n"), "\r\n", "\n")
		switch row.Type {
		case settings.SecretFile:
			d.secrets[row.Name] = secret.New(strings.TrimSuffix(typed, "\n"))
			if typed == "" {
				d.secrets[row.Name] = kept.secrets[row.Name]
			}
		case settings.File:
			d.values[row.Name] = typed
		default:
			if !row.Repeatable && strings.Contains(typed, "\n") {
				typed, _, _ = strings.Cut(typed, "\n")
			}
			d.values[row.Name] = typed
		}
	}
	return d
}

// prepare turns a form into a check. It asks nothing.
func (s *Server) prepare(ctx context.Context, d *draft, stored *StoredSecret) (*run, error) {
	v := settings.NewValues(s.options.Table, settings.Form)
	for _, row := range s.formTable() {
		if err := set(v, row, d.values[row.Name]); err != nil {
			return nil, &halocheck.SettingError{Setting: row.Name, Problem: err}
		}
	}
	source := s.options.Source
	source.Prompt, source.Guides = nil, guidesOf(d.values["guide"])
	id, hidden := "HALO_CLIENT_SECRET", d.secrets[secretSetting]
	admin := d.secrets[adminSecretSetting]
	source.Getenv = func(name string) string {
		switch name {
		case id:
			return hidden.Reveal()
		case "HALO_ADMIN_CLIENT_SECRET":
			return admin.Reveal()
		}
		return ""
	}
	if stored != nil {
		if err := stored.allows(v, d.values["ca-file"]); err != nil {
			return nil, err
		}
		if err := v.Set(secretSetting, strings.TrimPrefix(stored.Reference, "file:")); err != nil {
			return nil, err
		}
	}
	if err := validate(v, d); err != nil {
		return nil, err
	}
	a, err := v.Arguments(ctx, source)
	if err != nil {
		return nil, err
	}
	var more []halocheck.Option
	if pem := d.values["ca-file"]; strings.TrimSpace(pem) != "" {
		certs, err := wire.ParsePEM([]byte(pem))
		if err != nil {
			return nil, &halocheck.SettingError{Setting: "ca-file", Problem: err}
		}
		more = append(more, halocheck.WithRoots(certs...))
	}
	r := &run{title: v.Text("url"), typed: newAsking(d)}
	if len(source.Guides) > 1 {
		for _, g := range source.Guides {
			r.guides = append(r.guides, safetext.Line(g.Name))
		}
	}
	if err := r.useArguments(a, more...); err != nil {
		return nil, err
	}
	return r, halocheck.Validate(ctx, r.target, r.options...)
}

// set gives a setting what was typed; what was left empty is not given.
func set(v *settings.Values, row settings.Setting, typed string) error {
	switch {
	case row.Type == settings.File || row.Type == settings.SecretFile || typed == "":
		return nil // the form has the text itself, and no name of a file
	case !row.Repeatable:
		if row.Name == "url" || row.Type == settings.Duration {
			typed = strings.TrimSpace(typed)
		}
		return v.Set(row.Name, typed)
	}
	for line := range strings.Lines(typed) {
		if line = strings.TrimSpace(line); line != "" {
			if err := v.Set(row.Name, line); err != nil {
				return err
			}
		}
	}
	return nil
}

// validate refuses what the fields themselves say.
func validate(v *settings.Values, d *draft) error {
	wrong := func(setting, text string) error {
		return &halocheck.SettingError{Setting: setting, Problem: errors.New(text)}
	}
	for name, value := range d.values {
		if secret.HasSecretForm(value) {
			return wrong(name, "this has the form of a Client Secret, so it is not shown again; type it into the field Client Secret")
		}
	}
	typedSecret := !d.secrets[secretSetting].Empty() || v.Given(secretSetting)
	switch {
	case v.Text("url") == "":
		return wrong("url", "say which instance, as in https://acme.halopsa.com")
	case v.Text("client-id") != "" && !typedSecret:
		return wrong(secretSetting, "there is a Client ID without a Client Secret")
	case v.Text("client-id") == "" && typedSecret:
		return wrong("client-id", "there is a Client Secret without a Client ID")
	case v.Text("admin-client-id") != "" && d.secrets[adminSecretSetting].Empty():
		return wrong(adminSecretSetting, "there is a Client ID without a Client Secret")
	case v.Duration("timeout") <= 0 || v.Duration("timeout") > mostTime:
		return wrong("timeout", "a check takes at most five minutes; give a time such as 60s")
	}
	return v.Validate()
}

// allows tells whether a stored secret may go where this form leads: to its own host alone, as everybody else finds and trusts it.
func (stored *StoredSecret) allows(v *settings.Values, roots string) error {
	wrong := func(setting string) error {
		return &halocheck.SettingError{Setting: setting, Problem: fmt.Errorf("the stored Client Secret is for %s alone", stored.Host)}
	}
	if u, err := probes.ParseTarget(v.Text("url")); err != nil || !strings.EqualFold(u.Hostname(), stored.Host) {
		return wrong("url")
	}
	if typed := v.Text("auth-url"); typed != "" {
		if u, err := url.Parse(strings.TrimSpace(typed)); err != nil || !strings.EqualFold(u.Hostname(), stored.Host) {
			return wrong("auth-url")
		}
	}
	if roots != "" {
		return wrong("ca-file")
	}
	for _, name := range []string{"resolve", "via"} {
		if len(v.List(name)) > 0 {
			return wrong(name)
		}
	}
	return nil
}

// note keeps what is wrong beside its field.
func (d *draft) note(table settings.Table, err error) {
	var wrong *halocheck.SettingError
	if errors.As(err, &wrong) {
		name := map[string]string{"client-secret": secretSetting, "admin-secret": adminSecretSetting}[wrong.Setting]
		if name == "" {
			name = wrong.Setting
		}
		if _, ok := table.In(settings.Form).Lookup(name); !ok {
			name = ""
		}
		d.problems[name] = sentence(wrong.Problem)
		return
	}
	// A setting's own check names it as a flag.
	text := err.Error()
	if rest, ok := strings.CutPrefix(text, "--"); ok {
		if name, problem, ok := strings.Cut(rest, ": "); ok {
			if _, known := table.Lookup(name); known {
				d.problems[name] = sentence(errors.New(problem))
				return
			}
		}
	}
	d.problems[""] = sentence(err)
}

// who sends a request; empty where this server knows nobody.
func (s *Server) who(req *http.Request) string {
	if s.options.Who == nil {
		return ""
	}
	return s.options.Who(req)
}
