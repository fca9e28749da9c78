package trust_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo/pki"
)

// newKey is how openssl req makes a key of a kind.
var newKey = map[string][]string{
	"P-256":        {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"},
	"P-224":        {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-224"},
	"secp256k1":    {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"},
	"brainpool":    {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"},
	"explicit":     {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", "ec_param_enc:explicit"},
	"Ed448":        {"-newkey", "ed448"},
	"RSA-PSS":      {"-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"},
	"RSA 512":      {"-newkey", "rsa:512"},
	"RSA 768":      {"-newkey", "rsa:768"},
	"RSA 1024":     {"-newkey", "rsa:1024"},
	"RSA 2048":     {"-newkey", "rsa:2048"},
	"RSA, large e": {"-newkey", "rsa:2048", "-pkeyopt", "rsa_keygen_pubexp:4294967297"},
}

// keyCase is a chain that openssl makes and serves.
type keyCase struct {
	root, authority, leaf string   // kinds of keys; empty: P-256
	sign                  []string // how the authority signs the server's own certificate
	serve                 []string
}

func run(t *testing.T, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*plenty)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "openssl", args...).CombinedOutput(); err != nil {
		t.Fatalf("openssl %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// served makes the chain and serves it.
func (c keyCase) served(t *testing.T) (s site, roots string) {
	t.Helper()
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	make := func(name, kind string, args ...string) {
		if kind == "" {
			kind = "P-256"
		}
		args = append([]string{"req", "-x509", "-nodes", "-days", "30", "-config", os.DevNull, "-keyout", in(name + ".key"), "-out", in(name + ".pem")}, args...)
		run(t, append(args, newKey[kind]...)...)
	}
	if err := os.WriteFile(in("openssl.cnf"), []byte("[req]\ndistinguished_name=dn\n[dn]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	make("root", c.root, "-config", in("openssl.cnf"), "-subj", "/CN=Odd Root", "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")
	make("authority", c.authority, "-config", in("openssl.cnf"), "-subj", "/CN=Odd Authority", "-CA", in("root.pem"), "-CAkey", in("root.key"), "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")
	make("leaf", c.leaf, append([]string{"-config", in("openssl.cnf"), "-subj", "/CN=" + labHost, "-CA", in("authority.pem"), "-CAkey", in("authority.key"), "-addext", "subjectAltName=DNS:" + labHost, "-addext", "extendedKeyUsage=serverAuth", "-addext", "keyUsage=critical,digitalSignature,keyEncipherment"}, c.sign...)...)
	m := &pki.Material{}
	raw, err := os.ReadFile(in("root.pem"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(raw)
	if root, err := x509.ParseCertificate(block.Bytes); err == nil {
		m.Roots = append(m.Roots, root)
	}
	if pair, err := tls.LoadX509KeyPair(in("leaf.pem"), in("leaf.key")); err == nil && c.serve == nil { // which serves several at once
		authority, err := os.ReadFile(in("authority.pem"))
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode(authority)
		pair.Certificate = append(pair.Certificate, block.Bytes)
		m.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
		return open(t, m), in("root.pem")
	}
	cmd := exec.CommandContext(t.Context(), "openssl", append([]string{"s_server", "-accept", "127.0.0.1:0", "-cert", in("leaf.pem"), "-key", in("leaf.key"), "-cert_chain", in("authority.pem"), "-www", "-cipher", "ALL:@SECLEVEL=0"}, c.serve...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	ready := newReady(bufio.NewScanner(out))
	select {
	case at := <-ready:
		_, port, _ := net.SplitHostPort(at)
		return site{material: m, host: labHost, port: port}, in("root.pem")
	case <-time.After(plenty):
		t.Fatal("openssl s_server does not say where it listens")
	}
	return site{}, ""
}

func newReady(lines *bufio.Scanner) chan string {
	ready := make(chan string, 1)
	go func() {
		for lines.Scan() {
			if at, ok := strings.CutPrefix(lines.Text(), "ACCEPT "); ok {
				ready <- at
			}
		}
	}()
	return ready
}

// keyDifferences are the cases in which trust does not see what OpenSSL refuses, or cannot be told the root.
var keyDifferences = map[string]string{
	"signed PSS, SHA-1": "unknown: this program cannot check the signature",
	"authority P-224":   "crypto/tls's clients and Java refuse the curve",
	"root brainpool":    "this program cannot read the root, so it is not among its roots",
}

// TestStrangeKeys judges keys, signatures and key exchanges that ordinary clients have and crypto/tls or crypto/x509 lacks as
// OpenSSL does: what it completes fails nowhere, and is unknown where only this program cannot tell.
func TestStrangeKeys(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	pss := func(more ...string) []string { return append([]string{"-sigopt", "rsa_padding_mode:pss"}, more...) }
	for name, c := range map[string]keyCase{
		"as it should be":        {},
		"leaf Ed448":             {leaf: "Ed448"},
		"leaf Ed448, TLS 1.3":    {leaf: "Ed448", serve: []string{"-tls1_3"}},
		"leaf RSA-PSS, TLS 1.3":  {leaf: "RSA-PSS", serve: []string{"-tls1_3"}},
		"leaf RSA 768":           {leaf: "RSA 768"},
		"leaf RSA, large e":      {leaf: "RSA, large e"},
		"leaf P-224":             {leaf: "P-224"},
		"leaf secp256k1":         {leaf: "secp256k1"},
		"leaf brainpool":         {leaf: "brainpool"},
		"leaf explicit":          {leaf: "explicit"},
		"authority Ed448":        {authority: "Ed448"},
		"authority RSA 512":      {authority: "RSA 512"},
		"authority RSA 1024":     {authority: "RSA 1024"},
		"authority RSA, large e": {authority: "RSA, large e"},
		"authority secp256k1":    {authority: "secp256k1"},
		"authority brainpool":    {authority: "brainpool"},
		"authority explicit":     {authority: "explicit"},
		"authority P-224":        {authority: "P-224"},
		"root Ed448":             {root: "Ed448"},
		"root RSA-PSS":           {root: "RSA-PSS"},
		"root brainpool":         {root: "brainpool"},
		"signed SHA-1":           {authority: "RSA 2048", sign: []string{"-sha1"}},
		"signed SHA-224":         {authority: "RSA 2048", sign: []string{"-sha224"}},
		"signed SHA-512/256":     {authority: "RSA 2048", sign: []string{"-sha512-256"}},
		"signed SHA3-256":        {authority: "RSA 2048", sign: []string{"-sha3-256"}},
		"signed ECDSA SHA-224":   {sign: []string{"-sha224"}},
		"signed ECDSA SHA3-256":  {sign: []string{"-sha3-256"}},
		"signed PSS, max salt":   {authority: "RSA 2048", sign: pss("-sha256", "-sigopt", "rsa_pss_saltlen:max")},
		"signed PSS, SHA-1":      {authority: "RSA 2048", sign: pss("-sha1")},
		"signed PSS, MGF1 SHA-1": {authority: "RSA 2048", sign: pss("-sha256", "-sigopt", "rsa_mgf1_md:sha1", "-sigopt", "rsa_pss_saltlen:32")},
		"groups ffdhe2048, 1.3":  {serve: []string{"-tls1_3", "-groups", "ffdhe2048"}},
		"groups ffdhe3072, 1.3":  {serve: []string{"-tls1_3", "-groups", "ffdhe3072"}},
		"groups X448, 1.3":       {serve: []string{"-tls1_3", "-groups", "X448"}},
		"suite CCM, 1.3":         {serve: []string{"-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_SHA256"}},
		"TLS 1.1":                {serve: []string{"-tls1_1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, roots := c.served(t)
			said := openSSL(t, s, roots)
			compare(t, said, keyDifferences[name], quick(t, s.session(t, "off")))
		})
	}
}
