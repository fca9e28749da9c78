package main

import (
	"bufio"
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/halocheck/halocheck/fakehalo"
)

// commandsOf are the commands in the blocks of a page, indented ones too, each in one line.
func commandsOf(page string) (all []string) {
	language, fenced := "", false
	for line := range strings.SplitSeq(strings.ReplaceAll(page, "\\\n", ""), "\n") {
		if tag, fence := strings.CutPrefix(line, "```"); fence {
			language, fenced = tag, !fenced
			continue
		}
		command, prompt := strings.CutPrefix(line, "$ ")
		indented := strings.HasPrefix(line, "    ") && !fenced
		if fenced && (prompt || language == "sh" || language == "") || indented {
			all = append(all, strings.Join(strings.Fields(command), " "))
		}
	}
	return all
}

// TestEveryCommandOfThePagesRuns those that need an instance, which a fake is, those that serve, and those of a runner or of a
// release, of which the parts that are ours are looked at.
func TestEveryCommandOfThePagesRuns(t *testing.T) {
	fake := fakehalo.New(t)
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "secret"), []byte(fake.Credentials.ClientSecret), 0o600); err != nil {
		t.Fatal(err)
	}
	filled := strings.NewReplacer("https://halo.acme.com", fake.URL, "https://acme.halopsa.com", fake.URL, "'Not set'", fake.Credentials.Tenant, " ID ", " "+fake.Credentials.ClientID+" ",
		"secret.txt", filepath.Join(folder, "secret"), "api-token", filepath.Join(folder, "secret"), "/etc/halocheck/example.secret", filepath.Join(folder, "secret"))
	ran := 0
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for name, page := range pages(t) {
		commands := commandsOf(page)
		if i := slices.IndexFunc(commands, func(c string) bool { return strings.HasPrefix(c, "halocheck fake --contract ") }); i >= 0 {
			runContract(t, page)
			commands = commands[:i]
		}
		for _, command := range commands {
			command = strings.TrimPrefix(command, "go run ./cmd/")
			if _, inside, found := strings.Cut(command, "halocheck:vVERSION "); found && strings.HasPrefix(command, "docker run ") {
				command = "halocheck " + inside
			}
			words := strings.Fields(filled.Replace(command))
			switch {
			case strings.HasPrefix(command, "halocheck serve"):
				answers(t, words[1:])
			case strings.HasPrefix(command, "halocheck agent"): // cmd/halocheckd runs it
			case words[0] == "halocheck" && (strings.Contains(command, "https://") || name == "guides.md"):
				if strings.Contains(command, "https://") {
					words = append(words, "--ca-file", fake.CAFile)
				}
				if strings.Contains(command, "--watch") {
					words = append(words, "--watch-for", "1ms")
				}
				var out, errs bytes.Buffer
				t.Chdir(folder) // what a command writes stays there, and the next one finds it
				code := run(words[1:], environment{in: strings.NewReader(""), out: &out, err: &errs, getenv: func(name string) string {
					if name == "HALO_CLIENT_SECRET" && strings.Contains(command, "--client-id") {
						return fake.Credentials.ClientSecret
					}
					return ""
				}})
				t.Chdir(here)
				if code != 0 && code != 3 || strings.Contains(out.String(), "login.token") || !strings.Contains(command, "--out") && !strings.Contains(command, " lint ") && out.Len() == 0 {
					t.Errorf("%s: %s: exit %d, %s", name, command, code, errs.String())
				}
			case words[0] == "halocheck", name == "team.md", name == "night.md", name == "agents.md": // TestTheReadmeTellsTheTruth and cmd/halocheckd run it
			case words[0] == "make":
				mentions(t, "../../Makefile", "\n"+words[1]+":")
			case words[0] == "sha256sum":
				mentions(t, "../../.goreleaser.yaml", words[len(words)-1])
			case words[0] == "cosign":
				mentions(t, "../../.goreleaser.yaml", ".sigstore.json")
				mentions(t, "../../.github/workflows/release.yml", "id-token: write")
			case words[0] == "gh":
				mentions(t, "../../.goreleaser.yaml", "{{ .ProjectName }}_{{ .Version }}_{{ .Os }}_{{ .Arch }}")
			default:
				t.Errorf("%s: say here how this is run: %s", name, command)
			}
			ran++
		}
	}
	if ran < 30 {
		t.Errorf("only %d commands were found", ran)
	}
}

// mentions looks for what a command of a page relies on.
func mentions(t *testing.T, file, what string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), what) {
		t.Errorf("%s has no %q: %v", file, what, err)
	}
}

// answers starts a command that serves, asks it once, and ends it as Ctrl-C does.
func answers(t *testing.T, args []string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0], args...)
	command.Args[0] = "halocheck"
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	if resp, err := http.Get(regexp.MustCompile(`http://\S+|$`).FindString(line)); err != nil || resp.Body.Close() != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("%q prints %q: %v", args, line, err)
	}
	http.DefaultClient.CloseIdleConnections()
	_ = command.Process.Signal(syscall.SIGINT)
	if err := command.Wait(); err != nil {
		t.Errorf("%q: %v", args, err)
	}
}

// runContract runs the runner of a page as it stands, for a client that fails at once.
func runContract(t *testing.T, page string) {
	t.Helper()
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("the runner needs jq")
	}
	_, script, _ := strings.Cut(page, "```sh\nhalocheck fake --contract")
	script, _, _ = strings.Cut(script, "```")
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "my-client"), []byte("#!/bin/sh\ncat >/dev/null\necho configuration\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	self, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(folder, "halocheck")); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "bash", "-c", "halocheck fake --contract"+script)
	command.Dir, command.Env = folder, append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"))
	out, _ := command.CombinedOutput()
	if !strings.Contains(string(out), `"case": "healthy"`) || command.ProcessState.ExitCode() != 1 {
		t.Errorf("the runner ends with %d: %s", command.ProcessState.ExitCode(), out)
	}
}
