package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// unlimited runs a program as in a shell where cores may be dumped.
func unlimited(folder string, args ...string) *exec.Cmd {
	c := exec.Command("/bin/sh", append([]string{"-c", `ulimit -c unlimited 2>/dev/null; exec "$0" "$@"`}, args...)...)
	c.Dir = folder
	return c
}

// TestACrashDumpsNoCore makes each command that holds a secret crash while it waits for a server, the way that leaves a core
// where one is wanted.
func TestACrashDumpsNoCore(t *testing.T) {
	const canary = "canary-0123456789-secret"
	folder := t.TempDir()
	control := unlimited(folder, "/bin/sh", "-c", "kill -ABRT $$")
	_ = control.Run()
	able := control.ProcessState.Sys().(syscall.WaitStatus).CoreDump()

	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	url, secret := "https://"+silent.Addr().String(), secretFile(t, canary)
	inventory := filepath.Join(folder, "fleet.yaml")
	entry := fmt.Sprintf("instances:\n  - {name: one, url: %q, client-id: id, client-secret: \"file:%s\"}\n", url, secret)
	if err := os.WriteFile(inventory, []byte(entry), 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := filepath.Join(folder, "halocheck")
	if err := os.Symlink(self, command); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"check", url, "--client-id", "id", "--client-secret-file", secret},
		{"record", url, filepath.Join(folder, "kept"), "--client-id", "id", "--client-secret-file", secret},
		{"fleet", inventory},
	} {
		t.Run(args[0], func(t *testing.T) {
			c := unlimited(folder, append([]string{command}, args...)...)
			var said bytes.Buffer
			c.Stderr = &said
			c.Env = append(os.Environ(), "GOTRACEBACK=crash")
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Process.Kill() }()
			_ = silent.(*net.TCPListener).SetDeadline(time.Now().Add(time.Minute)) // a hang guard
			conn, err := silent.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", c.Process.Pid))
			if err != nil {
				t.Fatal(err)
			}
			if limit := regexp.MustCompile(`Max core file size +(\S+) +(\S+)`).FindStringSubmatch(string(limits)); len(limit) != 3 || limit[1] != "0" || limit[2] != "0" {
				t.Errorf("a core may be dumped: %q", limit)
			}
			if err := c.Process.Signal(syscall.SIGABRT); err != nil {
				t.Fatal(err)
			}
			_ = c.Wait()
			ended := c.ProcessState.Sys().(syscall.WaitStatus)
			if !ended.Signaled() || ended.Signal() != syscall.SIGABRT {
				t.Errorf("it did not crash: %s", c.ProcessState)
			}
			if text := said.String(); !strings.Contains(text, "goroutine") || strings.Contains(text, canary) {
				t.Errorf("the crash tells nothing, or the secret: %s", text)
			}
			if ended.CoreDump() {
				t.Error("it dumped a core")
			}
		})
	}
	if !able {
		t.Log("no program dumps a core on this machine, so only the limit was looked at")
	}
}
