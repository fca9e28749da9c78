package fakehalo_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/fakehalo"
)

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
	source, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range blocks(t, "go") {
		if !strings.Contains(string(source), "\t"+strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n\t")) {
			t.Errorf("no example runs this:\n%s", text)
		}
	}
}

// console are the README's commands and what each is said to print, in their order; a command's further lines start with
// blanks.
func console(t *testing.T) (commands, prints []string) {
	t.Helper()
	for line := range strings.Lines(strings.Join(blocks(t, "console"), "")) {
		switch {
		case strings.HasPrefix(line, "$ "):
			commands, prints = append(commands, line[2:]), append(prints, "")
		case strings.HasPrefix(line, " "):
			commands[len(commands)-1] += line
		default:
			prints[len(prints)-1] += line
		}
	}
	return commands, prints
}

// TestTheReadmesCommandsWork runs them one after the other in a shell, with a small jq of its own where there is none; "…"
// in what they print stands for anything.
func TestTheReadmesCommandsWork(t *testing.T) {
	for _, program := range []string{"sh", "curl", "sed"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(program + " is not installed")
		}
	}
	s := serveWith(t, fakehalo.Options{Seed: fakehalo.Seed{Sizes: map[string]int{"Tickets": 1000}}})
	script := "get() { eval echo \\$$1; }\n" + `jq() {
  case "$2" in
  .access_token) sed 's|.*"access_token":"\([^"]*\)".*|\1|' ;;
  *) sed 's|.*},{|{|; s|]$||' ;;
  esac
}
`
	commands, prints := console(t)
	for _, command := range commands {
		if !strings.Contains(command, "fake.json") { // those are the command's own
			script += command
		}
		script += "echo; echo ==\n"
	}
	shell := exec.Command("sh", "-c", script)
	shell.Env = append(os.Environ(), "url="+s.URL, "auth_url="+s.Credentials.AuthURL, "tenant="+s.Credentials.Tenant, "ca_file="+s.CAFile,
		"client_id="+s.Credentials.ClientID, "client_secret="+s.Credentials.ClientSecret, "admin_url="+s.AdminURL)
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	ran := 0
	for n, said := range strings.Split(string(out), "==\n")[:len(commands)] {
		if strings.Contains(commands[n], "fake.json") {
			continue
		}
		ran++
		pattern := strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(prints[n])), "…", ".*")
		if !regexp.MustCompile("^(?s:" + pattern + ")$").MatchString(strings.TrimSpace(said)) {
			t.Errorf("%sprints\n%s\nnot\n%s", commands[n], said, prints[n])
		}
	}
	if ran < 10 {
		t.Errorf("only %d commands were run", ran)
	}
}
