package team_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/store"
	"github.com/halocheck/halocheck/internal/team"
)

// newFilledSite is a site behind a log-in, on which kim, an engineer, checked a fake twice and made links, and ada an admin.
func newFilledSite(t *testing.T) (people map[string]*site, customer string) {
	t.Helper()
	wrong, err := fakehalo.Named("old-version")
	if err != nil {
		t.Fatal(err)
	}
	fake := fakehalo.Start()
	fake.Set(wrong...)
	t.Cleanup(fake.Close)
	s, p := newLoginSite(t, team.Targets{Private: true, Ports: []uint16{portOf(fake)}})
	people = map[string]*site{}
	people["viewer"], _, _ = s.as(p, member("vi", "desk"))
	people["engineer"], _, _ = s.as(p, member("kim", "support"))
	people["admin"], _, _ = s.as(p, member("ada", "it"))
	kim := people["engineer"]
	kim.check(fake)
	fake.Clear()
	kim.check(fake)
	customer = customerPath.FindString(kim.Get("/customers"))
	for _, audience := range []string{"customer", "engineer"} {
		kim.Do(http.MethodPost, customer+"/links", url.Values{"audience": {audience}})
	}
	people["admin"].Do(http.MethodPost, "/tokens", url.Values{"name": {"button"}, "days": {"9"}, "scope": {"runs:read"}})
	return people, customer
}

// permissions finds the least role of who may send a request.
type permissions struct {
	mux   *http.ServeMux
	least map[string]team.Role
}

func permissionsOf(s *site) permissions {
	p := permissions{http.NewServeMux(), s.team.Access()}
	for pattern := range p.least {
		p.mux.Handle(pattern, http.NotFoundHandler())
	}
	return p
}

func (p permissions) of(t *testing.T, method, path string) team.Role {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, pattern := p.mux.Handler(req)
	if pattern == "/" || pattern == "" {
		t.Errorf("%s %s leads nowhere", method, path)
	}
	return p.least[pattern]
}

// TestPagesAsEachRoleSeesThem follows every link that each role is shown: it leads somewhere, no form is shown that this role may not
// send, and each page has a title, one heading, labels for its fields and a zone with each time.
func TestPagesAsEachRoleSeesThem(t *testing.T) {
	people, customer := newFilledSite(t)
	may := permissionsOf(people["admin"])
	for role, least := range map[string]int{"viewer": 8, "engineer": 10, "admin": 12} {
		s := people[role]
		own := map[string]team.Role{"viewer": team.Viewer, "engineer": team.Engineer, "admin": team.Admin}[role]
		seen, open := map[string]bool{}, []string{"/customers", customer + "/changes", "/customers?q=nobody"}
		for len(open) > 0 {
			path := open[0]
			open = open[1:]
			if path, _, _ = strings.Cut(path, "#"); path == "" || seen[path] {
				continue
			}
			seen[path] = true
			status, body, header := s.Do(http.MethodGet, path, nil)
			if at := header.Get("Location"); status == http.StatusSeeOther {
				open = append(open, at)
				continue
			}
			if status != http.StatusOK {
				t.Errorf("%s is shown a link to %s, which answers %d", role, path, status)
			}
			if strings.HasPrefix(header.Get("Content-Type"), "text/html") {
				links, forms := readPage(t, role+", "+path, body)
				open = append(open, links...)
				for _, action := range forms {
					if needs := may.of(t, http.MethodPost, action); needs > own && !strings.HasPrefix(action, "/customers") {
						t.Errorf("%s is shown the form %s on %s, which needs %s", role, action, path, needs)
					}
				}
			}
		}
		if len(seen) < least {
			t.Errorf("%s got to %d pages alone: %v", role, len(seen), seen)
		}
		for path, wanted := range map[string]int{"/r/none": http.StatusNotFound, "/kept/none": http.StatusNotFound, "/c/none": http.StatusNotFound, "/none": http.StatusNotFound, "/audit": map[bool]int{true: http.StatusOK, false: http.StatusForbidden}[role == "admin"]} {
			status, body, _ := s.Do(http.MethodGet, path, nil)
			if readPage(t, role+", "+path, body); status != wanted {
				t.Errorf("%s as %s: %d, want %d", path, role, status, wanted)
			}
		}
	}
}

var clockTime = regexp.MustCompile(`(?:^|[\s(])\d{1,2}:\d\d(:\d\d)?\b( [A-Z]{2,5}| [+-]\d{2,4})?`)

// readPage looks at a page, and returns where its links and its POST forms lead.
func readPage(t *testing.T, where, body string) (links, forms []string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(where, err)
	}
	title, headings, labelled, ids := "", 0, map[string]bool{}, map[string]bool{}
	attribute := func(n *html.Node, key string) string {
		for _, a := range n.Attr {
			if a.Key == key {
				return a.Val
			}
		}
		return ""
	}
	inside := func(n *html.Node, name string) bool {
		for p := n.Parent; p != nil; p = p.Parent {
			if p.Data == name {
				return true
			}
		}
		return false
	}
	var fields []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.TextNode && !inside(n, "script") && !inside(n, "style") && !inside(n, "code") && !inside(n, "pre") {
			if at := clockTime.FindStringSubmatch(n.Data); at != nil && at[2] == "" {
				t.Errorf("%s: a time has no zone: %q", where, n.Data)
			}
		}
		if n.Type != html.ElementNode {
			continue
		}
		if id := attribute(n, "id"); id != "" {
			if ids[id] {
				t.Errorf("%s: two elements are called %s", where, id)
			}
			ids[id] = true
		}
		switch n.Data {
		case "title":
			title = n.FirstChild.Data
		case "h1":
			headings++
		case "label":
			labelled[attribute(n, "for")] = true
		case "input", "select", "textarea":
			if kind := attribute(n, "type"); kind != "hidden" && kind != "submit" && !inside(n, "label") {
				fields = append(fields, n)
			}
		case "a":
			if to := attribute(n, "href"); strings.HasPrefix(to, "/") {
				links = append(links, to)
			} else if anchor, ok := strings.CutPrefix(to, "#"); ok && !strings.Contains(body, `id="`+anchor+`"`) {
				t.Errorf("%s: the link %s leads nowhere", where, to)
			}
		case "form":
			if strings.EqualFold(attribute(n, "method"), "post") {
				forms = append(forms, attribute(n, "action"))
			}
		case "button":
			if n.FirstChild == nil {
				t.Errorf("%s: a button has no words", where)
			}
		}
	}
	if strings.TrimSpace(title) == "" || title == "halocheck" || headings != 1 {
		t.Errorf("%s: the title is %q, and there are %d main headings", where, title, headings)
	}
	for _, f := range fields {
		if id := attribute(f, "id"); (id == "" || !labelled[id]) && attribute(f, "aria-label") == "" {
			t.Errorf("%s: the field %s has no label", where, attribute(f, "name"))
		}
	}
	return links, forms
}

// TestAKeptRunKeepsItsAddress: whoever got the address of a check finds it after the server began anew, and opening it often takes
// nothing else from the page.
func TestAKeptRunKeepsItsAddress(t *testing.T) {
	fake := fakehalo.Start()
	defer fake.Close()
	s := newSite(t, team.Targets{Private: true, Ports: []uint16{portOf(fake)}})
	s.check(fake)
	kept := runPath.FindString(s.Get(customerPath.FindString(s.Get("/customers"))))
	id := strings.TrimPrefix(kept, "/kept/")
	var at string
	for range 100 { // more than the page keeps checks
		_, _, header := s.Do(http.MethodGet, kept, nil)
		if at != "" && header.Get("Location") != at {
			t.Fatal("it is at", header.Get("Location"), "and was at", at)
		}
		at = header.Get("Location")
	}
	if body := s.Get("/r/" + id); !strings.Contains(body, "Ask everything again") {
		t.Error("the check itself was forgotten:", body)
	}
	later := newSiteWith(t, team.Targets{}, func(_ string, o *team.Options) { o.Store = reopened(t, s.database) })
	for _, path := range []string{"/r/" + id, at} {
		status, body, header := later.Do(http.MethodGet, path, nil)
		if status != http.StatusSeeOther || header.Get("Location") != kept {
			t.Errorf("%s on a server that began anew: %d %s %s", path, status, header.Get("Location"), body)
		}
	}
	if status, body, _ := later.Do(http.MethodGet, "/r/none", nil); status != http.StatusNotFound || !strings.Contains(body, "not kept any more") {
		t.Error(status, body)
	}
}

// TestLinksToOneRun: a link to one check shows that one whatever comes later, and ends alone.
func TestLinksToOneRun(t *testing.T) {
	people, customer := newFilledSite(t)
	kim := people["engineer"]
	runs := runPath.FindAllString(kim.Get(customer), -1)
	first := strings.TrimPrefix(runs[len(runs)-1], "/kept/")
	_, body, _ := kim.Do(http.MethodPost, customer+"/links", url.Values{"audience": {"engineer"}, "run": {first}})
	one := linkAddress.FindString(body)
	_, body, _ = kim.Do(http.MethodPost, customer+"/links", url.Values{"audience": {"engineer"}})
	latest := linkAddress.FindString(body)
	const old = "<h1>HaloPSA lacks a security fix</h1>"
	if got := kim.Get(one); !strings.Contains(got, old) {
		t.Error("the link to the first check shows", got)
	}
	if got := kim.Get(latest); strings.Contains(got, old) {
		t.Error("the link to the latest check shows", got)
	}
	for _, other := range []string{"none", strings.TrimPrefix(customer, "/c/")} {
		if status, _, _ := kim.Do(http.MethodPost, customer+"/links", url.Values{"run": {other}}); status != http.StatusNotFound {
			t.Error("a link to", other, status)
		}
	}
	revoke := regexp.MustCompile(`action="(/c/\w+/links/\w+/revoke)"[^>]*><span>For an engineer, to the check of`).FindStringSubmatch(kim.Get(customer))
	if revoke == nil {
		t.Fatal("it is not listed:", kim.Get(customer))
	}
	kim.Post(revoke[1], nil)
	if status, _, _ := kim.Do(http.MethodGet, one, nil); status != http.StatusNotFound {
		t.Error("it was revoked, and answers", status)
	}
	kim.Get(latest)
}

// TestWhatWasTypedStays: a form that is refused is shown again with what was typed, and says what is wrong.
func TestWhatWasTypedStays(t *testing.T) {
	people, customer := newFilledSite(t)
	ada, long := people["admin"], strings.Repeat("long name ", 30)
	for _, c := range []struct {
		path         string
		form         url.Values
		wants, hides []string
	}{
		{"/tokens", url.Values{"name": {"my button"}, "days": {"many"}, "scope": {"runs:write"}}, []string{`value="my button"`, `value="many"`, `value="runs:write" checked`, "from 1 to 366"}, nil},
		{"/tokens", url.Values{"name": {""}, "days": {"7"}, "scope": {"runs:read"}}, []string{`value="7"`, `value="runs:read" checked`, "what the token is for"}, nil},
		{"/tokens", url.Values{"name": {"my button"}, "days": {"7"}}, []string{`value="my button"`, "Choose something"}, nil},
		{"/tokens", url.Values{"name": {typedSecret}, "days": {"7"}, "scope": {"runs:read"}}, []string{"that are no secret"}, []string{typedSecret}},
		{customer + "/name", url.Values{"name": {long}}, []string{strings.TrimSpace(long), "was not renamed"}, nil},
		{customer + "/name", url.Values{"name": {" "}}, []string{"was not renamed"}, nil},
		{customer + "/name", url.Values{"name": {typedSecret}}, []string{"was not renamed"}, []string{typedSecret}},
	} {
		status, body, _ := ada.Do(http.MethodPost, c.path, c.form)
		readPage(t, c.path, body)
		for _, want := range c.wants {
			if status != http.StatusUnprocessableEntity || !strings.Contains(body, want) {
				t.Errorf("%s %v: %d, no %q in %s", c.path, c.form, status, want, body)
			}
		}
		for _, hidden := range c.hides {
			if strings.Contains(body, hidden) {
				t.Errorf("%s shows what may be a secret", c.path)
			}
		}
	}
	if audit := ada.Get("/audit"); strings.Contains(audit, "renamed") {
		t.Error("what was refused is in the audit log:", audit)
	}
	// A customer that is gone is named no more, and no line leads to it.
	ada.Post(customer+"/delete", nil)
	if audit := ada.Get("/audit"); strings.Contains(audit, customer) || !strings.Contains(audit, "not kept any more") {
		t.Error(audit)
	}
}

const typedSecret = "a3f1c2d4-1111-4222-8333-444455556666-b3f1c2d4-1111-4222-8333-444455556666"

// TestACustomersPageOfABrokenDatabase leads nowhere else: who has a link alone is not shown the team's pages.
func TestACustomersPageOfABrokenDatabase(t *testing.T) {
	var kept *store.Store
	s := newSiteWith(t, team.Targets{}, func(_ string, o *team.Options) { kept = o.Store })
	if err := kept.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/l/" + strings.Repeat("A", 26), "/l/x/events"} {
		status, body, _ := s.Do(http.MethodGet, path, nil)
		if readPage(t, path, body); status != http.StatusInternalServerError || strings.Contains(body, "<nav") || !strings.Contains(body, "Try again in a minute") {
			t.Error(path, status, body)
		}
	}
	if status, body, _ := s.Do(http.MethodGet, "/customers", nil); status != http.StatusInternalServerError || !strings.Contains(body, "the owner of this server") {
		t.Error(status, body)
	}
}
