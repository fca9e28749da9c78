package fakehalo_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/fakehalo"
)

func Example() {
	s := fakehalo.Start()
	defer s.Close()
	client := s.Client() // trusts it
	resp, err := client.Get(s.URL + "/api/authinfo")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Println(resp.Status, s.Requests()[0].Operation)
	// Output: 200 OK authinfo
}

// blocks are the README's examples in a language.
func blocks(t *testing.T, language string) (out []string) {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		out = append(out, m[1])
	}
	if len(out) == 0 {
		t.Fatalf("the README has no %s", language)
	}
	return out
}

func TestTheReadmesExamplesWork(t *testing.T) {
	for _, text := range blocks(t, "json") {
		s := serve(t)
		if status, said := admin(t, "POST", s.AdminURL+"/injections", text); status != 200 {
			t.Errorf("%s: %d %s", text, status, said)
		}
	}
	for _, text := range blocks(t, "yaml") {
		o, err := fakehalo.ReadScenario("README.md", []byte(text))
		if err != nil || !fits(t, []byte(text)) {
			t.Fatal(err)
		}
		s := serveWith(t, o)
		if a := login(t, s, guideScopes); a.Status != 500 {
			t.Errorf("the first token: %d", a.Status)
		}
		if a := get(t, s, guideScopes, "Tickets/5001"); a.field("summary") != "The one that the test looks for" {
			t.Error(a.Body)
		}
	}
	source, err := os.ReadFile("readme_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range blocks(t, "go") {
		if !strings.Contains(string(source), "\t"+strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n\t")) {
			t.Errorf("no example runs this:\n%s", text)
		}
	}
}
