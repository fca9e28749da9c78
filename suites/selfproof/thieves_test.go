package selfproof_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/fakehalo/hostile"
	"github.com/halocheck/halocheck/probes"
)

// redirected is a request that a server answers with a redirect, and the finding that has to tell of it.
var redirected = []struct {
	name, id string
	at       hostile.Stage
	status   probes.Status
	cause    probes.Cause
}{
	{"the token request", "login.token", hostile.Token, probes.Failed, probes.NotOAuth},
	{"a call with the token", "login.login-type", "/api/Agent/me", probes.Unknown, probes.NotObserved},
	{"another call with the token", "product.version", "/api/InstanceInfo", probes.Unknown, probes.VersionHidden},
}

// asTyped is a session for a hostile front.
func asTyped(front *hostile.Server) *probes.Session {
	GinkgoHelper()
	s := session(front.Fake)
	resource, err := probes.ParseTarget(front.URL)
	Expect(err).NotTo(HaveOccurred())
	s.Target.Resource, s.Target.AuthURL, s.Vantages = resource, front.AuthURL, nil
	s.Net.Roots = roots(front.CAFile)
	s.Only = []string{"login.*", "product.*"}
	return s
}

var _ = Describe("thieves", Label("thief"), func() {
	for _, row := range redirected {
		for name, host := range map[string]string{"another port": "localhost", "another host": "127.0.0.1", "http": ""} {
			It(fmt.Sprintf("%s follows no redirect to %s", row.name, name), func() {
				thief := newThief(host, nil)
				to, err := url.Parse(thief.URL)
				Expect(err).NotTo(HaveOccurred())
				if host == "localhost" {
					to.Host = "localhost:" + to.Port()
				}
				for _, status := range []int{301, 302, 303, 307, 308} {
					By(http.StatusText(status))
					front, err := hostile.Start(row.at, hostile.Redirect(status, to.String()+"/token"), nil, nil)
					Expect(err).NotTo(HaveOccurred())
					DeferCleanup(front.Close)
					s := asTyped(front)
					if thief.material != nil {
						trusts(s, thief) // nothing but the refusal to follow stands between it and the secret
					}
					f := of(check(s), row.id, "")
					Expect([]any{f.Status, f.Cause}).To(Equal([]any{row.status, row.cause}), f.Because)
					Expect(f.Because).To(SatisfyAll(ContainSubstring("points to "+to.String()), ContainSubstring("follows no redirect")))
					Expect(front.Hits()).To(BeNumerically(">", 0), "the redirect was never served")
				}
				thief.gotNothing()
			})
		}
	}

	It("a name that resolves to another address later moves nothing there", func() {
		fake, front := honest("localhost", nil)
		_, port, err := net.SplitHostPort(front.Listener.Addr().String())
		Expect(err).NotTo(HaveOccurred())
		elsewhere, err := net.Listen("tcp", "127.0.0.2:"+port)
		if err != nil {
			Skip("this machine has no second loopback address: " + err.Error())
		}
		DeferCleanup(elsewhere.Close)
		var stolen, asked atomic.Int64
		go func() {
			for c, err := elsewhere.Accept(); err == nil; c, err = elsewhere.Accept() {
				stolen.Add(1)
				_ = c.Close()
			}
		}()
		s := sessionAt(fake, front, "localhost", at(front, "localhost"))
		s.Net.Pinned = nil
		s.Net.Resolver = resolver(func() netip.Addr {
			if asked.Add(1) == 1 {
				return netip.MustParseAddr("127.0.0.1")
			}
			return netip.MustParseAddr("127.0.0.2")
		})
		f := of(check(s), "login.token", "")
		Expect(f.Status).To(Equal(probes.Passed), f.Because)
		Expect(front.connected.Load()).To(BeNumerically(">", 5), "every request had to find its server anew")
		Expect(asked.Load()).To(BeEquivalentTo(1), "questions to the resolver")
		Expect(stolen.Load()).To(BeZero())
	})

	for what, flaws := range map[string]struct {
		host    string
		trusted bool
		faults  []string
	}{
		"a certificate that nobody vouches for": {"localhost", false, nil},
		"another name's certificate":            {"thief.example", true, nil},
		"an expired certificate":                {"localhost", true, []string{"expired"}},
		"an unfinished chain":                   {"localhost", true, []string{"missing-intermediate-no-aia"}},
	} {
		for when, kind := range map[string]struct {
			is func(*http.Request) bool
			id string
		}{"secret": {carriesSecret, "login.token"}, "token": {carriesToken, "login.login-type"}} {
			It(fmt.Sprintf("who takes the server's place before the %s is sent, with %s, gets nothing", when, what), func() {
				fake, front := honest("localhost", nil)
				thief := newThief(flaws.host, nil, flaws.faults...)
				s := sessionAt(fake, front, "localhost", at(front, "localhost"))
				if flaws.trusted {
					trusts(s, thief)
				}
				swap(s, thief, kind.is)
				f := of(check(s), kind.id, "")
				Expect([]any{f.Status, f.Cause}).To(Equal([]any{probes.Unknown, probes.ServerUnproven}), f.Because)
				Expect(f.Because).To(ContainSubstring("nothing was sent on it"))
				Expect(thief.connected.Load()).To(BeNumerically(">", 0), "it never stood in the server's place")
				thief.gotNoSecret(s)
			})
		}
	}

	It("who takes the server's place before it names its Authorisation Server cannot name another", func() {
		// The question breaks off on the connection that was judged, and is asked again on another.
		fake, front := honest("localhost", answering("/api/authinfo", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
		accomplice := newThief("127.0.0.1", nil)
		thief := newThief("localhost", names(accomplice.URL+"/auth"))
		s := sessionAt(fake, front, "localhost", "")
		trusts(s, accomplice)
		swap(s, thief, func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/authinfo") })
		findings := check(s)
		// Another page may have shown HaloPSA before the thief came, so the status is left open.
		Expect(of(findings, "product.answers", "").Because).To(ContainSubstring("nothing was sent on it"))
		token := of(findings, "login.token", "")
		Expect(token.Status).NotTo(Equal(probes.Passed), token.Because)
		Expect(thief.connected.Load()).To(BeNumerically(">", 0), "it never stood in the server's place")
		thief.gotNoSecret(s)
		accomplice.gotNothing()
	})

	It("an Authorisation Server that the instance names gets nothing until it has proved its name", func() {
		thief := newThief("127.0.0.1", oauth)
		fake, front := honest("localhost", answering("/api/authinfo", names(thief.URL+"/auth")))
		s := sessionAt(fake, front, "localhost", "")
		findings := check(s)
		f := of(findings, "login.token", "")
		Expect([]any{f.Status, f.BlockedBy}).To(Equal([]any{probes.Blocked, "trust.chain"}), f.Because)
		chain := of(findings, "trust.chain", thief.Listener.Addr().String())
		Expect(chain.Status).To(Equal(probes.Failed), chain.Because)
		Expect(thief.requests()).NotTo(BeEmpty(), "the anonymous question")
		thief.gotNoSecret(s)
	})

	It("a typed Authorisation Server wins over one that the instance names, even one that has proved its name", func() {
		thief := newThief("127.0.0.1", oauth)
		fake, front := honest("localhost", answering("/api/authinfo", names(thief.URL+"/auth")))
		s := sessionAt(fake, front, "localhost", at(front, "localhost"))
		trusts(s, thief)
		findings := check(s)
		Expect(of(findings, "login.token", "").Status).To(Equal(probes.Passed), problems(findings))
		url := of(findings, "login.auth-url", "")
		Expect(url.Because).To(ContainSubstring(thief.URL), "that it names another is told")
		thief.gotNothing()
	})

	It("an instance that has not proved its name cannot name who gets the secret", func() {
		thief := newThief("127.0.0.1", oauth)
		fake, front := honest("localhost", answering("/api/authinfo", names(thief.URL+"/auth")))
		s := sessionAt(fake, front, "localhost", "")
		s.Net.Roots = roots("")
		trusts(s, thief)
		f := of(check(s), "login.token", "")
		Expect([]any{f.Status, f.BlockedBy}).To(Equal([]any{probes.Blocked, "trust.chain"}), f.Because)
		thief.gotNoSecret(s)
	})

	It("a password in the URL that the instance names is sent nowhere, and not told", func() {
		fake, front := honest("localhost", func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/api/authinfo" {
				return false
			}
			names("https://somebody:pa55word-of-somebody@"+r.Host+"/auth")(w, r)
			return true
		})
		s := sessionAt(fake, front, "localhost", "")
		findings := check(s)
		f := of(findings, "login.auth-url", "")
		Expect([]any{f.Status, f.Cause}).To(Equal([]any{probes.Failed, probes.TokenEndpointMissing}), f.Because)
		Expect(f.Because).To(ContainSubstring("somebody:xxxxx@"))
		evidence, err := s.Evidence()
		Expect(err).NotTo(HaveOccurred())
		Expect(fmt.Sprint(findings) + fmt.Sprintf("%s", evidence)).NotTo(ContainSubstring("pa55word"))
		front.gotNoSecret(s)
	})

	It("a proxy that looks into its tunnels is a vantage point, and sees no credentials", func() {
		proxy, thief := connectProxy()
		s := session(start())
		s.Vantages = []probes.Vantage{{Name: "3.19.3.152", URL: proxy}}
		f := of(check(s), "login.token", "")
		Expect(f.Status).To(Equal(probes.Passed), f.Because)
		Expect(thief.requests()).NotTo(BeEmpty(), "the anonymous questions")
		thief.gotNoSecret(s)
	})

	It("a proxy of the environment is not used, and that is told", func(ctx SpecContext) {
		thief := newThief("", nil)
		fake, front := honest("halo.acme.example", nil)
		_, port, err := net.SplitHostPort(front.Listener.Addr().String())
		Expect(err).NotTo(HaveOccurred())
		given := fake.Credentials
		command := exec.CommandContext(ctx, built(ctx), "check", "https://halo.acme.example:"+port, "--auth-url", at(front, "halo.acme.example"),
			"--resolve", "halo.acme.example:"+port+":127.0.0.1", "--tenant", given.Tenant, "--client-id", given.ClientID,
			"--client-secret-file", "-", "--ca-file", pemOf(front), "--format", "json", "--only", "login.token")
		command.Env = os.Environ()
		for _, name := range []string{"HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy"} {
			command.Env = append(command.Env, name+"="+thief.URL)
		}
		command.Stdin = strings.NewReader(given.ClientSecret)
		var said strings.Builder
		command.Stderr = &said
		out, err := command.Output()
		Expect(err).NotTo(HaveOccurred(), said.String()+string(out))
		Expect(said.String()).To(ContainSubstring("HTTPS_PROXY is set and not used"))
		thief.gotNothing()
	})
})

// names answers as authinfo, with that Authorisation Server.
func names(authURL string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"auth_url": authURL, "tenant_id": "acme"})
	}
}

// oauth answers as a token endpoint that was asked without credentials.
func oauth(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = w.Write([]byte(`{"error":"invalid_request"}`))
}

// answering answers one path itself.
func answering(path string, answer http.HandlerFunc) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != path {
			return false
		}
		answer(w, r)
		return true
	}
}

// resolver is a function that knows one name.
type resolver func() netip.Addr

// LookupNetIP makes it a [wire.Resolver].
func (r resolver) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{r()}, nil
}
