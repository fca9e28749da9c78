package fakehalo_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// npmProgram is a generic fake that is published on npm, and that the fake is measured beside.
type npmProgram struct {
	name, version string // of the package
	file          string // below node_modules
}

var (
	jsonServer = npmProgram{"json-server", "0.17.4", "json-server/lib/cli/bin.js"}
	prism      = npmProgram{"@stoplight/prism-cli", "5.14.2", "@stoplight/prism-cli/dist/index.js"} // the last for Node.js 20
)

// serve runs the program on a free port, gets what it serves from a file, and gives the address of path once that answers; empty where
// npm cannot install it.
func (p npmProgram) serve(b *testing.B, path string, content []byte, flags func(port, file string) []string) string {
	b.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	dir := filepath.Join(cache, "halocheck", filepath.Base(p.name)+"@"+p.version)
	program := filepath.Join(dir, "node_modules", filepath.FromSlash(p.file))
	if _, err := os.Stat(program); err != nil {
		install := exec.Command("npm", "install", "--prefix", dir, "--ignore-scripts", "--no-audit", "--no-fund", p.name+"@"+p.version)
		if out, err := install.CombinedOutput(); err != nil {
			b.Logf("no figure of %s: %v %s", p.name, err, out)
			return ""
		}
	}
	file := filepath.Join(b.TempDir(), "content.json")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		b.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	_ = l.Close()
	process := exec.Command("node", append([]string{program}, flags(port, file)...)...)
	if err := process.Start(); err != nil {
		b.Logf("no figure of %s: %v", p.name, err)
		return ""
	}
	b.Cleanup(func() {
		_ = process.Process.Kill()
		_ = process.Wait()
	})
	address := "http://127.0.0.1:" + port + path
	for limit := time.Now().Add(time.Minute); time.Now().Before(limit); time.Sleep(50 * time.Millisecond) {
		if resp, err := http.Get(address); err == nil {
			_ = resp.Body.Close()
			return address
		}
	}
	b.Logf("no figure of %s: it never answered", p.name)
	return ""
}

// withJSONServer serves the tickets of a page with json-server.
func withJSONServer(b *testing.B, page []byte) string {
	var rows struct {
		Tickets json.RawMessage `json:"tickets"`
	}
	if err := json.Unmarshal(page, &rows); err != nil {
		b.Fatal(err)
	}
	return jsonServer.serve(b, "/tickets", fmt.Appendf(nil, `{"tickets":%s}`, rows.Tickets), func(port, file string) []string {
		return []string{"--quiet", "--host", "127.0.0.1", "--port", port, file}
	})
}

// withPrism serves a page with Prism, from a description that has it as its example.
func withPrism(b *testing.B, page []byte) string {
	return prism.serve(b, "/tickets", fmt.Appendf(nil, `{"openapi":"3.0.3","info":{"title":"A page","version":"1"},"paths":{"/tickets":{"get":{"responses":{"200":`+
		`{"description":"It.","content":{"application/json":{"schema":{"type":"object"},"example":%s}}}}}}}}`, page), func(port, file string) []string {
		return []string{"mock", "--host", "127.0.0.1", "--port", port, "--errors", file}
	})
}
