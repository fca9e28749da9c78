package wire

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// Endpoint is a host and a port to connect to.
type Endpoint struct {
	Host string // a name or an IP literal without brackets, lower case, ASCII
	Port string // 1 to 65535
}

// ParseEndpoint reads the endpoint out of a URL; without a port it is the scheme's.
func ParseEndpoint(text string) (Endpoint, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return Endpoint{}, fmt.Errorf("%q names no host", text)
	}
	host, err := ASCII(u.Hostname())
	if err != nil {
		return Endpoint{}, err
	}
	e := Endpoint{Host: host, Port: u.Port()}
	if e.Port == "" {
		e.Port = "443"
		if u.Scheme == "http" {
			e.Port = "80"
		}
	}
	return e, CheckPort(e.Port)
}

// ASCII is a host name as it is looked up, sent and found in certificates: lower case, other letters as RFC 5891 encodes
// them ("xn--…").
func ASCII(host string) (string, error) {
	if strings.IndexFunc(host, func(r rune) bool { return r > unicode.MaxASCII }) < 0 {
		return strings.ToLower(host), nil
	}
	name, err := idna.Lookup.ToASCII(host)
	if err != nil {
		return "", fmt.Errorf("%q is not a name that can be looked up", host)
	}
	return name, nil
}

// CheckPort refuses what is not a port; empty is the scheme's own.
func CheckPort(port string) error {
	if n, err := strconv.Atoi(port); port != "" && (err != nil || n < 1 || n > 65535) {
		return fmt.Errorf("%q is not a port; ports go from 1 to 65535", port)
	}
	return nil
}

// Address is host:port as a dialer takes it.
func (e Endpoint) Address() string { return net.JoinHostPort(e.Host, e.Port) }

// String is the endpoint as people read it: without the port where that is 443.
func (e Endpoint) String() string {
	if e.Port == "443" {
		return e.Host
	}
	return e.Address()
}

// IsIP tells whether the host is an IP literal, for which no server name is sent.
func (e Endpoint) IsIP() bool { return net.ParseIP(e.Host) != nil }
