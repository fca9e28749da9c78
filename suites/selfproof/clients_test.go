package selfproof_test

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

// client is a folder of the user's cache with one of fakehalo's clients in it. fresh tells that what it needs has to be
// fetched: nothing was there yet.
func client(name, cached string, files ...string) (dir string, fresh bool) {
	GinkgoHelper()
	for _, program := range []string{"node", "npm", "tar"} {
		if _, err := exec.LookPath(program); err != nil {
			Skip("the clients of others need Node.js 20 and npm: apt-get install nodejs npm")
		}
	}
	cache, err := os.UserCacheDir()
	Expect(err).NotTo(HaveOccurred())
	dir = filepath.Join(cache, "halocheck", cached)
	Expect(os.MkdirAll(dir, 0o700)).To(Succeed())
	for _, file := range append([]string{"package.json", "package-lock.json"}, files...) {
		data, err := os.ReadFile(filepath.Join("..", "..", "fakehalo", "clients", name, file))
		Expect(err).NotTo(HaveOccurred())
		Expect(os.WriteFile(filepath.Join(dir, file), data, 0o600)).To(Succeed())
	}
	_, err = os.Stat(filepath.Join(dir, "node_modules", "complete"))
	return dir, err != nil
}

// complete notes that a client's folder has all that it needs.
func complete(dir string) {
	GinkgoHelper()
	Expect(os.WriteFile(filepath.Join(dir, "node_modules", "complete"), nil, 0o600)).To(Succeed())
}

// n8n is a folder with n8n's node as it is published; what was fetched before is used again.
func n8n() string {
	GinkgoHelper()
	dir, fresh := client("n8n", n8nArchive, "run.cjs")
	if !fresh {
		return dir
	}
	command(dir, nil, nil, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	command(dir, nil, nil, "npm", "pack", "--silent", n8nPackage)
	archive, err := os.ReadFile(filepath.Join(dir, n8nArchive))
	Expect(err).NotTo(HaveOccurred())
	sum := sha512.Sum512(archive)
	Expect(base64.StdEncoding.EncodeToString(sum[:])).To(Equal(n8nIntegrity), "another archive than the one that was reviewed")
	unpacked := filepath.Join(dir, "node_modules", "n8n-nodes-base")
	Expect(os.MkdirAll(unpacked, 0o700)).To(Succeed())
	command(dir, nil, nil, "tar", "-xzf", n8nArchive, "-C", unpacked, "--strip-components=1", "package/dist/nodes/HaloPSA",
		"package/dist/credentials/HaloPSAApi.credentials.js", "package/package.json")
	complete(dir)
	return dir
}

// guidesApplicationForN8n is the guide's application with what n8n's node needs besides: it creates and deletes clients, sites
// and users, and deletes tickets. It asks for admin as well, and does without. Its picker of agents knows the older form of
// their list alone (halo-live §5).
const guidesApplicationForN8n = `
dialects: {agent-list: bare}
application:
  permissions: [read:customers, edit:customers, read:contracts, edit:contracts, read:items, edit:items, read:invoices, edit:invoices, read:tickets, edit:tickets]
role:
  levels: {clients: 3, users: 3}
  permissions: {remove_tickets: true}
data: {sizes: {Tickets: 250}}
`

var _ = Describe("clients that others wrote", Label("clients"), func() {
	It("n8n's HaloPSA node lists, reads, creates, updates and deletes over TLS, unpatched", func() {
		dir := n8n()
		options, err := fakehalo.ReadScenario("n8n.yaml", []byte(guidesApplicationForN8n))
		Expect(err).NotTo(HaveOccurred())
		server, err := fakehalo.StartWith(options)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(server.Close)
		where, err := json.Marshal(map[string]string{
			"url": server.URL, "auth_url": server.AuthURL, "tenant": "acme",
			"client_id": server.Credentials.ClientID, "client_secret": server.Credentials.ClientSecret,
		})
		Expect(err).NotTo(HaveOccurred())
		out := command(dir, []string{"NODE_EXTRA_CA_CERTS=" + server.CAFile}, where, "node", "run.cjs")
		Expect(out).To(MatchJSON(`{
			"client": {"created": "Hooli", "kept": true, "got": "Renamed", "all": 4, "two": 2, "deleted": true, "gone": "404"},
			"site": {"created": "Annex", "kept": true, "got": "Renamed", "all": 4, "two": 2, "deleted": true, "gone": "404"},
			"ticket": {"created": "From n8n", "kept": true, "got": "Renamed", "all": 250, "two": 2, "deleted": true, "gone": "404"},
			"user": {"created": "Gavin Belson", "kept": true, "got": "Renamed", "all": 4, "two": 2, "deleted": true, "gone": "404"},
			"getHaloPSASites": 3, "getHaloPSAClients": 3, "getHaloPSATicketsTypes": 2, "getHaloPSAAgents": 2, "credentialTest": "OK"
		}`))
	})
	It("oauth4webapi discovers, logs in both ways, renews and verifies the id_token over TLS, unpatched", func() {
		dir := oauth4webapi()
		server := start()
		where, err := json.Marshal(map[string]string{
			"auth_url": server.AuthURL, "client_id": server.Credentials.ClientID, "client_secret": server.Credentials.ClientSecret,
		})
		Expect(err).NotTo(HaveOccurred())
		out := command(dir, []string{"NODE_EXTRA_CA_CERTS=" + server.CAFile}, where, "node", "run.mjs")
		Expect(out).To(MatchJSON(`{
			"issuer": true, "post": ["bearer", "read:tickets", 3600, "MSPCentric", true],
			"basic": ["bearer", "read:tickets", 3600, "MSPCentric", true], "refused": ["OAUTH_WWW_AUTHENTICATE_CHALLENGE", "basic"]
		}`))
	})
})
