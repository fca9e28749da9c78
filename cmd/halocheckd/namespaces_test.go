//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/jobs"
	"github.com/halocheck/halocheck/internal/store"
	"github.com/halocheck/halocheck/probes"
)

// place is a network of its own: a namespace without a name, which ends with the thread that made it and the processes in it.
type place struct {
	t    *testing.T
	work chan func()
	path string // of the namespace
}

// newPlace makes a network that reaches nothing. The test is skipped where this user may not make one.
func newPlace(t *testing.T) *place {
	t.Helper()
	p, made, ended := &place{t: t, work: make(chan func())}, make(chan error), make(chan struct{})
	go func() {
		defer close(ended)
		runtime.LockOSThread() // and never unlock it: the thread ends with this goroutine
		p.path = fmt.Sprintf("/proc/%d/task/%d/ns/net", os.Getpid(), unix.Gettid())
		made <- unix.Unshare(unix.CLONE_NEWNET)
		for f := range p.work {
			f()
		}
	}()
	t.Cleanup(func() { close(p.work); <-ended })
	switch err := <-made; {
	case errors.Is(err, unix.EPERM):
		t.Skip("only root may make network namespaces, and not in every container")
	case err != nil:
		t.Fatal(err)
	}
	return p
}

// do runs f in the network: what f opens, and whom it starts, stay there.
func (p *place) do(f func()) {
	done := make(chan struct{})
	p.work <- func() { defer close(done); f() }
	<-done
}

// ip runs one command of iproute2 there.
func (p *place) ip(args string) {
	p.t.Helper()
	var out []byte
	var err error
	p.do(func() { out, err = exec.Command("ip", strings.Fields(args)...).CombinedOutput() })
	if err != nil {
		p.t.Fatalf("ip %s: %v: %s", args, err, out)
	}
}

// start starts a process there. It is killed when the test ends, whatever becomes of the test.
func (p *place) start(name string, args ...string) (one *process) {
	p.t.Helper()
	out, err := os.Create(filepath.Join(p.t.TempDir(), name))
	if err != nil {
		p.t.Fatal(err)
	}
	one = &process{t: p.t, args: args, out: out, Cmd: exec.Command(args[0], args[1:]...)}
	one.Stdout, one.Stderr = out, out
	one.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	p.t.Cleanup(func() { one.end(os.Kill); _ = out.Close() })
	if p.do(func() { err = one.Start() }); err != nil {
		p.t.Fatal(err)
	}
	return one
}

// wait waits until a process has printed something, on however many lines.
func (p *process) wait(text string) {
	p.t.Helper()
	for end := time.Now().Add(20 * time.Second); !strings.Contains(strings.Join(strings.Fields(p.said()), " "), text); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			p.t.Fatalf("%q was not printed: %s", text, p.said())
		}
	}
}

// TestAllowlistFromTheGuidesAddresses: the whole way, with the programs as they are shipped. The server, a worker and three customers
// are in one network, and two agents in networks of their own at the two addresses that the built-in guide names: the first
// customer lets both in, the second one of them, the third none. Its public addresses are those of this test's networks alone,
// from which nothing leaves this machine.
func TestAllowlistFromTheGuidesAddresses(t *testing.T) {
	if testing.Short() {
		t.Skip("it links both programs")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no ip on this machine")
		}
		t.Skip("there is no ip on this machine (Debian's package is iproute2)")
	}
	const server = "3.19.5.1"
	egress := []string{"3.19.3.152", "3.19.4.238"}
	folder, middle := t.TempDir(), newPlace(t)
	middle.ip("link set lo up")
	middle.ip("addr add " + server + "/32 dev lo")
	var there []*place
	for i, address := range egress {
		p, cable := newPlace(t), fmt.Sprintf("egress%d", i)
		middle.ip("link add " + cable + " type veth peer name eth0 netns " + p.path)
		middle.ip("link set " + cable + " up")
		middle.ip("route add " + address + "/32 dev " + cable + " src " + server)
		p.ip("addr add " + address + "/32 dev eth0")
		p.ip("link set eth0 up")
		p.ip("route add default dev eth0")
		there = append(there, p)
	}
	database, cert, key := filepath.Join(folder, "team.db"), "", ""
	cert, key = certificate(t, folder, net.ParseIP(server))
	d, program := built(t, "halocheckd"), built(t, "halocheck")
	serving := middle.start("server", d, "serve", "--database", database, "--agents", server+":8443", "--agents-certificate", cert, "--agents-key", key)
	serving.wait("agents come to")
	asked := []string{program, "agent", "--server", "https://" + server + ":8443", "--ca-file", cert, "--token-file"}
	var files []string
	for i, address := range egress {
		word, file := ran(t, "agent", "add", "egress-"+address, "--address", address, "--database", database), filepath.Join(folder, "token-"+address)
		write(t, file, word)
		there[i].start("agent", append(asked, file)...).wait("looks for")
		files = append(files, file)
	}

	text, want, fakes := "instances:\n", map[string]string{}, []*fakehalo.Server{}
	for i, c := range []struct{ fault, verdict string }{
		{"", "pass ok seen to get through from 3.19.3.152 and 3.19.4.238; agents ask for /api/authinfo alone, not for /auth"},
		{"one-listed-refused", "fail refused_from_listed something before HaloPSA turns 3.19.3.152 away: status 403"},
		{"listed-refused", "fail refused_from_listed something before HaloPSA turns 3.19.3.152 and 3.19.4.238 away: status 403"},
	} {
		name, address := fmt.Sprintf("Customer-%d", i), fmt.Sprintf("3.19.5.%d", 10+i)
		middle.ip("addr add " + address + "/32 dev lo")
		o := fakehalo.Options{Addr: address + ":443", Host: address}
		if c.fault != "" {
			o.Faults, _ = fakehalo.Named(c.fault)
		}
		var fake *fakehalo.Server
		var err error
		if middle.do(func() { fake, err = fakehalo.StartWith(o) }); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(fake.Close)
		fakes = append(fakes, fake)
		secret := filepath.Join(folder, name)
		write(t, secret, fake.Credentials.ClientSecret)
		text += fmt.Sprintf("  - {name: %s, url: %q, client-id: %s, client-secret: \"file:%s\", tenant: %q, stable: %q, ca-file: %q, team: %q, hosting: on-premise}\n",
			name, fake.URL, fake.Credentials.ClientID, secret, fake.Credentials.Tenant, fake.Stable, fake.CAFile, fake.Teams[0])
		want[name] = c.verdict
	}
	inventory := filepath.Join(folder, "customers.yaml")
	write(t, inventory, text)
	ran(t, "inventory", "import", inventory, "--database", database)
	run := strings.TrimSuffix(strings.Fields(ran(t, "enqueue", "--database", database))[8], ".")
	worker := middle.start("worker", d, "worker", "--database", database, "--nightly", "off")
	s, err := store.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, verdict := range want {
		for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			if done, err := s.HasRun(t.Context(), jobs.RunID(run, name)); done && err == nil {
				break
			}
			if time.Now().After(end) {
				t.Fatal(name, "was not checked:", worker.said())
			}
		}
		_, r, err := s.Report(t.Context(), jobs.RunID(run, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.Findings {
			if got := string(f.Status) + " " + string(f.Cause) + " " + f.Because; f.ID == "network.allowlist" && !strings.HasPrefix(got, verdict) {
				t.Errorf("%s: %s, want %s\n%s", name, got, verdict, serving.said())
			}
		}
		if healthy := strings.HasPrefix(verdict, "pass"); healthy != (r.Outcome == probes.Conformant) {
			t.Errorf("%s: %s, %v", name, r.Outcome, r.RootCauses)
		}
	}

	// The command uses an agent, too, as docs/agents.md says.
	word, err := s.AddToken(t.Context(), store.Token{Name: "command", Scopes: []string{"agents:look"}, By: "kim", Made: time.Now(), Expires: time.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	api := filepath.Join(folder, "api")
	write(t, api, word)
	docs, err := os.ReadFile("../../docs/agents.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile(`(?m)^    halocheck (check .*)$`).FindSubmatch(docs)
	at := strings.TrimSuffix(regexp.MustCompile(`http://[0-9.:]+/`).FindString(serving.said()), "/")
	if shown == nil || at == "" {
		t.Fatal("the docs show no check, or the page is nowhere")
	}
	for i, want := range []string{
		"from halocheckd:away (there is no agent away at this server) showed nothing do Ask the customer: \"Do you restrict by IP address who may reach 3.19.5.10?\" If not, vouch for it with that answer. If so, ask for HTTPS from 3.19.4.238 to",
		"turns 3.19.3.152 away: status 403",
	} {
		args := strings.Fields(strings.NewReplacer("https://acme.halopsa.com", fmt.Sprintf("https://3.19.5.%d", 10+i), "egress-1", "egress-3.19.3.152", "https://halocheck.example", at, "api-token", api).Replace(string(shown[1])))
		if i == 0 {
			args = append(args, "--via", "halocheckd:away") // where the other one is not looked from
		}
		checking := middle.start("check", append([]string{program}, append(args, "--only", "network.allowlist", "--ca-file", fakes[i].CAFile, "--hosting", "on-premise")...)...)
		if checking.wait(want); strings.Contains(checking.said(), word) {
			t.Error("a report holds the token")
		}
	}

	// A token that was stolen is of no use from the other address, though an agent is at home there.
	stolen := filepath.Join(folder, "stolen")
	token, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	write(t, stolen, string(token))
	thief := there[1].start("thief", append(asked, stolen)...)
	if thief.wait("refuses this agent: this agent comes from 3.19.4.238, and was declared to have another address"); strings.Contains(serving.said(), strings.TrimSpace(string(token))) {
		t.Error("the server logs a token")
	}
}

// ran is what a command prints.
func ran(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(t.Context(), args, &out, &errs, noVariables); code != 0 {
		t.Fatalf("%v: exit %d, %s", args, code, errs.String())
	}
	return out.String()
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
