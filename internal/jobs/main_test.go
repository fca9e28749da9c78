package jobs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/credential"
	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/goroutines"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/internal/store"
)

// workerEnv is the database of the process that [TestKilledWorker] kills.
const workerEnv = "HALOCHECK_JOBS"

func TestMain(m *testing.M) {
	if database := os.Getenv(workerEnv); database != "" {
		s, err := store.Open(context.Background(), database)
		if err == nil {
			err = Work(context.Background(), options(s, database))
		}
		panic(err)
	}
	os.Exit(goroutines.Watch(m).Run())
}

// options are those of a worker that takes over soon.
func options(s *store.Store, database string) Options {
	return Options{
		Store: s, Database: database, Night: -1, Parallel: 3, HostRate: fleet.DefaultHostRate, Table: settings.All,
		Source: settings.Source{Source: credential.Source{Stdin: strings.NewReader(""), Getenv: os.Getenv}, Cache: &settings.Cache{}},
		Tell: func(err error) {
			if !errors.Is(err, context.Canceled) {
				fmt.Fprintln(os.Stderr, err)
			}
		},
		rescue: rescueAfter,
	}
}
