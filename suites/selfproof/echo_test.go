package selfproof_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"unicode"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/fakehalo"
)

// slyly are ways to repeat what was sent that no list of encodings has: as the text is written, and as the answer is.
var slyly = map[string]struct {
	encode func(string) string
	alter  func(c *canaries, answer *httptest.ResponseRecorder)
}{
	"as it is": {encode: func(s string) string { return s }},
	"with its case exchanged": {encode: func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsUpper(r) {
				return unicode.ToLower(r)
			}
			return unicode.ToUpper(r)
		}, s)
	}},
	"in two pieces":   {encode: func(s string) string { return s[:len(s)/2] + "|" + s[len(s)/2:] }},
	"without a start": {encode: func(s string) string { return s[1:] }},
	"in every JSON escape": {
		encode: func(s string) string { return s },
		alter: func(c *canaries, answer *httptest.ResponseRecorder) {
			body := answer.Body.String()
			for canary := range c.all {
				escaped := ""
				for _, b := range []byte(canary) {
					escaped += fmt.Sprintf(`\u%04x`, b)
				}
				body = strings.ReplaceAll(body, canary, escaped)
			}
			answer.Body = bytes.NewBufferString(body)
		},
	},
	"packed": {
		encode: func(s string) string { return s },
		alter: func(_ *canaries, answer *httptest.ResponseRecorder) {
			var packed bytes.Buffer
			z := gzip.NewWriter(&packed)
			_, _ = z.Write(answer.Body.Bytes())
			_ = z.Close()
			answer.Body = &packed
			answer.Header().Set("Content-Encoding", "gzip")
		},
	},
}

// hears learns from a request what it carries, as a thief would.
func (c *canaries) hears(r *http.Request) {
	_ = r.ParseForm()
	_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, heard := range []string{r.PostForm.Get("client_secret"), token} {
		if heard != "" {
			c.all[heard] = true
		}
	}
}

// echoing is a front that repeats in one of those ways whatever it was sent.
func echoing(how string) (*fakehalo.Server, *thief, *canaries) {
	way, known := slyly[how], &canaries{all: map[string]bool{"refr3sh-canary-canary": true}} // which is never sent
	repeat := echoes(way.encode, known)
	fake, front := honest("localhost", func(w http.ResponseWriter, r *http.Request) bool {
		known.hears(r)
		answer := httptest.NewRecorder()
		repeat(answer, r)
		if way.alter != nil {
			known.mu.Lock()
			way.alter(known, answer)
			known.mu.Unlock()
		}
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
		return true
	})
	return fake, front, known
}

// everything is all that files of a folder hold, those in zip files included.
func everything(folder string) map[string]string {
	GinkgoHelper()
	all := map[string]string{}
	Expect(filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		all[path] = path + "\n" + string(raw)
		if z, bad := zip.NewReader(bytes.NewReader(raw), int64(len(raw))); bad == nil {
			for _, member := range z.File {
				from, err := member.Open()
				Expect(err).NotTo(HaveOccurred())
				text, err := io.ReadAll(from)
				Expect(err).NotTo(HaveOccurred())
				all[path+"!"+member.Name] = string(text)
			}
		}
		return err
	})).To(Succeed())
	return all
}

var _ = Describe("a server that echoes slyly", Label("canary"), Ordered, ContinueOnFailure, func() {
	var binary string
	BeforeAll(func(ctx SpecContext) {
		notUnderRace(unwatched)
		binary = built(ctx)
	})

	for how := range slyly {
		It("is repeated nowhere: "+how, func(ctx SpecContext) {
			fake, front, known := echoing(how)
			folder, given := GinkgoT().TempDir(), fake.Credentials
			secretFile := filepath.Join(GinkgoT().TempDir(), "secret")
			Expect(os.WriteFile(secretFile, []byte(given.ClientSecret), 0o600)).To(Succeed())
			url := strings.TrimSuffix(at(front, "localhost"), "/auth/")
			said := map[string]string{}
			run := func(ctx context.Context, args ...string) {
				GinkgoHelper()
				command := exec.CommandContext(ctx, binary, args...)
				var out, errs bytes.Buffer
				command.Dir, command.Stdout, command.Stderr = folder, &out, &errs
				_ = command.Run()
				Expect(command.ProcessState.ExitCode()).To(BeElementOf(0, 1, 3), errs.String())
				said[args[0]+" standard output"], said[args[0]+" standard error"] = out.String(), errs.String()
			}
			connect := []string{"--auth-url", url + "/auth/", "--tenant", given.Tenant, "--client-id", given.ClientID, "--client-secret-file", secretFile, "--ca-file", pemOf(front)}
			outs := []string{"check", url, "--verbose"}
			for _, format := range []string{"text=a.txt", "short=a.short", "json=a.json", "junit=a.xml", "html=a.html", "markdown=a.md", "bundle=a.zip", "chain=a.pem"} {
				outs = append(outs, "--out", format)
			}
			run(ctx, append(outs, connect...)...)
			if how == "as it is" { // a recording has no word of the server's in it
				run(ctx, append([]string{"record", url, "kept"}, connect...)...)
			}
			inventory := fmt.Sprintf("instances:\n  - {name: one, url: %q, auth-url: %q, tenant: %q, client-id: %q, client-secret: \"file:%s\", ca-file: %q}\n",
				url, url+"/auth/", given.Tenant, given.ClientID, secretFile, pemOf(front))
			Expect(os.WriteFile(filepath.Join(folder, "fleet.yaml"), []byte(inventory), 0o600)).To(Succeed())
			run(ctx, "fleet", "fleet.yaml", "--results", "r.jsonl", "--metrics", "m.prom", "--out", "html=f.html", "--out", "json=f.json", "--out", "text=f.txt")
			for name, text := range everything(folder) {
				said[name] = text
			}
			Expect(known.all).To(HaveKey(given.ClientSecret))
			Expect(len(known.all)).To(BeNumerically(">", 2), "no token was sent")
			Expect(len(said)).To(BeNumerically(">", 20))
			for name, text := range said {
				for _, look := range []string{text, strings.ToLower(text)} {
					if found := known.in(look); found != "" {
						at := strings.Index(look, found)
						Fail(fmt.Sprintf("%s holds %q: …%s…", name, found, look[max(0, at-150):min(len(look), max(at, 0)+150)]))
					}
				}
			}
		})
	}
})
