package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"sync"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/crypto/ssh/knownhosts"
)

// Vantage is a dialer that goes out from somewhere else. Err tells a vantage point that could not be used from a target
// that did not answer it.
type Vantage struct {
	dial func(ctx context.Context, address string) (net.Conn, error)
	stop func() error

	mu  sync.Mutex
	err error
}

// errVantage marks a fault of the vantage point itself.
type errVantage struct{ err error }

func (e *errVantage) Error() string { return e.err.Error() }
func (e *errVantage) Unwrap() error { return e.err }

// DialContext opens a connection from the vantage point.
func (v *Vantage) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	c, err := v.dial(ctx, address)
	var own *errVantage
	if errors.As(err, &own) {
		v.mu.Lock()
		v.err = own.err
		v.mu.Unlock()
	}
	return c, err
}

// Err is why the vantage point could not be used; nil where it could.
func (v *Vantage) Err() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.err
}

// Close ends the vantage point's own connection.
func (v *Vantage) Close() error {
	if v.stop == nil {
		return nil
	}
	return v.stop()
}

// Observation is what a host was seen to do: an answer, or why there was none.
type Observation struct {
	Page   Page
	Cause  string // of contract §7; empty: Page is the answer, or there was a handshake
	Detail string
	From   string // the address that was looked from, where only whoever looked knows it
}

// CheckVia refuses what is no vantage point; nothing is asked.
func CheckVia(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return errors.New("it names no host; use socks5://, http:// or ssh://HOST:PORT")
	}
	switch u.Scheme {
	case "socks5", "socks5h", "http", "ssh":
		return nil
	}
	return fmt.Errorf("the scheme %q is none of socks5, http and ssh", u.Scheme)
}

// Via makes the vantage point that a URL names: socks5://, http:// (CONNECT) or ssh:// (a jump host; keys from the SSH
// agent or ~/.ssh, host keys from ~/.ssh/known_hosts). Only TLS that ends here runs through it.
func (n *Net) Via(address string) (*Vantage, error) {
	if err := CheckVia(address); err != nil {
		return nil, err
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if u.Scheme == "ssh" {
		return n.viaSSH(u)
	}
	dial, err := n.tunnel(u, viaProxy{n})
	if err != nil {
		return nil, err
	}
	return &Vantage{dial: dial}, nil
}

// viaProxy is how a vantage point is reached: through the proxy where there is one.
type viaProxy struct{ net *Net }

func (v viaProxy) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	return v.net.dialHost(ctx, host, port)
}

// forward dials the vantage point itself and marks its faults.
type forward struct{ Dialer }

func (f forward) Dial(network, address string) (net.Conn, error) {
	return f.DialContext(context.Background(), network, address)
}

func (f forward) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := f.Dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, &errVantage{err}
	}
	return c, nil
}

// viaSSH goes through a jump host.
func (n *Net) viaSSH(u *url.URL) (*Vantage, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return nil, fmt.Errorf("no home folder with SSH keys: %w", err)
	}
	known, err := knownhosts.New(filepath.Join(home, ".ssh", "known_hosts"))
	if err != nil {
		return nil, fmt.Errorf("known_hosts: %w", err)
	}
	auth, done := sshAuth(home)
	config := &ssh.ClientConfig{User: u.User.Username(), HostKeyCallback: known, Auth: auth}
	if config.User == "" {
		if me, err := user.Current(); err == nil {
			config.User = me.Username
		}
	}
	var once sync.Once
	var client *ssh.Client
	var dialErr error
	v := &Vantage{}
	v.dial = func(ctx context.Context, address string) (net.Conn, error) {
		once.Do(func() {
			defer done()
			var c net.Conn
			if c, dialErr = (viaProxy{n}).DialContext(ctx, "tcp", hostPort(u, "22")); dialErr != nil {
				return
			}
			// A jump host that stays silent is not waited for any longer than whoever asks.
			silent := context.AfterFunc(ctx, func() { _ = c.Close() })
			defer silent()
			conn, channels, requests, err := ssh.NewClientConn(c, hostPort(u, "22"), config)
			if dialErr = err; err == nil {
				client = ssh.NewClient(conn, channels, requests)
			}
		})
		if dialErr != nil {
			return nil, &errVantage{dialErr}
		}
		return client.DialContext(ctx, "tcp", address)
	}
	v.stop = func() error {
		done()
		if client == nil {
			return nil
		}
		return client.Close()
	}
	return v, nil
}

// sshAuth is the running SSH agent, then the usual key files without a passphrase. The agent is asked until done is called.
func sshAuth(home string) (methods []ssh.AuthMethod, done func()) {
	done = func() {}
	if socket := os.Getenv("SSH_AUTH_SOCK"); socket != "" { //nolint:forbidigo // the agent's own protocol: its address is found nowhere else
		if c, err := net.Dial("unix", socket); err == nil { //nolint:gosec // the user's own agent
			methods = append(methods, ssh.PublicKeysCallback(agent.NewClient(c).Signers))
			done = func() { _ = c.Close() }
		}
	}
	for _, name := range []string{"id_ed25519", "id_ecdsa", "id_rsa"} {
		if pem, err := os.ReadFile(filepath.Join(home, ".ssh", name)); err == nil { //nolint:forbidigo // the user's own keys
			if key, err := ssh.ParsePrivateKey(pem); err == nil {
				methods = append(methods, ssh.PublicKeys(key))
			}
		}
	}
	return methods, done
}

func hostPort(u *url.URL, port string) string {
	if u.Port() != "" {
		port = u.Port()
	}
	return net.JoinHostPort(u.Hostname(), port)
}
