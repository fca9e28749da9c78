// Command halocheckd is halocheck as a page for a team: checks from a form, and what they showed over time, in a database.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"github.com/spf13/cobra"
	_ "golang.org/x/crypto/x509roots/fallback" // the log-in's provider is verified in an image without roots, too

	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/flags"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/version"
	"github.com/halocheck/halocheck/probes"
)

func main() {
	log.SetOutput(io.Discard) // libraries print there what a client or a server said
	ctx, stop := exit.OnSignals(context.Canceled, func() { os.Exit(probes.ExitBroken) })
	defer stop()
	os.Exit(run(ctx, os.Args[1:], safetext.NewWriter(os.Stdout), safetext.NewWriter(os.Stderr), os.Getenv))
}

// usageError is a wrong flag or argument: exit code 2.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// run is the command with its environment given; it returns the exit code, which halocheck's README lists.
func run(ctx context.Context, args []string, out, errs io.Writer, getenv func(string) string) (code int) {
	defer func() {
		if r := recover(); r != nil {
			say(errs, exit.Panicked(r))
			code = probes.ExitBroken
		}
	}()
	root := newRoot(out, errs, getenv)
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errs)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return probes.ExitConformant
	}
	say(errs, err)
	if errors.As(err, &usageError{}) {
		return probes.ExitUsage
	}
	return probes.ExitBroken
}

// say prints a message, without what may be a secret.
func say(errs io.Writer, err error) {
	_, _ = fmt.Fprintln(errs, "halocheckd: "+safetext.Line(secret.Hide(strings.Join(strings.Fields(err.Error()), " "))))
}

func newRoot(out, errs io.Writer, getenv func(string) string) *cobra.Command {
	root := &cobra.Command{
		Use: "halocheckd", Short: "Show a team the state of its HaloPSA connections", Version: version.String(), SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		Long: `halocheckd is halocheck as a page for a team: checks from a form, and what they showed over time, customer by customer.
It keeps everything in one file, or in a database of PostgreSQL.

Start it with    halocheckd serve
and open the address that it prints.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no command %q; `halocheckd --help` lists them", args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return usageError{flags.Error(c, err)} })
	root.AddCommand(newServe(out, errs, getenv), newWorker(out, errs, getenv), newInventory(out), newEnqueue(out), newAgent(out), newBackup(out), newRestore(out))
	return root
}

// noArguments refuses words behind a command.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes flags alone, and %q was given", c.Name(), args[0])
	}
	return nil
}

// databaseFlag is the flag that every command has.
func databaseFlag(c *cobra.Command, database *string) {
	c.Flags().StringVar(database, "database", "halocheckd.db", "the `database`: a file, or postgres://USER@HOST/NAME")
}
