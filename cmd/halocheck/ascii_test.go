package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes/catalogue"
	"github.com/halocheck/halocheck/probes/guide"
)

// TestPeopleReadASCIIWhereUTF8IsMisread: where bytes are read in another encoding, as PowerShell 5.1 does, every command's text and
// errors are ASCII, whatever a server or a file said; a document stays UTF-8.
func TestPeopleReadASCIIWhereUTF8IsMisread(t *testing.T) {
	saved, err := os.ReadFile("../../fixtures/reports/v1-missing-intermediate.json")
	if err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(t.TempDir(), "foreign.json")
	if err := os.WriteFile(foreign, bytes.ReplaceAll(saved, []byte("Halo Fake Issuing CA A1"), []byte("Müller ✓ – 日本")), 0o600); err != nil {
		t.Fatal(err)
	}
	said := func(args ...string) (out, errs string) {
		var o, e bytes.Buffer
		run(args, environment{in: strings.NewReader(""), out: &o, err: &e, getenv: func(name string) string {
			return map[string]string{"LANG": "de_DE.ISO-8859-1"}[name]
		}})
		return o.String(), e.String()
	}
	commands := [][]string{
		{"judge", foreign}, {"judge", foreign, "--verbose"}, {"judge", foreign, "--format", "short"}, {"judge", foreign, "--audience", "customer"},
		{"diff", "../../fixtures/reports/v1-healthy.json", foreign}, {"help"}, {"list"}, {"list", "--schema"}, {"fleet", "--schema"}, {"fake", "--list"},
		{"explain", "Müller ✓"}, {"judge", "Müller ✓"}, {"fleet", "Müller ✓"}, {"chek"}, {"check", "--fäke"},
	}
	for _, c := range newRoot(environment{}).Commands() {
		commands = append(commands, []string{"help", c.Name()})
	}
	for _, c := range catalogue.All(guide.BuiltIn()) {
		commands = append(commands, []string{"explain", c.Meta().ID})
	}
	for cause := range report.CauseMeanings {
		commands = append(commands, []string{"explain", string(cause)})
	}
	for _, args := range commands {
		out, errs := said(args...)
		if out+errs == "" {
			t.Errorf("%q says nothing", args)
		}
		if at := strings.IndexFunc(out+errs, func(r rune) bool { return r >= 0x80 }); at >= 0 {
			t.Errorf("%q says %q", args, (out + errs)[max(0, at-30):at])
		}
	}
	for _, format := range slices.DeleteFunc(slices.Clone(report.Formats), func(f string) bool { return f == "text" || f == "short" }) {
		if out, _ := said("judge", foreign, "--format", format); !strings.Contains(out, "Müller") {
			t.Errorf("the %s is no longer what the server said", format)
		}
	}
}
