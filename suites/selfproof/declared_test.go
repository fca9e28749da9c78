package selfproof_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/catalogue"
	"github.com/halocheck/halocheck/probes/guide"
)

// asked is what each probe sent, in the words that its Asks has to have: a method, and what is asked for.
type asked struct {
	mu       sync.Mutex
	by       map[string]map[[2]string]bool
	declared map[string]string
}

// hear is a [wire.Net]'s OnRequest.
func (a *asked) hear(r *http.Request) {
	what := "/"
	path := strings.TrimRight(r.URL.Path, "/")
	resource, isAPI := strings.CutPrefix(path, "/api/")
	switch {
	case r.Method == http.MethodPost:
		what = "token endpoint"
	case isAPI:
		what, _, _ = strings.Cut(resource, "/")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	name, asks := probes.Asking(r.Context())
	if a.by[name] == nil {
		a.by[name] = map[[2]string]bool{}
	}
	a.declared[name] = asks
	a.by[name][[2]string{r.Method, what}] = true
}

// named are the resources and methods that a probe's Asks claims for itself. What it says of other probes' questions
// follows "what … asks" or "nothing more than", and is theirs.
var named = regexp.MustCompile(`\b(GET|POST|HEAD)\b|\b(authinfo|InstanceInfo|Client|ClientContract|Item|Invoice|Tickets|Team|Agent|Roles|Application|Control)\b|token endpoint`)

// through are probes whose question others put for them.
var through = map[string][]string{
	"product.face": {"product.authinfo", "product.root", "product.instance", "product.unrelated"},
	"agent.teams":  {"agent.team-list"},
}

var _ = Describe("what is declared", Label("declared"), Ordered, func() {
	used := asked{by: map[string]map[[2]string]bool{}, declared: map[string]string{}}

	BeforeAll(func() {
		notUnderRace("what is sent under each fault does not depend on it")
		for _, c := range catalogue.All(guide.BuiltIn()) {
			used.declared[c.Meta().Probe] = c.Meta().Asks
		}
		listen := func(names ...string) {
			faults, err := fakehalo.Named(names...)
			Expect(err).NotTo(HaveOccurred())
			server, err := fakehalo.StartWith(fakehalo.Options{Faults: faults})
			Expect(err).NotTo(HaveOccurred())
			defer server.Close()
			for _, admin := range []bool{true, false} {
				s := session(server)
				if s.Net.OnRequest = used.hear; !admin {
					s.Admin = probes.Credentials{}
				}
				check(s)
				s.Net.Close()
			}
		}
		listen()
		for _, f := range fakehalo.Faults() {
			if !slices.Contains(slowPairs, f.Name) {
				listen(f.Name)
			}
		}
		for _, d := range fakehalo.Dialects() {
			listen(fmt.Sprintf("dialect:%s=%s", d.Name, d.Values[1]))
		}
	})

	It("is all that is asked", func() {
		var wrong []string
		for name, requests := range used.by {
			says := used.declared[name]
			for r := range requests {
				if !strings.Contains(says, r[0]) || !strings.Contains(says, r[1]) {
					wrong = append(wrong, fmt.Sprintf("%q sends %s %s, and says: %s", name, r[0], r[1], says))
				}
			}
		}
		Expect(wrong).To(BeEmpty(), strings.Join(wrong, "\n"))
	})

	It("is asked, all of it, by some instance", func() {
		var wrong []string
		for name, says := range used.declared {
			own, _, _ := strings.Cut(says, "what ")
			for _, word := range named.FindAllString(own, -1) {
				found := false
				for _, by := range append(through[name], name, strings.TrimSuffix(name, "@auth")) {
					for r := range used.by[by] {
						found = found || r[0] == word || r[1] == word
					}
				}
				if !found && !strings.HasPrefix(says, "nothing more") {
					wrong = append(wrong, fmt.Sprintf("%s never asks %s, and says: %s", name, word, says))
				}
			}
		}
		Expect(wrong).To(BeEmpty(), strings.Join(wrong, "\n"))
	})
})
