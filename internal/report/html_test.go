package report_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
)

// parsed is an HTML report as a browser reads it.
func parsed(t *testing.T, r *report.Report) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(written(t, "html", r, report.Options{})))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// attribute is an element's attribute; empty where it has none.
func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// elements are the elements of a kind, with a class where one is named, in the order of the page.
func elements(n *html.Node, kind, class string) (found []*html.Node) {
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && c.Data == kind && (class == "" || slices.Contains(strings.Fields(attribute(c, "class")), class)) {
			found = append(found, c)
		}
	}
	return found
}

// words is the text of an element, blanks folded.
func words(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestHTMLShowsEveryFinding(t *testing.T) {
	root := parsed(t, sample())
	var got []string
	for _, f := range elements(root, "li", "finding") {
		got = append(got, attribute(f, "data-status")+" "+attribute(f, "id")+" "+attribute(f, "data-who"))
	}
	want := []string{
		"pass network.resolves nobody", "pass network.allowlist nobody", "fail trust.chain network-admin", "blocked trust.consistent nobody",
		"skipped trust.tidy nobody", "fail trust.renewal network-admin", "unknown product.version network-admin", "not-applicable product.tenant nobody",
		"fail login.auth-url-slash nobody", "blocked login.token nobody", "broken login.agent nobody",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	banner := words(elements(root, "header", "banner")[0])
	if banner != "https://acme.halopsa.com The server does not send the intermediate certificate not-conformant The connection does not meet the guide. Partial: only 10 requirements checked. ✗ 1 fail – 1 recommended – 1 accepted ! 1 broken ? 1 unknown · 2 blocked ✓ 1 pass ✓ 1 vouched for – 1 not-applicable – 1 skipped" {
		t.Error(banner)
	}
	first := words(elements(root, "section", "first")[0])
	for _, part := range []string{
		"What to do first The server does not send the intermediate certificate ( trust.chain ) Seen one certificate was sent Do Mend trust.chain.",
		"Seen one certificate was sent", "Who the customer's network administrator", "Where Here > There", `Guide Requirements, 1 ("A Label")`,
		"2 more requirements wait for this: trust.consistent, login.token",
	} {
		if !strings.Contains(first, part) {
			t.Errorf("%q is not in %q", part, first)
		}
	}
}

func TestHTMLOpensWhatHasToBeRead(t *testing.T) {
	root := parsed(t, made(
		finding("network.resolves", probes.Must, probes.Passed, probes.OK, ""),
		finding("login.token", probes.Must, probes.Unknown, probes.NotObserved, "no credentials"),
		finding("login.agent", probes.Must, probes.Unknown, probes.NotObserved, "no credentials")))
	var open []string
	for _, f := range elements(root, "li", "finding") {
		if slices.ContainsFunc(elements(f, "details", "")[0].Attr, func(a html.Attribute) bool { return a.Key == "open" }) {
			open = append(open, attribute(f, "id"))
		}
	}
	if !slices.Equal(open, []string{"login.token"}) || !strings.Contains(words(root), "For the same reason as login.token") {
		t.Error(open)
	}
}

func TestHTMLDrawsTheWay(t *testing.T) {
	fail := finding("trust.chain", probes.Must, probes.Failed, probes.MissingIntermediate, "")
	pass := finding("network.resolves", probes.Must, probes.Passed, probes.OK, "")
	for name, c := range map[string]struct {
		findings []probes.Finding
		want     []string
	}{
		"broken": {
			[]probes.Finding{pass, fail, blocked("login.token", "trust.chain"), finding("product.version", probes.Must, probes.Unknown, probes.VersionHidden, ""), finding("role.clients-level", probes.Must, probes.Failed, probes.LevelTooLow, "")},
			[]string{"holds", "breaks here", "not known", "waits for what is before it", "not judged", "fails as well", "not judged"},
		},
		"remarks": {
			[]probes.Finding{pass, finding("network.allowlist", probes.Should, probes.Failed, probes.NoVantage, ""), finding("trust.chain", probes.Must, probes.Skipped, "", "")},
			[]string{"holds, with remarks", "not judged", "not judged", "not judged", "not judged", "not judged", "not judged"},
		},
	} {
		var got []string
		for _, word := range elements(elements(parsed(t, made(c.findings...)), "ol", "path")[0], "span", "word") {
			got = append(got, words(word))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// The browser refuses whatever the policy does not name: the style and the script have to be the very text it was made of.
func TestHTMLNamesItsStyleAndScriptInItsPolicy(t *testing.T) {
	root := parsed(t, sample())
	policy := ""
	for _, m := range elements(root, "meta", "") {
		if attribute(m, "http-equiv") == "Content-Security-Policy" {
			policy = attribute(m, "content")
		}
	}
	hash := func(kind string) string {
		found := elements(root, kind, "")
		if len(found) != 1 {
			t.Fatalf("%d elements %s", len(found), kind)
		}
		sum := sha256.Sum256([]byte(found[0].FirstChild.Data))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	want := "default-src 'none'; style-src " + hash("style") + "; script-src " + hash("script") + "; img-src data:; base-uri 'none'; form-action 'none'"
	if policy != want {
		t.Errorf("%s, want %s", policy, want)
	}
}

// shape is what a page is made of: every element with its attributes, values left out where they may differ.
func shape(root *html.Node) []string {
	var all []string
	for n := range root.Descendants() {
		if n.Type == html.CommentNode {
			all = append(all, "comment")
		}
		if n.Type != html.ElementNode {
			continue
		}
		line := n.Data
		for _, a := range n.Attr {
			line += " " + a.Key
		}
		all = append(all, line)
	}
	return all
}

// poison puts text into every string below v that a server, a certificate or a saved report can fill. What a finding is,
// and where it stands, stays.
func poison(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			poison(v.Elem(), text)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				poison(v.Field(i), text)
			}
		}
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			return
		}
		for i := range v.Len() {
			poison(v.Index(i), text)
		}
	case reflect.String:
		switch v.Interface().(type) {
		case probes.Status, probes.Outcome, probes.Level, probes.Cause:
		default:
			v.SetString(text + v.String()) // still told apart from the others
		}
	}
}

// chainEvidence is a broken chain whose names are the text.
func chainEvidence(t *testing.T, text string) json.RawMessage {
	t.Helper()
	cert := func(n string) map[string]any {
		return map[string]any{"der": []byte(n), "subject": text + n, "issuer": text + n + " issuer", "sha256": text + n, "key": text, "from": text, "error": ""}
	}
	raw, err := json.Marshal(map[string]any{
		"host": text, "sent": []any{cert("leaf"), cert("other")}, "path": []any{cert("leaf")}, "missing": []any{cert("ca")},
		"by": cert("by"), "cause": probes.WrongIntermediate, "server": text, text: text,
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestHTMLIsNeverLive(t *testing.T) {
	dressed := func(text string) *report.Report {
		r := sample()
		for i := range r.Findings {
			f := &r.Findings[i]
			f.Host, f.Attested, f.Waived = "h", "a", &probes.Waiver{Reason: "r", Owner: "o", Until: "u"}
			f.Remedy = &probes.Remedy{Who: "w", Do: "d To prove it: p", Where: "w"}
			f.Source = probes.Source{Guide: "g", Section: "s", Item: "i", Label: "l"}
			f.BlockedBy = "b"
		}
		r.Findings[2].Waived = nil
		r.Only = []string{"o"}
		poison(reflect.ValueOf(r), text)
		r.Findings[2].ID, r.Findings[2].Evidence = "trust.chain", text // what is drawn
		r.Evidence = map[string]json.RawMessage{text: chainEvidence(t, text)}
		r.Sum()
		return r
	}
	plain := shape(parsed(t, dressed("x")))
	for _, text := range []string{
		"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "' onmouseover='alert(1)", "--><script>alert(1)</script>", "javascript:alert(1)",
		"</style></script></title><script>alert(1)</script>", "{{.URL}}", "<!--", "\u202egnp.exe\u2066", "\x00<b>\x1b[2J\u2028\xff", "data:text/html,<script>1</script>",
	} {
		r := dressed(text)
		if diff := cmp.Diff(plain, shape(parsed(t, r))); diff != "" {
			t.Errorf("%q changes what the page is made of:\n%s", text, diff)
		}
		page := written(t, "html", r, report.Options{})
		if at := strings.IndexFunc(page, func(c rune) bool {
			return c != '\n' && c != '\t' && unicode.IsControl(c) || unicode.In(c, unicode.Bidi_Control, unicode.Zl, unicode.Zp, unicode.Cf)
		}); at >= 0 {
			t.Errorf("%q is obeyed: %q", text, page[max(0, at-40):at+10])
		}
		for n := range parsed(t, r).Descendants() {
			for _, a := range n.Attr {
				leads := a.Key == "href" && !strings.HasPrefix(a.Val, "#") && a.Val != "data:,"
				if leads || a.Key == "src" || a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("%q makes %s=%q", text, a.Key, a.Val)
				}
			}
		}
	}
}

func TestHTMLFiltersByWhatOccurs(t *testing.T) {
	root := parsed(t, sample())
	got := map[string][]string{}
	for _, s := range elements(root, "select", "") {
		for _, o := range elements(s, "option", "") {
			got[attribute(s, "name")] = append(got[attribute(s, "name")], attribute(o, "value"))
		}
	}
	want := map[string][]string{
		"area": {"", "network", "trust", "product", "login"}, "profile": {"", "all"}, "who": {"", "nobody", "network-admin"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff, slices.Sorted(maps.Keys(got)))
	}
}

// With nothing to fix first, what would settle it stands at the top; otherwise it follows the way.
func TestHTMLPutsWhatToDoFirst(t *testing.T) {
	unknown := finding("product.version", probes.Must, probes.Unknown, probes.VersionHidden, "told nowhere")
	failed := finding("trust.chain", probes.Must, probes.Failed, probes.MissingIntermediate, "one was sent")
	for name, c := range map[string]struct {
		r    *report.Report
		want string
	}{
		"incomplete":     {made(unknown), "What would settle it, and who has to act / The way to the instance / All findings / What was judged"},
		"not conformant": {made(failed, unknown), "What to do first / The way to the instance / Who has to act / All findings / What was judged"},
	} {
		var got []string
		for _, h := range elements(parsed(t, c.r), "h2", "") {
			got = append(got, words(h))
		}
		if strings.Join(got, " / ") != c.want {
			t.Errorf("%s: %s", name, strings.Join(got, " / "))
		}
	}
}
