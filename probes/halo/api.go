package halo

import (
	"context"
	"net/http"
	"net/url"
	"sync"

	"golang.org/x/oauth2"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// adminScopes are asked for in turn until one set is granted: which of them reading roles and applications needs is not
// documented (halo-api §7, §8, unknown 2).
var adminScopes = [][]string{{"all", "admin"}, {"all"}, {"admin"}}

// Get asks the API for one resource with who's token: path is below /api, such as "Agent/me". A refusal is a page with
// its status. An error means that no answer came, or that there is no token.
func Get(ctx context.Context, s *probes.Session, who Who, path string, query url.Values) (wire.Page, error) {
	w := probes.Local[wallet](s)
	if who == Admin {
		if _, err := AdminLogin(ctx, s); err != nil {
			return wire.Page{}, err
		}
	}
	ask := wire.Request{Method: http.MethodGet, URL: URL(s, path, query)}
	token := w.token(who)
	if token == nil {
		return wire.Page{}, &probes.Unobserved{Cause: probes.NotObserved, Because: "there is no token to ask with"}
	}
	ask.Bearer = token.SetAuthHeader
	page, err := s.Net.Fetch(ctx, ask)
	if err != nil || !outlived(s, token, page) {
		return page, err
	}
	if token = w.renew(ctx, s, who, token); token == nil {
		return page, nil
	}
	ask.Bearer = token.SetAuthHeader
	again, err := s.Net.Fetch(ctx, ask)
	again.Tries += page.Tries
	return again, err
}

// OneRow asks with the integration's token for a list, and for one row of it at most: who may read it and how many rows
// there are is all that is wanted. Each list is asked for once in a session, whoever wants to know.
func OneRow(ctx context.Context, s *probes.Session, path string) (wire.Page, error) {
	rows := probes.Local[oneRows](s)
	rows.mu.Lock()
	once := rows.of[path]
	if once == nil {
		once = sync.OnceValues(func() (wire.Page, error) {
			return Get(ctx, s, Integration, path, url.Values{"pageinate": {"true"}, "page_no": {"1"}, "page_size": {"1"}})
		})
		if rows.of == nil {
			rows.of = map[string]func() (wire.Page, error){}
		}
		rows.of[path] = once
	}
	rows.mu.Unlock()
	return once()
}

// oneRows are the lists that were asked for, by path.
type oneRows struct {
	mu sync.Mutex
	of map[string]func() (wire.Page, error)
}

// outlived tells whether a call was refused because its token has expired, which HaloPSA answers with 401 or with 400
// (halo-failures §2): the answer says so, or the time that the token was given for is over.
func outlived(s *probes.Session, token *oauth2.Token, page wire.Page) bool {
	if page.Status != http.StatusUnauthorized && page.Status != http.StatusBadRequest {
		return false
	}
	return page.Expired || (!token.Expiry.IsZero() && !s.Now().Before(token.Expiry))
}

// GetAnonymously asks the API without a token; nothing secret is sent, so the server need not have proved its name.
func GetAnonymously(ctx context.Context, s *probes.Session, path string) (wire.Page, error) {
	return s.Net.Fetch(ctx, wire.Request{Method: http.MethodGet, URL: URL(s, path, nil)})
}

// URL is the address of an API resource.
func URL(s *probes.Session, path string, query url.Values) string {
	u := s.Target.Resource.JoinPath("api", path)
	u.RawQuery = query.Encode()
	return u.String()
}

// AdminLogin is what the token endpoint said to the admin credentials. The error says that they were not given, or got
// no token.
func AdminLogin(ctx context.Context, s *probes.Session) (TokenReply, error) {
	if !s.Admin.Given() {
		return TokenReply{}, &probes.Unobserved{Cause: probes.NotObserved, Because: "an application with admin rights could tell; none was given (--admin-client-id)"}
	}
	reply, err := probes.Look(ctx, s, adminLogin)
	if err == nil && !reply.Granted {
		err = &probes.Unobserved{Cause: probes.NotObserved, Because: "the admin credentials got no token: " + reply.Error}
	}
	return reply, err
}

// adminLogin gets the admin's token, when somebody first needs it.
var adminLogin = &probes.Probe[TokenReply]{
	Name: "halo.admin-login",
	Asks: "POST of the admin credentials to the token endpoint",
	Look: func(ctx context.Context, s *probes.Session) (reply TokenReply, err error) {
		for _, scopes := range adminScopes {
			if reply, err = Request(ctx, s, Admin, scopes, true); err != nil || reply.Granted {
				break
			}
		}
		return reply, err
	},
}
