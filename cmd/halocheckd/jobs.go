package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/credential"
	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/jobs"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/internal/store"
	vantages "github.com/halocheck/halocheck/internal/vantage/server"
)

func newWorker(out, errs io.Writer, getenv func(string) string) *cobra.Command {
	database, night, hostRate, parallel := "", "", "", 0
	c := &cobra.Command{
		Use: "worker", Short: "Check the inventory every night, and when it is enqueued", Args: noArguments,
		Long: `worker checks the inventory that is in the database and keeps the results there, until it is interrupted; then it finishes what is
under way. Several workers share the work, on several machines with PostgreSQL. The secrets that the inventory refers to have to
be where the workers are: their files, variables or keyrings.`,
		Example: `  halocheckd worker --database postgres://halocheckd@db.example/halocheckd --nightly 02:00`,
		RunE: func(c *cobra.Command, _ []string) error {
			o := jobs.Options{Database: database, Parallel: parallel, Table: settings.All, Tell: func(err error) { say(errs, err) }, Night: -1}
			o.Source = settings.Source{
				Source: credential.Source{Stdin: strings.NewReader(""), Getenv: getenv, Keyring: credential.SystemKeyring(getenv)}, Cache: &settings.Cache{},
			}
			if night != "off" {
				at, err := time.Parse("15:04", night)
				if err != nil {
					return usagef("--nightly %q is no time of day, such as 02:00, and not off", night)
				}
				o.Night = time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
			}
			if parallel < 1 || parallel > 1000 {
				return usagef("--parallel: %d is not from 1 to 1000", parallel)
			}
			var err error
			if o.HostRate, err = fleet.ParseRate(hostRate); err != nil {
				return usagef("--host-rate: %w", err)
			}
			return withStore(c.Context(), database, func(s *store.Store) error {
				o.Store, o.Session = s, vantages.Attach(s, o.Tell)
				if _, err := fmt.Fprintln(out, "The worker waits for jobs (Ctrl-C ends it)"); err != nil {
					return err
				}
				return jobs.Work(c.Context(), o)
			})
		},
	}
	databaseFlag(c, &database)
	c.Flags().StringVar(&night, "nightly", "02:00", "the `time` of day, UTC, at which everything is checked, or off; a night that was missed is made up for")
	c.Flags().IntVar(&parallel, "parallel", 16, "`hosts` that are worked on at once")
	c.Flags().StringVar(&hostRate, "host-rate", "300/5m", "`N/D` requests to one host, over all workers, or off")
	return c
}

func newEnqueue(out io.Writer) *cobra.Command {
	database := ""
	c := &cobra.Command{
		Use: "enqueue", Short: "Have the workers check the whole inventory now", Args: noArguments,
		Long: "enqueue makes a job for each host of the inventory. The workers take them before those of the night.",
		RunE: func(c *cobra.Command, _ []string) error {
			return withStore(c.Context(), database, func(s *store.Store) error {
				run, n, err := jobs.Enqueue(c.Context(), s, database)
				if err != nil {
					return err
				}
				if n == 0 {
					return usagef("the inventory is empty; fill it with `halocheckd inventory import FILE`")
				}
				_, err = fmt.Fprintf(out, "The workers have %d jobs of the run %s.\n", n, run)
				return err
			})
		},
	}
	databaseFlag(c, &database)
	return c
}

func newInventory(out io.Writer) *cobra.Command {
	c := &cobra.Command{
		Use: "inventory", Short: "Import and export what the workers check", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	database := ""
	importing := &cobra.Command{
		Use: "import FILE", Short: "Replace the inventory by that of a file of `halocheck fleet`", Args: oneFile,
		Long: `import reads an inventory as ` + "`halocheck fleet`" + ` does and keeps its entries in the database, in place of those that are there. Files
that it refers to are looked for under the same names where the workers are; no secret is read or kept.`,
		Example: "  halocheckd inventory import customers.yaml",
		RunE: func(c *cobra.Command, args []string) error {
			file, err := filepath.Abs(args[0])
			if err != nil {
				return usagef("%w", err)
			}
			inventory, err := fleet.Load(c.Context(), settings.All, file)
			if err != nil {
				return usagef("%w", err)
			}
			for _, i := range inventory.Instances {
				if err := jobs.Validate(i, settings.All); err != nil {
					return usagef("%w", err)
				}
			}
			return withStore(c.Context(), database, func(s *store.Store) error {
				if err := s.ReplaceInventory(c.Context(), inventory.Instances); err != nil {
					return err
				}
				_, err := fmt.Fprintf(out, "The inventory has %d entries.\n", len(inventory.Instances))
				return err
			})
		},
	}
	exporting := &cobra.Command{
		Use: "export", Short: "Print the inventory for `halocheck fleet`", Args: noArguments,
		Long:    "export prints the inventory with what defaults and groups said in each entry. Secrets stay references.",
		Example: "  halocheckd inventory export > customers.yaml",
		RunE: func(c *cobra.Command, _ []string) error {
			return withStore(c.Context(), database, func(s *store.Store) error {
				list, err := s.Inventory(c.Context(), "")
				if err != nil {
					return err
				}
				if len(list) == 0 {
					return usagef("the inventory is empty")
				}
				text, err := fleet.WriteInventory(list)
				if err == nil {
					_, err = out.Write(text)
				}
				return err
			})
		},
	}
	databaseFlag(importing, &database)
	databaseFlag(exporting, &database)
	c.AddCommand(importing, exporting)
	return c
}

// withStore opens the database for f.
func withStore(ctx context.Context, database string, f func(*store.Store) error) error {
	s, err := store.Open(ctx, database)
	if err != nil {
		return usagef("--database: %w", err)
	}
	defer s.Close()
	return f(s)
}
