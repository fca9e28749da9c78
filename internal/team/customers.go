package team

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/store"
	"github.com/halocheck/halocheck/probes"
)

// shown is how many runs a customer's page lists.
const shown = 90

// linkLife is how long a link works.
const linkLife = 14 * 24 * time.Hour

// customersView is the list of customers.
type customersView struct {
	Text, Outcome, Actor, Cause string
	Outcomes                    []string
	Actors                      []choice
	Customers                   []customerRow
	Next                        string // the address of the next page; empty: this is the last one
}

type choice struct{ Value, Label string }

type customerRow struct{ ID, Name, URL, Outcome, At string }

func (s *Server) customers(w http.ResponseWriter, req *http.Request) {
	q := req.URL.Query()
	query := queryOf(q)
	list, err := s.options.Store.Customers(req.Context(), query)
	if err != nil {
		s.fail(w, err)
		return
	}
	v := customersView{
		Text: query.Text, Outcome: string(query.Outcome), Actor: string(query.Actor), Cause: string(query.Cause),
		Outcomes: []string{string(probes.NotConformant), string(probes.Incomplete), string(probes.Conformant)},
	}
	for _, a := range []probes.Actor{probes.HaloAdmin, probes.NetworkAdmin, probes.Operator} {
		v.Actors = append(v.Actors, choice{string(a), report.ActorNames[a]})
	}
	for _, c := range list {
		v.Customers = append(v.Customers, rowOf(c))
	}
	if len(list) == query.Limit {
		q.Set("after", list[len(list)-1].ID)
		v.Next = "/customers?" + q.Encode()
	}
	s.page.Write(w, http.StatusOK, "customers", v)
}

// queryOf is what is searched for. A secret in the wrong field is not searched for, and shown to nobody.
func queryOf(q url.Values) store.Query {
	for name, values := range q {
		if slices.ContainsFunc(values, secret.HasSecretForm) {
			q.Del(name)
		}
	}
	return store.Query{
		Text: q.Get("q"), Outcome: probes.Outcome(q.Get("outcome")), Actor: probes.Actor(q.Get("actor")), Cause: probes.Cause(q.Get("cause")), After: q.Get("after"), Limit: 50,
	}
}

func rowOf(c store.Customer) customerRow {
	row := customerRow{ID: c.ID, Name: safetext.Line(c.Name), URL: safetext.Line(c.URL), Outcome: string(c.LatestOutcome)}
	if !c.LatestAt.IsZero() {
		row.At = c.LatestAt.Format("2006-01-02 15:04")
	}
	return row
}

// customerView is one customer over time.
type customerView struct {
	customerRow
	Runs    []runRow
	Sealed  bool   // its secret is kept
	Link    string // that was just made
	Expires string
}

type runRow struct {
	ID, At, Outcome, By string
	Guides              []guideRow // of several, for the latest runs
}

func (s *Server) customer(w http.ResponseWriter, req *http.Request) { s.showCustomer(w, req, "") }

// showCustomer shows a customer, with a link that was just made; empty: none was.
func (s *Server) showCustomer(w http.ResponseWriter, req *http.Request, link string) {
	c, err := s.options.Store.Customer(req.Context(), req.PathValue("customer"))
	if err != nil {
		s.fail(w, err)
		return
	}
	runs, err := s.options.Store.History(req.Context(), c.ID, shown)
	if err != nil {
		s.fail(w, err)
		return
	}
	asking, err := s.options.Store.Asking(req.Context(), c.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		s.fail(w, err)
		return
	}
	v := customerView{customerRow: rowOf(c), Sealed: len(asking.Sealed) > 0, Link: link, Expires: s.options.Now().Add(linkLife).Format(time.DateOnly)}
	guides := s.guidesOf(req.Context(), runs)
	for _, run := range runs {
		v.Runs = append(v.Runs, runRow{run.ID, run.Started.Format("2006-01-02 15:04"), string(run.Outcome), safetext.Line(run.By), guides[run.ID]})
	}
	s.page.Write(w, http.StatusOK, "customer", v)
}

// changes shows what changed between a customer's last two runs.
func (s *Server) changes(w http.ResponseWriter, req *http.Request) {
	runs, err := s.options.Store.History(req.Context(), req.PathValue("customer"), 2)
	if err == nil && len(runs) < 2 {
		err = store.ErrNotFound
	}
	var both [2]*report.Report
	for i := range both {
		if err == nil {
			_, both[i], err = s.options.Store.Report(req.Context(), runs[i].ID)
		}
	}
	if err != nil {
		s.fail(w, err)
		return
	}
	s.page.Compare(w, both[1], both[0])
}

// longestName bounds a name that is typed, in bytes.
const longestName = 200

var errName = errors.New("a name has at most 200 letters, and is no secret")

// isName tells whether a text may be kept as a name, which everybody sees.
func isName(text string) bool { return len(text) <= longestName && !secret.HasSecretForm(text) }

func (s *Server) rename(w http.ResponseWriter, req *http.Request) {
	name := strings.TrimSpace(req.PostFormValue("name"))
	if !isName(name) {
		s.page.Refuse(w, http.StatusUnprocessableEntity, errName)
		return
	}
	c, err := s.options.Store.Customer(req.Context(), req.PathValue("customer"))
	if err == nil && name != "" {
		c.Name = name
		_, err = s.options.Store.PutCustomer(req.Context(), c)
	}
	s.done(w, req, "renamed", "/c/"+c.ID, err)
}

func (s *Server) remove(w http.ResponseWriter, req *http.Request) {
	s.done(w, req, "deleted", "/customers", s.options.Store.DeleteCustomer(req.Context(), req.PathValue("customer")))
}

// addLink makes a link to a customer's latest run, and shows it this once.
func (s *Server) addLink(w http.ResponseWriter, req *http.Request) {
	audience := report.Customer
	if req.PostFormValue("audience") == string(report.Engineer) {
		audience = report.Engineer
	}
	word, err := s.options.Store.AddLink(req.Context(), store.Link{
		Customer: req.PathValue("customer"), Audience: string(audience), Expires: s.options.Now().Add(linkLife), By: whoIs(req.Context()).name,
	})
	if err == nil {
		err = s.audit(req, "made a link for "+string(audience))
	}
	if err != nil {
		s.fail(w, err)
		return
	}
	own := &url.URL{Scheme: "http", Host: req.Host}
	if s.options.OIDC != nil {
		if own, err = url.Parse(s.options.OIDC.URL); err != nil {
			s.fail(w, err)
			return
		}
	}
	s.showCustomer(w, req, own.JoinPath("/l/", word).String())
}

func (s *Server) revoke(w http.ResponseWriter, req *http.Request) {
	id := req.PathValue("customer")
	s.done(w, req, "revoked all links", "/c/"+id, s.options.Store.RevokeLinks(req.Context(), id))
}

// report shows a run that is kept.
func (s *Server) report(w http.ResponseWriter, req *http.Request) {
	_, r, err := s.options.Store.Report(req.Context(), req.PathValue("run"))
	if err != nil {
		s.fail(w, err)
		return
	}
	s.page.Judge(w, req, r)
}

// link shows what a link is for, without anything else of this server.
func (s *Server) link(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Referrer-Policy", "no-referrer")
	l, run, r, err := s.linked(req)
	switch {
	case err != nil:
		s.failLinked(w, err)
		return
	case l.Audience == string(report.Customer):
		s.showSteps(w, req, l, run, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", report.ContentSecurityPolicy(report.PageStyle(), report.PageScript())+"; frame-ancestors 'none'")
	if err := report.HTML(w, r); err != nil {
		s.options.Page.Tell(err)
	}
}

// done leads on after something was changed, and keeps who did it.
func (s *Server) done(w http.ResponseWriter, req *http.Request, what, to string, err error) {
	if err == nil {
		err = s.audit(req, what)
	}
	if err != nil {
		s.fail(w, err)
		return
	}
	http.Redirect(w, req, to, http.StatusSeeOther)
}

func (s *Server) audit(req *http.Request, what string) error {
	return s.note(req.Context(), whoIs(req.Context()), what, req.PathValue("customer"))
}

// note keeps who did what to which customer; empty: to none.
func (s *Server) note(ctx context.Context, who person, what, customer string) error {
	name := who.name
	if who.id != who.name {
		name += " (" + who.id + ")"
	}
	what = secret.Hide(what)
	s.options.Log.InfoContext(ctx, "deed", "who", name, "what", what, "customer", customer)
	return s.options.Store.Audit(ctx, store.Deed{At: s.options.Now(), Who: name, What: what, Whom: customer})
}

// auditView is who did what, the latest first.
type auditView struct{ Deeds []deedRow }

type deedRow struct{ At, Who, What, Whom string }

func (s *Server) showAudit(w http.ResponseWriter, req *http.Request) {
	list, err := s.options.Store.Deeds(req.Context(), 500)
	if err != nil {
		s.fail(w, err)
		return
	}
	var v auditView
	for _, d := range list {
		v.Deeds = append(v.Deeds, deedRow{d.At.Format("2006-01-02 15:04:05"), safetext.Line(d.Who), safetext.Line(d.What), safetext.Line(d.Whom)})
	}
	s.page.Write(w, http.StatusOK, "audit", v)
}

// fail says that something is not there, or that the database failed.
func (s *Server) fail(w http.ResponseWriter, err error) {
	if errors.Is(err, store.ErrNotFound) {
		s.page.Refuse(w, http.StatusNotFound, errors.New("this is not kept here, or not any more"))
		return
	}
	s.options.Page.Tell(err)
	s.page.Refuse(w, http.StatusInternalServerError, errors.New("the database did not answer as it should; try again, and tell the owner of this server if it stays so"))
}
