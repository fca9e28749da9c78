//go:build linux

package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/store"
	vantages "github.com/halocheck/halocheck/internal/vantage/server"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// built is a program of this module, which is linked once.
func built(t *testing.T, name string) string {
	t.Helper()
	program, err := programs[name]()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

var programs = map[string]func() (string, error){"halocheck": linked("halocheck"), "halocheckd": linked("halocheckd")}

func linked(name string) func() (string, error) {
	return sync.OnceValues(func() (string, error) {
		program := filepath.Join(programFolder, name)
		if out, err := exec.Command("go", "build", "-o", program, "../"+name).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%w: %s", err, out)
		}
		return program, nil
	})
}

// certificate writes a private one for 127.0.0.1, or for other addresses, and its key.
func certificate(t *testing.T, folder string, addresses ...net.IP) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: append(addresses, net.IPv4(127, 0, 0, 1)),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(folder, "agents.pem"), filepath.Join(folder, "agents.key")
	for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: packed}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// process is one that is killed, and started again.
type process struct {
	*exec.Cmd
	t    *testing.T
	args []string
	out  *os.File
}

func (p *process) start() {
	p.t.Helper()
	p.Cmd = exec.Command(p.args[0], p.args[1:]...)
	p.Stdout, p.Stderr = p.out, p.out
	if err := p.Start(); err != nil {
		p.t.Fatal(err)
	}
}

func (p *process) end(how os.Signal) {
	if p.Cmd != nil {
		_ = p.Process.Signal(how)
		_ = p.Wait()
	}
	p.Cmd = nil
}

// said is what the process printed.
func (p *process) said() string {
	text, err := os.ReadFile(p.out.Name())
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}

func newProcess(t *testing.T, name string, args ...string) *process {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), name))
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, args: args, out: out}
	t.Cleanup(func() { p.end(os.Kill); _ = out.Close() })
	p.start()
	return p
}

// TestKilledAgentAndServer: programs as they are shipped, over TLS. An agent that is killed while it enrols and while it looks, and a
// server that is killed while it is asked, lose nothing: the same check is answered once they are there again.
func TestKilledAgentAndServer(t *testing.T) {
	if testing.Short() {
		t.Skip("it links both programs")
	}
	folder := t.TempDir()
	cert, key := certificate(t, folder)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := free.Addr().String()
	_ = free.Close()
	database := filepath.Join(folder, "team.db")
	serving := []string{built(t, "halocheckd"), "serve", "--database", database, "--agents", at, "--agents-certificate", cert, "--agents-key", key}
	server := newProcess(t, "server", serving...)
	agents := map[string]*process{}
	program := built(t, "halocheck")
	for _, address := range []string{"127.0.0.11", "127.0.0.12"} {
		var word, errs bytes.Buffer
		if code := run(t.Context(), []string{"agent", "add", "egress-" + address, "--address", address, "--database", database}, &word, &errs, noVariables); code != 0 {
			t.Fatal(errs.String())
		}
		file := filepath.Join(folder, "token-"+address)
		if err := os.WriteFile(file, word.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		agents[address] = newProcess(t, "agent", program, "agent", "--server", "https://"+at, "--token-file", file, "--ca-file", cert, "--source-address", address, "--allow-private")
		for _, after := range []time.Duration{20 * time.Millisecond, 60 * time.Millisecond} {
			time.Sleep(after)
			agents[address].end(os.Kill)
			agents[address].start()
		}
	}
	s, err := store.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for range 1000 {
		if all, err := s.VantageAgents(t.Context()); err != nil {
			t.Fatal(err)
		} else if len(all) == 2 && !all[0].Seen.IsZero() && !all[1].Seen.IsZero() {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	fake := fakehalo.Start()
	defer fake.Close()
	for name, interrupt := range map[string]func(){
		"nobody": func() {},
		"agent":  func() { agents["127.0.0.11"].end(os.Kill); agents["127.0.0.11"].start() },
		"server": func() { server.end(os.Kill); server.start() },
	} {
		checked := make(chan probes.Finding, 1)
		go func() { checked <- allowlist(t.Context(), s, fake) }()
		for range 400 { // until the agents are asked, or have answered
			db, _ := s.DB()
			var n int
			if err := db.QueryRow(`SELECT count(*) FROM vantage_looks`).Scan(&n); err == nil && n > 0 {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		interrupt()
		if f := <-checked; f.Status != probes.Passed || !strings.Contains(f.Because, "127.0.0.11 and 127.0.0.12") {
			t.Errorf("%s: %s %s: %s\n%s\n%s\n%s", name, f.Status, f.Cause, f.Because, server.said(), agents["127.0.0.11"].said(), agents["127.0.0.12"].said())
		}
	}
	for address, a := range agents {
		kept := filepath.Join(folder, "token-"+address)
		text, err := os.ReadFile(kept)
		if info, stat := os.Stat(kept); err != nil || stat != nil || info.Mode().Perm() != 0o600 || !strings.HasPrefix(string(text), "hca_") || strings.Contains(string(text), "hce_") {
			t.Errorf("the token file of %s holds %.4q… and has the mode %v (%v)", address, text, info.Mode(), err)
		}
		memory := memoryOf(t, a.Process.Pid)
		if !bytes.Contains(memory, bytes.TrimSpace(text)) {
			t.Errorf("the agent's memory was not read: %d bytes without its own token", len(memory))
		}
		for _, canary := range []string{fake.Credentials.ClientSecret, fake.Credentials.ClientID} {
			if bytes.Contains(memory, []byte(canary)) {
				t.Errorf("the memory of the agent at %s holds %q", address, canary)
			}
		}
	}
	var listed, errs bytes.Buffer
	if code := run(t.Context(), []string{"agent", "list", "--database", database}, &listed, &errs, noVariables); code != 0 || strings.Count(listed.String(), "last there at") != 2 || strings.Contains(listed.String(), "nobody asked for") {
		t.Error(code, listed.String(), errs.String())
	}
	if code := run(t.Context(), []string{"agent", "revoke", "egress-127.0.0.11", "--database", database}, &listed, &errs, noVariables); code != 0 {
		t.Error(errs.String())
	}
	ended := make(chan error, 1)
	go func() { ended <- agents["127.0.0.11"].Wait() }()
	select {
	case <-ended:
		if said := agents["127.0.0.11"].said(); agents["127.0.0.11"].ProcessState.ExitCode() != 2 || !strings.Contains(said, "there is no such agent, or it was revoked") {
			t.Error("revoked:", agents["127.0.0.11"].ProcessState, said)
		}
	case <-time.After(40 * time.Second):
		t.Error("a revoked agent goes on")
	}
	agents["127.0.0.11"].Cmd = nil
}

// memoryOf is what a process has in memory that can be written.
func memoryOf(t *testing.T, pid int) (all []byte) {
	t.Helper()
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		t.Fatal(err)
	}
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		t.Fatal(err)
	}
	defer memory.Close()
	for line := range strings.Lines(string(maps)) {
		var from, to int64
		var rights string
		if _, err := fmt.Sscanf(line, "%x-%x %s", &from, &to, &rights); err != nil || !strings.HasPrefix(rights, "rw") || to-from > 256<<20 {
			continue
		}
		part := make([]byte, to-from)
		if n, err := memory.ReadAt(part, from); err == nil {
			all = append(all, part[:n]...)
		}
	}
	return all
}

// allowlist is what a check finds that the agents look for.
func allowlist(ctx context.Context, s *store.Store, fake *fakehalo.Server) probes.Finding {
	g := *guide.BuiltIn()
	network := *g.Network
	network.Addresses = []string{"127.0.0.11", "127.0.0.12"}
	g.Network = &network
	roots, err := wire.ParsePEM(fake.CAPEM)
	if err != nil {
		return probes.Finding{Because: err.Error()}
	}
	r, err := halocheck.Run(ctx, halocheck.Target{
		URL: fake.URL, ClientID: fake.Credentials.ClientID, ClientSecret: func(context.Context) (string, error) { return fake.Credentials.ClientSecret, nil },
	}, halocheck.WithGuide(&g), halocheck.WithRoots(roots...), halocheck.WithTenant(fake.Credentials.Tenant), halocheck.WithHosting("on-premise"),
		halocheck.WithSession(vantages.Attach(s, func(error) {})))
	if err != nil {
		return probes.Finding{Because: err.Error()}
	}
	for _, f := range r.Findings {
		if f.ID == "network.allowlist" {
			return f
		}
	}
	return probes.Finding{}
}
