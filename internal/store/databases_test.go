//go:build unix

package store_test

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/halocheck/halocheck/internal/goroutines"
	"github.com/halocheck/halocheck/internal/store"
)

// server is the folder with the socket of a PostgreSQL that runs as long as the tests; empty: there is none.
var server string

func TestMain(m *testing.M) {
	if os.Getenv(crashEnv) != "" {
		writeUntilKilled()
	}
	code := 1
	func() {
		stop := func() {}
		if folder, err := os.MkdirTemp("", "store"); err == nil {
			defer os.RemoveAll(folder)
			if server, stop, err = startPostgres(folder); err != nil {
				fmt.Fprintln(os.Stderr, "no PostgreSQL:", err)
			}
		}
		defer stop()
		code = goroutines.Watch(m).Run()
	}()
	os.Exit(code)
}

// startPostgres runs the PostgreSQL of this machine in a folder of its own, reached by a socket there.
func startPostgres(folder string) (socket string, stop func(), err error) {
	stop = func() {}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", stop, fmt.Errorf("it is not installed (Debian's package is postgresql)")
	}
	bin := filepath.Dir(found[len(found)-1])
	var as *syscall.SysProcAttr
	if os.Getuid() == 0 { // it refuses to run as root
		owner, err := user.Lookup("postgres")
		if err != nil {
			return "", stop, err
		}
		uid, _ := strconv.Atoi(owner.Uid)
		gid, _ := strconv.Atoi(owner.Gid)
		as = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
		if err := os.Chown(folder, uid, gid); err != nil {
			return "", stop, err
		}
	}
	data := filepath.Join(folder, "data")
	initialise := exec.Command(filepath.Join(bin, "initdb"), "--pgdata", data, "--username=test", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
	initialise.SysProcAttr, initialise.Dir = as, folder
	if out, err := initialise.CombinedOutput(); err != nil {
		return "", stop, fmt.Errorf("%w: %s", err, out)
	}
	serve := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200")
	serve.SysProcAttr, serve.Dir = as, folder
	if err := serve.Start(); err != nil {
		return "", stop, err
	}
	stop = func() { _ = serve.Process.Signal(syscall.SIGINT); _ = serve.Wait() }
	for range 300 {
		if exec.Command(filepath.Join(bin, "pg_isready"), "-h", folder, "-q").Run() == nil {
			return folder, stop, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return "", stop, fmt.Errorf("it does not answer")
}

var databases atomic.Int64

// newDatabase is the name of an empty database of a kind.
func newDatabase(t testing.TB, kind string) string {
	t.Helper()
	if kind == "SQLite" {
		return filepath.Join(t.TempDir(), "a team's runs?.db")
	}
	if server == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no PostgreSQL on this machine")
		}
		t.Skip("there is no PostgreSQL on this machine")
	}
	name := fmt.Sprintf("test%d", databases.Add(1))
	url := "postgres://test@/postgres?host=" + server
	if out, err := exec.Command("psql", "--quiet", url, "--command", "CREATE DATABASE "+name).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return strings.Replace(url, "/postgres?", "/"+name+"?", 1)
}

// onBoth runs a test on an empty database of each kind.
func onBoth(t *testing.T, test func(t *testing.T, s *store.Store)) {
	for _, kind := range []string{"SQLite", "PostgreSQL"} {
		t.Run(kind, func(t *testing.T) { test(t, open(t, newDatabase(t, kind))) })
	}
}

func open(t testing.TB, database string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
