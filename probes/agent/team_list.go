package agent

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/login"
)

// TeamList is the list of teams as one token is shown it.
type TeamList struct {
	halo.Answer
	Teams []halo.Team `json:"-"` // kept in TeamVisibility
	Shown bool        `json:"shown,omitempty"`
	Whole bool        `json:"whole,omitempty"` // as many teams came as the list says that it has
}

// Reading implements [probes.Evidence].
func (l TeamList) Reading() probes.Reading { return l.Read(l.Shown) }

// teamList reads the list of teams with the integration's token.
var teamList = &probes.Probe[TeamList]{
	Name: "agent.team-list",
	Asks: "GET /api/Team",
	Look: func(ctx context.Context, s *probes.Session) (TeamList, error) {
		return login.Beside(ctx, s, func() (TeamList, error) { return getTeams(ctx, s, halo.Integration) })
	},
}

// teamPage and maxPages bound how a long list is read: HaloPSA gives at most 100 rows a page (halo-api §9).
const (
	teamPage = 100
	maxPages = 50
)

// getTeams reads the list of teams with one identity's token, page after page where the first answer is not all of it. The
// error says that there is no token to ask with, or that the run is over.
func getTeams(ctx context.Context, s *probes.Session, who halo.Identity) (TeamList, error) {
	l, total, err := onePage(ctx, s, who, url.Values{"showall": {"true"}})
	for page := 1; err == nil && l.Shown && len(l.Teams) < total && page <= maxPages; page++ {
		query := url.Values{"showall": {"true"}, "pageinate": {"true"}, "page_no": {strconv.Itoa(page)}, "page_size": {strconv.Itoa(teamPage)}}
		more, _, failed := onePage(ctx, s, who, query)
		if failed != nil || !more.Shown || len(more.Teams) == 0 {
			break
		}
		known := len(l.Teams)
		for _, team := range more.Teams {
			if !slices.Contains(l.Teams, team) {
				l.Teams = append(l.Teams, team)
			}
		}
		if page > 1 && len(l.Teams) == known {
			break // the server repeats a page: halo-live §5
		}
	}
	l.Whole = l.Shown && len(l.Teams) >= total
	return l, err
}

// onePage reads one page of it; total is how many teams the list says that it has.
func onePage(ctx context.Context, s *probes.Session, who halo.Identity, query url.Values) (l TeamList, total int, err error) {
	page, err := halo.Get(ctx, s, who, "Team", query)
	if err != nil && (ctx.Err() != nil || page.Status == 0 && isUnobserved(err)) {
		return l, 0, err
	}
	l.Answer = halo.NewAnswer("Team", page, err)
	if page.Status == http.StatusOK {
		_, total, l.Shown = halo.Count(page.Body, "teams")
		l.Teams = halo.DecodeTeams(halo.Rows(page.Body, "teams"))
	}
	return l, total, nil
}
