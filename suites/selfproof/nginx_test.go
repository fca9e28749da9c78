package selfproof_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/fakehalo/pki"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/trust"
)

// proxied is a fake behind a real nginx that ends TLS with certificates of its own.
type proxied struct {
	fake *fakehalo.Server
	url  string
	ca   string // PEM file
	addr string // host:port of nginx

	certFile string // what ssl_certificate names
	restart  func()
}

// serves puts another chain into nginx's file and starts it anew: a reload leaves the old chain with some connections.
func (p proxied) serves(chain []byte) {
	GinkgoHelper()
	Expect(os.WriteFile(p.certFile, chain, 0o600)).To(Succeed())
	p.restart()
}

// behindNginx serves the fake through nginx. sent is how many certificates of the chain nginx is given; rules are lines
// such as "deny all;".
func behindNginx(sent int, rules ...string) proxied {
	GinkgoHelper()
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		if nginx, err = exec.LookPath("/usr/sbin/nginx"); err != nil {
			Skip("nginx is not installed (Debian's nginx-light has it)")
		}
	}
	fake := start()
	dir := GinkgoT().TempDir()

	publications := http.NewServeMux()
	plain := httptest.NewServer(publications)
	DeferCleanup(plain.Close)
	material, err := pki.Make(pki.Site{Hosts: []string{"localhost"}, IPs: []net.IP{net.IPv4(127, 0, 0, 1)}, BaseURL: plain.URL})
	Expect(err).NotTo(HaveOccurred())
	publications.Handle("/", material.HTTP)

	free, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	addr := free.Addr().String()
	Expect(free.Close()).To(Succeed())

	served, err := material.TLS.GetCertificate(&tls.ClientHelloInfo{ServerName: "localhost", SupportedVersions: []uint16{tls.VersionTLS13}})
	Expect(err).NotTo(HaveOccurred())
	key, err := x509.MarshalPKCS8PrivateKey(served.PrivateKey)
	Expect(err).NotTo(HaveOccurred())
	write := func(name, kind string, blocks ...[]byte) string {
		var b bytes.Buffer
		for _, der := range blocks {
			Expect(pem.Encode(&b, &pem.Block{Type: kind, Bytes: der})).To(Succeed())
		}
		path := filepath.Join(dir, name)
		Expect(os.WriteFile(path, b.Bytes(), 0o600)).To(Succeed())
		return path
	}
	keyFile := write("key.pem", "PRIVATE KEY", key)
	certFile := write("cert.pem", "CERTIFICATE", served.Certificate[:sent]...)
	ca := write("ca.pem", "CERTIFICATE", material.Roots[0].Raw)
	config := filepath.Join(dir, "nginx.conf")
	Expect(os.WriteFile(config, fmt.Appendf(nil, `
daemon off; worker_processes 1; pid %[1]s/nginx.pid; error_log %[1]s/error.log;
events {}
http {
  access_log off; client_body_temp_path %[1]s; proxy_temp_path %[1]s; fastcgi_temp_path %[1]s; uwsgi_temp_path %[1]s; scgi_temp_path %[1]s;
  server {
    listen %[2]s ssl; ssl_certificate %[3]s; ssl_certificate_key %[4]s;
    %[5]s
    location / { proxy_pass %[6]s; proxy_set_header Host $host; proxy_http_version 1.1; }
  }
}`, dir, addr, certFile, keyFile, strings.Join(rules, "\n    "), strings.Replace(fake.URL, "localhost", "127.0.0.1", 1)), 0o600)).To(Succeed())

	var server *exec.Cmd
	stop := func() {
		_ = server.Process.Signal(os.Interrupt)
		_ = server.Wait()
	}
	run := func() {
		GinkgoHelper()
		server = exec.Command(nginx, "-c", config, "-p", dir)
		server.Stderr = GinkgoWriter
		Expect(server.Start()).To(Succeed())
		Eventually(func() error {
			c, err := net.Dial("tcp", addr)
			if err == nil {
				_ = c.Close()
			}
			return err
		}).WithTimeout(10 * time.Second).Should(Succeed())
	}
	run()
	DeferCleanup(func() { stop() })
	return proxied{fake, "https://" + addr, ca, addr, certFile, func() { stop(); run() }}
}

// session points halocheck at nginx.
func (p proxied) session(vantages bool) *probes.Session {
	GinkgoHelper()
	s := session(p.fake)
	target, err := probes.ParseTarget(p.url)
	Expect(err).NotTo(HaveOccurred())
	s.Target.Resource, s.Target.AuthURL = target, p.url+"/auth/"
	s.Net.Roots = roots(p.ca)
	if !vantages {
		s.Vantages = nil
	}
	return s
}

// opensslTrusts is what openssl says of the same server with the same root.
func (p proxied) opensslTrusts() bool {
	GinkgoHelper()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		Skip("openssl is not installed")
	}
	c := exec.Command(openssl, "s_client", "-connect", p.addr, "-CAfile", p.ca, "-verify_return_error", "-verify_ip", "127.0.0.1")
	out, err := c.CombinedOutput()
	GinkgoWriter.Println(string(out))
	return err == nil
}

// of is the finding of a requirement for nginx's own host.
func of(findings []probes.Finding, id, host string) probes.Finding {
	GinkgoHelper()
	for _, f := range findings {
		if f.ID == id && (f.Host == "" || f.Host == host) {
			return f
		}
	}
	Fail("there is no finding of " + id)
	return probes.Finding{}
}

var _ = Describe("nginx in front", Label("nginx"), func() {
	It("serves the full chain", func() {
		p := behindNginx(2)
		findings := check(p.session(true))
		for _, f := range findings {
			if f.Area == "trust" && f.Level == probes.Must {
				Expect(f.Status).To(Equal(probes.Passed), "%s: %s", f.ID, f.Because)
			}
		}
		Expect(of(findings, "login.token", "").Status).To(Equal(probes.Passed))
		Expect(p.opensslTrusts()).To(BeTrue())
	})

	It("serves the leaf alone", func() {
		p := behindNginx(1)
		findings := check(p.session(true))
		chain := of(findings, "trust.chain", p.addr)
		Expect(chain.Status).To(Equal(probes.Failed))
		Expect(chain.Cause).To(Equal(probes.MissingIntermediate))
		Expect(chain.Because).To(ContainSubstring("Halo Fake Issuing CA A1"))
		token := of(findings, "login.token", "")
		Expect(token.Status).To(Equal(probes.Blocked))
		Expect(token.BlockedBy).To(Equal("trust.chain"))
		Expect(p.opensslTrusts()).To(BeFalse())
		for _, r := range p.fake.Requests() {
			Expect(r.Operation).NotTo(Equal("token"), "the secret went to a server that had not proved its name")
		}
	})

	It("serves what --out chain wrote, and the remedy's own command proves it", func(ctx SpecContext) {
		p := behindNginx(1)
		s := p.session(false)
		chain := of(check(s), "trust.chain", p.addr)
		Expect(chain.Remedy.Where).To(HavePrefix("nginx: the file of ssl_certificate"))
		_, proof, found := strings.Cut(chain.Remedy.Do, "To prove it: ")
		Expect(found).To(BeTrue(), chain.Remedy.Do)
		proof = strings.ReplaceAll(proof, "ROOTS.pem", p.ca)
		proven := func() bool {
			shell := exec.CommandContext(ctx, "sh", "-c", proof)
			out, err := shell.CombinedOutput()
			return err == nil && strings.Contains(string(out), "Verify return code: 0 (ok)")
		}
		_, err := exec.LookPath("openssl")
		if err != nil {
			Skip("openssl is not installed")
		}
		Expect(proven()).To(BeFalse())
		answer, err := probes.Look(ctx, s, trust.Resource.Chain.Given)
		Expect(err).NotTo(HaveOccurred())
		fixed, ok := answer.FixedPEM()
		Expect(ok).To(BeTrue())
		p.serves(fixed)
		Expect(proven()).To(BeTrue())
		for _, f := range check(p.session(true)) {
			if f.Area == "trust" && f.Level == probes.Must {
				Expect(f.Status).To(Equal(probes.Passed), "%s: %s", f.ID, f.Because)
			}
		}
	}, NodeTimeout(2*time.Minute))

	It("turns requests without a client certificate down", func() {
		p := behindNginx(2, "ssl_verify_client on;", "ssl_client_certificate ca.pem;")
		shaken := of(check(p.session(false)), "trust.handshake", p.addr)
		Expect(shaken.Status).To(Equal(probes.Failed))
		Expect(shaken.Cause).To(Equal(probes.ClientCertRequired))
	})

	It("lets only the vendor's addresses in", func() {
		p := behindNginx(2, "allow 127.0.0.11;", "allow 127.0.0.12;", "deny all;")
		findings := check(p.session(false))
		allowlist := of(findings, "network.allowlist", p.addr)
		Expect(allowlist.Status).To(Equal(probes.Unknown))
		Expect(allowlist.Cause).To(Equal(probes.EdgeRefused))
		Expect(of(findings, "product.answers", "").BlockedBy).To(Equal("network.allowlist"))
		Expect(of(check(p.session(true)), "network.allowlist", p.addr).Status).To(Equal(probes.Passed))
	})

	It("turns one of the vendor's addresses away", func() {
		p := behindNginx(2, "deny 127.0.0.12;", "allow all;")
		allowlist := of(check(p.session(true)), "network.allowlist", p.addr)
		Expect(allowlist.Status).To(Equal(probes.Failed))
		Expect(allowlist.Cause).To(Equal(probes.RefusedFromListed))
		Expect(allowlist.Because).To(ContainSubstring("3.19.4.238"))
	})
})
