package halo

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// HaloPSA's lowest published limit, which all clients of an Authorisation host share: so many requests in any such window (halo-api §10).
const (
	RequestLimit = 300
	LimitWindow  = 5 * time.Minute
)

// adminScopes are requested in turn until one set is granted. Which of them is needed to read roles and applications is not
// documented (halo-api §7, §8, unknown 2).
var adminScopes = [][]string{{"all", "admin"}, {"all"}, {"admin"}}

// Get requests one API resource with an identity's token. path is below /api, such as "Agent/me". A refusal is a page
// with its status. An error means that no answer came, or that there is no token. A token that has expired, or that the
// answer calls invalid, is replaced once in a run.
func Get(ctx context.Context, s *probes.Session, who Identity, path string, query url.Values) (wire.Page, error) {
	return get(ctx, s, who, wire.Request{Method: http.MethodGet, URL: URL(s, path, query)}, false)
}

// GetRetryingRefusal is Get for what a requirement is accused by. A refusal is asked again: with a new token where the one in use
// opened nothing so far, and then over a new connection, since of several nodes behind one address one may refuse what
// another answers. Earlier of the page is the first status where the last one differs.
func GetRetryingRefusal(ctx context.Context, s *probes.Session, who Identity, path string, query url.Values) (wire.Page, error) {
	ask := wire.Request{Method: http.MethodGet, URL: URL(s, path, query)}
	page, err := get(ctx, s, who, ask, true)
	if err != nil || !refused(page.Status) {
		return page, err
	}
	ask.Fresh = true
	again, err := get(ctx, s, who, ask, false)
	if err != nil || again.Transient() {
		return page, nil //nolint:nilerr // the first answer stands
	}
	return again.After(page), nil
}

// get sends a request with an identity's token. With renewIdle a 401 is reason enough for a new token where this one
// opened nothing so far.
func get(ctx context.Context, s *probes.Session, who Identity, ask wire.Request, renewIdle bool) (wire.Page, error) {
	cache := probes.Local[tokenCache](s)
	if who == Admin {
		if _, err := AdminLogin(ctx, s); err != nil {
			return wire.Page{}, err
		}
	}
	token := cache.token(who)
	if token == nil {
		return wire.Page{}, &probes.Unobserved{Cause: probes.NotObserved, Because: "there is no token to ask with"}
	}
	ask.Bearer = token.SetAuthHeader
	page, err := s.Net.Fetch(ctx, ask)
	if page.Status == http.StatusOK {
		cache.works(token)
	}
	idle := renewIdle && page.Status == http.StatusUnauthorized && !cache.worked(token)
	if err != nil || !(idle || tokenExpired(s, token, page)) {
		return page, err
	}
	if token = cache.renew(ctx, s, who, token); token == nil {
		return page, nil
	}
	ask.Bearer = token.SetAuthHeader
	again, err := s.Net.Fetch(ctx, ask)
	if again.Status == http.StatusOK {
		cache.works(token)
	}
	again.Tries += page.Tries
	return again, err
}

// OneRow requests a list with the integration's token, one row at most. It shows whether the list may be read. Each list is
// requested once in a session.
func OneRow(ctx context.Context, s *probes.Session, path string) (wire.Page, error) {
	rows := probes.Local[listCache](s)
	rows.mu.Lock()
	list := rows.of[path]
	if list != nil {
		rows.mu.Unlock()
		select {
		case <-list.done:
			return list.page, list.err
		case <-ctx.Done():
			return wire.Page{}, context.Cause(ctx)
		}
	}
	list = &oneRow{done: make(chan struct{})}
	if rows.of == nil {
		rows.of = map[string]*oneRow{}
	}
	rows.of[path] = list
	rows.mu.Unlock()
	defer close(list.done)
	list.page, list.err = GetRetryingRefusal(ctx, s, Integration, path, url.Values{"pageinate": {"true"}, "page_no": {"1"}, "page_size": {"1"}})
	return list.page, list.err
}

// listCache holds the lists that were requested, by path.
type listCache struct {
	mu sync.Mutex
	of map[string]*oneRow
}

// oneRow is what a list answered; it is set once done is closed.
type oneRow struct {
	done chan struct{}
	page wire.Page
	err  error
}

// tokenExpired tells whether a call was refused because its token is no longer valid. HaloPSA answers 401 or 400
// (halo-failures §2). Either the answer says so or the token's lifetime is over.
func tokenExpired(s *probes.Session, token *oauth2.Token, page wire.Page) bool {
	if page.Status != http.StatusUnauthorized && page.Status != http.StatusBadRequest {
		return false
	}
	return page.Expired || (page.BadToken && page.Status == http.StatusUnauthorized) || (!token.Expiry.IsZero() && !s.Now().Before(token.Expiry))
}

// GetAnonymously requests an API resource without a token. Nothing secret is sent, so the server need not have proved its
// name.
func GetAnonymously(ctx context.Context, s *probes.Session, path string) (wire.Page, error) {
	return s.Net.Fetch(ctx, wire.Request{Method: http.MethodGet, URL: URL(s, path, nil)})
}

// URL is the address of an API resource.
func URL(s *probes.Session, path string, query url.Values) string {
	u := s.Base().JoinPath("api", path)
	u.RawQuery = query.Encode()
	return u.String()
}

// AdminLogin is the token endpoint's answer to the admin credentials. The error says that none were given, or that they
// got no token.
func AdminLogin(ctx context.Context, s *probes.Session) (TokenReply, error) {
	if !s.Admin.Given() {
		return TokenReply{}, &probes.Unobserved{Cause: probes.NotObserved, Because: "an application with admin rights could tell; none was given"}
	}
	reply, err := probes.Look(ctx, s, adminLogin)
	if err == nil && !reply.Granted {
		why := reply.Error
		if why == "" {
			why = fmt.Sprintf("the token endpoint answered status %d", reply.Page.Status)
		}
		err = &probes.Unobserved{Cause: probes.NotObserved, Because: "the admin credentials got no token: " + why}
	}
	return reply, err
}

// adminLogin requests the admin token when it is first needed.
var adminLogin = &probes.Probe[TokenReply]{
	Name: "halo.admin-login",
	Asks: "POST of the admin credentials to the token endpoint",
	Look: func(ctx context.Context, s *probes.Session) (reply TokenReply, err error) {
		for _, scopes := range adminScopes {
			if reply, err = RequestToken(ctx, s, Admin, scopes, true); err != nil || reply.Granted {
				break
			}
		}
		return reply, err
	},
}
