package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/halocheck/halocheck/internal/credential"
	"github.com/halocheck/halocheck/internal/goroutines"
	"github.com/halocheck/halocheck/internal/report"
)

func TestMain(m *testing.M) {
	testscript.Main(goroutines.Watch(m), map[string]func(){"halocheck": main})
}

// TestScript runs the transcripts: one for each thing that somebody wants of the command. Under -short it runs those in which the
// command does several things at once.
func TestScript(t *testing.T) {
	scripts, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() {
		scripts = nil
		for _, name := range []string{"deadline", "fake", "green", "proxy", "serve"} {
			scripts = append(scripts, "testdata/script/"+name+".txtar")
		}
	}
	testscript.Run(t, testscript.Params{
		Files: scripts,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"validates": validates,
			"interrupt": interrupt,
			"without":   without,
			"mode":      mode,
			"unpack":    unpack,
			"repack":    repack,
		},
		Condition: func(cond string) (bool, error) {
			_, err := os.Stat("/dev/full")
			return cond == "devfull" && err == nil || cond == "shared" && credential.WorldReadable(os.TempDir()), nil
		},
		Setup: func(e *testscript.Env) error {
			// A port on which something listens and never says a word.
			silent, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			e.Defer(func() { _ = silent.Close() })
			deploy, err := filepath.Abs("../../deploy")
			if err != nil {
				return err
			}
			e.Vars = append(e.Vars, "SILENT=https://"+silent.Addr().String(), "DEPLOY="+deploy)
			return startProxies(e)
		},
	})
}

// validates FILE…: each is a report of the published schema.
func validates(ts *testscript.TestScript, neg bool, args []string) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.SchemaFile))
	ts.Check(err)
	c := jsonschema.NewCompiler()
	ts.Check(c.AddResource("report", document))
	schema, err := c.Compile("report")
	ts.Check(err)
	for _, name := range args {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(ts.ReadFile(name))))
		ts.Check(err)
		if err := schema.Validate(v); (err == nil) == neg {
			ts.Fatalf("%s: %v", name, err)
		}
	}
}

// interrupt CODE PAUSE WANT COMMAND…: the command runs for the pause, gets Ctrl-C, and has to exit with the code at once. On a busy machine
// a process may not have come to listening for it, or to what it has to tell: one that just died of it, or that does not say
// what is wanted, is given twice the pause, four times at most.
func interrupt(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	pause, err := time.ParseDuration(args[1])
	ts.Check(err)
	path, err := exec.LookPath(args[3])
	ts.Check(err)
	for try := 0; ; try++ {
		var out bytes.Buffer
		c := exec.Command(path, args[4:]...)
		c.Dir, c.Stdout = ts.MkAbs("."), &out
		c.Env = append(os.Environ(), "PATH="+ts.Getenv("PATH"))
		ts.Check(c.Start())
		time.Sleep(pause << try)
		ts.Check(c.Process.Signal(os.Interrupt))
		_ = c.Wait()
		switch code := c.ProcessState.ExitCode(); {
		case code == want && (strings.Contains(out.String(), args[2]) || try == 4):
			ts.Check(os.WriteFile(ts.MkAbs("interrupted"), out.Bytes(), 0o600))
			return
		case code != -1 && code != want || try == 4:
			ts.Fatalf("exit code %d after Ctrl-C, want %d\n%s", code, want, out.String())
		}
	}
}

// without SECRET FILE…: none of the files, nor what the last command said, holds the secret in any encoding.
func without(ts *testscript.TestScript, _ bool, args []string) {
	secret := args[0]
	quoted, err := json.Marshal(secret)
	ts.Check(err)
	forms := []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), string(quoted[1 : len(quoted)-1]),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.URLEncoding.EncodeToString([]byte(secret)),
	}
	for _, name := range append(args[1:], "stdout", "stderr") {
		text := ts.ReadFile(name)
		for _, form := range forms {
			if bytes.Contains([]byte(text), []byte(form)) {
				ts.Fatalf("%s holds the secret as %q", name, form)
			}
		}
	}
}

// mode WANT FILE: the file has these permissions.
func mode(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := info.Mode().String(); got != args[0] {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}

// unpack ZIP DIR: the members of a bundle as files, and their names in the file DIR/names.
func unpack(ts *testscript.TestScript, _ bool, args []string) {
	z, err := zip.OpenReader(ts.MkAbs(args[0]))
	ts.Check(err)
	defer z.Close()
	var names strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		ts.Check(err)
		data, err := io.ReadAll(r)
		ts.Check(err)
		place := filepath.Join(ts.MkAbs(args[1]), filepath.FromSlash(f.Name))
		ts.Check(os.MkdirAll(filepath.Dir(place), 0o700))
		ts.Check(os.WriteFile(place, data, 0o600))
		names.WriteString(f.Name + "\n")
	}
	ts.Check(os.WriteFile(filepath.Join(ts.MkAbs(args[1]), "names"), []byte(names.String()), 0o600))
}

// repack NAMES DIR ZIP: the files of a folder that a file lists, as a bundle.
func repack(ts *testscript.TestScript, _ bool, args []string) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name := range strings.FieldsSeq(ts.ReadFile(args[0])) {
		f, err := z.Create(name)
		ts.Check(err)
		_, err = io.WriteString(f, ts.ReadFile(filepath.Join(args[1], name)))
		ts.Check(err)
	}
	ts.Check(z.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), b.Bytes(), 0o600))
}
