package wire

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/crypto/ssh/knownhosts"
)

// jump is an SSH server that forwards TCP connections, for one key; its address is known in the home folder that it makes.
type jump struct {
	address string
	agents  atomic.Int64 // connections that are open to the agent, which holds the key
}

func newJump(t *testing.T, known bool) *jump {
	t.Helper()
	home := t.TempDir()
	t.Setenv("HOME", home)
	_, user, _ := ed25519.GenerateKey(nil)
	_, host, _ := ed25519.GenerateKey(nil)
	hostKey, err := ssh.NewSignerFromKey(host)
	if err != nil {
		t.Fatal(err)
	}
	config := &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if mine, err := ssh.NewPublicKey(user.Public()); err == nil && string(mine.Marshal()) == string(key.Marshal()) {
			return nil, nil
		}
		return nil, errors.New("another key")
	}}
	config.AddHostKey(hostKey)
	j := &jump{address: listen(t, "tcp", "127.0.0.1:0", func(c net.Conn) { forwards(c, config) })}

	line := "# nobody\n"
	if known {
		line = knownhosts.Line([]string{j.address}, hostKey.PublicKey())
	}
	if err := os.Mkdir(filepath.Join(home, ".ssh"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, ".ssh", "known_hosts"), []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	keys := agent.NewKeyring()
	if err := keys.Add(agent.AddedKey{PrivateKey: &user}); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSH_AUTH_SOCK", listen(t, "unix", filepath.Join(home, "agent"), func(c net.Conn) {
		j.agents.Add(1)
		defer j.agents.Add(-1)
		_ = agent.ServeAgent(keys, c)
	}))
	return j
}

// listen serves every connection until the test ends.
func listen(t *testing.T, network, address string, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			go func() {
				defer c.Close()
				serve(c)
			}()
		}
	}()
	return l.Addr().String()
}

// forwards is a jump host's side of a connection.
func forwards(c net.Conn, config *ssh.ServerConfig) {
	_, channels, requests, err := ssh.NewServerConn(c, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for wanted := range channels {
		var to struct {
			Host string
			Port uint32
			From string
			At   uint32
		}
		if ssh.Unmarshal(wanted.ExtraData(), &to) != nil {
			_ = wanted.Reject(ssh.Prohibited, "")
			continue
		}
		target, err := net.DialTCP("tcp", nil, net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(to.Host), uint16(to.Port))))
		if err != nil {
			_ = wanted.Reject(ssh.ConnectionFailed, err.Error())
			continue
		}
		channel, more, err := wanted.Accept()
		if err != nil {
			_ = target.Close()
			continue
		}
		go ssh.DiscardRequests(more)
		go func() { _, _ = io.Copy(target, channel); _ = target.Close() }()
		go func() { _, _ = io.Copy(channel, target); _ = channel.Close() }()
	}
}

// through is the vantage point at an address.
func through(t *testing.T, address string) *Vantage {
	t.Helper()
	v, err := (&Net{Dialer: &net.Dialer{}}).Via("ssh://me@" + address)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSSHVantageForwards(t *testing.T) {
	j := newJump(t, true)
	echo := listen(t, "tcp", "127.0.0.1:0", func(c net.Conn) { _, _ = io.Copy(c, c) })
	v := through(t, j.address)
	c, err := v.DialContext(t.Context(), "tcp", echo)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	heard := make([]byte, 5)
	if _, err := io.ReadFull(c, heard); err != nil || string(heard) != "hello" {
		t.Fatalf("%q, %v", heard, err)
	}
	for range 200 { // the agent hears of it a moment later
		if j.agents.Load() == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if open := j.agents.Load(); open != 0 {
		t.Errorf("%d connections to the agent are left open", open)
	}
	if err := v.Close(); err != nil || v.Err() != nil {
		t.Error(err, v.Err())
	}
}

func TestSSHVantageRefusesAnUnknownHost(t *testing.T) {
	j := newJump(t, false)
	v := through(t, j.address)
	defer v.Close()
	if _, err := v.DialContext(t.Context(), "tcp", "127.0.0.1:1"); err == nil || v.Err() == nil || !strings.Contains(v.Err().Error(), "key is unknown") {
		t.Errorf("%v, %v", err, v.Err())
	}
}

// TestSSHVantageDoesNotWaitForSilence: what is left waiting would fail this package's tests.
func TestSSHVantageDoesNotWaitForSilence(t *testing.T) {
	newJump(t, true)
	silent := listen(t, "tcp", "127.0.0.1:0", func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	v := through(t, silent)
	defer v.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	tried := make(chan error, 1)
	go func() {
		_, err := v.DialContext(ctx, "tcp", "127.0.0.1:1")
		tried <- err
	}()
	select {
	case err := <-tried:
		if err == nil || v.Err() == nil {
			t.Errorf("%v, %v", err, v.Err())
		}
	case <-time.After(20 * time.Second): // a hang guard
		t.Fatal("it waits for a jump host that says nothing")
	}
}
