package selfproof_test

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/probes"
)

// passing are answers that a later one takes back.
var passing = map[string]fakehalo.Injection{
	"a reset connection":      {Break: "reset"},
	"a dropped connection":    {Break: "drop"},
	"500":                     {Status: 500},
	"502":                     {Status: 502},
	"503":                     {Status: 503},
	"429 with seconds":        {Status: 429, Headers: map[string]string{"Retry-After": "1"}},
	"429 with a date":         {Status: 429, Headers: map[string]string{"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}},
	"429 without Retry-After": {Status: 429},
}

// depended are operations that halocheck cannot do without, and where a retry is told.
var depended = map[string]string{
	"GET /api/authinfo": "product.answers", "POST /auth/token": "login.token", "GET /api/Agent/{id}": "login.login-type",
}

var _ = Describe("what passes by itself", Label("transient"), func() {
	for what, injection := range passing {
		It(what+" is asked again, told, and no fault of the configuration", func() {
			for operation, id := range depended {
				for first := range 2 {
					By(operation)
					server := start()
					injection.Operation, injection.First = operation, first+1
					Expect(server.Inject(injection)).To(Succeed())
					s := session(server)
					s.Only = []string{"product.*", "login.*", "network.allowlist"}
					findings := check(s)
					Expect(problems(findings)).To(BeEmpty())
					if operation != "POST /auth/token" { // there the empty form comes first and takes what the secret would have met
						Expect(of(findings, id, "").Because).To(ContainSubstring("only when it was asked the"), "it is told")
					}
					server.Close()
				}
			}
		})

		It(what+" that stays is unknown, never a fault of the configuration", func() {
			notUnderRace("nearly all of it is waiting to ask again")
			var checks sync.WaitGroup // together, since nearly all of each is waiting
			for operation, id := range depended {
				server := start("dialect:instanceinfo=token") // InstanceInfo tells what answers as well as authinfo does
				injection.Operation, injection.First = operation, 0
				Expect(server.Inject(injection)).To(Succeed())
				s := session(server)
				s.Vantages = nil // who is cut off from a listed address as well is turned away there
				checks.Go(func() {
					defer GinkgoRecover()
					findings := check(s)
					for _, f := range findings {
						Expect(f.Status).NotTo(Equal(probes.Failed), "%s: %s %s: %s", operation, f.ID, f.Cause, f.Because)
					}
					Expect(of(findings, id, "").Status).To(BeElementOf(probes.Unknown, probes.Blocked), operation)
				})
			}
			checks.Wait()
		})
	}

	It("a token that came only when it was asked for again is told so", func() {
		findings := check(session(start("rate-limited-retry-after")))
		Expect(of(findings, "login.token", "").Because).To(HaveSuffix("; it answered so only when it was asked the 3. time"))
	})

	for what, refuse := range map[string]http.HandlerFunc{
		"401 with RFC 6750's words": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token", error_description="The token expired at '11/25/2026 20:00:00'"`)
			w.WriteHeader(http.StatusUnauthorized)
		},
		"400 with a sentence": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"error":"The access token has expired."}`))
		},
	} {
		It("a token that expires while it is in use is replaced once: "+what, func() {
			var first atomic.Value
			var refused atomic.Int64
			fake, front := honest("localhost", func(w http.ResponseWriter, r *http.Request) bool {
				token := r.Header.Get("Authorization")
				if token == "" || !strings.HasPrefix(r.URL.Path, "/api/") {
					return false
				}
				if first.CompareAndSwap(nil, token); first.Load() != token || strings.HasSuffix(r.URL.Path, "/Agent/me") {
					return false
				}
				refused.Add(1)
				refuse(w, r)
				return true
			})
			s := sessionAt(fake, front, "localhost", at(front, "localhost"))
			s.Admin = probes.Credentials{}
			var tokens atomic.Int64
			s.Net.OnRequest = func(r *http.Request) {
				if carriesSecret(r) {
					tokens.Add(1)
				}
			}
			findings := check(s)
			Expect(refused.Load()).To(BeNumerically(">", 0), "calls whose token had expired")
			Expect(tokens.Load()).To(BeEquivalentTo(usual()+1), "token requests")
			for _, f := range findings {
				Expect(f.Status).NotTo(Equal(probes.Failed), "%s %s: %s", f.ID, f.Cause, f.Because)
			}
			Expect(of(findings, "product.version", "").Status).To(Equal(probes.Passed))
		})
	}

	It("a server that calls every token expired is asked for one more, not for ever", func() {
		fake, front := honest("localhost", func(w http.ResponseWriter, r *http.Request) bool {
			if r.Header.Get("Authorization") == "" {
				return false
			}
			w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token", error_description="The token expired"`)
			w.WriteHeader(http.StatusUnauthorized)
			return true
		})
		s := sessionAt(fake, front, "localhost", at(front, "localhost"))
		s.Admin = probes.Credentials{}
		var tokens atomic.Int64
		s.Net.OnRequest = func(r *http.Request) {
			if carriesSecret(r) {
				tokens.Add(1)
			}
		}
		begun := time.Now()
		check(s)
		Expect(tokens.Load()).To(BeNumerically("<=", usual()+1), "token requests")
		Expect(time.Since(begun)).To(BeNumerically("<", 30*time.Second))
	})
})

// usual is how many token requests a run without admin credentials sends to a healthy instance.
func usual() (tokens int64) {
	GinkgoHelper()
	fake, front := honest("localhost", nil)
	s := sessionAt(fake, front, "localhost", at(front, "localhost"))
	s.Admin = probes.Credentials{}
	var sent atomic.Int64
	s.Net.OnRequest = func(r *http.Request) {
		if carriesSecret(r) {
			sent.Add(1)
		}
	}
	check(s)
	return sent.Load()
}
