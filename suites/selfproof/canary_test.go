package selfproof_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	reports "github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
)

// canaries are what no output may hold: the secrets that a session was given, and whatever tokens it sends.
type canaries struct {
	mu  sync.Mutex
	all map[string]bool
}

// watched hears what a session sends. It knows nothing of what halocheck itself keeps hidden.
func watched(s *probes.Session) *canaries {
	c := &canaries{all: map[string]bool{s.Credentials.Secret.Reveal(): true, s.Admin.Secret.Reveal(): true}}
	before := s.Net.OnRequest
	s.Net.OnRequest = func(r *http.Request) {
		if before != nil {
			before(r)
		}
		if _, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.all[token] = true
		}
	}
	return c
}

// in is the first canary that text holds in any encoding, a piece of sixteen bytes included; empty for none. Blanks are
// left out of the text, so that neither wrapping nor the folding of a header hides anything.
func (c *canaries) in(text string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
	for canary := range c.all {
		for _, form := range encodings(canary) {
			if strings.Contains(text, form) {
				return form
			}
		}
		for at := 0; at+16 <= len(canary); at++ {
			if strings.Contains(text, canary[at:at+16]) {
				return canary[at : at+16]
			}
		}
	}
	return ""
}

// encodings are written for this test alone: what halocheck looks for is not asked.
func encodings(plain string) []string {
	if plain == "" {
		return nil
	}
	quoted, _ := json.Marshal(plain)
	escapes := ""
	for _, b := range []byte(plain) {
		escapes += fmt.Sprintf(`\u%04x`, b)
	}
	forms := []string{
		plain, url.QueryEscape(plain), url.PathEscape(plain), string(quoted[1 : len(quoted)-1]), html.EscapeString(plain), escapes,
		hex.EncodeToString([]byte(plain)), strings.ToUpper(hex.EncodeToString([]byte(plain))),
	}
	for _, before := range []string{"", "x", "xx"} {
		whole := base64.StdEncoding.EncodeToString([]byte(before + plain))
		core := whole[4 : len(whole)-4] // none of it depends on what stands beside the secret
		forms = append(forms, core, strings.NewReplacer("+", "-", "/", "_").Replace(core))
	}
	return forms
}

// expectNoCanary writes every report in every way in which it can be written and looks through them.
func expectNoCanary(s *probes.Session, c *canaries, findings []probes.Finding) {
	GinkgoHelper()
	r, err := reports.New(s, "test", findings, time.Now(), time.Second)
	Expect(err).NotTo(HaveOccurred())
	for _, format := range reports.Formats {
		for _, look := range []reports.Options{
			{}, {Verbose: true}, {Quiet: true}, {Verbose: true, Colour: true, Width: 140}, {Verbose: true, Width: 40},
			{Audience: reports.Customer},
		} {
			var out bytes.Buffer
			Expect(reports.Write(&out, format, r, look)).To(Succeed())
			Expect(out.Len()).To(BeNumerically(">", 0), format)
			if found := c.in(out.String()); found != "" {
				Fail(fmt.Sprintf("%s %+v holds %q", format, look, found))
			}
		}
	}
}

// echoes answers as fake does, with what the client sent in every place that ends up in a finding or in evidence.
func echoes(encode func(string) string, known *canaries) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		known.mu.Lock()
		var said []string
		for canary := range known.all {
			said = append(said, encode(canary))
		}
		known.mu.Unlock()
		echo := strings.Join(said, " ")
		for _, header := range []string{"Server", "WWW-Authenticate", "X-Powered-By", "Retry-After", "X-Version"} {
			w.Header().Set(header, echo)
		}
		raw, _ := json.Marshal(echo)
		body, status := "", http.StatusOK
		switch {
		case strings.HasSuffix(r.URL.Path, "/authinfo"):
			body = fmt.Sprintf(`{"auth_url":"https://%s/auth","tenant_id":"acme","version":%s,%s:1}`, r.Host, raw, raw)
		case r.Method == http.MethodPost && r.ContentLength > 0:
			token := "tok3n-" + strings.Repeat("canary", 8)
			body = fmt.Sprintf(`{"access_token":%q,"refresh_token":"refr3sh-canary-canary","token_type":"Bearer","expires_in":3600,"scope":%s,"error":"","error_description":%s}`, token, raw, raw)
		case r.Method == http.MethodPost:
			status, body = http.StatusBadRequest, fmt.Sprintf(`{"error":"invalid_request","error_description":%s}`, raw)
		case strings.HasPrefix(r.URL.Path, "/api/Agent"):
			body = fmt.Sprintf(`{"id":7,"name":%s,"team":%s,"teams":[{"team_id":1,"team_name":%s}],"workday_name":%s,"role_list":%s,"isapiagent":true,
				"roles":[{"id":%s,"name":%s}],"claims":[{"type":%s,"value":%s}],"clients":[{"client_name":%s}],"tickettypes":[{"tickettype_name":%s}]}`,
				raw, raw, raw, raw, raw, raw, raw, raw, raw, raw, raw)
		case strings.HasPrefix(r.URL.Path, "/api/InstanceInfo"), strings.HasPrefix(r.URL.Path, "/api/Control"):
			body = fmt.Sprintf(`{"version":%s}`, raw)
		default:
			status = http.StatusFound
			w.Header().Set("Location", "https://"+url.QueryEscape(echo)+".example/")
		}
		w.Header().Set("Content-Type", "application/json; charset="+echo)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
		return true
	}
}

var _ = Describe("a server that echoes the secret and the token", Label("canary"), func() {
	for name, encode := range map[string]func(string) string{
		"as they are":       func(s string) string { return s },
		"URL-encoded":       url.QueryEscape,
		"base64":            func(s string) string { return base64.StdEncoding.EncodeToString([]byte("id:" + s + "\n")) },
		"base64, shifted":   func(s string) string { return base64.URLEncoding.EncodeToString([]byte("i:" + s)) },
		"base64, 2 shifted": func(s string) string { return base64.RawStdEncoding.EncodeToString([]byte("x" + s + "!")) },
		"hexadecimal":       func(s string) string { return hex.EncodeToString([]byte(s)) },
		"HTML":              html.EscapeString,
	} {
		It("is repeated by no report: "+name, func() {
			known := &canaries{all: map[string]bool{}}
			fake, front := honest("localhost", echoes(encode, known))
			s := sessionAt(fake, front, "localhost", at(front, "localhost"))
			c := watched(s)
			known.mu.Lock()
			for canary := range c.all {
				known.all[canary] = true
			}
			known.mu.Unlock()
			hear := s.Net.OnRequest
			s.Net.OnRequest = func(r *http.Request) {
				hear(r)
				if _, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok {
					known.mu.Lock()
					known.all[token] = true
					known.mu.Unlock()
				}
			}
			findings := check(s)
			token := of(findings, "login.token", "")
			Expect(token.Status).To(Equal(probes.Passed), token.Because)
			evidence, err := s.Evidence()
			Expect(err).NotTo(HaveOccurred())
			unscrubbed := fmt.Sprint(findings) + fmt.Sprintf("%s", evidence)
			Expect(c.in(unscrubbed)).NotTo(BeEmpty(), "nothing was echoed, so nothing is shown")
			expectNoCanary(s, c, findings)
		})
	}
})
