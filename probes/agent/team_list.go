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
		return login.AskWithToken(ctx, s, func() (TeamList, error) { return getTeams(ctx, s, halo.Integration) })
	},
}

// Bounds on how a long list is read. HaloPSA gives at most 100 rows a page, and 50 where nobody asks for more: halo-api §9,
// halo-failures §2.5.
const (
	teamPage = 100
	fullPage = 50
	maxPages = 50
)

// getTeams reads the list of teams with one identity's token, page after page where the first answer is not all of it. The
// error says that there is no token to ask with, or that the run is over.
func getTeams(ctx context.Context, s *probes.Session, who halo.Identity) (TeamList, error) {
	l, total, err := onePage(ctx, s, who, url.Values{"showall": {"true"}})
	rows := len(l.Teams)
	l.Teams = distinct(nil, l.Teams)
	if total < 0 && (rows == 0 || rows%fullPage != 0) {
		total = len(l.Teams) // it does not say how many there are, and ends where no page does
	}
	ended := false
	for page := 1; err == nil && l.Shown && (total < 0 || len(l.Teams) < total) && page <= maxPages; page++ {
		query := url.Values{"showall": {"true"}, "pageinate": {"true"}, "page_no": {strconv.Itoa(page)}, "page_size": {strconv.Itoa(teamPage)}}
		more, _, failed := onePage(ctx, s, who, query)
		if failed != nil || !more.Shown {
			break
		}
		if ended = len(more.Teams) == 0; ended {
			break
		}
		known := len(l.Teams)
		if l.Teams = distinct(l.Teams, more.Teams); page > 1 && len(l.Teams) == known {
			break // the server repeats a page: halo-live §5
		}
	}
	l.Whole = l.Shown && (total >= 0 && len(l.Teams) >= total || total < 0 && ended)
	return l, err
}

// distinct adds teams that are not known yet.
func distinct(known, more []halo.Team) []halo.Team {
	for _, team := range more {
		if !slices.Contains(known, team) {
			known = append(known, team)
		}
	}
	return known
}

// onePage reads one page of it; total is how many teams the list says that it has, negative where it does not say, or says fewer than came.
func onePage(ctx context.Context, s *probes.Session, who halo.Identity, query url.Values) (l TeamList, total int, err error) {
	page, err := halo.Get(ctx, s, who, "Team", query)
	if err != nil && (ctx.Err() != nil || page.Status == 0 && isUnobserved(err)) {
		return l, 0, err
	}
	l.Answer = halo.NewAnswer("Team", page, err)
	if page.Status == http.StatusOK {
		rows := halo.Rows(page.Body, "teams")
		l.Teams, l.Shown = halo.DecodeTeams(rows), rows != nil
		if n, ok := halo.RecordCount(page.Body); ok && n >= len(rows) {
			return l, n, nil
		}
		return l, -1, nil
	}
	return l, total, nil
}
