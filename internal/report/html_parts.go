package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/trust"
)

// statusOrder is the order in which statuses are counted and offered.
var statusOrder = []probes.Status{probes.Failed, probes.Broken, probes.Unknown, probes.Blocked, probes.Passed, probes.NotApplicable, probes.Skipped}

// split is a remedy as it is shown: what to do, the command that proves it, and where.
func split(r *probes.Remedy) (do, proof, where string) {
	do, proof, _ = strings.Cut(r.Do, trust.ProofMark)
	return clean(do), clean(proof), clean(r.Where)
}

// dutyCards are the remedies by who acts.
func (s *sheet) dutyCards(r *Report) []dutyCard {
	var out []dutyCard
	for _, d := range dutiesOf(r.Findings) {
		duty := dutyCard{Actor: clean(string(d.who)), Title: upperFirst(Actors[d.who]), Copy: d.message(r)}
		for _, t := range d.tasks {
			task := taskCard{Do: clean(plainDo(t.do)), Proof: clean(t.proof), Where: clean(t.where), Optional: t.optional()}
			for _, f := range t.findings[:min(len(t.findings), mostNamed)] {
				task.For = append(task.For, s.cards[placeOf(f)])
			}
			task.More = len(t.findings) - len(task.For)
			duty.Tasks = append(duty.Tasks, task)
		}
		out = append(out, duty)
	}
	return out
}

// message is what somebody is asked to do, as a plain text in the words of the customer's report.
func (d *duty) message(r *Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "For the connection to %s:\n", clean(r.Target.URL))
	for i, t := range d.tasks {
		fmt.Fprintf(&b, "\n%d. %s\n", i+1, clean(plainDo(t.do)))
		for _, line := range t.lines(severalHosts(r.Findings)) {
			fmt.Fprintf(&b, "   %s: %s\n", line[0], clean(line[1]))
		}
	}
	return b.String()
}

// choices are the values that occur, so that no filter shows nothing.
func (s *sheet) choices(r *Report) {
	for _, status := range statusOrder {
		if n := r.Counts[status]; n > 0 {
			s.Tally = append(s.Tally, tally{status, marks[status].sign, n})
			s.Statuses = append(s.Statuses, choice{string(status), fmt.Sprintf("%s (%d)", status, n), marks[status].sign})
		}
	}
	for _, c := range s.Chapters {
		s.Areas = append(s.Areas, choice{Value: c.Area, Label: c.Title})
	}
	uses, who := map[string]bool{}, map[string]bool{}
	for _, c := range s.all() {
		uses[c.Profile] = true
		who[c.Actor] = true
	}
	for _, use := range slices.Sorted(maps.Keys(uses)) {
		label := use + " only"
		if use == probes.All.Name() {
			label = "every profile"
		}
		s.Uses = append(s.Uses, choice{Value: use, Label: label})
	}
	for _, actor := range slices.Sorted(maps.Keys(who)) {
		label := "nobody"
		if actor != "" {
			label = orElse(Actors[probes.Actor(actor)], actor)
		}
		s.Who = append(s.Who, choice{Value: orElse(actor, "nobody"), Label: label})
	}
}

// exhibit is one judged answer.
type exhibit struct{ Anchor, Key, Text string }

// Most that is shown of an answer: the JSON report has all of it.
const (
	mostString  = 160      // characters of one value, such as a certificate in base64
	mostExhibit = 24 << 10 // bytes of one answer
)

// exhibitsOf are the answers as text, in the order of their names.
func exhibitsOf(r *Report) []exhibit {
	var all []exhibit
	for _, key := range slices.Sorted(maps.Keys(r.Evidence)) {
		d := json.NewDecoder(bytes.NewReader(r.Evidence[key]))
		d.UseNumber()
		var tree any
		if d.Decode(&tree) != nil {
			continue // a report that was read holds whole documents; one that is made does too
		}
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if e.Encode(shortened(tree)) != nil {
			continue
		}
		text := Escaped(strings.TrimSpace(b.String()))
		if len(text) > mostExhibit {
			text = strings.ToValidUTF8(text[:mostExhibit], "") + "\n… cut here; the JSON report has all of it"
		}
		all = append(all, exhibit{"evidence-" + clean(key), clean(key), text})
	}
	return all
}

// shortened is a document whose long strings are cut.
func shortened(v any) any {
	switch v := v.(type) {
	case string:
		if letters := []rune(v); len(letters) > mostString {
			return fmt.Sprintf("%s… (%d characters)", string(letters[:mostString/2]), len(letters))
		}
	case []any:
		for i := range v {
			v[i] = shortened(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = shortened(v[key])
		}
	}
	return v
}

// orElse is s, or other where s is empty.
func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
