package application

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/login"
)

// List is what one list answered to the integration's own token.
type List struct {
	Path   string `json:"path"`
	Status int    `json:"status"`
	Rows   *int   `json:"rows,omitempty"`   // how many there are in all; nil: the answer is no list
	Detail string `json:"detail,omitempty"` // why no answer came at all
}

// Refused tells whether the token may not ask for it. Neither 401 nor 403 says whether scope or role is why: halo-api §10.
func (l List) Refused() bool {
	return l.Status == http.StatusUnauthorized || l.Status == http.StatusForbidden
}

// String is what was seen, for a finding. A list without rows is worth a word: it is how a lack of visibility looks.
func (l List) String() string {
	switch {
	case l.Detail != "":
		return fmt.Sprintf("GET /%s gave no answer: %s", l.Path, l.Detail)
	case l.Rows == nil:
		return fmt.Sprintf("GET /%s answers status %d", l.Path, l.Status)
	case *l.Rows == 0:
		return fmt.Sprintf("GET /%s answers with no rows: either there are none, or this agent is shown none", l.Path)
	}
	return fmt.Sprintf("GET /%s answers with %d rows", l.Path, *l.Rows)
}

// ListAccess requests the lists behind the guide's scopes, by feature.
var ListAccess = &probes.Probe[map[string]List]{
	Name: "application.lists",
	Asks: "GET of one row each of the lists that the guide's scopes open: Client, ClientContract, Item, Invoice, Tickets",
	Look: func(ctx context.Context, s *probes.Session) (map[string]List, error) {
		return login.Beside(ctx, s, func() (map[string]List, error) { return lists(ctx, s, guideResources(s.Guide)) })
	},
}

// guideResources are the resources of a guide's scopes.
func guideResources(g *guide.Guide) map[string]halo.Resource {
	all := map[string]halo.Resource{}
	for _, scope := range g.Application.Scopes {
		if r, ok := halo.ResourceOf(scope.Name); ok {
			all[r.Feature] = r
		}
	}
	return all
}

func lists(ctx context.Context, s *probes.Session, wanted map[string]halo.Resource) (map[string]List, error) {
	seen := map[string]List{}
	var mu sync.Mutex
	var parts probes.Group
	var failed error
	for feature, r := range wanted {
		parts.Go(func() {
			page, err := halo.OneRow(ctx, s, r.Path)
			l := List{Path: r.Path, Status: page.Status}
			if page.Status == http.StatusOK {
				l.Rows = halo.Count(page.Body, r.Key)
			}
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
			case ctx.Err() != nil:
				failed = err
			default:
				l.Detail = wire.Describe(err) // one list that is silent says nothing of the others
			}
			seen[feature] = l
		})
	}
	parts.Wait()
	return seen, failed
}
