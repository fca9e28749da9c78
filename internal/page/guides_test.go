package page

import (
	"net/url"
	"strings"
	"testing"
)

// TestGuide: the guide decides which fields the form shows at once and in which form they are typed, keeps what was typed, and is what
// is judged by. No file is read by its name.
func TestGuide(t *testing.T) {
	s := newSite(t, nil)
	form := url.Values{"guide": {"huntress"}, "url": {"https://acme.halopsa.com"}, "client-id": {mailID}, secretSetting: {mailKey}}
	where := s.post("/guide", form)
	_, body := s.get(where)
	main, more, _ := strings.Cut(body, "<summary>More settings")
	for _, want := range []string{`<option value="huntress" selected>`, "only the host is typed", "https://acme.halopsa.com", mailID, "One is kept from before"} {
		if !strings.Contains(main, want) {
			t.Errorf("%q is not in the form:\n%s", want, main[strings.Index(main, "<main"):])
		}
	}
	if strings.Contains(main, `name="tenant"`) || !strings.Contains(more, `name="tenant"`) {
		t.Error("the Tenant, which this vendor's form does not have, is asked for at once")
	}
	for _, name := range []string{"../../../etc/passwd", "guides_test.go", "", "nobody"} {
		if _, body := s.get(s.post("/guide", url.Values{"guide": {name}})); !strings.Contains(body, `<option value="mspcentric" selected>`) {
			t.Errorf("%q is not the guide that is used where none is named", name)
		}
	}
	server := startFake(t)
	form = formOf(server)
	form.Set("guide", "huntress")
	path := s.post("/runs", form)
	s.done(path)
	if _, report := s.get(path + "/report/text"); !strings.Contains(report, "Huntress") {
		t.Errorf("it is judged by another guide:\n%.1500s", report)
	}
}
