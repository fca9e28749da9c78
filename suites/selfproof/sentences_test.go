package selfproof_test

import (
	"fmt"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	reports "github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/catalogue"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/trust"
)

// unsaid is what nobody would say on the phone.
var unsaid = map[string]*regexp.Regexp{
	"whoever":           regexp.MustCompile(`(?i)\bwhoever\b`),
	"untick all":        regexp.MustCompile(`(?i)\buntick all\b`),
	"a hedge":           regexp.MustCompile(`(?i)\b(perhaps|maybe|probably|possibly|might|apparently)\b`),
	"a flag":            regexp.MustCompile(`(^|[\s(])--[a-z]`),
	"a variable":        regexp.MustCompile(`\bHALO_[A-Z_]+`),
	"a digest":          regexp.MustCompile(`\b[0-9A-Fa-f]{32,}\b`),
	"a double negative": regexp.MustCompile(`(?i)\b(no|not|never|none) \w+ (without|un\w+ed)\b`),
	"a passive opening": regexp.MustCompile(`(?i)^(it|there) (is|was|has to be|can be) (\w+ed|known|seen|said)\b`),
}

// othersWords is what others wrote: names in quotes, addresses, paths and scopes. It is not ours to shorten.
var othersWords = regexp.MustCompile(`"[^"]*"|https?://\S+|ldap:\S+|\bGET\b|/\w[\w/]*|\b(read|edit):\w+,?`)

// faulty says what is wrong with a sentence; empty: nothing.
func faulty(text string, most int) (wrong []string) {
	own := othersWords.ReplaceAllString(text, "")
	for rule, pattern := range unsaid {
		if pattern.MatchString(own) {
			wrong = append(wrong, rule+": "+text)
		}
	}
	if len(own) > most {
		wrong = append(wrong, fmt.Sprintf("%d characters, at most %d: %s", len(own), most, text))
	}
	return wrong
}

// faultySeen says what is wrong with what was seen.
func faultySeen(because string) []string {
	wrong := faulty(because, 220)
	if because == "" || strings.HasSuffix(because, ".") {
		wrong = append(wrong, "not a part of a sentence: "+because)
	}
	return wrong
}

// conditions begin the sentences that may follow the one that says what to do: another case, and no second action.
var conditions = regexp.MustCompile(`^(If|Only|On) `)

// imperative are the words that a remedy begins with: what somebody does.
var imperative = regexp.MustCompile(`^(Add|Allow|Ask|Bind|Change|Check|Compare|Copy|Enable|Export|Forward|Give|Have|Import|Look|Make|Open|Publish|Put|Read|Renew|Replace|Run|Select|Serve|Set|Sign|Start|Stop|Switch|Take|Tell|Tick|Type|Untick|Upgrade|Use|Wait)\b`)

// faultyRemedy says what is wrong with what to do: it names one thing, and what to do in another case.
func faultyRemedy(do string) []string {
	do, _, _ = strings.Cut(do, trust.ProofMark)
	wrong := faulty(do, 230)
	if !imperative.MatchString(do) {
		wrong = append(wrong, "no thing to do: "+do)
	}
	for _, more := range strings.Split(othersWords.ReplaceAllString(do, ""), ". ")[1:] {
		if !conditions.MatchString(strings.TrimSpace(more)) {
			wrong = append(wrong, "two actions: "+do)
		}
	}
	return wrong
}

// expectSentences holds the rules of what is seen and done, for each finding that is explained.
func expectSentences(findings []probes.Finding) {
	GinkgoHelper()
	for _, f := range findings {
		if f.Status == probes.Failed || f.Status == probes.Unknown {
			Expect(faultySeen(f.Because)).To(BeEmpty(), f.ID)
			Expect(faultyRemedy(f.Remedy.Do)).To(BeEmpty(), f.ID)
		}
	}
}

var _ = Describe("sentences", func() {
	It("are short, active and name one action", func() {
		for cause, says := range reports.CauseMeanings {
			Expect(faulty(says, 110)).To(BeEmpty(), string(cause))
			Expect(says).To(MatchRegexp(`^([A-Z]|halocheck ).*[^.]$`), string(cause))
		}
		for _, c := range catalogue.All(guide.BuiltIn()) {
			m := c.Meta()
			Expect(faulty(m.Says, 100)).To(BeEmpty(), m.ID)
			Expect(faultyRemedy(m.Remedy.Do)).To(BeEmpty(), m.ID)
			Expect(faultyRemedy(m.FindOut.Do)).To(BeEmpty(), m.ID)
		}
	})

	It("that are not so are found", func() {
		for _, because := range []string{
			"", "it is known that nothing answers", "whoever asks is refused", "the server might be down", "give it --aia off", "the key id is 23ed6c26d67e00a8270b89af18129365498790e9",
			"no answer without a token", "it ends.", strings.Repeat("the server answers ", 20),
		} {
			Expect(faultySeen(because)).NotTo(BeEmpty(), because)
		}
		for _, do := range []string{"The chain has to be complete.", "Serve the chain. Restart the server.", "Untick all and save.", "Run it with --timeout 2m.", strings.Repeat("Serve the full chain, ", 20)} {
			Expect(faultyRemedy(do)).NotTo(BeEmpty(), do)
		}
	})
})
