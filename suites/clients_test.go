package suites_test

import (
	"bytes"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/fakehalo"
)

// The package that n8n's HaloPSA node is published in, and the SHA-512 of its archive. Its 400 dependencies are not
// needed: the node itself requires nothing but n8n-workflow.
const (
	n8nPackage   = "n8n-nodes-base@1.121.53"
	n8nArchive   = "n8n-nodes-base-1.121.53.tgz"
	n8nIntegrity = "JryIrnx5IzXGgVSb4zofSIAsYfD/TsctQLlslNudwqXG7sJhiZDo5DWtFb3L67TV7vZUjQm+UDfT6psj2SH5mw=="
)

// command runs a program and gives what it printed; the spec fails with its standard error where it fails.
func command(dir string, env []string, input []byte, name string, args ...string) []byte {
	GinkgoHelper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	c.Dir, c.Env, c.Stdin = dir, append(os.Environ(), env...), bytes.NewReader(input)
	var says bytes.Buffer
	c.Stderr = &says
	out, err := c.Output()
	Expect(err).NotTo(HaveOccurred(), "%s %v: %s", name, args, says.String())
	return out
}

// n8n is a folder with n8n's node as it is published; what was fetched before is used again.
func n8n() string {
	GinkgoHelper()
	for _, program := range []string{"node", "npm", "tar"} {
		if _, err := exec.LookPath(program); err != nil {
			Skip("n8n's HaloPSA node needs Node.js 20 and npm: apt-get install nodejs npm")
		}
	}
	cache, err := os.UserCacheDir()
	Expect(err).NotTo(HaveOccurred())
	dir := filepath.Join(cache, "halocheck", n8nArchive)
	Expect(os.MkdirAll(dir, 0o700)).To(Succeed())
	for _, name := range []string{"package.json", "package-lock.json", "run.cjs"} {
		data, err := os.ReadFile(filepath.Join("..", "fakehalo", "clients", "n8n", name))
		Expect(err).NotTo(HaveOccurred())
		Expect(os.WriteFile(filepath.Join(dir, name), data, 0o600)).To(Succeed())
	}
	unpacked := filepath.Join(dir, "node_modules", "n8n-nodes-base")
	if _, err := os.Stat(filepath.Join(unpacked, "complete")); err == nil {
		return dir
	}
	command(dir, nil, nil, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	command(dir, nil, nil, "npm", "pack", "--silent", n8nPackage)
	archive, err := os.ReadFile(filepath.Join(dir, n8nArchive))
	Expect(err).NotTo(HaveOccurred())
	sum := sha512.Sum512(archive)
	Expect(base64.StdEncoding.EncodeToString(sum[:])).To(Equal(n8nIntegrity), "another archive than the one that was reviewed")
	Expect(os.MkdirAll(unpacked, 0o700)).To(Succeed())
	command(dir, nil, nil, "tar", "-xzf", n8nArchive, "-C", unpacked, "--strip-components=1", "package/dist/nodes/HaloPSA",
		"package/dist/credentials/HaloPSAApi.credentials.js", "package/package.json")
	Expect(os.WriteFile(filepath.Join(unpacked, "complete"), nil, 0o600)).To(Succeed())
	return dir
}

var _ = Describe("clients that others wrote", Label("clients"), func() {
	It("n8n's HaloPSA node lists, reads, creates, updates and deletes over TLS, unpatched", func() {
		dir := n8n()
		server, err := fakehalo.StartWith(fakehalo.Options{Seed: fakehalo.Seed{Sizes: map[string]int{"Tickets": 250}}})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(server.Close)
		where, err := json.Marshal(map[string]string{
			"url": server.URL, "auth_url": server.AuthURL, "tenant": "acme",
			"client_id": server.Admin.ClientID, "client_secret": server.Admin.ClientSecret,
		})
		Expect(err).NotTo(HaveOccurred())
		out := command(dir, []string{"NODE_EXTRA_CA_CERTS=" + server.CAFile}, where, "node", "run.cjs")
		Expect(out).To(MatchJSON(`{
			"client": {"created": "Hooli", "kept": true, "got": "Renamed", "all": 4, "two": 2, "deleted": true, "gone": "404"},
			"site": {"created": "Annex", "kept": true, "got": "Renamed", "all": 4, "two": 2, "deleted": true, "gone": "404"},
			"ticket": {"created": "From n8n", "kept": true, "got": "Renamed", "all": 251, "two": 2, "deleted": true, "gone": "404"},
			"user": {"created": "Gavin Belson", "kept": true, "got": "Renamed", "all": 4, "two": 2, "deleted": true, "gone": "404"},
			"getHaloPSASites": 3, "getHaloPSAClients": 3, "getHaloPSATicketsTypes": 2, "getHaloPSAAgents": 2, "credentialTest": "OK"
		}`))
	})
})
