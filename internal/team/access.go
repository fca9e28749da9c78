package team

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/halocheck/halocheck/internal/page"
)

// Role is what somebody may do. Each role may do what those before it may.
type Role int

// The roles. Anybody is who has no log-in.
const (
	Anybody  Role = iota
	Viewer        // sees customers and reports
	Engineer      // checks instances, names customers, makes links
	Admin         // deletes, logs others out, reads who did what
)

func (r Role) String() string { return [...]string{"anybody", "viewer", "engineer", "admin"}[r] }

// person is who sends a request.
type person struct {
	id   string // that the log-in knows them by; it never changes
	name string
	role Role
}

type personKey struct{}

// whoIs is who sends a request; nobody is zero.
func whoIs(ctx context.Context) person {
	p, _ := ctx.Value(personKey{}).(person)
	return p
}

// local is everybody where there is no log-in, which is on loopback alone.
var local = person{"local", "local", Admin}

// pageRoles are the least roles for what package page serves. A page without a row is not served at all.
var pageRoles = map[string]Role{
	"/":                              Anybody, // there is no such page
	"GET /assets/{name}":             Anybody,
	"GET /{$}":                       Engineer,
	"POST /fill":                     Engineer,
	"POST /guide":                    Engineer,
	"POST /runs":                     Engineer,
	"GET /r/{id}":                    Viewer,
	"GET /r/{id}/events":             Viewer,
	"POST /r/{id}/again":             Engineer,
	"POST /r/{id}/watch":             Engineer,
	"POST /r/{id}/stop":              Engineer,
	"POST /r/{id}/mend":              Engineer,
	"GET /r/{id}/hand-over":          Viewer,
	"GET /r/{id}/letter":             Viewer,
	"GET /r/{id}/report/{format}":    Viewer,
	"GET /r/{id}/bundle/{member...}": Viewer,
	"POST /r/{id}/bundle":            Viewer,
	"GET /saved":                     Viewer,
	"POST /saved":                    Viewer,
	"GET /show":                      Engineer,
	"POST /show":                     Engineer,
}

// route is a page with the least role that may have it.
type route struct {
	least  Role
	handle http.HandlerFunc
}

// routes are all pages by their pattern.
func (s *Server) routes() (map[string]route, error) {
	all := map[string]route{
		"GET /customers":                         {Viewer, s.customers},
		"GET /c/{customer}":                      {Viewer, s.customer},
		"GET /c/{customer}/changes":              {Viewer, s.changes},
		"POST /c/{customer}/name":                {Engineer, s.rename},
		"POST /c/{customer}/check":               {Engineer, s.checkCustomer},
		"POST /c/{customer}/forget":              {Engineer, s.forgetSecrets},
		"POST /c/{customer}/links":               {Engineer, s.addLink},
		"POST /c/{customer}/revoke":              {Engineer, s.revoke},
		"POST /c/{customer}/links/{link}/revoke": {Engineer, s.revokeLink},
		"POST /c/{customer}/delete":              {Admin, s.remove},
		"GET /kept/{run}":                        {Viewer, s.report},
		"GET /l/{word}":                          {Anybody, s.link},
		"GET /l/{word}/events":                   {Anybody, s.forCustomers(s.streamSteps)},
		"POST /l/{word}/again":                   {Anybody, s.forCustomers(s.checkStep)},
		"GET /account":                           {Viewer, s.account},
		"GET /audit":                             {Admin, s.showAudit},
		"GET /tokens":                            {Admin, s.showTokens},
		"POST /tokens":                           {Admin, s.addToken},
		"POST /tokens/{token}/revoke":            {Admin, s.revokeToken},
	}
	if s.login != nil {
		maps.Copy(all, map[string]route{
			"GET /login":              {Anybody, s.login.begin},
			"GET /login/callback":     {Anybody, s.login.callback},
			"POST /logout":            {Anybody, s.login.end},
			"POST /logout/everywhere": {Viewer, s.logoutEverywhere},
			"POST /logout/of":         {Admin, s.logoutOther},
		})
	}
	for pattern, handle := range s.page.Routes() {
		least, ok := pageRoles[pattern]
		if !ok {
			return nil, fmt.Errorf("team: nobody said who may have %q", pattern)
		}
		all[pattern] = route{least, handle}
	}
	return all, nil
}

// Access lists every page with the least role that may have it.
func (s *Server) Access() map[string]Role {
	list := map[string]Role{}
	for pattern, r := range s.all {
		list[pattern] = r.least
	}
	return list
}

// handlers serves every page to whom it is for.
func (s *Server) handlers() http.Handler {
	mux := http.NewServeMux()
	for _, pattern := range slices.Sorted(maps.Keys(s.all)) {
		r := s.all[pattern]
		mux.HandleFunc(pattern, func(w http.ResponseWriter, req *http.Request) {
			p := whoIs(req.Context())
			if p.role < Engineer {
				w = page.ReadOnly(w)
			}
			switch {
			case p.role >= r.least:
				r.handle(w, req)
			case p.role == Anybody:
				s.login.demand(w, req)
			case pattern == "GET /{$}": // the first page, for who may not ask
				http.Redirect(w, req, "/customers", http.StatusSeeOther)
			default:
				s.page.Refuse(w, http.StatusForbidden, fmt.Errorf("you are logged in with the role %s, and this needs the role %s; ask an admin of this page", p.role, r.least))
			}
		})
	}
	return mux
}

// identify finds out who sends a request.
func (s *Server) identify(next http.Handler) http.Handler {
	if s.login != nil {
		return s.login.identify(next)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		next.ServeHTTP(w, req.WithContext(context.WithValue(req.Context(), personKey{}, local)))
	})
}

// accountView is who is logged in, and what they can do about it.
type accountView struct {
	Name, Role string
	Login      bool // there is one
	Admin      bool
}

func (s *Server) account(w http.ResponseWriter, req *http.Request) {
	p := whoIs(req.Context())
	s.page.Write(w, http.StatusOK, "account", accountView{p.name, p.role.String(), s.login != nil, p.role >= Admin})
}

func (s *Server) logoutEverywhere(w http.ResponseWriter, req *http.Request) {
	p := whoIs(req.Context())
	if err := s.options.Store.LogOut(req.Context(), p.id, s.options.Now()); err != nil {
		s.fail(w, err)
		return
	}
	s.done(w, req, "logged out everywhere", "/login", s.login.sessions.Destroy(req.Context()))
}

// logoutOther ends all sessions of somebody else, whose ID the audit log tells.
func (s *Server) logoutOther(w http.ResponseWriter, req *http.Request) {
	who := req.PostFormValue("who")
	if who == "" {
		s.page.Refuse(w, http.StatusUnprocessableEntity, errors.New("say who is logged out"))
		return
	}
	err := s.options.Store.LogOut(req.Context(), who, s.options.Now())
	s.done(w, req, "logged somebody else out everywhere: "+who, "/account", err)
}
