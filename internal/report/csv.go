package report

import (
	"encoding/csv"
	"io"
	"strings"

	"github.com/halocheck/halocheck/internal/safetext"
)

// CSV writes the action plan: a row for each finding that somebody can act on, the most important first, with room for who takes
// it and until when. No cell is a formula to a spreadsheet.
func CSV(w io.Writer, r *Report) error {
	rows := [][]string{{"who", "what", "where", "requirement", "cause", "since", "owner", "date", "guides"}}
	for _, f := range byWeight(r) {
		if !isTask(f) {
			continue
		}
		do, _, where := splitRemedy(f.Remedy)
		rows = append(rows, []string{ActorNames[f.Remedy.Who], cell(do), cell(where), cell(RequirementLabel(f.ID, f.Host)), cell(string(f.Cause)), r.Started.Format("2006-01-02"), "", "", cell(strings.Join(f.Guides(), ", "))})
	}
	return csv.NewWriter(w).WriteAll(rows)
}

// cell is text that a spreadsheet does not calculate.
func cell(text string) string {
	text = strings.TrimSpace(safetext.Line(text))
	if text != "" && strings.ContainsRune("=+-@|%", rune(text[0])) {
		return "'" + text
	}
	return text
}
