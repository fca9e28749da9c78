package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/internal/bundle"
	"github.com/halocheck/halocheck/internal/document"
	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/output"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

func newJudge(env environment) *cobra.Command {
	o := newOptions(env, settings.Judge)
	show := &o.output
	c := &cobra.Command{
		Use: "judge REPORT", Short: "Judge saved evidence again, offline",
		Long: `judge reads a report that was saved as JSON, or a bundle, and judges its evidence with today's requirements. Nothing is
asked; what the report holds no answer for keeps its old finding. It is judged by the guide that it was made with, or by
that of --guide. Of a bundle every member is held to the manifest first.`,
		Example: `  halocheck judge report.json
  halocheck judge bundle.zip --format short`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("judge takes one report, saved with `halocheck check --out json=FILE` or `--out bundle=FILE.zip`")
			}
			return nil
		},
		RunE: func(c *cobra.Command, files []string) error {
			if err := show.check(); err != nil {
				return err
			}
			if err := o.Validate(); err != nil {
				return err
			}
			if show.wantsBundle() {
				return usagef("--out bundle: judge makes none, since it does not know the secrets to look for; `halocheck check --out bundle=FILE.zip` does")
			}
			old, err := readReport(c.Context(), files[0])
			if err != nil {
				return err
			}
			guides, err := guidesIn(old)
			if err != nil && !o.Given("guide") {
				return err
			}
			args, err := o.Arguments(c.Context(), settings.Source{Source: env.secrets(), Guides: guides})
			if err != nil {
				return err
			}
			outs, err := output.OpenAll("--out", o.List("out"), checkOutFormat)
			if err != nil {
				return err
			}
			defer output.Discard(outs)
			r, err := halocheck.Judge(c.Context(), old, slices.Concat(args.Options, env.listeners())...)
			if r == nil {
				return refused(err)
			}
			if r.Guide.Name != old.Guide.Name {
				printMessage(env.err, fmt.Errorf("the report was made with the guide %q, and is judged by %q; --guide takes another", old.Guide.Name, r.Guide.Name))
			}
			if err := show.write(env, r, outs); err != nil {
				return err
			}
			if r.Exit != probes.ExitConformant {
				return exit.Code(r.Exit)
			}
			return nil
		},
	}
	o.addFlags(c, settings.Judge)
	c.Flags().Lookup("guide").Usage = "another guide than the report's own"
	return c
}

// guidesIn are the guides that a saved report was made with; nil where that was the built-in one, which a report does not hold.
func guidesIn(r *report.Report) ([]*guide.Guide, error) {
	if r.Guide.Text == "" && len(r.Guides) == 0 {
		return nil, nil
	}
	guides, err := report.Guides(r)
	if err != nil {
		return nil, usagef("%w; --guide takes another", err)
	}
	return guides, nil
}

// readReport reads a saved report, or the one in a bundle whose members are what its manifest says.
func readReport(ctx context.Context, name string) (*report.Report, error) {
	data, err := document.ReadFile(ctx, name, document.Report)
	if err != nil {
		return nil, usagef("%w", err)
	}
	if strings.HasSuffix(strings.ToLower(name), ".zip") || bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		r, err := bundle.Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return nil, usagef("%s: %w; a bundle is made with `halocheck check --out bundle=FILE.zip`", name, err)
		}
		return r, nil
	}
	r, err := report.Read(data)
	if err != nil {
		return nil, usagef("%s: %w; a report is saved with `halocheck check --out json=FILE`", name, err)
	}
	return r, nil
}
