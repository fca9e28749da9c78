package page

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/page/pagetest"
)

// shownKeys are the keys of a report whose texts are another's: an instance's, a certificate's, a guide's, or who wrote the file's.
var shownKeys = []string{"because", "says", "do", "where", "name", "edition", "section", "item", "label", "guide", "value", "field", "manual", "gaps", "after_change", "attested", "subject", "issuer", "common_name", "version", "tenant"}

// withForeign is a report in which each text of another has [pagetest.Foreign] at its end; n counts them.
func withForeign(v any, key string, n *int) any {
	switch v := v.(type) {
	case map[string]any:
		for k, own := range v {
			v[k] = withForeign(own, k, n)
		}
	case []any:
		for i, own := range v {
			v[i] = withForeign(own, key, n)
		}
	case string:
		if slices.Contains(shownKeys, key) && v != "" {
			*n++
			return v + pagetest.Foreign
		}
	}
	return v
}

// TestForeignText: what an instance, a certificate, a guide or a file says is text on every page.
func TestForeignText(t *testing.T) {
	s := newSite(t, nil)
	server := startFake(t, "missing-intermediate")
	form := formOf(server)
	form["guide"] = []string{"mspcentric", "hudu", "thread"}
	path := s.Post("/runs", form)
	s.Done(path)
	_, saved := s.get(path + "/report/json")
	var whole map[string]any
	if err := json.Unmarshal([]byte(saved), &whole); err != nil {
		t.Fatal(err)
	}
	n := 0
	changed, err := json.Marshal(withForeign(whole, "", &n))
	if err != nil || n < 100 {
		t.Fatal(n, err)
	}
	_, refused, at := s.upload(map[string][]byte{"a.json": changed})
	if at == "" {
		t.Fatal(refused[strings.Index(refused, "<main"):])
	}
	for _, part := range []string{"", "/hand-over", "/letter"} {
		_, body := s.get(at + part)
		if !strings.Contains(body, "&lt;x-foreign") {
			t.Errorf("%q does not show it", part)
		}
		pagetest.CheckMarkup(t, part, body)
	}
	_, body, _ := s.upload(map[string][]byte{"a.json": []byte(saved), "b.json": changed})
	pagetest.CheckMarkup(t, "compare", body)
	_, body, _ = s.upload(map[string][]byte{pagetest.Foreign + ".json": []byte("{")})
	pagetest.CheckMarkup(t, "a file that is none", body)
	for _, row := range s.page.formTable() {
		_, body := s.get(s.Post("/runs", url.Values{"url": {"moon://"}, row.Name: {pagetest.Foreign}}))
		pagetest.CheckMarkup(t, row.Name, body)
	}
	for _, path := range []string{"/", "/saved", "/r/" + url.PathEscape(pagetest.Foreign), "/?draft=" + url.QueryEscape(pagetest.Foreign), "/" + url.PathEscape(pagetest.Foreign)} {
		_, body := s.get(path)
		pagetest.CheckMarkup(t, path, body)
	}
	live := startFake(t)
	form = formOf(live)
	form.Set("tenant", pagetest.Foreign)
	form.Set("team", pagetest.Foreign)
	path = s.Post("/runs", form)
	s.Stream(path, "", func(kind, data string) bool {
		var parts []part
		if kind == "rows" && json.Unmarshal([]byte(data), &parts) == nil {
			for _, p := range parts {
				pagetest.CheckMarkup(t, "the event of "+p.ID, p.HTML)
			}
		}
		return kind == "reload"
	})
	pagetest.CheckMarkup(t, "a check", s.Done(path))
}
