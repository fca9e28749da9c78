package main

import "testing"

// TestFormats: what is refused names every format that the same flag takes.
func TestFormats(t *testing.T) {
	for _, c := range []struct{ flag, format, says string }{
		{"format", "github", ""},
		{"format", "csv", ""},
		{"out", "bundle", ""},
		{"out", "chain", ""},
		{"format", "pdf", `--format: there is no format "pdf"; there are text, short, json, junit, markdown, html, csv, github`},
		{"format", "githb", `--format: there is no format "githb" (did you mean github?); there are text, short, json, junit, markdown, html, csv, github`},
		{"out", "pdf", `--out: there is no format "pdf"; there are text, short, json, junit, markdown, html, csv, chain, bundle`},
		{"out", "github", `--out: github is for standard output and not a file; use --format github`},
		{"format", "bundle", `--format: a bundle is a file and not for standard output; use --out bundle=FILE`},
		{"format", "chain", `--format: a chain is a file and not for standard output; use --out chain=FILE`},
	} {
		says := ""
		if err := checkFormat(c.flag, c.format); err != nil {
			says = err.Error()
		}
		if says != c.says {
			t.Errorf("--%s %s: %q, want %q", c.flag, c.format, says, c.says)
		}
	}
}
