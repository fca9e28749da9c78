package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/checklist"
	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

func newGuide(env environment) *cobra.Command {
	var schema bool
	c := &cobra.Command{
		Use: "guide", Short: "Vendors' guides: what there is, what they ask for, where they contradict each other",
		Long: `guide reads the library of vendors' guides, in halocheck's own words and as read on the date that each names. A name is a
guide of the library, or a file.`,
		Example: `  halocheck guide list
  halocheck guide show huntress --format html > huntress.html
  halocheck guide union huntress hudu thread
  halocheck guide lint my-guide.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("guide: there is no %q; it is list, show, lint, diff or union", args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			if schema {
				_, err := env.out.Write(guide.SchemaFile)
				return exit.Unwritten(err)
			}
			return c.Help()
		},
	}
	c.Flags().BoolVar(&schema, "schema", false, "print the JSON Schema of a guide instead")
	c.AddCommand(newGuideList(env), newGuideShow(env), newGuideLint(env), newGuideDiff(env), newGuideUnion(env))
	return c
}

func newGuideList(env environment) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use: "list", Short: "List the guides of the library", Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			if err := oneOf("format", format, "text", "json"); err != nil {
				return err
			}
			entries := checklist.Library()
			if format == "json" {
				return writeJSON(env, entries)
			}
			for _, e := range entries {
				if _, err := fmt.Fprintf(env.out, "%-21s  %-10s  %-8s  %s; %s\n", e.Name, e.AsOf, e.Confidence, e.Title, e.Edition); err != nil {
					return exit.Unwritten(err)
				}
			}
			return nil
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}

func newGuideShow(env environment) *cobra.Command {
	return guidesCommand(env, openGuides, "show NAME", "Show what a guide asks for, as a checklist for an administrator", 1, 1, checklist.Formats,
		func(format string, guides []*guide.Guide) error {
			return checklist.Of(guides[0]).Write(env.out, format)
		})
}

func newGuideDiff(env environment) *cobra.Command {
	return guidesCommand(env, openGuides, "diff OLD NEW", "Say what two guides, or two editions of one, differ in", 2, 2, []string{"text", "json"},
		func(format string, guides []*guide.Guide) error {
			changes := guide.Diff(guides[0], guides[1])
			if format == "json" {
				return writeJSON(env, changes)
			}
			var b strings.Builder
			for _, c := range changes {
				b.WriteString(safetext.Line(c.String()) + "\n")
			}
			if len(changes) == 0 {
				b.WriteString("Both ask for the same.\n")
			}
			_, err := env.out.Write([]byte(b.String()))
			return err
		})
}

// guidesCommand is a command that reads guides and writes what it makes of them.
func guidesCommand(env environment, open func(context.Context, []string) ([]*guide.Guide, error), use, short string, least, most int, formats []string, write func(format string, guides []*guide.Guide) error) *cobra.Command {
	var format string
	name, _, _ := strings.Cut(use, " ")
	c := &cobra.Command{
		Use: use, Short: short,
		Args: func(_ *cobra.Command, args []string) error {
			if args = splitNames(args); (len(args) < least || len(args) > most) && !(most > 2 && slices.Equal(args, []string{"all"})) {
				return usagef("guide %s takes %s, such as `halocheck guide %s %s`", name, plural(least, most), name, strings.Join([]string{"huntress", "hudu"}[:least], " "))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := oneOf("format", format, formats...); err != nil {
				return err
			}
			guides, err := open(c.Context(), splitNames(args))
			if err != nil {
				return err
			}
			return exit.Unwritten(write(format, guides))
		},
		ValidArgsFunction: completeGuides,
	}
	c.Flags().StringVar(&format, "format", "text", strings.Join(formats[:len(formats)-1], ", ")+" or "+formats[len(formats)-1])
	return c
}

func plural(least, most int) string {
	switch {
	case most == 1:
		return "one guide"
	case least == most:
		return "two guides, the older one first"
	}
	return "two guides or more"
}

// splitNames takes names apart that are joined by commas, as --guide takes them.
func splitNames(args []string) (names []string) {
	for _, arg := range args {
		for name := range strings.SplitSeq(arg, ",") {
			if name = strings.TrimSpace(name); name != "" {
				names = append(names, name)
			}
		}
	}
	return names
}

// otherGuides is what a flag says that takes guides.
const otherGuides = "other guides than the built-in one: names or `files`, or all of the library"

// openGuides are the guides of that name or in that file, all of the library, or the built-in one where none is named.
func openGuides(ctx context.Context, names []string) ([]*guide.Guide, error) {
	switch {
	case len(names) == 0:
		return []*guide.Guide{guide.BuiltIn()}, nil
	case len(names) == 1 && names[0] == "all":
		return guide.Library(), nil
	}
	var guides []*guide.Guide
	for _, name := range names {
		g, err := guide.Open(ctx, name)
		if err != nil {
			return nil, usagef("%s", strings.TrimPrefix(err.Error(), "guide: "))
		}
		guides = append(guides, g)
	}
	return guides, nil
}

// openDistinct are the same where they are taken together, so that each has a name of its own.
func openDistinct(ctx context.Context, names []string) ([]*guide.Guide, error) {
	guides, err := openGuides(ctx, names)
	if err == nil {
		err = guide.Distinct(guides)
	}
	return guides, err
}

func completeGuides(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return guide.Names(), cobra.ShellCompDirectiveDefault // files will do as well
}

func newGuideLint(env environment) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use: "lint FILE…", Short: "Find faults in a guide before it is published",
		Long: `lint finds scopes that HaloPSA does not have, addresses that are none, unknown levels and permissions, and what a guide says
that cannot hold together. It exits with 1 where it finds anything. Of a guide of the library it tells the faults of the vendor's
own page, too.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("guide lint takes files, such as `halocheck guide lint my-guide.yaml`")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := oneOf("format", format, "text", "json"); err != nil {
				return err
			}
			if slices.Equal(args, []string{"all"}) {
				args = guide.Names()
			}
			found, text := []guide.Problem{}, ""
			for _, name := range args {
				more, err := lintGuide(c.Context(), name)
				if err != nil {
					return usagef("%s", strings.TrimPrefix(err.Error(), "guide: "))
				}
				found = append(found, more...)
				text += lintText(c.Context(), name, more)
			}
			if format == "json" {
				if err := writeJSON(env, found); err != nil {
					return err
				}
			} else if _, err := fmt.Fprint(env.out, text); err != nil {
				return exit.Unwritten(err)
			}
			if len(found) > 0 {
				return exit.Code(probes.ExitNotConformant)
			}
			return nil
		},
		ValidArgsFunction: completeGuides,
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}

// lintGuide finds the faults of a file, or of a guide of the library.
func lintGuide(ctx context.Context, name string) ([]guide.Problem, error) {
	found, err := guide.Lint(ctx, name)
	if err != nil && guide.ByName(name) != nil {
		return guide.LintNamed(name), nil
	}
	return found, err
}

// lintText are the faults of one guide, or that there is none, and what it says itself of the faults of the vendor's page.
func lintText(ctx context.Context, name string, found []guide.Problem) string {
	var b strings.Builder
	for _, p := range found {
		b.WriteString(safetext.Line(p.Error()) + "\n")
	}
	if len(found) > 0 {
		return b.String()
	}
	b.WriteString(safetext.Line(name) + ": no faults found\n")
	if g, err := guide.Open(ctx, name); err == nil {
		for _, fault := range g.Faults {
			b.WriteString(safetext.Line(name+": the vendor's page has a fault: "+fault) + "\n")
		}
	}
	return b.String()
}

func writeJSON(env environment, v any) error {
	out, err := safetext.JSON(v, "  ")
	if err == nil {
		_, err = env.out.Write(append(out, '\n'))
	}
	return exit.Unwritten(err)
}
