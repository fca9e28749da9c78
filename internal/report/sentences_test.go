package report_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes/catalogue"
	"github.com/halocheck/halocheck/probes/guide"
)

// unsaid is what nobody would say on the phone.
var unsaid = map[string]*regexp.Regexp{
	"whoever":           regexp.MustCompile(`(?i)\bwhoever\b`),
	"untick all":        regexp.MustCompile(`(?i)\buntick all\b`),
	"a hedge":           regexp.MustCompile(`(?i)\b(perhaps|maybe|probably|possibly|might|apparently)\b`),
	"a flag":            regexp.MustCompile(`(^|[\s(])--[a-z]`),
	"a variable":        regexp.MustCompile(`\bHALO_[A-Z_]+`),
	"a double negative": regexp.MustCompile(`(?i)\b(no|not|never|none) \w+ (without|un\w+ed)\b`),
	"a passive opening": regexp.MustCompile(`^(It|There) (is|was|has to be|can be) (\w+ed|known|seen|said)\b`),
}

// TestSentences holds the rules of design §8 that a program can judge.
func TestSentences(t *testing.T) {
	check := func(where, text string, most int) {
		for rule, pattern := range unsaid {
			if found := pattern.FindString(text); found != "" {
				t.Errorf("%s: %s: %s", where, rule, text)
			}
		}
		if len(text) > most {
			t.Errorf("%s: %d characters, at most %d: %s", where, len(text), most, text)
		}
	}
	for cause, says := range report.CauseMeanings {
		check(string(cause), says, 110)
		if first := says[:1]; first != strings.ToUpper(first) && !strings.HasPrefix(says, "halocheck ") || strings.HasSuffix(says, ".") {
			t.Errorf("%s is no sentence of its own: %s", cause, says)
		}
	}
	for _, c := range catalogue.All(guide.BuiltIn()) {
		m := c.Meta()
		check(m.ID+" says", m.Says, 100)
		for what, do := range map[string]string{"remedy": m.Remedy.Do, "find out": m.FindOut.Do} {
			check(m.ID+" "+what, do, 260)
			if verb, _, _ := strings.Cut(do, " "); !imperative[strings.TrimRight(verb, ",")] {
				t.Errorf("%s %s names no thing to do: %s", m.ID, what, do)
			}
		}
	}
}

// imperative are the words that a remedy begins with: what somebody does.
var imperative = map[string]bool{}

func init() {
	for _, verb := range strings.Fields("Add Allow Ask Bind Change Check Compare Copy Enable Give Have Leave Let Log Look Make Open Publish Read Renew Replace Run Select Serve Set Take Tick Type Untick Upgrade Use Wait") {
		imperative[verb] = true
	}
}
