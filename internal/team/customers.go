package team

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/internal/page"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/store"
	"github.com/halocheck/halocheck/probes"
)

// shown is how many runs a customer's page lists.
const shown = 90

// customersView is the list of customers.
type customersView struct {
	Text, Outcome, Actor, Cause string
	Outcomes                    []string
	Actors                      []choice
	Customers                   []customerRow
	Searched                    bool
	Asks                        bool   // whoever looks may check an instance
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
		Searched: query != store.Query{Limit: query.Limit}, Asks: whoIs(req.Context()).role >= Engineer,
		Text: query.Text, Outcome: string(query.Outcome), Actor: string(query.Actor), Cause: string(query.Cause),
		Outcomes: []string{string(probes.NotConformant), string(probes.Incomplete), string(probes.Conformant)},
	}
	for _, a := range []probes.Actor{probes.HaloAdmin, probes.NetworkAdmin, probes.Vendor, probes.Operator} {
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
		row.At = page.Stamp(c.LatestAt)
	}
	return row
}

// customerView is one customer over time.
type customerView struct {
	customerRow
	Changed any // since the check before; nil: there is none
	Runs    []runRow
	Past    []runRow // the latest last
	Sealed  bool     // its secret is kept
	Links   []linkRow
	Word    string // the address of a link that was just made
	Typed   string // the name that was typed
	Problem string // with it
	Asks    bool   // whoever looks may ask, and change what is kept
	Deletes bool
}

type runRow struct {
	ID, At, Outcome, By, Sign string
	Guides                    []guideRow // of several, for the latest runs
}

// signs are what an outcome looks like in a line of them.
var signs = map[probes.Outcome]string{probes.Conformant: "✓", probes.NotConformant: "✗", probes.Incomplete: "?"}

func (s *Server) customer(w http.ResponseWriter, req *http.Request) {
	s.showCustomer(w, req, http.StatusOK, func(*customerView) {})
}

// showCustomer shows a customer, with what was just made or is wrong.
func (s *Server) showCustomer(w http.ResponseWriter, req *http.Request, status int, change func(*customerView)) {
	ctx, now, role := req.Context(), s.options.Now(), whoIs(req.Context()).role
	c, err := s.options.Store.Customer(ctx, req.PathValue("customer"))
	var runs []store.Run
	if err == nil {
		runs, err = s.options.Store.History(ctx, c.ID, shown)
	}
	var links []store.Link
	if err == nil {
		links, err = s.options.Store.Links(ctx, c.ID, now)
	}
	var asking store.Asking
	if err == nil {
		if asking, err = s.options.Store.Asking(ctx, c.ID); errors.Is(err, store.ErrNotFound) {
			err = nil
		}
	}
	if err != nil {
		s.fail(w, err)
		return
	}
	v := customerView{customerRow: rowOf(c), Sealed: len(asking.Sealed) > 0, Asks: role >= Engineer, Deletes: role >= Admin}
	v.Typed = v.Name
	times, guides := map[string]string{}, s.guidesOf(ctx, runs)
	for _, run := range runs {
		row := runRow{run.ID, page.Stamp(run.Started), string(run.Outcome), safetext.Line(run.By), signs[run.Outcome], guides[run.ID]}
		v.Runs, times[run.ID] = append(v.Runs, row), row.At
	}
	v.Past = slices.Clone(v.Runs)
	slices.Reverse(v.Past)
	for _, l := range links {
		v.Links = append(v.Links, linkRow{l.ID, audiences[report.Audience(l.Audience)], times[l.Run], l.Run == "", page.Stamp(l.Expires), safetext.Line(l.By)})
	}
	if both, err := s.lastTwo(ctx, runs); err == nil {
		v.Changed = page.Changes(both[1], both[0])
	} else if !errors.Is(err, store.ErrNotFound) {
		s.options.Page.Tell(err) // the rest can be shown
	}
	change(&v)
	s.page.Write(w, status, "customer", v)
}

// lastTwo are the reports of a customer's last two runs, the latest first; [store.ErrNotFound] where there are less.
func (s *Server) lastTwo(ctx context.Context, runs []store.Run) (both [2]*report.Report, err error) {
	if len(runs) < 2 {
		return both, store.ErrNotFound
	}
	for i := range both {
		if err == nil {
			_, both[i], err = s.options.Store.Report(ctx, runs[i].ID)
		}
	}
	return both, err
}

// changes shows what changed between a customer's last two runs.
func (s *Server) changes(w http.ResponseWriter, req *http.Request) {
	runs, err := s.options.Store.History(req.Context(), req.PathValue("customer"), 2)
	var both [2]*report.Report
	if err == nil {
		both, err = s.lastTwo(req.Context(), runs)
	}
	if err != nil {
		s.fail(w, err)
		return
	}
	s.page.Compare(w, both[1], both[0])
}

// longestName bounds a name that is typed, in bytes.
const longestName = 200

// isName tells whether a text may be kept as a name, which everybody sees.
func isName(text string) bool { return len(text) <= longestName && !secret.HasSecretForm(text) }

func (s *Server) rename(w http.ResponseWriter, req *http.Request) {
	name := strings.TrimSpace(req.PostFormValue("name"))
	if name == "" || !isName(name) {
		s.showCustomer(w, req, http.StatusUnprocessableEntity, func(v *customerView) {
			if v.Problem = "A name has 1 to 200 letters, and is no secret."; !secret.HasSecretForm(name) {
				v.Typed = name
			}
		})
		return
	}
	c, err := s.options.Store.Customer(req.Context(), req.PathValue("customer"))
	if err == nil {
		c.Name = name
		_, err = s.options.Store.PutCustomer(req.Context(), c)
	}
	s.done(w, req, "renamed", "/c/"+c.ID, err)
}

func (s *Server) remove(w http.ResponseWriter, req *http.Request) {
	s.done(w, req, "deleted", "/customers", s.options.Store.DeleteCustomer(req.Context(), req.PathValue("customer")))
}

// report shows a run that is kept.
func (s *Server) report(w http.ResponseWriter, req *http.Request) {
	run, r, err := s.options.Store.Report(req.Context(), req.PathValue("run"))
	if err != nil {
		s.fail(w, err)
		return
	}
	s.page.Judge(w, req, opened+run.ID, r)
}

// opened is what the page's ID of a run that is kept begins with, so that its address can be passed on.
const opened = "kept-"

// keptAt is the address of a check that the page has forgotten, and the database has not.
func (s *Server) keptAt(ctx context.Context, id string) string {
	id = strings.TrimPrefix(id, opened)
	if there, err := s.options.Store.HasRun(ctx, id); err != nil || !there {
		return ""
	}
	return "/kept/" + url.PathEscape(id)
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
	return s.options.Store.Audit(ctx, store.AuditEntry{At: s.options.Now(), Who: name, What: what, Whom: customer})
}

// auditView is who did what, the latest first.
type auditView struct{ Deeds []deedRow }

type deedRow struct{ At, Who, What, Whom, Customer string }

func (s *Server) showAudit(w http.ResponseWriter, req *http.Request) {
	list, err := s.options.Store.Deeds(req.Context(), 500)
	if err != nil {
		s.fail(w, err)
		return
	}
	var v auditView
	for _, d := range list {
		v.Deeds = append(v.Deeds, deedRow{d.At.Format("2006-01-02 15:04:05 MST"), safetext.Line(d.Who), safetext.Line(d.What), safetext.Line(d.Whom), safetext.Line(d.Customer)})
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
