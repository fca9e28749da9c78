package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
)

// ListRequirements writes requirements as text, json or markdown.
func ListRequirements(w io.Writer, format string, metas []probes.Meta) error {
	var b bytes.Buffer
	switch format {
	case "json":
		if err := listJSON(&b, metas); err != nil {
			return err
		}
	case "markdown":
		listMarkdown(&b, metas)
	default:
		listText(&b, metas)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// listed is a requirement in `list --format json`.
type listed struct {
	ID       string         `json:"id"`
	Area     string         `json:"area"`
	Level    probes.Level   `json:"level"`
	Profile  string         `json:"profile"`
	Says     string         `json:"says"`
	Source   probes.Source  `json:"source"`
	Asks     string         `json:"asks"`
	Causes   []probes.Cause `json:"causes"`
	Remedy   probes.Remedy  `json:"remedy"`
	BothEnds bool           `json:"both_hosts"` // judged for the Resource and for the Authorisation host
}

func listJSON(b *bytes.Buffer, metas []probes.Meta) error {
	list := []listed{}
	for _, m := range metas {
		causes := m.Causes
		if causes == nil {
			causes = []probes.Cause{}
		}
		list = append(list, listed{m.ID, m.Area(), m.Level, m.Profile.Name(), m.Says, m.Source, m.Asks, causes, m.Remedy, m.PerHost})
	}
	text, err := safetext.JSON(list, "  ")
	b.Write(text)
	return err
}

func listText(b *bytes.Buffer, metas []probes.Meta) {
	wide := 0
	for _, m := range metas {
		wide = max(wide, len(m.ID))
	}
	for _, m := range metas {
		fmt.Fprintf(b, "%-*s  %-6s  %-7s  %s\n", wide, m.ID, m.Level, m.Profile.Name(), safetext.Line(m.Says))
	}
}

// listMarkdown is what probes/catalogue/CATALOGUE.md holds: every sentence that is known before anything is asked, to be read in
// one sitting.
func listMarkdown(b *bytes.Buffer, metas []probes.Meta) {
	b.WriteString("# The requirements\n\nMade by `halocheck list --format markdown`; `make generate` writes it anew.\n")
	for _, chapter := range AreaTitles {
		rows := slices.DeleteFunc(slices.Clone(metas), func(m probes.Meta) bool { return m.Area() != chapter.Area })
		if len(rows) == 0 {
			continue
		}
		fmt.Fprintf(b, "\n## %s\n\n| ID | level | profile | says | the guide |\n|---|---|---|---|---|\n", chapter.Title)
		for _, m := range rows {
			fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", m.ID, m.Level, m.Profile.Name(), safetext.Markdown(m.Says), safetext.Markdown(SourceText(m.Source)))
		}
		b.WriteString("\nWhat to do where it does not hold, and how to find out where nobody can tell:\n\n")
		for _, m := range rows {
			fmt.Fprintf(b, "- `%s` (%s): %s\n  Where: %s.\n  To find out: %s\n", m.ID, ActorNames[m.Remedy.Who], safetext.Markdown(m.Remedy.Do), safetext.Markdown(m.Remedy.Where), safetext.Markdown(m.FindOut.Do))
		}
	}
	b.WriteString("\n## Causes\n\nOn a fail the sentence is the verdict.\n\n")
	for _, name := range CauseNames() {
		fmt.Fprintf(b, "- `%s`: %s.\n", name, safetext.Markdown(CauseMeanings[probes.Cause(name)]))
	}
}

// ExplainRequirement is everything that is known of a requirement before anything is asked.
func ExplainRequirement(m probes.Meta) string {
	var b strings.Builder
	row := func(label, text string) {
		if text != "" {
			b.WriteString(Wrap(fmt.Sprintf("%-9s", label), "         ", safetext.Line(text), 100))
		}
	}
	fmt.Fprintf(&b, "%s\n%s\n\n", m.ID, safetext.Line(m.Says))
	row("level", string(m.Level))
	row("profile", m.Profile.Name())
	if m.PerHost {
		row("hosts", "judged for the Resource and for the Authorisation host")
	}
	source := SourceText(m.Source)
	if source == "" {
		source = "not asked for in so many words: nothing else works without it"
	}
	if m.Source.Guide != "" {
		source = safetext.Line(m.Source.Guide) + ": " + source
	}
	row("guide", source)
	row("asks", m.Asks)
	row("do", m.Remedy.Do)
	row("who", ActorNames[m.Remedy.Who])
	row("where", m.Remedy.Where)
	b.WriteString("\ncauses\n")
	causes := slices.Clone(m.Causes)
	for _, shared := range SharedCauses {
		if !slices.Contains(causes, shared) {
			causes = append(causes, shared)
		}
	}
	for _, cause := range causes {
		b.WriteString(Wrap(fmt.Sprintf("  %-27s", cause), strings.Repeat(" ", 29), CauseMeanings[cause], 100))
	}
	return b.String()
}

// CauseNames are the causes that there is a meaning for.
func CauseNames() []string {
	var names []string
	for cause := range CauseMeanings {
		names = append(names, string(cause))
	}
	slices.Sort(names)
	return names
}

// ExplainCause is what a cause means and which requirements report it; empty where there is no such cause.
func ExplainCause(name string, metas []probes.Meta) string {
	cause := probes.Cause(name)
	meaning := CauseMeanings[cause]
	if meaning == "" {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s.\n\nreported by\n", cause, meaning)
	wide := 0
	var rows []probes.Meta
	for _, m := range metas {
		if slices.Contains(m.Causes, cause) {
			rows, wide = append(rows, m), max(wide, len(m.ID))
		}
	}
	for _, m := range rows {
		b.WriteString(Wrap(fmt.Sprintf("  %-*s  ", wide, m.ID), strings.Repeat(" ", wide+4), safetext.Line(m.Says), 100))
	}
	if len(rows) == 0 || slices.Contains(SharedCauses, cause) {
		b.WriteString("  every requirement: whatever is asked can come to this\n")
	}
	return b.String()
}
