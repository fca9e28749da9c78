package application

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/login"
)

// List is what one list answered to the integration's own token. Whether it was read is for Reading to say: a status, or a
// number that the list gives of itself, is no row that came.
type List struct {
	halo.Answer
	Rows *int `json:"rows,omitempty"` // how many the list says that it has; nil: the answer is no list
	Came *int `json:"came,omitempty"` // how many rows came, of the one that was asked for; nil in older reports
}

// Reading implements [probes.Evidence].
func (l List) Reading() probes.Reading {
	r := l.Read(l.Rows != nil)
	if l.Earlier == 0 && (l.Status == http.StatusBadRequest || l.Status == http.StatusNotFound) { // halo-failures §2.4
		r.Because += ": the module may be switched off"
	}
	return r
}

// String is what was seen, for a finding. A list without rows is worth a word: a lack of visibility looks so.
func (l List) String() string {
	if r := l.Reading(); r.State != probes.Shown {
		return r.Because
	}
	switch {
	case l.Came != nil && *l.Came == 0 && *l.Rows > 0:
		return fmt.Sprintf("GET /%s gave no row, though its record_count is %d", l.Path, *l.Rows)
	case *l.Rows == 0:
		return fmt.Sprintf("GET /%s answers with no rows: either there are none, or this agent is shown none", l.Path)
	}
	if l.Came != nil && *l.Came < *l.Rows {
		return fmt.Sprintf("GET /%s answers with %s of %d", l.Path, count(*l.Came), *l.Rows)
	}
	return fmt.Sprintf("GET /%s answers with %s", l.Path, count(*l.Rows))
}

func count(rows int) string {
	if rows == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", rows)
}

// ListAccess requests the lists behind the guide's scopes, by feature.
var ListAccess = &probes.Probe[map[string]List]{
	Name: "application.lists",
	Asks: "GET of one row each of the lists that the guide's scopes open: Client, ClientContract, Item, Invoice, Tickets",
	Look: func(ctx context.Context, s *probes.Session) (map[string]List, error) {
		return login.AskWithToken(ctx, s, func() (map[string]List, error) { return lists(ctx, s, guideResources(s.Guide)) })
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
			l := List{Answer: halo.NewAnswer(r.Path, page, err)} // one list that is silent says nothing of the others
			if came, total, ok := halo.Count(page.Body, r.Key); ok && page.Status == http.StatusOK {
				l.Rows, l.Came = &total, &came
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil && ctx.Err() != nil {
				failed = err
			}
			seen[feature] = l
		})
	}
	parts.Wait()
	return seen, failed
}
