package application

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/login"
)

// Record is the application's own record (halo-api §8), as far as it is judged.
type Record struct {
	SeenBy   halo.Identity `json:"seen_by"`
	Found    bool          `json:"found"`
	Status   int           `json:"status"` // of GET /Application
	Tries    int           `json:"tries,omitempty"`
	Cause    probes.Cause  `json:"cause,omitempty"` // why no answer came
	Detail   string        `json:"detail,omitempty"`
	Name     string        `json:"name,omitempty"`
	Scopes   []string      `json:"scopes,omitempty"`
	Listed   bool          `json:"listed"` // the record names its scopes at all
	Inactive *bool         `json:"inactive,omitempty"`
	Admin    string        `json:"admin,omitempty"` // why the admin credentials, where there are any, read nothing
}

// Reading implements [probes.Evidence].
func (r Record) Reading() probes.Reading {
	return halo.Answer{Path: "Application", Status: r.Status, Tries: r.Tries, Cause: r.Cause, Detail: r.Detail}.Read(r.Found)
}

// By names the credentials that read it, for a finding.
func (r Record) By() string {
	if r.SeenBy == halo.Admin {
		return "seen with the admin credentials"
	}
	return "seen with the integration's own credentials"
}

// OwnRecord reads the record of the application that the credentials belong to. The admin credentials are used only where
// the application's own do not show all of it.
var OwnRecord = &probes.Probe[Record]{
	Name: "application.record",
	Asks: "GET /api/Application, and where that list is short GET /api/Application/{id}; with the admin credentials where the integration's own are not shown it",
	Look: func(ctx context.Context, s *probes.Session) (Record, error) {
		if _, err := probes.Need(ctx, s, login.Token); err != nil {
			return Record{}, err
		}
		own, err := login.AskWithToken(ctx, s, func() (Record, error) { return record(ctx, s, halo.Integration) })
		if !s.Admin.Given() || err == nil && own.Found && own.Listed {
			return own, err
		}
		admin, failed := record(ctx, s, halo.Admin)
		switch {
		case ctx.Err() != nil:
			return own, context.Cause(ctx)
		case failed != nil:
			own.Admin = failed.Error()
		case admin.Found || !own.Found:
			return admin, nil
		}
		return own, err
	},
}

// record reads it with one identity's credentials. An error means that there is no token to ask with, or that the run is
// over; silence is evidence.
func record(ctx context.Context, s *probes.Session, who halo.Identity) (Record, error) {
	r := Record{SeenBy: who}
	page, err := halo.Get(ctx, s, who, "Application", nil)
	var unobserved *probes.Unobserved
	if err != nil && (ctx.Err() != nil || errors.As(err, &unobserved)) {
		return r, err
	}
	a := halo.NewAnswer("Application", page, err)
	r.Status, r.Tries, r.Cause, r.Detail = a.Status, a.Tries, a.Cause, a.Detail
	if page.Status != http.StatusOK {
		return r, nil
	}
	id := r.pick(halo.Rows(page.Body, "applications"), s.Credentials.ID.Reveal())
	if !r.Found || r.Listed || id == "" {
		return r, nil
	}
	page, err = halo.Get(ctx, s, who, "Application/"+url.PathEscape(id), url.Values{"includedetails": {"true"}})
	if err == nil && page.Status == http.StatusOK {
		r.pick([]json.RawMessage{page.Body}, s.Credentials.ID.Reveal())
	}
	return r, nil
}

// pick reads the row of the application with this client id, if it is there, and returns the row's own id.
func (r *Record) pick(rows []json.RawMessage, clientID string) string {
	app, ok := halo.FindApplication(rows, strings.TrimSpace(clientID))
	if !ok {
		return ""
	}
	r.Found, r.Name, r.Inactive = true, app.Name, app.Inactive
	if app.Scopes != nil {
		r.Listed, r.Scopes = true, app.Scopes
	}
	return string(app.ID)
}
