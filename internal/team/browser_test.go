package team_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/page/pagetest"
	"github.com/halocheck/halocheck/internal/report/browser"
	"github.com/halocheck/halocheck/internal/team"
)

// teamSeen is what the browser saw of a team's page.
type teamSeen struct {
	Complaints, Foreign, Axe, Unfit []string
	Seen                            struct {
		Empty, Broken, Before, Done, Green, Changed, Token, Home, Refused, Nobody string
		All, Past, Reader                                                         int
		Over                                                                      map[string]string
	}
}

// TestBrowser uses the pages in Chromium, by keyboard: form to broken chain and to green, links that turn green and end, what each role
// sees, on a desk and on a phone, by day and by night.
func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("it drives other processes")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	dir, chromium, err := browser.Prepare(ctx)
	if errors.Is(err, browser.ErrMissing) && os.Getenv("CI") != "true" {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	wrong, err := fakehalo.Named("old-version")
	if err != nil {
		t.Fatal(err)
	}
	fake := fakehalo.Start()
	defer fake.Close()
	fake.Set(wrong...)
	faults, err := fakehalo.Named("missing-intermediate")
	if err != nil {
		t.Fatal(err)
	}
	broken := fakehalo.Start(faults...)
	defer broken.Close()
	s, p := newLoginSite(t, team.Targets{Private: true, Ports: []uint16{portOf(fake), portOf(broken)}})
	control := http.NewServeMux()
	control.HandleFunc("POST /who", func(_ http.ResponseWriter, req *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.who = member(req.FormValue("name"), req.FormValue("group"))
	})
	control.HandleFunc("POST /mend", func(http.ResponseWriter, *http.Request) { fake.Clear() })
	control.HandleFunc("POST /days", func(_ http.ResponseWriter, req *http.Request) {
		n, _ := strconv.Atoi(req.FormValue("n"))
		s.mu.Lock()
		defer s.mu.Unlock()
		s.now = s.now.AddDate(0, 0, n)
	})
	told := httptest.NewServer(control)
	defer told.Close()
	fieldsOf := func(f *fakehalo.Server) map[string]string {
		fields := map[string]string{}
		for name, values := range pagetest.FormOf(f) {
			fields[name] = strings.ReplaceAll(strings.Join(values, "\n"), "\r", "")
		}
		return fields
	}
	input, err := json.Marshal(map[string]any{"page": s.URL + "/", "control": told.URL, "broken": fieldsOf(broken), "fields": fieldsOf(fake)})
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"team.mjs", chromium}
	if pictures := os.Getenv("HALOCHECK_PICTURES"); pictures != "" {
		args = append(args, pictures)
	}
	node := exec.CommandContext(ctx, "node", args...)
	var says bytes.Buffer
	node.Dir, node.Stdin, node.Stderr = dir, bytes.NewReader(input), &says
	out, err := node.Output()
	if err != nil {
		t.Fatal(err, says.String())
	}
	var o teamSeen
	if err := json.Unmarshal(out, &o); err != nil {
		t.Fatal(err)
	}
	for what, list := range map[string][]string{"the browser complains": o.Complaints, "somebody else is asked": o.Foreign, "axe-core": o.Axe, "unfit": o.Unfit} {
		if len(list) > 0 {
			t.Errorf("%s:\n%s", what, strings.Join(list, "\n"))
		}
	}
	over := "This link does not work any more. Ask whoever sent it for a new one."
	for what, c := range map[string]struct{ got, want string }{
		"the empty list":        {o.Seen.Empty, "There is no customer yet."},
		"a broken chain":        {o.Seen.Broken, "The server does not send the intermediate certificate"},
		"before a step":         {o.Seen.Before, "0 of 1 step is done."},
		"after it":              {o.Seen.Done, "This is done."},
		"green":                 {o.Seen.Green, "The connection meets the guide"},
		"what changed":          {o.Seen.Changed, "Nothing got worse since the check before"},
		"the token":             {o.Seen.Token, "hcd_"},
		"a viewer's home":       {o.Seen.Home, "/customers"},
		"what a viewer may not": {o.Seen.Refused, "You are logged in with the role viewer, and this needs the role admin"},
		"who is no member":      {o.Seen.Nobody, "None of your groups may open this page"},
	} {
		if !strings.Contains(c.got, c.want) {
			t.Errorf("%s: %q, want %q", what, c.got, c.want)
		}
	}
	if got := slices.Sorted(maps.Keys(o.Seen.Over)); !slices.Equal(got, []string{"expired", "latest", "one"}) {
		t.Error("links that ended:", got)
	}
	for name, got := range o.Seen.Over {
		if got != over {
			t.Errorf("the link, %s: %q", name, got)
		}
	}
	if o.Seen.All != 0 || o.Seen.Past != 3 || o.Seen.Reader != 0 {
		t.Errorf("steps that are left: %d, past outcomes: %d, forms for a viewer: %d", o.Seen.All, o.Seen.Past, o.Seen.Reader)
	}
}
