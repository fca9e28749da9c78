package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// built makes the images of this checkout and returns the folder with their layouts.
func built(t *testing.T) string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the images hold a program for Linux")
	}
	folder := t.TempDir()
	c := exec.Command("go", "build", "-trimpath", "-o", folder, "./cmd/halocheck", "./cmd/halocheckd")
	c.Dir = "../.."
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out := t.TempDir()
	r := release{version: "v0.0.0", revision: "0123", date: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC), root: "../..", binaries: map[string]string{}}
	for _, program := range []string{"halocheck", "halocheckd"} {
		r.binaries[program+":linux/"+runtime.GOARCH] = filepath.Join(folder, program)
	}
	if err := r.write(out); err != nil {
		t.Fatal(err)
	}
	return out
}

// read reads an image back, and unpacks it as an engine would, for the user who started the test.
func read(t *testing.T, folder string) (root string, config v1.Config) {
	t.Helper()
	index, err := layout.ImageIndexFromPath(folder)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	image, err := index.Image(manifest.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	file, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	root = t.TempDir()
	for dir := root; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) { // the container's user has to get there
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	files := mutate.Extract(image)
	defer files.Close()
	for r := tar.NewReader(files); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return root, file.Config
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(root, h.Name)
		if h.Typeflag == tar.TypeDir {
			if err := os.MkdirAll(path, 0o755); err != nil {
				t.Fatal(err)
			}
			if h.Uid != 0 && os.Getuid() == 0 {
				if err := os.Chown(path, h.Uid, h.Gid); err != nil {
					t.Fatal(err)
				}
			}
			continue
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, h.FileInfo().Mode().Perm()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestImages runs the images without an engine: nothing but their own file system, which cannot be written to, as their own
// user, who has no shell.
func TestImages(t *testing.T) {
	out := built(t)
	root, config := read(t, filepath.Join(out, "halocheck"))
	if _, err := os.Stat(filepath.Join(root, "bin")); err == nil || config.User != "65532:65532" {
		t.Errorf("user %s, and a folder of programs: %v", config.User, err)
	}
	c := inside(t, root, config, "check", "--fake", "missing-intermediate", "--quiet")
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	err := c.Run()
	if code := c.ProcessState.ExitCode(); code != 1 || !strings.Contains(said.String(), "(trust.chain)") || !strings.Contains(said.String(), "cause  missing_intermediate") {
		t.Errorf("exit %d, %v\n%s", code, err, said.String())
	}
	t.Logf("check --fake missing-intermediate: exit %d, uid 65532, %d bytes of text", c.ProcessState.ExitCode(), said.Len())

	root, config = read(t, filepath.Join(out, "fakehalo"))
	// Ports of its own, since those of the image may be taken on this machine.
	c = inside(t, root, config, "--addr", "127.0.0.1:0", "--admin-addr", "127.0.0.1:0")
	stderr, stdout := &bytes.Buffer{}, must2(t, c.StdoutPipe)
	c.Stderr = stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	hang := time.AfterFunc(time.Minute, func() { _ = c.Process.Kill() })
	defer hang.Stop()
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil {
		t.Fatalf("no ready line: %v\n%s", err, stderr.String())
	}
	var ready map[string]any
	if err := json.Unmarshal(line, &ready); err != nil || len(ready) != 8 {
		t.Fatalf("%v: %s", err, line)
	}
	t.Logf("fake: %s", line)
	for path, want := range map[string]string{"/health": `{"status":"ok"}`, "/ca.pem": "-----BEGIN CERTIFICATE-----"} {
		resp, err := http.Get(ready["admin_url"].(string) + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != 200 || !strings.HasPrefix(string(body), want) {
			t.Errorf("%s: %d %s", path, resp.StatusCode, body)
		}
	}
	if ready["ca_file"] != "" || !strings.Contains(stderr.String(), "/ca.pem") {
		t.Errorf("a file was written to a file system that is read-only, or nobody is told where the roots are: %v\n%s", ready["ca_file"], stderr.String())
	}
	_ = c.Process.Signal(os.Interrupt)
	if err := c.Wait(); err != nil {
		t.Errorf("an interrupted fake ends with %v", err)
	}
}

// TestTeamImage: the team's page starts in its image, and keeps what it knows in the one folder that is its own.
func TestTeamImage(t *testing.T) {
	root, config := read(t, filepath.Join(built(t), "halocheckd"))
	if _, ok := config.Volumes["/state"]; !ok || config.WorkingDir != "/state" || len(config.Entrypoint) != 1 {
		t.Errorf("%+v", config)
	}
	c := inside(t, root, config, "serve", "--database", "team.db", "--listen", "127.0.0.1:0")
	stdout, stderr := must2(t, c.StdoutPipe), &bytes.Buffer{}
	c.Stderr = stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	hang := time.AfterFunc(time.Minute, func() { _ = c.Process.Kill() })
	defer hang.Stop()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("no address: %v\n%s", err, stderr.String())
	}
	t.Log(line)
	address := regexp.MustCompile(`http://\S+/`).FindString(line)
	resp, err := http.Get(address + "healthz")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if _, err := os.Stat(filepath.Join(root, "state", "team.db")); err != nil || resp.StatusCode != 200 {
		t.Errorf("status %d, %v", resp.StatusCode, err)
	}
	_ = c.Process.Signal(os.Interrupt)
	if err := c.Wait(); err != nil {
		t.Errorf("it ends with %v\n%s", err, stderr.String())
	}
}

// TestSameImages: the same binaries make the same digests.
func TestSameImages(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "halocheck")
	if err := os.WriteFile(binary, []byte("program"), 0o755); err != nil {
		t.Fatal(err)
	}
	var before string
	for range 2 {
		out := t.TempDir()
		r := release{version: "v1.2.3", date: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC), root: "../..", binaries: map[string]string{
			"halocheck:linux/amd64": binary, "halocheck:linux/arm64": binary, "halocheckd:linux/amd64": binary,
		}}
		if err := r.write(out); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(out, "halocheck", "index.json"))
		if err != nil || before != "" && before != string(text) || !strings.Contains(string(text), `"architecture":"arm64"`) {
			t.Errorf("%v\n%s\n%s", err, before, text)
		}
		before = string(text)
	}
}

func must2[T any](t *testing.T, f func() (T, error)) T {
	t.Helper()
	v, err := f()
	if err != nil {
		t.Fatal(err)
	}
	return v
}
