package selfproof_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// served is what a real server ends TLS with, and what it does with the requests.
type served struct {
	pairs      []*pair // one certificate, or one of each key type, RSA first
	ciphers    string  // OpenSSL's names, with TLS 1.2 at most; empty: the server's own choice
	version    string  // the only version of TLS, "1.3"; empty: the server's own choice
	clientCert string  // "optional", "required", or "path", "optional path": for /api alone
	staple     []byte  // OCSP answer
	responder  string  // the URL where that answer can be fetched
	other      *pair   // what a client gets that asks for another name; nil: the same
	strict     bool    // who asks for another name gets nothing
	backend    string  // host:port of what speaks HTTP behind it
	status     int     // what it answers itself, in place of the backend; 0: nothing
	extra      string  // further lines of the server's own
}

// A terminator is a real server that ends TLS.
type terminator struct {
	name, from string   // its name, and Debian's package of it
	programs   []string // where it may be
	args       func(dir string) []string
	config     func(s served, dir, addr string) string
}

var terminators = []terminator{
	{"nginx", "nginx-light", []string{"nginx", "/usr/sbin/nginx"}, func(dir string) []string {
		return []string{"-c", dir + "/server.conf", "-p", dir, "-e", dir + "/error.log"}
	}, nginxConfig},
	{"Apache", "apache2", []string{"apache2", "/usr/sbin/apache2"}, func(dir string) []string {
		return []string{"-DFOREGROUND", "-f", dir + "/server.conf"}
	}, apacheConfig},
	{"HAProxy", "haproxy", []string{"haproxy", "/usr/sbin/haproxy"}, func(dir string) []string {
		return []string{"-db", "-q", "-f", dir + "/server.conf"}
	}, haproxyConfig},
}

// program is the path of the first that is installed; empty: none is.
func program(names ...string) string {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// ifSet is the text where a condition holds.
func ifSet(is bool, text string) string {
	if is {
		return text
	}
	return ""
}

func nginxConfig(s served, dir, addr string) string {
	var certs, rules []string
	for i := range s.pairs {
		certs = append(certs, fmt.Sprintf("ssl_certificate %[1]s/%[2]d.pem; ssl_certificate_key %[1]s/%[2]d.key;", dir, i))
	}
	if s.ciphers != "" {
		rules = append(rules, "ssl_protocols TLSv1.2; ssl_ciphers "+s.ciphers+"; ssl_dhparam "+dir+"/dh.pem;")
	}
	if s.version != "" {
		rules = append(rules, "ssl_protocols TLSv"+s.version+";")
	}
	if s.clientCert != "" {
		how := map[string]string{"optional": "optional", "required": "on", "path": "optional"}[s.clientCert]
		rules = append(rules, "ssl_client_certificate "+dir+"/ca.pem; ssl_verify_client "+how+";")
	}
	if s.staple != nil {
		rules = append(rules, "ssl_stapling on; ssl_stapling_file "+dir+"/staple.der;")
	}
	proxied := "proxy_pass http://" + s.backend + "; proxy_set_header Host $host; proxy_http_version 1.1; proxy_read_timeout 1s;"
	if s.status != 0 {
		proxied = fmt.Sprintf("return %d;", s.status)
	}
	if s.clientCert == "path" {
		rules = append(rules, "location /api { if ($ssl_client_verify != SUCCESS) { return 403; } "+proxied+" }")
	}
	others := ""
	switch {
	case s.strict:
		others = "server { listen " + addr + " ssl default_server; ssl_reject_handshake on; }"
	case s.other != nil:
		others = fmt.Sprintf("server { listen %s ssl default_server; ssl_certificate %s/other.pem; ssl_certificate_key %[2]s/other.key; return 404; }", addr, dir)
	}
	return fmt.Sprintf(`
daemon off; worker_processes 1; pid %[1]s/pid; error_log %[1]s/error.log; %[6]s
events {}
http {
  access_log off; client_body_temp_path %[1]s; proxy_temp_path %[1]s; fastcgi_temp_path %[1]s; uwsgi_temp_path %[1]s; scgi_temp_path %[1]s;
  %[7]s
  server {
    listen %[2]s ssl; server_name %[8]s; %[3]s
    %[4]s
    location / { %[5]s }
  }
}
`, dir, addr, strings.Join(certs, " "), strings.Join(append(rules, s.extra), "\n    "), proxied, ifSet(os.Getuid() == 0, "user root;"), others, ifSet(others != "", realHost)+ifSet(others == "", "_"))
}

func apacheConfig(s served, dir, addr string) string {
	var rules []string
	for _, name := range []string{"mpm_event", "authz_core", "ssl", "socache_shmcb", "proxy", "proxy_http", "alias"} {
		rules = append(rules, fmt.Sprintf("LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so", name, name))
	}
	if os.Getuid() == 0 {
		rules = append(rules, "User nobody", "Group nogroup")
	}
	if s.staple != nil {
		rules = append(rules, "SSLStaplingCache shmcb:"+dir+"/stapling(32768)")
	}
	rules = append(rules,
		"ServerRoot "+dir, "DefaultRuntimeDir "+dir, "PidFile pid", "ErrorLog error.log", "ServerName "+realHost, "Listen "+addr,
		"Mutex file:"+dir+" default", "StartServers 1")
	if s.strict {
		rules = append(rules, "SSLStrictSNIVHostCheck on")
	}
	if s.other != nil {
		rules = append(rules, "<VirtualHost "+addr+">", "ServerName other.servers.test", "SSLEngine on",
			"SSLCertificateFile "+dir+"/other.pem", "SSLCertificateKeyFile "+dir+"/other.key", "</VirtualHost>")
	}
	rules = append(rules, "<VirtualHost "+addr+">", "ServerName "+realHost, "SSLEngine on")
	for i := range s.pairs {
		rules = append(rules, fmt.Sprintf("SSLCertificateFile %s/%d.pem", dir, i), fmt.Sprintf("SSLCertificateKeyFile %s/%d.key", dir, i))
	}
	if s.ciphers != "" {
		rules = append(rules, "SSLProtocol TLSv1.2", "SSLCipherSuite "+s.ciphers)
	}
	if s.version != "" {
		rules = append(rules, "SSLProtocol TLSv"+s.version)
	}
	if s.staple != nil {
		rules = append(rules, "SSLUseStapling on", "SSLStaplingReturnResponderErrors on", "SSLStaplingForceURL "+s.responder)
	}
	switch s.clientCert {
	case "optional":
		rules = append(rules, "SSLCACertificateFile "+dir+"/ca.pem", "SSLVerifyClient optional")
	case "required":
		rules = append(rules, "SSLCACertificateFile "+dir+"/ca.pem", "SSLVerifyClient require")
	case "path", "optional path":
		how := map[string]string{"path": "require", "optional path": "optional"}[s.clientCert]
		rules = append(rules, "SSLCACertificateFile "+dir+"/ca.pem", "<Location /api>", "SSLVerifyClient "+how, "</Location>")
	}
	proxied := "ProxyPass / http://" + s.backend + "/"
	if s.status != 0 {
		proxied = fmt.Sprintf("Redirect %d /", s.status)
	}
	rules = append(rules, "ProxyPreserveHost on", "ProxyTimeout 1", proxied, s.extra, "</VirtualHost>")
	return strings.Join(rules, "\n") + "\n"
}

func haproxyConfig(s served, dir, addr string) string {
	bind := "bind " + addr + " ssl crt " + dir + "/site.pem"
	if s.other != nil {
		bind = "bind " + addr + " ssl crt-list " + dir + "/list" + ifSet(s.strict, " strict-sni")
	}
	var rules []string
	if s.ciphers != "" {
		bind += " ssl-max-ver TLSv1.2 ciphers " + s.ciphers
	}
	if s.version != "" {
		bind += " ssl-min-ver TLSv" + s.version + " ssl-max-ver TLSv" + s.version
	}
	if s.clientCert != "" {
		how := map[string]string{"optional": "optional", "required": "required", "path": "optional"}[s.clientCert]
		bind += " ca-file " + dir + "/ca.pem verify " + how
	}
	if s.clientCert == "path" {
		rules = append(rules, "http-request deny deny_status 403 if { path_beg /api } !{ ssl_c_used }")
	}
	if s.status != 0 {
		rules = append(rules, fmt.Sprintf("http-request return status %d", s.status))
	}
	return fmt.Sprintf(`
global
  ssl-dh-param-file %[1]s/dh.pem
defaults
  mode http
  timeout connect 1s
  timeout client 10s
  timeout server 1s
frontend tls
  %[2]s
  %[3]s
  %[4]s
  default_backend halo
backend halo
  server halo %[5]s
`, dir, bind, strings.Join(rules, "\n  "), s.extra, s.backend)
}

// files writes what the configurations of all servers name.
func (s served) files(dir, roots string) error {
	name := func(i int) string { // HAProxy finds certificates of several key types by their endings
		if len(s.pairs) == 1 {
			return "site.pem"
		}
		return []string{"site.pem.rsa", "site.pem.ecdsa"}[i]
	}
	content := map[string][]byte{"dh.pem": []byte(ffdhe2048)}
	for i, p := range s.pairs {
		content[fmt.Sprintf("%d.pem", i)], content[fmt.Sprintf("%d.key", i)] = p.certs, p.key
		content[name(i)] = append(bytes.Clone(p.certs), p.key...)
	}
	if s.other != nil {
		content["other.pem"], content["other.key"] = append(bytes.Clone(s.other.certs), s.other.key...), s.other.key
		content["list"] = []byte(dir + "/other.pem other.servers.test\n" + dir + "/site.pem " + realHost + "\n")
	}
	if s.staple != nil {
		content["staple.der"], content["site.pem.ocsp"] = s.staple, s.staple
	}
	var err error
	if content["ca.pem"], err = os.ReadFile(roots); err != nil {
		return err
	}
	for name, text := range content {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// start runs the server until stop is called. Its last words are in the error where it does not come up.
func (t terminator) start(s served, dir, roots string) (addr string, stop func(), err error) {
	if err := s.files(dir, roots); err != nil {
		return "", nil, err
	}
	for range 3 { // another program may take the port meanwhile
		if addr, err = freeAddress(); err != nil {
			return "", nil, err
		}
		if err = os.WriteFile(filepath.Join(dir, "server.conf"), []byte(t.config(s, dir, addr)), 0o600); err != nil {
			return "", nil, err
		}
		var said bytes.Buffer
		command := exec.CommandContext(context.Background(), program(t.programs...), t.args(dir)...)
		command.Stdout, command.Stderr = &said, &said
		if err = command.Start(); err != nil {
			return "", nil, err
		}
		ended := make(chan struct{})
		go func() { defer close(ended); _ = command.Wait() }()
		stop = func() {
			_ = command.Process.Signal(syscall.SIGTERM)
			select {
			case <-ended:
			case <-time.After(10 * time.Second):
				_ = command.Process.Kill()
				<-ended
			}
		}
		if accepts(addr, ended) {
			return addr, stop, nil
		}
		stop()
		log, _ := os.ReadFile(filepath.Join(dir, "error.log"))
		err = errors.New(t.name + " does not start: " + said.String() + string(log))
	}
	return "", nil, err
}

// freeAddress is an address that nobody listens on, below the ports that systems hand out to connections and to listeners
// that do not mind: those would be taken by others before the server comes up.
func freeAddress() (string, error) {
	for {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10000+rand.IntN(20000)))
		if err == nil {
			return l.Addr().String(), l.Close()
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			return "", err
		}
	}
}

// accepts waits until a server accepts connections; false where its process ended first.
func accepts(addr string, ended <-chan struct{}) bool {
	for range 400 {
		if c, err := net.Dial("tcp", addr); err == nil {
			_ = c.Close()
			return true
		}
		select {
		case <-ended:
			return false
		case <-time.After(25 * time.Millisecond):
		}
	}
	return false
}

// ffdhe2048 is the group of RFC 7919, which nginx and HAProxy need to offer DHE.
const ffdhe2048 = `-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
-----END DH PARAMETERS-----
`

// inPEM writes certificates.
func inPEM(ders ...[]byte) []byte {
	var b bytes.Buffer
	for _, der := range ders {
		_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	return b.Bytes()
}
