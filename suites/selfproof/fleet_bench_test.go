package selfproof_test

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/probes"
)

// The benchmarks of a fleet run the real command as a process of its own, and the fakes and the minimal client in others,
// so that each one's processor time and memory are its own. HALOCHECK_BENCH says which of them a process is.

// yard is what the process with the fakes tells of itself.
type yard struct {
	Healthy, Chainless string // URLs, a round trip away
	ID, Secret         string
	Tenant, Stable, CA string
	Chains             string // roots of the fake whose chain is broken
	Team               string
}

// TestFleetHelper is no test: it is the other processes of the benchmarks.
func TestFleetHelper(t *testing.T) {
	switch role, _ := os.LookupEnv("HALOCHECK_BENCH"); role {
	case "fakes":
		serveYard(t)
	case "minimal":
		minimalFleet(t)
	default:
		t.Skip("it is the benchmarks' other process")
	}
}

// serveYard serves until standard input ends.
func serveYard(t *testing.T) {
	faults, err := fakehalo.Named("missing-intermediate")
	if err != nil {
		t.Fatal(err)
	}
	healthy, chainless := fakehalo.Start(), fakehalo.Start(faults...)
	defer healthy.Close()
	defer chainless.Close()
	away := func(s *fakehalo.Server) string {
		_, port, err := net.SplitHostPort(delayed(t, strings.TrimPrefix(s.URL, "https://")))
		if err != nil {
			t.Fatal(err)
		}
		return "https://localhost:" + port
	}
	y := yard{
		Healthy: away(healthy), Chainless: away(chainless), ID: healthy.Credentials.ClientID, Secret: healthy.Credentials.ClientSecret,
		Tenant: healthy.Credentials.Tenant, Stable: healthy.Stable, CA: healthy.CAFile, Chains: chainless.CAFile, Team: healthy.Teams[0],
	}
	line, err := json.Marshal(y)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("yard %s\n", line)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// startYard starts that process.
func startYard(b *testing.B) yard {
	b.Helper()
	c := helper("fakes")
	in, err := c.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = in.Close(); _ = c.Process.Kill(); _ = c.Wait() })
	var y yard
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "yard "); ok {
			if err := json.Unmarshal([]byte(text), &y); err != nil {
				b.Fatal(err)
			}
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return y
		}
	}
	b.Fatal("the fakes did not start")
	return y
}

func helper(role string, env ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], "-test.run", "^TestFleetHelper$", "-test.timeout", "1h")
	c.Env = append(append(os.Environ(), "HALOCHECK_BENCH="+role), env...)
	return c
}

// inventory has n instances and says how each has to come out: seven of ten healthy, one with a wrong secret, one with a
// broken chain, one dead.
func (y yard) inventory(b *testing.B, folder string, n int) (file string, want map[string]string) {
	b.Helper()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	write("right", y.Secret)
	write("wrong", "not-the-secret")
	var text strings.Builder
	fmt.Fprintf(&text, "defaults:\n  client-id: %s\n  client-secret: file:right\n  tenant: %s\n  stable: %q\n  ca-file: %s\n  team: %q\n  attest: network.allowlist=read the rules\ninstances:\n",
		y.ID, y.Tenant, y.Stable, y.CA, y.Team)
	want = map[string]string{}
	for i := range n {
		name := fmt.Sprintf("customer-%d", i)
		switch i % 10 {
		case 7:
			fmt.Fprintf(&text, "  - {name: %s, url: %q, client-secret: file:wrong}\n", name, y.Healthy)
			want[name] = "not-conformant login.token"
		case 8:
			fmt.Fprintf(&text, "  - {name: %s, url: %q, ca-file: %s}\n", name, y.Chainless, y.Chains)
			want[name] = "not-conformant trust.chain"
		case 9:
			fmt.Fprintf(&text, "  - {name: %s, url: \"https://127.0.0.1:1\"}\n", name)
			want[name] = "not-conformant network.reachable"
		default:
			fmt.Fprintf(&text, "  - {name: %s, url: %q}\n", name, y.Healthy)
			want[name] = "conformant"
		}
	}
	write("fleet.yaml", text.String())
	return filepath.Join(folder, "fleet.yaml"), want
}

// used is what a finished process used up.
type used struct {
	wall, cpu time.Duration
	memory    int64 // bytes, at most
}

func usedBy(c *exec.Cmd, begin time.Time) used {
	return used{time.Since(begin), c.ProcessState.UserTime() + c.ProcessState.SystemTime(), maxMemory(c.ProcessState)}
}

// released builds the command as it is released.
func released(b *testing.B) string {
	b.Helper()
	binary := filepath.Join(b.TempDir(), "halocheck")
	if out, err := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "../../cmd/halocheck").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	return binary
}

// runFleet checks n instances and every outcome.
func runFleet(b *testing.B, binary string, y yard, n int, more ...string) used {
	b.Helper()
	folder := b.TempDir()
	file, want := y.inventory(b, folder, n)
	results := filepath.Join(folder, "r.jsonl")
	c := exec.Command(binary, append([]string{"fleet", file, "--results", results, "--host-rate", "off", "--quiet"}, more...)...)
	begin := time.Now()
	out, err := c.CombinedOutput()
	u := usedBy(c, begin)
	if c.ProcessState.ExitCode() != 1 {
		b.Fatalf("%v\n%s", err, out)
	}
	wrong := 0
	if _, err := fleet.ReadResults(context.Background(), results, true, func(line fleet.ResultLine) error {
		if r := line.Result; r != nil {
			if got := strings.Join(append([]string{string(r.Outcome)}, r.RootCauses...), " "); got != want[r.Name] {
				if wrong++; wrong < 5 {
					b.Errorf("%s: %s, want %s: %s", r.Name, got, want[r.Name], unmet(r))
				}
			}
			delete(want, r.Name)
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	if len(want) > 0 || wrong > 0 {
		b.Errorf("%d outcomes are wrong and %d are missing", wrong, len(want))
	}
	return u
}

// unmet is what does not hold of a result, and why.
func unmet(r *fleet.Result) string {
	var all []string
	for _, f := range r.Findings {
		if f.Status == probes.Failed || f.Status == probes.Unknown {
			all = append(all, f.ID+": "+f.Because)
		}
	}
	return strings.Join(all, "; ")
}

// BenchmarkFleet10000 is 10,000 instances 50 ms away. HALOCHECK_FLEET sets another number.
func BenchmarkFleet10000(b *testing.B) {
	n := 10_000
	if typed, ok := os.LookupEnv("HALOCHECK_FLEET"); ok {
		n, _ = strconv.Atoi(typed)
	}
	binary, y := released(b), startYard(b)
	for b.Loop() {
		u := runFleet(b, binary, y, n)
		b.ReportMetric(u.wall.Seconds(), "s")
		b.ReportMetric(float64(u.memory)/(1<<20), "MiB")
		b.ReportMetric(u.cpu.Seconds()*1000/float64(n), "cpu-ms/instance")
		if u.memory > 300<<20 {
			b.Errorf("%d MiB are more than 300", u.memory>>20)
		}
	}
}

// BenchmarkFleetCPU is a healthy fleet's processor time beside that of a hand-written client that sends the same requests
// over one connection and judges nothing, and one that opens as many connections as well.
func BenchmarkFleetCPU(b *testing.B) {
	const n = 1000
	binary, y, opened := released(b), startYard(b), connections(b)
	var ratios, alike, ms []float64
	for b.Loop() {
		ours := runFleet(b, binary, y, n)
		bare := runMinimal(b, y, n, 1)
		same := runMinimal(b, y, n, opened)
		ratios = append(ratios, float64(ours.cpu)/float64(bare.cpu))
		alike = append(alike, float64(ours.cpu)/float64(same.cpu))
		ms = append(ms, ours.cpu.Seconds()*1000/n)
	}
	b.ReportMetric(float64(opened), "connections")
	b.ReportMetric(median(ms), "cpu-ms/instance")
	b.ReportMetric(median(ratios), "x-one-connection")
	b.ReportMetric(median(alike), "x-same-connections")
}

func median[T cmp.Ordered](list []T) T {
	slices.Sort(list)
	return list[len(list)/2]
}

func runMinimal(b *testing.B, y yard, n, connections int) used {
	b.Helper()
	line, err := json.Marshal(y)
	if err != nil {
		b.Fatal(err)
	}
	c := helper("minimal", "HALOCHECK_BENCH_YARD="+string(line), "HALOCHECK_BENCH_N="+strconv.Itoa(n), "HALOCHECK_BENCH_CONNECTIONS="+strconv.Itoa(connections))
	begin := time.Now()
	if out, err := c.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return usedBy(c, begin)
}

// minimalFleet asks what a fleet of runFleet is asked, in the same mixture and as many at once, and judges nothing.
func minimalFleet(t *testing.T) {
	text, _ := os.LookupEnv("HALOCHECK_BENCH_YARD")
	number, _ := os.LookupEnv("HALOCHECK_BENCH_N")
	conns, _ := os.LookupEnv("HALOCHECK_BENCH_CONNECTIONS")
	var y yard
	if err := json.Unmarshal([]byte(text), &y); err != nil {
		t.Fatal(err)
	}
	n, _ := strconv.Atoi(number)
	extra, _ := strconv.Atoi(conns)
	pool := x509.NewCertPool()
	pem, err := os.ReadFile(y.CA)
	if err != nil {
		t.Fatal(err)
	}
	pool.AppendCertsFromPEM(pem)
	places := make(chan struct{}, 32)
	var wg sync.WaitGroup
	for i := range n {
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			if err := minimalOne(y, i%10, pool, extra-1); err != nil {
				t.Error(i, err)
			}
		})
	}
	wg.Wait()
}

// lists are what a check reads once it has a token.
var lists = []string{"Agent/me", "InstanceInfo", "Application", "Client?page_no=1&page_size=1", "ClientContract?page_no=1&page_size=1",
	"Invoice?page_no=1&page_size=1", "Item?page_no=1&page_size=1", "Team?showall=true", "Tickets?page_no=1&page_size=1"}

func minimalOne(y yard, kind int, pool *x509.CertPool, extra int) error {
	base := y.Healthy
	config := &tls.Config{RootCAs: pool}
	switch kind {
	case 8:
		base, config = y.Chainless, &tls.Config{InsecureSkipVerify: true}
	case 9:
		_, err := net.Dial("tcp", "127.0.0.1:1")
		if err == nil {
			return errors.New("a dead host answers")
		}
		return nil
	}
	transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	ask := func(method, path, bearer string, form url.Values) (string, error) {
		req, err := http.NewRequestWithContext(context.Background(), method, base+path, strings.NewReader(form.Encode()))
		if err != nil {
			return "", err
		}
		if form != nil {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		if bearer != "" {
			req.Header.Set("Authorization", "Bearer "+bearer)
		}
		resp, err := client.Do(req)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return string(body), err
	}
	var wg sync.WaitGroup
	for range extra {
		wg.Go(func() {
			if c, err := tls.Dial("tcp", strings.TrimPrefix(base, "https://"), config); err == nil {
				_ = c.Close()
			}
		})
	}
	defer wg.Wait()
	secret := y.Secret
	if kind == 7 {
		secret = "not-the-secret"
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {y.ID}, "client_secret": {secret}, "scope": {"read:customers read:tickets"}}
	for _, first := range []string{"/api/authinfo", "/"} {
		if _, err := ask(http.MethodGet, first, "", nil); err != nil {
			return err
		}
	}
	if kind == 8 {
		return nil
	}
	if _, err := ask(http.MethodPost, "/auth/token", "", url.Values{}); err != nil {
		return err
	}
	body, err := ask(http.MethodPost, "/auth/token?tenant="+y.Tenant, "", form)
	if err != nil || kind == 7 {
		return err
	}
	_, rest, _ := strings.Cut(body, `"access_token":"`)
	bearer, _, _ := strings.Cut(rest, `"`)
	errs := make([]error, len(lists))
	for i, path := range lists {
		wg.Go(func() { _, errs[i] = ask(http.MethodGet, "/api/"+path, bearer, nil) })
	}
	wg.Wait()
	return errors.Join(errs...)
}
