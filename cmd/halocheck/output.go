package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/output"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/internal/suggest"
	"github.com/halocheck/halocheck/internal/terminal"
	"github.com/halocheck/halocheck/probes"
)

// outputOptions is how reports come out: check and judge share it.
type outputOptions struct {
	*settings.Values

	// writeBundle writes a bundle of the run; nil where there is no run to pack.
	writeBundle func(io.Writer, *report.Report) error
}

// bundleFormat is no report: a zip file with all of them, and everything to judge them again.
const bundleFormat = "bundle"

// chainFormat is no report: the certificates that a server with a broken chain should send.
const chainFormat = "chain"

// githubFormat is no report: the text in the log, an annotation for each finding, and the Markdown in the summary of the step.
const githubFormat = "github"

// formatsOf are the formats that --format or --out takes.
func formatsOf(flag string) []string {
	if flag == "format" {
		return append(slices.Clone(report.Formats), githubFormat)
	}
	return append(slices.Clone(report.Formats), chainFormat, bundleFormat)
}

// checkFormat refuses what is no format of a report.
func checkFormat(flag, format string) error {
	there := formatsOf(flag)
	switch {
	case slices.Contains(there, format):
		return nil
	case format == bundleFormat, format == chainFormat:
		return usagef("--%s: a %s is a file and not for standard output; use --out %s=FILE", flag, format, format)
	case format == githubFormat:
		return usagef("--%s: %s is for standard output and not a file; use --format %s", flag, format, format)
	}
	return usagef("--%s: there is no format %q%s; there are %s", flag, format, suggest.Text(format, there, ""), strings.Join(there, ", "))
}

// check refuses what was mistyped, before anything is asked.
func (s *outputOptions) check() error {
	if err := checkFormat("format", s.Text("format")); err != nil {
		return err
	}
	if s.Text("audience") == string(report.Customer) && !s.writesLetter() {
		return usagef("--audience customer is for text, Markdown and HTML; add --format text or --out html=FILE")
	}
	if s.Bool("quiet") && s.Bool("verbose") {
		return usagef("--quiet and --verbose contradict each other; give one of them")
	}
	return nil
}

// letterFormats are the formats that there are for a customer.
var letterFormats = []string{"text", "markdown", "html"}

// writesLetter tells whether one of the reports is for a customer.
func (s *outputOptions) writesLetter() bool {
	return slices.Contains(letterFormats, s.Text("format")) || slices.ContainsFunc(s.List("out"), func(o string) bool {
		format, _, _ := strings.Cut(o, "=")
		return slices.Contains(letterFormats, format)
	})
}

// checkOutFormat refuses what is no format of --out.
func checkOutFormat(format string) error { return checkFormat("out", format) }

// oneOf refuses a value that is none of the words.
func oneOf(flag, value string, words ...string) error {
	if slices.Contains(words, value) {
		return nil
	}
	return usagef("--%s: there is no %q%s; it is one of %s", flag, value, suggest.Text(value, words, ""), strings.Join(words, ", "))
}

// fileOptions is how a report looks in a file.
func (s *outputOptions) fileOptions() report.Options {
	return report.Options{Verbose: s.Bool("verbose"), Quiet: s.Bool("quiet"), Audience: report.Audience(s.Text("audience"))}
}

// terminalOptions is how a report looks on standard output: escape sequences only where a terminal shows them, or on demand.
func (s *outputOptions) terminalOptions(env environment) report.Options {
	o := s.fileOptions()
	width, shown := terminal.Width(env.out)
	o.Width = width
	switch s.Text("color") {
	case "always":
		o.Colour = true
	case "auto":
		o.Colour = shown && env.getenv("NO_COLOR") == "" && env.getenv("TERM") != "dumb"
	}
	if o.Colour {
		terminal.AllowColour(env.out)
	}
	return o
}

// write writes the files first, so that they are whole even when whoever reads standard output goes away. One that cannot
// be written keeps none of the others back.
func (s *outputOptions) write(env environment, r *report.Report, files []*output.File) error {
	failed := false
	for _, f := range files {
		if f.Format == chainFormat && len(report.ServableChain(r)) == 0 {
			printMessage(env.err, fmt.Errorf("--out %s=%s is not written: no chain is known that clients would accept; trust.chain and trust.in-date say why", f.Format, f.Name))
			continue
		}
		if err := f.Write(func(to io.Writer) error { return s.writeFormat(to, f.Format, r) }); err != nil {
			printMessage(env.err, err)
			failed = true
		}
	}
	if err := s.writeOutput(env, r); err != nil {
		return exit.Unwritten(err)
	}
	if failed {
		return exit.Code(probes.ExitBroken)
	}
	return nil
}

// writeOutput writes what goes to standard output.
func (s *outputOptions) writeOutput(env environment, r *report.Report) error {
	format, o := s.Text("format"), s.terminalOptions(env)
	if format != githubFormat {
		return report.Write(env.out, format, r, o)
	}
	if err := report.Write(env.out, "text", r, o); err != nil {
		return err
	}
	if safe, ok := env.out.(*safetext.Writer); ok {
		for _, a := range report.Annotations(r) {
			if err := safe.Annotate(a); err != nil {
				return err
			}
		}
	}
	name := env.getenv("GITHUB_STEP_SUMMARY")
	if name == "" {
		return nil
	}
	summary, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600) //nolint:forbidigo // the runner's own file is added to, as it says
	if err != nil {
		return err
	}
	defer func() { _ = summary.Close() }()
	return report.Write(safetext.NewWriter(summary), "markdown", r, s.fileOptions())
}

// setASCII makes the streams write nothing but ASCII where their reader would misread UTF-8.
func setASCII(env environment, wanted, format string) {
	terminal.SetASCII(env.out, wanted, format == "" || format == "text" || format == "short", env.getenv)
	terminal.SetASCII(env.err, wanted, true, env.getenv)
}

// writeFormat writes what goes into one file.
func (s *outputOptions) writeFormat(to io.Writer, format string, r *report.Report) error {
	switch format {
	case chainFormat:
		_, err := to.Write(report.ServableChain(r))
		return err
	case bundleFormat:
		return s.writeBundle(to, r)
	}
	return report.Write(to, format, r, s.fileOptions())
}

// wantsBundle tells whether one of the files is a bundle.
func (s *outputOptions) wantsBundle() bool {
	return slices.ContainsFunc(s.List("out"), func(o string) bool { return strings.HasPrefix(o, bundleFormat+"=") })
}
