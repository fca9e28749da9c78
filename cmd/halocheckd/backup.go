package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/document"
	"github.com/halocheck/halocheck/internal/output"
	"github.com/halocheck/halocheck/internal/store"
)

func newBackup(out io.Writer) *cobra.Command {
	database := ""
	c := &cobra.Command{
		Use: "backup FILE", Short: "Copy everything into one file, while the page is served", Args: oneFile,
		Long:    "backup writes all customers, checks and links of one moment into a file, which `halocheckd restore` reads into either kind of database.",
		Example: "  halocheckd backup halocheckd.backup",
		RunE: func(c *cobra.Command, args []string) error {
			return withStore(c.Context(), database, func(s *store.Store) error {
				file, err := output.Open("FILE", output.Backup, args[0])
				if err != nil {
					return usagef("%w", err)
				}
				if err := file.Write(func(to io.Writer) error { return s.Backup(c.Context(), to) }); err != nil {
					return err
				}
				_, err = fmt.Fprintf(out, "Everything is in %s.\n", args[0])
				return err
			})
		},
	}
	databaseFlag(c, &database)
	return c
}

func newRestore(out io.Writer) *cobra.Command {
	database := ""
	c := &cobra.Command{
		Use: "restore FILE", Short: "Fill an empty database from a backup", Args: oneFile,
		Example: "  halocheckd restore halocheckd.backup --database postgres://halocheckd@db.example/halocheckd",
		RunE: func(c *cobra.Command, args []string) error {
			from, err := document.Open(c.Context(), args[0])
			if err != nil {
				return usagef("%w", err)
			}
			defer from.Close()
			return withStore(c.Context(), database, func(s *store.Store) error {
				if err := s.Restore(c.Context(), from); err != nil {
					return err
				}
				_, err := fmt.Fprintf(out, "Everything of %s is restored.\n", args[0])
				return err
			})
		},
	}
	databaseFlag(c, &database)
	return c
}

// oneFile demands one word.
func oneFile(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("%s takes one file, and %d words were given", c.Name(), len(args))
	}
	return nil
}
