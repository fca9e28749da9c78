package selfproof_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/internal/credential"
	"github.com/halocheck/halocheck/internal/page"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/internal/store"
	"github.com/halocheck/halocheck/internal/team"
)

// teamPage serves a team's page until the spec ends, and returns its address.
func teamPage(ctx SpecContext, change func(address string, o *team.Options)) string {
	GinkgoHelper()
	kept, err := store.Open(ctx, filepath.Join(GinkgoT().TempDir(), "team.db"))
	Expect(err).NotTo(HaveOccurred())
	server := httptest.NewUnstartedServer(nil)
	address := "http://" + server.Listener.Addr().String() + "/"
	o := team.Options{
		Store: kept,
		Page: page.Options{
			Table: settings.All, Tell: func(error) {},
			Source: settings.Source{Source: credential.Source{Stdin: strings.NewReader(""), Getenv: func(string) string { return "" }}},
		},
	}
	change(address, &o)
	p, err := team.New(ctx, o)
	Expect(err).NotTo(HaveOccurred())
	server.Config.Handler = p
	server.Start()
	DeferCleanup(func() {
		p.Close()
		server.Close()
		Expect(kept.Close()).To(Succeed())
	})
	return address
}

// provider is an OpenID provider that nobody gets as far as.
func provider() string {
	server := httptest.NewUnstartedServer(nil)
	issuer := "http://" + server.Listener.Addr().String()
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{
			"issuer": issuer, "authorization_endpoint": issuer + "/a", "token_endpoint": issuer + "/t", "jwks_uri": issuer + "/k", "id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	server.Start()
	DeferCleanup(server.Close)
	return issuer
}

// teamSeen is what the browser saw of the team's page.
type teamSeen struct {
	Complaints, Foreign, Axe, Unfit []string
	Seen                            struct {
		Check struct {
			Boxes  int
			First  string
			Wait   int // milliseconds from the form to the first verdict on the screen
			Guides []string
		}
		Steps struct {
			Integrations        []string
			Before, Done, After string
		}
		Changes    []string
		NotChecked int
		Refused    map[string]string
	}
}

var _ = Describe("a team's page in Chromium", Label("browser", "team"), func() {
	It("checks by several guides, and the customer's page turns green as they go", func(ctx SpecContext) {
		notUnderRace(unwatched)
		dir, chromium := browserRun()
		fake := start("old-version")
		at, err := url.Parse(fake.URL)
		Expect(err).NotTo(HaveOccurred())
		port, err := strconv.ParseUint(at.Port(), 10, 16)
		Expect(err).NotTo(HaveOccurred())
		form := typed(fake)
		for _, none := range []string{"via", "admin-client-id", "admin-secret-file"} {
			delete(form.Fields, none)
		}
		input, err := json.Marshal(map[string]any{
			"page": teamPage(ctx, func(_ string, o *team.Options) {
				o.Targets = team.Targets{Private: true, Ports: []uint16{uint16(port)}}
			}),
			"login": teamPage(ctx, func(address string, o *team.Options) {
				o.OIDC = &team.OIDC{Issuer: provider(), ClientID: "page", URL: strings.TrimSuffix(address, "/"), Viewers: []string{"desk"}}
			}),
			"fields": form.Fields, "admin": form.Admin,
		})
		Expect(err).NotTo(HaveOccurred())
		args := []string{"team.mjs", chromium}
		if pictures := os.Getenv("HALOCHECK_PICTURES"); pictures != "" {
			args = append(args, pictures)
		}
		var o teamSeen
		Expect(json.Unmarshal(command(dir, nil, input, "node", args...), &o)).To(Succeed())

		Expect(o.Complaints).To(BeEmpty())
		Expect(o.Foreign).To(BeEmpty(), "nobody else is asked")
		Expect(o.Axe).To(BeEmpty())
		Expect(o.Unfit).To(BeEmpty())

		AddReportEntry("the first verdict is on the screen", fmt.Sprintf("%d ms after the form was sent", o.Seen.Check.Wait), ReportEntryVisibilityAlways)
		Expect(o.Seen.Check.Wait).To(And(BeNumerically(">", 0), BeNumerically("<", 10_000)))
		Expect(o.Seen.Check.Boxes).To(Equal(1))
		Expect(o.Seen.Check.First).To(Equal("HaloPSA is out of date"))
		Expect(o.Seen.Check.Guides).To(ConsistOf(ContainSubstring("MSPCentric"), ContainSubstring("Hudu"), "Contradictions"))
		Expect(o.Seen.Steps.Integrations).To(Equal([]string{"MSPCentric: isn't working yet; to change: 1.", "Hudu: isn't working yet; to change: 2."}))
		Expect(o.Seen.Steps.Before).To(ContainSubstring("0 of 2 steps are done."))
		Expect(o.Seen.Steps.Done).To(ContainSubstring("This is done."))
		Expect(o.Seen.Steps.After).To(ContainSubstring("1 of 2 steps are done."))
		Expect(o.Seen.Changes).To(ConsistOf(HavePrefix("MSPCentric: "), HavePrefix("Hudu: ")))
		Expect(o.Seen.NotChecked).To(BeNumerically(">", 0))
		Expect(o.Seen.Refused).To(HaveKeyWithValue("link-over", ContainSubstring("does not work any more")))
		Expect(o.Seen.Refused).To(HaveKeyWithValue("log-in-refused", ContainSubstring("log in again")))
		Expect(o.Seen.Refused).To(HaveLen(4))
	}, NodeTimeout(5*time.Minute))
})
