package team

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/store"
)

// linkLife is how long a link works.
const linkLife = 14 * 24 * time.Hour

// audiences are whom a link is for, as the list of links says it.
var audiences = map[report.Audience]string{report.Customer: "the customer", report.Engineer: "an engineer"}

// linkRow is a link that works.
type linkRow struct {
	ID, For string
	Of      string // when its check was made
	Latest  bool   // it shows whatever check is the latest one
	Until   string
	By      string
}

// addLink makes a link to one of a customer's runs, or to the latest one whenever it is opened, and shows it this once.
func (s *Server) addLink(w http.ResponseWriter, req *http.Request) {
	audience, id, run := report.Customer, req.PathValue("customer"), req.PostFormValue("run")
	if req.PostFormValue("audience") == string(report.Engineer) {
		audience = report.Engineer
	}
	c, err := s.options.Store.Customer(req.Context(), id)
	if err == nil && c.LatestRun == "" {
		s.page.Refuse(w, http.StatusConflict, errors.New("there is no check to show yet; check this customer first"))
		return
	}
	if err == nil && run != "" {
		var of store.Run
		if of, _, err = s.options.Store.Report(req.Context(), run); err == nil && of.Customer != id {
			err = store.ErrNotFound
		}
	}
	now, word := s.options.Now(), ""
	if err == nil {
		word, err = s.options.Store.AddLink(req.Context(), store.Link{Customer: id, Run: run, Audience: string(audience), Expires: now.Add(linkLife), By: whoIs(req.Context()).name})
	}
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
	s.showCustomer(w, req, http.StatusOK, func(v *customerView) { v.Word = own.JoinPath("/l/", word).String() })
}

func (s *Server) revoke(w http.ResponseWriter, req *http.Request) {
	id := req.PathValue("customer")
	s.done(w, req, "revoked all links", "/c/"+url.PathEscape(id)+"#share", s.options.Store.RevokeLinks(req.Context(), id))
}

func (s *Server) revokeLink(w http.ResponseWriter, req *http.Request) {
	id := req.PathValue("customer")
	s.done(w, req, "revoked a link", "/c/"+url.PathEscape(id)+"#share", s.options.Store.RevokeLink(req.Context(), id, req.PathValue("link")))
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
