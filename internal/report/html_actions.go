package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/trust"
)

// statusOrder is the order in which statuses are counted and offered.
var statusOrder = []probes.Status{probes.Failed, probes.Broken, probes.Unknown, probes.Blocked, probes.Passed, notChecked, probes.NotApplicable, probes.Skipped}

// statusSign is what stands before a status that is shown.
func statusSign(shown probes.Status) string {
	if shown == notChecked {
		shown = probes.Skipped
	}
	return statusMarks[shown].sign
}

// shownCounts counts the findings by their status as it is shown.
func shownCounts(r *Report) map[probes.Status]int {
	counts := maps.Clone(r.Counts)
	if n := len(unneeded(r.Findings)); n > 0 {
		counts[probes.Unknown] -= n
		counts[notChecked] = n
	}
	return counts
}

// splitRemedy is a remedy as it is shown: what to do, the command that proves it, and where.
func splitRemedy(r *probes.Remedy) (do, proof, where string) {
	do, proof, _ = strings.Cut(r.Do, trust.ProofMark)
	return safetext.Line(do), safetext.Line(proof), safetext.Line(r.Where)
}

// rootsNote explains a command that names further roots; empty where it names none.
func rootsNote(proof string) string {
	if strings.Contains(proof, "ROOTS.pem") {
		return "ROOTS.pem is the file with the further roots of this check"
	}
	return ""
}

// actorViews are the remedies by who acts.
func (s *htmlView) actorViews(r *Report) []actorView {
	var out []actorView
	for _, d := range actionsByActor(r.Findings) {
		duty := actorView{Actor: safetext.Line(string(d.actor)), Title: upperFirst(ActorNames[d.actor]), MessageText: d.messageText(r)}
		for _, t := range d.actions {
			task := actionView{Do: safetext.Line(t.do), Proof: safetext.Line(t.verify), Where: safetext.Line(t.where), Optional: t.isOptional()}
			for _, f := range t.findings[:min(len(t.findings), maxNamed)] {
				task.Findings = append(task.Findings, s.views[findingKey(f)])
			}
			task.More = len(t.findings) - len(task.Findings)
			duty.Tasks = append(duty.Tasks, task)
		}
		out = append(out, duty)
	}
	return out
}

// messageText is what somebody is asked to do, as a plain text in the words of the customer's report.
func (d *actorActions) messageText(r *Report) string {
	l := newLetter(r)
	l.People = slices.DeleteFunc(l.People, func(p letterPerson) bool { return p.Title != customerActors[d.actor] })
	return l.text(1 << 20)
}

// countsOf are the counts of a status in the heading, where what does not decide the outcome is told apart.
func countsOf(r *Report, status probes.Status, n int) []statusCount {
	sign := statusSign(status)
	all := []statusCount{{string(status), sign, n}}
	switch status {
	case probes.Passed:
		all = []statusCount{{string(status), sign, r.Counts[status] - r.Attested}, {"vouched for", sign, r.Attested}}
	case probes.Failed:
		fails, recommendations, accepted := failedKinds(r)
		all = []statusCount{{string(status), sign, fails}, {"recommended", "–", recommendations}, {"accepted", "–", accepted}}
	}
	return slices.DeleteFunc(all, func(c statusCount) bool { return c.N == 0 && c.Status != string(probes.Passed) })
}

// setFilters are the values that occur, so that no filter shows nothing.
func (s *htmlView) setFilters(r *Report) {
	counts := shownCounts(r)
	for _, status := range statusOrder {
		if n := counts[status]; n > 0 {
			s.Counts = append(s.Counts, countsOf(r, status, n)...)
			s.Statuses = append(s.Statuses, filterOption{string(status), fmt.Sprintf("%s (%d)", status, n), statusSign(status)})
		}
	}
	for _, c := range s.Chapters {
		s.Areas = append(s.Areas, filterOption{Value: c.Area, Label: c.Title})
	}
	uses, who := map[string]bool{}, map[string]bool{}
	for _, c := range s.findings() {
		uses[c.Profile] = true
		who[c.Actor] = true
	}
	for _, use := range slices.Sorted(maps.Keys(uses)) {
		label := use + " only"
		if use == probes.All.Name() {
			label = "every profile"
		}
		s.Uses = append(s.Uses, filterOption{Value: use, Label: label})
	}
	for _, actor := range slices.Sorted(maps.Keys(who)) {
		label := "nobody"
		if actor != "" {
			label = orElse(ActorNames[probes.Actor(actor)], actor)
		}
		s.Who = append(s.Who, filterOption{Value: orElse(actor, "nobody"), Label: label})
	}
}

// evidenceView is one judged answer.
type evidenceView struct{ Anchor, Key, Text string }

// Most that is shown of an answer: the JSON report has all of it.
const (
	maxValueRunes    = 160      // characters of one value, such as a certificate in base64
	maxEvidenceBytes = 24 << 10 // bytes of one answer
	maxEvidenceRead  = 1 << 20  // bytes of an answer that is laid out; of a longer one the beginning is shown as it is
)

const cutHere = "\n… cut here; the JSON report has all of it"

// evidenceViews are the answers as text, in the order of their names.
func evidenceViews(r *Report) []evidenceView {
	var all []evidenceView
	for _, key := range slices.Sorted(maps.Keys(r.Evidence)) {
		if raw := string(r.Evidence[key]); len(raw) > maxEvidenceRead {
			text := strings.ToValidUTF8(raw[:maxEvidenceBytes], "")
			all = append(all, evidenceView{"evidence-" + safetext.Line(key), safetext.Line(key), safetext.EscapeJSON(text) + cutHere})
			continue
		}
		d := json.NewDecoder(bytes.NewReader(r.Evidence[key]))
		d.UseNumber()
		var tree any
		if d.Decode(&tree) != nil {
			continue // a report that was read holds whole documents; one that is made does too
		}
		raw, err := safetext.JSON(truncateStrings(tree), "  ")
		if err != nil {
			continue
		}
		text := strings.TrimSpace(string(raw))
		if len(text) > maxEvidenceBytes {
			text = strings.ToValidUTF8(text[:maxEvidenceBytes], "") + cutHere
		}
		all = append(all, evidenceView{"evidence-" + safetext.Line(key), safetext.Line(key), text})
	}
	return all
}

// truncateStrings is a document whose long strings are cut.
func truncateStrings(v any) any {
	switch v := v.(type) {
	case string:
		if letters := []rune(v); len(letters) > maxValueRunes {
			return fmt.Sprintf("%s… (%d characters)", string(letters[:maxValueRunes/2]), len(letters))
		}
	case []any:
		for i := range v {
			v[i] = truncateStrings(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = truncateStrings(v[key])
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
