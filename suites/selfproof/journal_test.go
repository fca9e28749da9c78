package selfproof_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

var _ = Describe("what goes over the wire", func() {
	It("asks the whole guide in at most 25 requests, also where scopes are refused", func() {
		for _, faults := range [][]string{
			{"healthy"}, {"dialect:scope-refusal=refuse"}, {"dialect:scope-refusal=refuse", "no-scope-read-items"},
			{"dialect:scope-refusal=refuse", "no-scope-read-invoices"}, {"unknown-scope"}, {"scopeless-token"},
		} {
			for _, admin := range []bool{true, false} {
				s := session(start(faults...))
				if !admin {
					s.Admin = probes.Credentials{}
				}
				check(s)
				AddReportEntry(fmt.Sprint(faults, " with admin credentials: ", admin), s.Net.Requests())
				most := 25
				if faults[0] != "healthy" {
					most += 3 * len(s.Vantages) // each vantage point knocks at three doors
					most += 2                   // the integration's own application is asked before the admin's: Application, Roles
				}
				Expect(s.Net.Requests()).To(BeNumerically("<=", most), "%v, with admin credentials: %v", faults, admin)
			}
		}
	})

	It("carries no secret to where a redirect points", func() {
		var stolen []string
		thief := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			stolen = append(stolen, r.Method+" "+r.URL.String())
		}))
		DeferCleanup(thief.Close)
		honest := start()
		bent := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm()
			switch {
			case strings.HasSuffix(r.URL.Path, "/api/authinfo"):
				_ = json.NewEncoder(w).Encode(map[string]string{"auth_url": "https://" + r.Host + "/auth", "tenant_id": "acme"})
			case r.PostForm.Get("grant_type") == "":
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusBadRequest)
				_, _ = w.Write([]byte(`{"error":"invalid_request"}`))
			default:
				http.Redirect(w, r, thief.URL+"/token", http.StatusTemporaryRedirect)
			}
		}))
		bent.StartTLS()
		DeferCleanup(bent.Close)
		s := session(honest)
		target, err := url.Parse(bent.URL)
		Expect(err).NotTo(HaveOccurred())
		s.Target.Resource, s.Target.AuthURL, s.Vantages = target, bent.URL+"/auth/", nil
		s.Net.Roots.Pool.AddCert(bent.Certificate())
		s.Net.Roots.Certs = append(s.Net.Roots.Certs, bent.Certificate())
		token := of(check(s), "login.token", "")
		Expect(token.Status).To(Equal(probes.Failed), token.Because)
		Expect(token.Because).To(ContainSubstring("points to " + thief.URL))
		Expect(stolen).To(BeEmpty())
	})
})

// expectNoSecret demands that neither findings nor evidence hold a secret in any encoding.
func expectNoSecret(s *probes.Session, findings []probes.Finding) {
	GinkgoHelper()
	evidence, err := s.Evidence()
	Expect(err).NotTo(HaveOccurred())
	raw, err := json.Marshal(map[string]any{"findings": findings, "evidence": evidence, "session": s.Credentials})
	Expect(err).NotTo(HaveOccurred())
	for _, form := range secret.Encodings(halo.Secrets(s)...) {
		Expect(string(raw)).NotTo(ContainSubstring(form))
	}
}

// expectReads demands that nothing was asked but GET, HEAD and the token POST.
func expectReads(server *fakehalo.Server) {
	GinkgoHelper()
	for _, r := range server.Requests() {
		reads := r.Method == http.MethodGet || r.Method == http.MethodHead
		token := r.Method == http.MethodPost && strings.HasSuffix(strings.TrimRight(r.Path, "/"), "/token")
		Expect(reads || token).To(BeTrue(), "%s %s", r.Method, r.Path)
	}
}
