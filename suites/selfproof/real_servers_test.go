package selfproof_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/probes"
)

// realHost is the name that the real servers are asked for.
const realHost = "halo.servers.test"

// realCase is one way to set the servers up.
type realCase struct {
	name   string
	served served
	want   []string            // what is to be told, as "ID status cause"
	except map[string][]string // the same of one server that differs
	not    []string            // servers that cannot be set up so
}

// differing are the cases in which curl and openssl accept what trust.handshake or trust.chain refuses, or openssl refuses a
// certificate that trust accepts, with the reason.
var differing = map[string]string{
	"nginx, client certificate required":      answers400,
	"nginx, client certificate required, 1.2": answers400,
	"Apache, RSA and ECDSA, ECDSA alone":      "OpenSSL's hello asks for ECDSA first and crypto/tls's for RSA, and Apache sends what is asked for first; trust.consistent finds the other",
}

const answers400 = "nginx completes the handshake and answers every request with status 400, which curl takes for an answer"

// job is one case with one server.
type job struct {
	terminator
	realCase
	want []string
	dir  string
}

// row is what was seen of one case with one server.
type row struct {
	server, name        string
	curl, openssl       string // empty: accepted
	told                []string
	sentences           []string
	err                 error
	chainFails, refuses bool // a certificate does not hold; trust.handshake or trust.chain fails
}

// observe runs one case.
func observe(j job, roots string, session func(addr string) *probes.Session) row {
	r := row{server: j.terminator.name, name: j.realCase.name}
	addr, stop, err := j.start(j.served, j.dir, roots)
	if err != nil {
		r.err = err
		return r
	}
	defer stop()
	_, port, _ := net.SplitHostPort(addr)
	r.curl = said("curl", "-sS", "-o", os.DevNull, "--max-time", "10", "--cacert", roots, "--resolve", realHost+":"+port+":127.0.0.1", "https://"+realHost+":"+port+"/api/authinfo")
	r.openssl = said("openssl", "s_client", "-connect", addr, "-servername", realHost, "-verify_hostname", realHost, "-CAfile", roots, "-verify_return_error")
	s := session(addr)
	defer s.Net.Close()
	for _, f := range check(s) {
		if f.Status == probes.Passed || f.Status == probes.Blocked || f.Status == probes.NotApplicable {
			continue
		}
		if f.Area != "trust" && f.Area != "network" && f.ID != "product.answers" && f.ID != "login.auth-url" && f.ID != "login.token" || f.Cause == probes.NoVantage || f.Cause == probes.UnrestrictedHere {
			continue
		}
		r.told = append(r.told, fmt.Sprintf("%s %s %s", f.ID, f.Status, f.Cause))
		r.sentences = append(r.sentences, fmt.Sprintf("%s: %s\n      %v", f.ID, f.Because, f.Remedy))
		if f.Status == probes.Failed && (f.ID == "trust.handshake" || f.ID == "trust.chain") {
			r.refuses = true
		}
		r.chainFails = r.chainFails || f.Status == probes.Failed && slices.Contains([]string{"trust.chain", "trust.name", "trust.in-date", "trust.strength"}, f.ID)
	}
	return r
}

// said runs a client; empty where it accepts the server, else its last words.
func said(name string, args ...string) string {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err == nil {
		return ""
	}
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSpace(line)
		if strings.Contains(line, "verify error") || strings.HasPrefix(line, "curl: ") || strings.Contains(line, "alert") {
			return line[:min(len(line), 60)]
		}
	}
	return err.Error()
}

// disagreements says where a row is not what it should be.
func (r row) disagreements(want []string) (wrong []string) {
	differs := r.curl == "" && r.openssl == "" && r.refuses || strings.Contains(r.openssl, "verify error") && !r.chainFails
	switch listed := differing[r.server+", "+r.name] != ""; {
	case r.err != nil:
		return []string{r.err.Error()}
	case differs && !listed:
		wrong = append(wrong, "trust.handshake and trust.chain disagree with curl and openssl")
	case listed && !differs:
		wrong = append(wrong, "it is listed as a disagreement and is none")
	}
	if !slices.Equal(r.told, want) {
		wrong = append(wrong, fmt.Sprintf("it should tell %v", want))
	}
	return wrong
}

// Real servers end TLS before the fake, and two ordinary clients with the same roots say what is right.
var _ = Describe("real servers", Label("real-servers"), func() {
	It("are judged as curl and openssl judge them", func() {
		notUnderRace(unwatched)
		for _, t := range terminators {
			if program(t.programs...) == "" {
				cannot(t.name + " is not installed: apt-get install " + t.from)
			}
		}
		for _, name := range []string{"curl", "openssl"} {
			if program(name) == "" {
				cannot(name + " is not installed: apt-get install " + name)
			}
		}
		lab := &realLab{dir: GinkgoT().TempDir()}
		fake, err := fakehalo.StartWith(fakehalo.Options{PlainHTTP: true})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(fake.Close)
		cases := realCases(lab, strings.TrimPrefix(fake.URL, "http://"))
		Expect(os.WriteFile(lab.rootsFile(), lab.roots, 0o600)).To(Succeed())
		trusted := roots(lab.rootsFile())
		session := func(addr string) *probes.Session {
			_, port, _ := net.SplitHostPort(addr)
			at := net.JoinHostPort(realHost, port)
			s := sessionVia("https://"+at, fake, trusted)
			s.Target.AuthURL, s.Target.AuthTyped, s.Vantages = "https://"+at+"/auth/", true, nil
			s.Net.Pinned[at] = []netip.Addr{netip.MustParseAddr("127.0.0.1")}
			return s
		}

		var jobs []job
		for _, c := range cases {
			for _, t := range terminators {
				if slices.Contains(c.not, t.name) {
					continue
				}
				want, special := c.except[t.name]
				if !special {
					want = c.want
				}
				jobs = append(jobs, job{t, c, want, GinkgoT().TempDir()})
			}
		}
		rows := make([]row, len(jobs))
		var running sync.WaitGroup
		turns := make(chan struct{}, 10)
		for i, j := range jobs {
			running.Go(func() {
				defer GinkgoRecover()
				turns <- struct{}{}
				defer func() { <-turns }()
				rows[i] = observe(j, lab.rootsFile(), session)
			})
		}
		running.Wait()
		var table, wrong strings.Builder
		for i, r := range rows {
			listed := differing[r.server+", "+r.name]
			fmt.Fprintf(&table, "%-8s %-34s curl %-10.10s openssl %-10.10s %s%s\n", r.server, r.name, orAccepts(r.curl), orAccepts(r.openssl), strings.Join(r.told, "; "), ifSet(listed != "", " ("+listed+")"))
			GinkgoWriter.Printf("%s, %s\n    %s\n", r.server, r.name, strings.Join(r.sentences, "\n    "))
			for _, why := range r.disagreements(jobs[i].want) {
				fmt.Fprintf(&wrong, "%s, %s: %s\n  curl: %s\n  openssl: %s\n  told: %q\n    %s\n", r.server, r.name, why, orAccepts(r.curl), orAccepts(r.openssl), r.told, strings.Join(r.sentences, "\n    "))
			}
		}
		AddReportEntry("server, case, curl, openssl, halocheck", table.String())
		Expect(wrong.String()).To(BeEmpty())
	})
})

func orAccepts(said string) string {
	if said == "" {
		return "accepts"
	}
	return said
}
