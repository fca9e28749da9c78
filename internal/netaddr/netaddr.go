// Package netaddr tells which IP addresses may be contacted on behalf of somebody else: a certificate that names a server, or
// a user of a shared service. It rests on IANA's special-purpose address registries, https://www.iana.org/assignments/
// iana-ipv4-special-registry and iana-ipv6-special-registry (RFC 6890), and on what clouds document of their metadata services.
package netaddr

import (
	"errors"
	"net/netip"
	"syscall"
)

// Refusals of [Check].
var (
	ErrPrivate  = errors.New("the address is not public")
	ErrReserved = errors.New("the address is link-local, of a metadata service, or of no host")
)

// metadata are services that every machine of a cloud reaches and that give out its credentials or configuration. They stand
// before the private networks that some of them are in. 169.254.0.0/16 and fe80::/10 hold the others.
var metadata = prefixes(
	"168.63.129.16/32",   // Azure
	"100.100.100.200/32", // Alibaba Cloud
	"fd00:ec2::/32",      // Amazon EC2
	"fd20:ce::254/128",   // Google Compute Engine
)

// private are networks of one's own: with them a fetch stays inside.
var private = prefixes(
	"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", // RFC 1918
	"100.64.0.0/10", // shared address space of a provider, RFC 6598
	"127.0.0.0/8", "::1/128",
	"fc00::/7", // unique local, RFC 4193
)

// reserved are networks where no server is, or that translate into another address.
var reserved = prefixes(
	"0.0.0.0/8",
	"169.254.0.0/16",    // link-local
	"192.0.0.0/24",      // IETF protocol assignments
	"192.0.2.0/24",      // documentation
	"192.31.196.0/24",   // AS112
	"192.52.193.0/24",   // AMT
	"192.88.99.0/24",    // 6to4 relays, deprecated
	"192.175.48.0/24",   // AS112
	"198.18.0.0/15",     // benchmarking
	"198.51.100.0/24",   // documentation
	"203.0.113.0/24",    // documentation
	"224.0.0.0/4",       // multicast
	"240.0.0.0/4",       // reserved, and 255.255.255.255
	"2001::/23",         // IETF protocol assignments, Teredo and ORCHID among them
	"2001:db8::/32",     // documentation
	"2002::/16",         // 6to4
	"2620:4f:8000::/48", // AS112
	"3fff::/20",         // documentation
)

// globalUnicast is the only part of IPv6 that public addresses are given from. Outside of it are, among others, ::/96,
// 64:ff9b:1::/48, 100::/64, 5f00::/16, fe80::/10, fec0::/10 and ff00::/8.
var globalUnicast = netip.MustParsePrefix("2000::/3")

// nat64 holds IPv4 addresses in the last four bytes: RFC 6052.
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

func prefixes(list ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, text := range list {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}

func contains(list []netip.Prefix, a netip.Addr) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// Check returns nil for a public address. With allowPrivate it does so for private and loopback addresses too, never for
// reserved ones and metadata services.
func Check(a netip.Addr, allowPrivate bool) error {
	a = a.WithZone("").Unmap()
	if nat64.Contains(a) {
		sixteen := a.As16()
		a = netip.AddrFrom4([4]byte(sixteen[12:]))
	}
	switch {
	case !a.IsValid(), contains(metadata, a), contains(reserved, a):
		return ErrReserved
	case contains(private, a) && !allowPrivate:
		return ErrPrivate
	case contains(private, a):
		return nil
	case a.Is6() && !globalUnicast.Contains(a):
		return ErrReserved
	}
	return nil
}

// Control is for [net.Dialer]: it checks the address that is connected to, which is the one that a name was resolved to.
func Control(allowPrivate bool) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		return Check(at.Addr(), allowPrivate)
	}
}
