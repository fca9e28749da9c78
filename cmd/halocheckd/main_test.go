package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/internal/goroutines"
	"github.com/halocheck/halocheck/internal/store"
)

// programFolder holds the programs that tests link.
var programFolder string

func TestMain(m *testing.M) {
	var err error
	if programFolder, err = os.MkdirTemp("", "halocheckd"); err != nil {
		panic(err)
	}
	code := goroutines.Watch(m).Run()
	_ = os.RemoveAll(programFolder)
	os.Exit(code)
}

func noVariables(string) string { return "" }

// TestWhatIsRefused says what is wrong, and how it is right; exit code 2 is the user's, 4 is not.
func TestWhatIsRefused(t *testing.T) {
	damaged := filepath.Join(t.TempDir(), "damaged.backup")
	if err := os.WriteFile(damaged, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	database := filepath.Join(t.TempDir(), "team.db")
	for _, c := range []struct {
		args, want string
		code       int
	}{
		{"serve --listen 0.0.0.0:8080", "has no log-in", 2},
		{"serve --listen somewhere", "HOST:PORT", 2},
		{"serve --port 70000", "no port", 2},
		{"serve --keep-others -1", "numbers of days", 2},
		{"serve --at-once-user 0", "numbers of checks", 2},
		{"serve --metrics 9464", "HOST:PORT", 2},
		{"serve --log-format yaml", "text or json", 2},
		{"serve --log-level loud", "log-level", 2},
		{"serve --agents 0.0.0.0:8443", "needs --agents-certificate and --agents-key", 2},
		{"serve --agents 8443", "HOST:PORT", 2},
		{"serve --agents 127.0.0.1:0 --agents-key x", "belong together", 2},
		{"serve --agents 127.0.0.1:0 --agents-key x --agents-certificate x --database " + database, "no such file", 2},
		{"serve --agents-proxy somewhere", "no address and no network", 2},
		{"serve --agents-min-version new", "looks like 1.4.0", 2},
		{"agent add --address 3.19.3.152", "one name", 2},
		{"agent add x --address here", "no IP address", 2},
		{"agent revoke nobody --database " + database, "there is no agent nobody", 2},
		{"serve --database " + t.TempDir() + "/missing/team.db", "--database", 2},
		{"serve now", "flags alone", 2},
		{"worker --nightly noon", "time of day", 2},
		{"worker --host-rate fast", "--host-rate", 2},
		{"worker --parallel 0", "from 1 to 1000", 2},
		{"enqueue --database " + database, "inventory is empty", 2},
		{"inventory export --database " + database, "inventory is empty", 2},
		{"inventory import " + t.TempDir() + "/missing --database " + database, "no such file", 2},
		{"serve --databse x", "there is no flag --databse (did you mean --database?)", 2},
		{"serve --keep-others many", "--keep-others: \"many\" is not a whole number", 2},
		{"serve --log-level loud", "--log-level: \"loud\" is not what it takes", 2},
		{"serve --listen 127.0.0.1:99999", "is not HOST:PORT", 2},
		{"srve", "no command", 2},
		{"backup", "one file", 2},
		{"restore " + t.TempDir() + "/missing --database " + database, "no such file", 2},
		{"restore " + damaged + " --database " + database, "no backup", 4},
	} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), strings.Fields(c.args), &out, &errs, noVariables); code != c.code || !strings.Contains(errs.String(), c.want) || strings.Count(errs.String(), "\n") != 1 {
			t.Errorf("%s: exit %d, %s%s", c.args, code, out.String(), errs.String())
		}
	}
}

// TestThePagesOfTheDocs: each command that docs/team.md, docs/night.md and docs/agents.md show is understood, up to the provider of a log-in, which does not exist.
func TestThePagesOfTheDocs(t *testing.T) {
	var page []byte
	for _, name := range []string{"team", "night", "agents"} {
		text, err := os.ReadFile("../../docs/" + name + ".md")
		if err != nil {
			t.Fatal(err)
		}
		page = append(page, text...)
	}
	inventory := filepath.Join(t.TempDir(), "customers.yaml")
	if err := os.WriteFile(inventory, []byte("instances:\n  - {name: acme, url: \"https://127.0.0.1:1\"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(t.TempDir(), "oidc")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	cert, key := certificate(t, t.TempDir())
	filled := strings.NewReplacer("customers.yaml", inventory, "team.db", filepath.Join(t.TempDir(), "team.db"), "/etc/halocheckd/oidc", secret, "127.0.0.1:8080", "127.0.0.1:0", "https://login.example", "https://127.0.0.1:1", "127.0.0.1:8443", "127.0.0.1:0", "agents.pem", cert, "agents.key", key)
	found := regexp.MustCompile(`(?m)^    (?:\./)?halocheckd (.*)$`).FindAllStringSubmatch(strings.ReplaceAll(string(page), "\\\n", ""), -1)
	for _, command := range found {
		args, oidc := strings.Fields(filled.Replace(command[1])), strings.Contains(command[1], "--oidc")
		if oidc {
			args = append(args, "--database", filepath.Join(t.TempDir(), "other.db"))
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		printed, out := io.Pipe()
		go func() {
			_, _ = bufio.NewReader(printed).ReadString('\n')
			stop()
		}()
		var errs bytes.Buffer
		code := run(ctx, args, out, &errs, noVariables)
		_ = out.Close()
		stop()
		if code != 0 && !(oidc && strings.Contains(errs.String(), "127.0.0.1:1")) {
			t.Errorf("%s: exit %d, %s", command[1], code, errs.String())
		}
	}
	if len(found) != 10 {
		t.Errorf("%d commands", len(found))
	}
}

// TestAgentsAreAudited: who declared and who revoked an agent is kept; what was refused is not.
func TestAgentsAreAudited(t *testing.T) {
	database := filepath.Join(t.TempDir(), "team.db")
	for _, c := range []struct {
		args string
		code int
	}{{"add egress-1 --address 3.19.3.152", 0}, {"add egress-1 --address 3.19.3.153", 2}, {"revoke nobody", 2}, {"revoke egress-1", 0}} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), append(strings.Fields("agent "+c.args), "--database", database), &out, &errs, noVariables); code != c.code {
			t.Errorf("%s: exit %d, %s", c.args, code, errs.String())
		}
	}
	s, err := store.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	list, err := s.Deeds(t.Context(), 10)
	if err != nil || len(list) != 2 || list[0].What != "revoked the agent egress-1" || list[1].What != "declared the agent egress-1 at 3.19.3.152" || !strings.HasPrefix(list[0].Who, "the command line") {
		t.Errorf("%+v %v", list, err)
	}
}

// TestServeBackupRestore: the page answers at the address that is printed, is copied while it does, and comes back elsewhere.
func TestServeBackupRestore(t *testing.T) {
	folder := t.TempDir()
	database, other, copied := filepath.Join(folder, "team.db"), filepath.Join(folder, "other.db"), filepath.Join(folder, "team.backup")
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	metrics := free.Addr().String()
	_ = free.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	printed, out := io.Pipe()
	ended := make(chan int, 1)
	var errs bytes.Buffer
	go func() {
		ended <- run(ctx, []string{"serve", "--database", database, "--metrics", metrics, "--log-level", "debug", "--log-format", "json"}, out, &errs, noVariables)
	}()
	line := make([]byte, 200)
	n, err := printed.Read(line)
	address := regexp.MustCompile(`http://[0-9.:]+/`).FindString(string(line[:n]))
	if err != nil || address == "" {
		t.Fatalf("%v: %s%s", err, line[:n], errs.String())
	}
	for path, want := range map[string]string{address: "Check a HaloPSA connection", address + "customers": "There is no customer yet", address + "show": "missing-intermediate", address + "readyz": "ok", "http://" + metrics + "/metrics": "halocheckd_checks_total"} {
		resp, err := http.Get(path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("%s: %d, %v: %s", path, resp.StatusCode, err, body)
		}
	}
	http.DefaultClient.CloseIdleConnections()
	for _, args := range [][]string{{"backup", copied, "--database", database}, {"restore", copied, "--database", other}} {
		var said, wrong bytes.Buffer
		if code := run(t.Context(), args, &said, &wrong, noVariables); code != 0 || !strings.Contains(said.String(), copied) {
			t.Errorf("%v: exit %d, %s%s", args, code, said.String(), wrong.String())
		}
	}
	if stop(); <-ended != 0 {
		t.Error("it did not end in order:", errs.String())
	}
	if !strings.Contains(errs.String(), `"msg":"request","method":"GET","page":"/customers"`) {
		t.Error("it logs", errs.String())
	}
}
