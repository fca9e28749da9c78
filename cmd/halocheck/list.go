package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/catalogue"
)

func newList(env environment) *cobra.Command {
	var guideFile, format string
	var schema bool
	c := &cobra.Command{
		Use: "list", Short: "List every requirement", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := oneOf("format", format, "text", "json", "markdown"); err != nil {
				return err
			}
			if schema {
				_, err := env.out.Write(report.SchemaFile)
				return writeResult(err)
			}
			g, err := readGuide(c.Context(), guideFile)
			if err != nil {
				return err
			}
			metas := requirementsOf(catalogue.All(g))
			var b bytes.Buffer
			switch format {
			case "json":
				err = listJSON(&b, metas)
			case "markdown":
				listMarkdown(&b, metas)
			default:
				listText(&b, metas)
			}
			if err == nil {
				_, err = env.out.Write(b.Bytes())
			}
			return writeResult(err)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text, json or markdown")
	c.Flags().StringVar(&guideFile, "guide", "", "another guide than the built-in one")
	c.Flags().BoolVar(&schema, "schema", false, "print the JSON Schema of a report instead")
	return c
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
	e := json.NewEncoder(b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(list)
}

func listText(b *bytes.Buffer, metas []probes.Meta) {
	wide := 0
	for _, m := range metas {
		wide = max(wide, len(m.ID))
	}
	for _, m := range metas {
		fmt.Fprintf(b, "%-*s  %-6s  %-7s  %s\n", wide, m.ID, m.Level, m.Profile.Name(), report.Clean(m.Says))
	}
}

// listMarkdown is what probes/catalogue/CATALOGUE.md holds.
func listMarkdown(b *bytes.Buffer, metas []probes.Meta) {
	b.WriteString("# The requirements\n\nMade by `halocheck list --format markdown`; `make generate` writes it anew.\n")
	for _, chapter := range report.AreaTitles {
		rows := slices.DeleteFunc(slices.Clone(metas), func(m probes.Meta) bool { return m.Area() != chapter.Area })
		if len(rows) == 0 {
			continue
		}
		fmt.Fprintf(b, "\n## %s\n\n| ID | level | profile | says | the guide |\n|---|---|---|---|---|\n", chapter.Title)
		for _, m := range rows {
			fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", m.ID, m.Level, m.Profile.Name(), report.Cell(m.Says), report.Cell(report.SourceText(m.Source)))
		}
	}
}
