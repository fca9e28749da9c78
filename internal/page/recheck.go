package page

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

// Asking is how an instance is asked: what was typed into the form's fields. The secrets are no part of the values.
type Asking struct {
	Values  map[string]string
	Secrets map[string]secret.Text
	Keep    bool // the secrets, for later checks
}

// HasSecret tells whether there is a Client Secret in it.
func (a Asking) HasSecret() bool { return !a.Secrets[secretSetting].Empty() }

// newAsking is what a form says, without what may be a secret in a wrong field.
func newAsking(d *draft) Asking {
	values := maps.Clone(d.values)
	maps.DeleteFunc(values, func(name, value string) bool {
		return value == "" || (name == "client-id" || name == "admin-client-id") && !halo.IsClientID(value)
	})
	return Asking{values, d.secrets, d.keep}
}

// Recheck asks an instance about some requirements and what those need, without a page of its own; about all, where none is named.
// Where the secrets are empty they are those that the owner stored for the host, or those of a check that is kept here and was asked
// the same; where there are none, only what anybody can see is asked. done hears the end; an error here means that it never does.
func (s *Server) Recheck(ctx context.Context, by string, a Asking, only []string, done func(made *report.Report, withSecret bool, err error)) error {
	d, stored, withSecret := s.draftOf(a)
	if !withSecret {
		delete(d.values, "client-id")
	}
	if d.secrets[adminSecretSetting].Empty() {
		delete(d.values, "admin-client-id")
	}
	if len(only) > 0 {
		d.values["only"] = strings.Join(only, "\n")
		delete(d.values, "skip")
	}
	r, err := s.prepare(ctx, d, stored)
	if err != nil {
		return err
	}
	r.server, r.by, r.log, r.packed = s, by, halo.NewLog(), map[bool]packedRun{}
	return r.begin("It is asked again.", "", func(ctx context.Context) {
		defer r.drop()
		made, err := r.check(ctx)
		done(made, withSecret, err)
	})
}

// draftOf is the form of an asking, with the secret that there is for it.
func (s *Server) draftOf(a Asking) (d *draft, stored *StoredSecret, withSecret bool) {
	d = &draft{values: maps.Clone(a.Values), secrets: maps.Clone(a.Secrets), keep: a.Keep, problems: map[string]string{}}
	if !a.HasSecret() {
		if d.secrets = s.keptSecrets(a.Values); d.secrets == nil {
			stored = s.storedFor(a.Values["url"])
		}
	}
	return d, stored, stored != nil || d.secrets != nil
}

// Again starts a check as it was asked before, and returns its page; the form's, filled in, where it cannot start so.
func (s *Server) Again(ctx context.Context, by string, a Asking) (path string) {
	d, stored, withSecret := s.draftOf(a)
	if d.values["client-id"] != "" && !withSecret {
		d.notes = []string{"Type the Client Secret: it is not kept."}
		return s.keepDraft(d)
	}
	if r := s.launch(ctx, d, stored, by); r != nil {
		return "/r/" + r.id
	}
	return s.keepDraft(d)
}

// keptSecrets are the secrets of a check that is kept here and was asked the same; nil: there is none.
func (s *Server) keptSecrets(values map[string]string) map[string]secret.Text {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range slices.Backward(s.order) {
		r := s.runs[id]
		r.mu.Lock()
		typed := r.typed
		r.mu.Unlock()
		if !typed.Secrets[secretSetting].Empty() && maps.Equal(typed.Values, values) {
			return maps.Clone(typed.Secrets)
		}
	}
	return nil
}

// storedFor is the secret that the owner stored for the host of a URL; nil: there is none.
func (s *Server) storedFor(typed string) *StoredSecret {
	u, err := probes.ParseTarget(typed)
	if err != nil {
		return nil
	}
	at := slices.IndexFunc(s.options.Secrets, func(stored StoredSecret) bool { return strings.EqualFold(stored.Host, u.Hostname()) })
	if at < 0 {
		return nil
	}
	return &s.options.Secrets[at]
}

// Letter writes the customer's letter of a report as a page, with what the blocks of [report.LetterTemplate] show.
func (s *Server) Letter(w http.ResponseWriter, r *report.Report, frame any, steps map[int]any) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	return report.WriteLetter(w, s.pages.letter, r, frame, steps)
}
