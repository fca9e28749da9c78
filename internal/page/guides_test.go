package page

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// formParts are the fields that a form shows at once, and those behind "More settings".
func formParts(body string) (main, more string) {
	main, more, _ = strings.Cut(body, "<summary>More settings")
	return main, more
}

var chosenBoxes = regexp.MustCompile(`<input type="checkbox" name="guide" value="([a-z0-9-]+)" checked>`)

// chosen are the guides that a form is of: the first one, then those that are ticked.
func chosen(body string) string {
	names := regexp.MustCompile(`<option value="([a-z0-9-]+)" selected>`).FindStringSubmatch(body)[1]
	for _, m := range chosenBoxes.FindAllStringSubmatch(body, -1) {
		names += " " + m[1]
	}
	return names
}

// TestGuide: the guide decides which fields the form shows at once and in which form they are typed, keeps what was typed, and is what
// is judged by. No file is read by its name.
func TestGuide(t *testing.T) {
	s := newSite(t, nil)
	form := url.Values{"guide": {"huntress"}, "url": {"https://acme.halopsa.com"}, "client-id": {mailID}, secretSetting: {mailKey}}
	where := s.Post("/guide", form)
	_, body := s.get(where)
	main, more := formParts(body)
	for _, want := range []string{`<option value="huntress" selected>`, "only the host is typed", "https://acme.halopsa.com", mailID, "One is kept from before"} {
		if !strings.Contains(main, want) {
			t.Errorf("%q is not in the form:\n%s", want, main[strings.Index(main, "<main"):])
		}
	}
	if strings.Contains(main, `name="tenant"`) || !strings.Contains(more, `name="tenant"`) {
		t.Error("the Tenant, which this vendor's form does not have, is asked for at once")
	}
	server := startFake(t)
	form = formOf(server)
	form.Set("guide", "huntress")
	path := s.Post("/runs", form)
	s.Done(path)
	if _, report := s.get(path + "/report/text"); !strings.Contains(report, "Huntress") {
		t.Errorf("it is judged by another guide:\n%.1500s", report)
	}
}

// TestChosenGuides: which guides a form is of by what was sent; a name that is none counts for nothing, and no file is read by it.
func TestChosenGuides(t *testing.T) {
	s := newSite(t, nil)
	for _, c := range []struct {
		sent []string
		want string
	}{
		{[]string{"hudu", "huntress"}, "hudu huntress"},
		{[]string{"hudu,huntress"}, "hudu huntress"},
		{[]string{"HUDU", "hudu", "huntress\r\nhudu"}, "hudu huntress"},
		{[]string{"huntress", "../../../etc/passwd", "huntress.yaml"}, "huntress"},
		{[]string{"guides_test.go"}, "mspcentric"},
		{[]string{"nobody", ""}, "mspcentric"},
		{nil, "mspcentric"},
	} {
		for _, to := range []string{"/guide", "/fill"} {
			if _, body := s.get(s.Post(to, url.Values{"guide": c.sent, "text": {"Tenant: acme"}})); chosen(body) != c.want {
				t.Errorf("%s with %q: %q, want %q", to, c.sent, chosen(body), c.want)
			}
		}
	}
	if _, body := s.get(s.Post("/guide", url.Values{"guide": {"all"}})); len(strings.Fields(chosen(body))) < 20 {
		t.Errorf("all guides are %s", chosen(body))
	}
	many := url.Values{"guide": {strings.Repeat("x,", maxForm/3)}} // costs no time
	if _, body := s.get(s.Post("/guide", many)); chosen(body) != "mspcentric" {
		t.Errorf("many names: %s", chosen(body))
	}
}

// TestSeveralGuides: the form has the fields that one of the guides asks for, and says what each wants; the check, its page, the
// letter, the ticket and a comparison tell of each guide, and name those that ask for a finding.
func TestSeveralGuides(t *testing.T) {
	s := newSite(t, nil)
	_, body := s.get(s.Post("/guide", url.Values{"guide": {"huntress", "hudu"}, "hosting": {"auto"}, "aia": {"on"}, "profile": {"billing", "alerts"}}))
	main, _ := formParts(body)
	for _, want := range []string{`name="auth-url"`, `name="tenant"`, "Huntress: There only the host is typed.", "Hudu: The guide wants no slash at the end.", "More guides in the same check: 1 chosen"} {
		if !strings.Contains(main, want) {
			t.Errorf("%q is not in the form:\n%s", want, main[strings.Index(main, "<main"):])
		}
	}
	if strings.Contains(body, `<details class="more" open>`) {
		t.Error("further settings are shown, and none has another value than at first")
	}
	if _, body := s.get(s.Post("/guide", url.Values{"guide": {"hudu"}, "hosting": {"hosted"}})); !strings.Contains(body, `<details class="more" open>`) {
		t.Error("a setting that was changed is hidden")
	}
	server := startFake(t)
	form := formOf(server)
	one := s.Post("/runs", form)
	s.Done(one)
	form["guide"] = []string{"mspcentric", "hudu"} // one wants a slash at the end of a URL, the other none
	path := s.Post("/runs", form)
	body = s.Done(path)
	_, letter := s.get(path + "/letter")
	_, handOver := s.get(path + "/hand-over")
	_, before := s.get(one + "/report/json")
	_, after := s.get(path + "/report/json")
	_, changes, _ := s.upload(map[string][]byte{"a.json": []byte(before), "b.json": []byte(after)})
	_, list := s.get("/")
	for name, c := range map[string]struct {
		text  string
		wants []string
	}{
		"the page":   {body, []string{"Guide by guide", "</span> MSPCentric</h3>\n<p>Conformant</p>", "</span> Hudu</h3>\n<p>Not conformant; fix first: login.auth-url-slash", "Hudu: "}},
		"the letter": {letter, []string{"<li>MSPCentric: has everything it needs.</li>", "<li>Hudu: isn&#39;t working yet; to change: 1, 2.</li>", "Asked for by Hudu."}},
		"hand over":  {handOver, []string{"MSPCentric: has everything it needs.", "Hudu: isn&#39;t working yet; to change: 1, 2.", "MSPCentric: conformant\n", "Hudu: not conformant; fix first: login.auth-url-slash", "For: Hudu."}},
		"compare":    {changes, []string{"<strong>MSPCentric</strong>: conformant, as before", "<strong>Hudu</strong>: not judged → not-conformant", "for Hudu<br>not there → fail (unwanted_slash)"}},
		"the list":   {list, []string{"MSPCentric, Hudu"}},
	} {
		for _, want := range c.wants {
			if !strings.Contains(c.text, want) {
				t.Errorf("%s: %q is not there:\n%s", name, want, c.text[max(strings.Index(c.text, "<main"), 0):])
			}
		}
	}
	s.Post(path+"/again", url.Values{"id": {"login.auth-url-slash"}})
	if again := s.Done(path); !strings.Contains(again, "</span> Hudu</h3>\n<p>Not conformant") || !strings.Contains(again, "</span> MSPCentric</h3>\n<p>Conformant</p>") {
		t.Errorf("asked again, it is judged by other guides:\n%s", again[strings.Index(again, "<main"):])
	}
	for format, want := range map[string]string{"short": "Hudu: not conformant", "markdown": "Hudu", "junit": "Hudu", "csv": "Hudu"} {
		if status, text := s.get(path + "/report/" + format); status != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("%s: %d, without %q:\n%s", format, status, want, text)
		}
	}
}
