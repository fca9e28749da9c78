package report

import (
	"fmt"
	"strings"

	"github.com/halocheck/halocheck/internal/lazyregexp"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// maxFindings is more than any run has: each requirement once for each of two hosts.
const maxFindings = 2000

// Forms of values that are shown without quotation marks.
var (
	idPattern       = lazyregexp.New(`^[a-z]+\.[a-z0-9-]+$`)
	keywordPattern  = lazyregexp.New(`^[a-z0-9_]{0,64}$`)
	evidencePattern = lazyregexp.New(`^[A-Za-z0-9_.:/@-]{0,128}$`)
	datePattern     = lazyregexp.New(`^(\d{4}-\d{2}-\d{2})?$`)
)

// validate refuses a saved report whose values are not those of the schema: what has a fixed form is printed as it is.
func validate(r *Report) error {
	for _, c := range []check{
		{"target.hosting", string(r.Target.Hosting), r.Target.Hosting == "" || r.Target.Hosting == probes.Hosted || r.Target.Hosting == probes.OnPremise},
		{"outcome", string(r.Outcome), r.Outcome == "" || headlines[r.Outcome] != ""},
		{"took_ms", fmt.Sprint(r.TookMS), r.TookMS >= 0},
		{"requests", fmt.Sprint(r.Requests), r.Requests >= 0},
		{"requirements.total", fmt.Sprint(r.Coverage.Total), r.Coverage.Total >= 0},
		{"guide.profiles", strings.Join(r.Guide.Profiles, ", "), knownProfiles(r.Guide.Profiles)},
	} {
		if !c.ok {
			return c.err("")
		}
	}
	if err := validateGuides(r); err != nil {
		return err
	}
	for name := range r.Evidence {
		if !evidencePattern().MatchString(name) {
			return check{"evidence", name, false}.err("")
		}
	}
	return ValidateFindings(r.Findings)
}

// maxGuides is more than the library has.
const maxGuides = 500

// validateGuides refuses guides that no report names.
func validateGuides(r *Report) error {
	if len(r.Guides) > maxGuides || len(r.Contradictions) > maxFindings {
		return fmt.Errorf("it names %d guides and %d contradictions, more than any report", len(r.Guides), len(r.Contradictions))
	}
	names := map[string]bool{}
	for i, g := range r.Guides {
		checks := []check{
			{"name", g.Name, g.Name != "" && !names[g.Name]},
			{"outcome", string(g.Outcome), g.Outcome == "" || headlines[g.Outcome] != ""},
			{"confidence", g.Confidence, g.Confidence == "" || g.Confidence == guide.Partial},
		}
		for _, id := range g.RootCauses {
			checks = append(checks, check{"root_causes", id, idPattern().MatchString(id)})
		}
		for status, n := range g.Counts {
			checks = append(checks, check{"counts", string(status), n >= 0})
		}
		for _, c := range checks {
			if !c.ok {
				return c.err(fmt.Sprintf("guides[%d].", i))
			}
		}
		names[g.Name] = true
	}
	for i, c := range r.Contradictions {
		if !idPattern().MatchString(c.ID) {
			return check{"id", c.ID, false}.err(fmt.Sprintf("contradictions[%d].", i))
		}
	}
	return nil
}

// ValidateFindings refuses findings that no report holds, and more of them than any has.
func ValidateFindings(findings []probes.Finding) error {
	if n := len(findings); n > maxFindings {
		return fmt.Errorf("it holds %d findings, more than the %d of any report", n, maxFindings)
	}
	seen := map[string]bool{}
	for i, f := range findings {
		at := fmt.Sprintf("findings[%d].", i)
		for _, c := range checksOf(f) {
			if !c.ok {
				return c.err(at)
			}
		}
		if key := findingKey(f); seen[key] {
			return fmt.Errorf("findings[%d] is %s of the same host again", i, f.ID)
		} else {
			seen[key] = true
		}
	}
	return nil
}

// check is one value of a report and whether it is of the schema.
type check struct {
	name, value string
	ok          bool
}

// err is the refusal; a long value is cut.
func (c check) err(at string) error {
	value := c.value
	if runes := []rune(value); len(runes) > 40 {
		value = string(runes[:40]) + "…"
	}
	return fmt.Errorf("%s%s is %q, which no report holds", at, c.name, value)
}

func checksOf(f probes.Finding) []check {
	_, status := statusMarks[f.Status]
	checks := []check{
		{"id", f.ID, idPattern().MatchString(f.ID)},
		{"area", f.Area, f.Area == areaOf(f.ID)},
		{"level", string(f.Level), f.Level == probes.Must || f.Level == probes.Should || f.Level == probes.May},
		{"profile", f.Profile, f.Profile == "" || f.Profile == probes.All.Name() || knownProfiles([]string{f.Profile})},
		{"status", string(f.Status), status},
		{"cause", string(f.Cause), keywordPattern().MatchString(string(f.Cause))},
		{"blocked_by", f.BlockedBy, f.BlockedBy == "" || idPattern().MatchString(f.BlockedBy)},
		{"evidence", f.Evidence, evidencePattern().MatchString(f.Evidence)},
		{"took_ms", fmt.Sprint(f.TookMS), f.TookMS >= 0},
	}
	if f.Remedy != nil {
		_, who := ActorNames[f.Remedy.Who]
		checks = append(checks, check{"remedy.who", string(f.Remedy.Who), who})
	}
	for name, w := range map[string]*probes.Waiver{"waived": f.Waived, "waiver_ended": f.WaiverEnded, "waiver_unneeded": f.WaiverUnneeded} {
		if w != nil {
			checks = append(checks, check{name + ".until", w.Until, datePattern().MatchString(w.Until)})
		}
	}
	return checks
}

func areaOf(id string) string {
	area, _, _ := strings.Cut(id, ".")
	return area
}

// knownProfiles tells whether each is a profile of guides.
func knownProfiles(names []string) bool {
	for _, name := range names {
		if name != probes.Billing.Name() && name != probes.Alerts.Name() {
			return false
		}
	}
	return true
}
