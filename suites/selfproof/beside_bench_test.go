package selfproof_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
)

// far is a healthy fake, a round trip away, with a folder for what the programs beside halocheck are told.
type far struct {
	fake   *fakehalo.Server
	url    string
	folder string
}

// get is the addresses that a check reads once it has a token, with the status that each is answered with: applications are
// not this one's to read.
func (f far) get() map[string]int {
	all := map[string]int{}
	for _, path := range lists {
		all[f.url+"/api/"+path] = http.StatusOK
	}
	all[f.url+"/api/Application"] = http.StatusForbidden
	return all
}

func (f far) form() string {
	c := f.fake.Credentials
	return url.Values{"grant_type": {"client_credentials"}, "client_id": {c.ClientID}, "client_secret": {c.ClientSecret}, "scope": {"all"}}.Encode()
}

func (f far) tokenURL() string { return f.url + "/auth/token?tenant=" + f.fake.Credentials.Tenant }

// write is a file of the folder.
func (f far) write(b *testing.B, name, text string) string {
	b.Helper()
	file := filepath.Join(f.folder, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	return file
}

// run runs a program to its end.
func (f far) run(b *testing.B, program string, args ...string) string {
	b.Helper()
	c := exec.Command(program, args...)
	c.Env = append(os.Environ(), "SSL_CERT_FILE="+f.fake.CAFile) // goss, as everything written in Go, reads it
	c.Stdin = strings.NewReader(f.fake.Credentials.ClientSecret)
	out, err := c.Output()
	if err != nil {
		b.Fatalf("%s: %v\n%s", program, err, out)
	}
	return string(out)
}

// token is what a program that cannot take one answer into the next request is given.
func (f far) token(b *testing.B) string {
	b.Helper()
	var answer struct {
		Token string `json:"access_token"`
	}
	resp, err := f.fake.Client().Post(f.fake.URL+strings.TrimPrefix(f.tokenURL(), f.url), "application/x-www-form-urlencoded", strings.NewReader(f.form()))
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.Token == "" {
		b.Fatal("there is no token", err)
	}
	return answer.Token
}

// besides are the programs that send the same requests: authinfo, the token, then the lists.
var besides = []struct {
	name string
	plan func(*testing.B, far, string) func()
}{
	// hurl takes the token from the one answer into the next requests, one after the other over one connection.
	{"hurl", func(b *testing.B, f far, program string) func() {
		var text strings.Builder
		fmt.Fprintf(&text, "GET %s/api/authinfo\nHTTP 200\n\nPOST %s\nContent-Type: application/x-www-form-urlencoded\n`%s`\nHTTP 200\n[Captures]\ntoken: jsonpath \"$.access_token\"\n\n", f.url, f.tokenURL(), f.form())
		for address, status := range f.get() {
			fmt.Fprintf(&text, "GET %s\nAuthorization: Bearer {{token}}\nHTTP %d\n\n", address, status)
		}
		file := f.write(b, "same.hurl", text.String())
		return func() { f.run(b, program, "--no-output", "--cacert", f.fake.CAFile, file) }
	}},
	// goss asks everything at once, each over a connection of its own, and is given the token.
	{"goss", func(b *testing.B, f far, program string) func() {
		type request struct {
			Status  int      `json:"status"`
			Timeout int      `json:"timeout"` // ms
			Method  string   `json:"method,omitempty"`
			Body    string   `json:"request-body,omitempty"`
			Headers []string `json:"request-headers,omitempty"`
		}
		all := map[string]request{
			f.url + "/api/authinfo": {Status: 200, Timeout: 10_000},
			f.tokenURL():            {Status: 200, Timeout: 10_000, Method: "POST", Body: f.form(), Headers: []string{"Content-Type: application/x-www-form-urlencoded"}},
		}
		for address, status := range f.get() {
			all[address] = request{Status: status, Timeout: 10_000, Headers: []string{"Authorization: Bearer " + f.token(b)}}
		}
		text, err := json.Marshal(map[string]any{"http": all})
		if err != nil {
			b.Fatal(err)
		}
		file := f.write(b, "same.json", string(text))
		return func() { f.run(b, program, "--gossfile", file, "validate") }
	}},
	// curl gets the token in one process, and the lists at once in a second one.
	{"curl", func(b *testing.B, f far, program string) func() {
		common := fmt.Sprintf("silent\ncacert = %q\n", f.fake.CAFile)
		first := f.write(b, "first", fmt.Sprintf("%surl = %q\noutput = /dev/null\nnext\n%surl = %q\ndata = %q\n", common, f.url+"/api/authinfo", common, f.tokenURL(), f.form()))
		return func() {
			_, rest, _ := strings.Cut(f.run(b, program, "--config", first), `"access_token":"`)
			bearer, _, _ := strings.Cut(rest, `"`)
			second := common + "parallel\n" + fmt.Sprintf("header = %q\n", "Authorization: Bearer "+bearer)
			for address := range f.get() {
				second += fmt.Sprintf("url = %q\noutput = /dev/null\n", address)
			}
			f.run(b, program, "--config", f.write(b, "second", second))
		}
	}},
}

// BenchmarkBeside is a whole check by the command, as a process of its own, beside programs that send the same requests and
// judge a status alone, where they are installed: in the path, or where HALOCHECK_HURL and the like say. The instance is 50 ms
// away. Who leaves a request out fails.
func BenchmarkBeside(b *testing.B) {
	fake := fakehalo.Start()
	defer fake.Close()
	_, port, err := net.SplitHostPort(delayed(b, strings.TrimPrefix(fake.URL, "https://")))
	if err != nil {
		b.Fatal(err)
	}
	f := far{fake, "https://localhost:" + port, b.TempDir()}
	binary := released(b)
	measure := func(b *testing.B, once func()) {
		var took []time.Duration
		for b.Loop() {
			before := len(fake.Requests())
			begin := time.Now()
			once()
			took = append(took, time.Since(begin))
			f.complete(b, fake.Requests()[before:])
		}
		b.ReportMetric(float64(median(took))/float64(roundTrip), "round-trips")
		b.ReportMetric(float64(median(took).Microseconds())/1000, "ms")
	}
	b.Run("halocheck", func(b *testing.B) {
		measure(b, func() {
			f.run(b, binary, "check", f.url, "--ca-file", fake.CAFile, "--tenant", fake.Credentials.Tenant, "--client-id", fake.Credentials.ClientID,
				"--client-secret-file", "-", "--stable", fake.Stable, "--team", fake.Teams[0], "--attest", "network.allowlist=read the rules", "--quiet")
		})
	})
	for _, x := range besides {
		typed, _ := os.LookupEnv("HALOCHECK_" + strings.ToUpper(x.name))
		program, err := exec.LookPath(cmp.Or(typed, x.name))
		if err != nil {
			fmt.Printf("BenchmarkBeside/%s: not installed\n", x.name)
			continue
		}
		b.Run(x.name, func(b *testing.B) { measure(b, x.plan(b, f, program)) })
	}
}

// complete fails where one of the requests was not sent, or not answered.
func (f far) complete(b *testing.B, sent []fakehalo.Request) {
	b.Helper()
	for _, want := range append([]string{"authinfo", "token"}, lists...) {
		want, _, _ = strings.Cut(want, "?")
		if !slices.ContainsFunc(sent, func(r fakehalo.Request) bool {
			return r.Status != 0 && strings.HasSuffix(strings.ToLower(r.Path), "/"+strings.ToLower(want))
		}) {
			b.Fatalf("%s was not asked, or not answered", want)
		}
	}
}
