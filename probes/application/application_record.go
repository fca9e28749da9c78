package application

import (
	"context"
	"encoding/json"
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
	Status   int           `json:"status"`
	Name     string        `json:"name,omitempty"`
	Scopes   []string      `json:"scopes,omitempty"`
	Listed   bool          `json:"listed"` // the record names its scopes at all
	Inactive *bool         `json:"inactive,omitempty"`
}

// By names the credentials that read it, for a finding.
func (r Record) By() string {
	if r.SeenBy == halo.Admin {
		return "seen with the admin credentials"
	}
	return "seen with the integration's own credentials"
}

// OwnRecord reads the record of the application that the credentials belong to.
var OwnRecord = &probes.Probe[Record]{
	Name: "application.record",
	Asks: "GET /api/Application, and where that list is short GET /api/Application/{id}",
	Look: func(ctx context.Context, s *probes.Session) (Record, error) {
		if _, err := probes.Need(ctx, s, login.Token); err != nil {
			return Record{}, err
		}
		if s.Admin.Given() {
			return record(ctx, s, halo.Admin)
		}
		return login.Beside(ctx, s, func() (Record, error) { return record(ctx, s, halo.Integration) })
	},
}

// record reads it with one identity's credentials.
func record(ctx context.Context, s *probes.Session, who halo.Identity) (Record, error) {
	r := Record{SeenBy: who}
	page, err := halo.Get(ctx, s, who, "Application", nil)
	r.Status = page.Status
	if err != nil || page.Status != http.StatusOK {
		return r, err
	}
	id := r.pick(halo.Rows(page.Body, "applications"), s.Credentials.ID.Reveal())
	if !r.Found || r.Listed || id == "" {
		return r, nil
	}
	page, err = halo.Get(ctx, s, who, "Application/"+url.PathEscape(id), url.Values{"includedetails": {"true"}})
	if err == nil && page.Status == http.StatusOK {
		r.pick([]json.RawMessage{page.Body}, s.Credentials.ID.Reveal())
	}
	return r, err
}

// pick reads the row of the application with this client id, if it is there, and returns the row's own id.
func (r *Record) pick(rows []json.RawMessage, clientID string) string {
	app, ok := halo.FindApplication(rows, strings.TrimSpace(clientID))
	if !ok {
		return ""
	}
	r.Found, r.Name, r.Inactive = true, app.Name, app.Inactive
	if app.Scopes != nil {
		r.Listed, r.Scopes = true, []string{}
		for _, scope := range *app.Scopes {
			r.Scopes = append(r.Scopes, scope.Name)
		}
	}
	return string(app.ID)
}
