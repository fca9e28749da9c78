package netaddr_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/halocheck/halocheck/internal/netaddr"
)

// addresses says of each address whether it may be contacted, by default and with private addresses allowed.
var addresses = map[string]struct{ public, private bool }{
	"8.8.8.8":         {true, true},
	"93.184.215.14":   {true, true},
	"1.1.1.1":         {true, true},
	"3.19.3.152":      {true, true},
	"168.63.129.15":   {true, true},
	"192.0.1.1":       {true, true},
	"198.17.255.255":  {true, true},
	"198.20.0.1":      {true, true},
	"100.63.255.255":  {true, true},
	"100.128.0.1":     {true, true},
	"172.15.255.255":  {true, true},
	"172.32.0.1":      {true, true},
	"223.255.255.254": {true, true},
	// Private.
	"10.0.0.1":        {false, true},
	"10.255.255.255":  {false, true},
	"172.16.0.1":      {false, true},
	"172.31.255.254":  {false, true},
	"192.168.1.1":     {false, true},
	"100.64.0.1":      {false, true},
	"127.0.0.1":       {false, true},
	"127.255.255.254": {false, true},
	// Metadata services.
	"169.254.169.254": {false, false},
	"169.254.170.2":   {false, false},
	"168.63.129.16":   {false, false},
	"100.100.100.200": {false, false},
	"fd00:ec2::254":   {false, false},
	"fd00:ec2::23":    {false, false},
	"fd20:ce::254":    {false, false},
	"fe80::a9fe:a9fe": {false, false},
	// Special-purpose registry, IPv4.
	"0.0.0.0":         {false, false},
	"0.1.2.3":         {false, false},
	"192.0.0.1":       {false, false},
	"192.0.0.192":     {false, false},
	"192.0.2.1":       {false, false},
	"192.88.99.1":     {false, false},
	"192.31.196.1":    {false, false},
	"192.52.193.1":    {false, false},
	"192.175.48.1":    {false, false},
	"198.18.0.1":      {false, false},
	"198.19.255.255":  {false, false},
	"198.51.100.7":    {false, false},
	"203.0.113.9":     {false, false},
	"224.0.0.1":       {false, false},
	"239.255.255.250": {false, false},
	"240.0.0.1":       {false, false},
	"255.255.255.255": {false, false},
	// IPv6.
	"2606:2800:21f::1":         {true, true},
	"2001:4860:4860::8888":     {true, true},
	"2a00:1450:4001::1":        {true, true},
	"::":                       {false, false},
	"::1":                      {false, true},
	"::2":                      {false, false},
	"::127.0.0.1":              {false, false},
	"::8.8.8.8":                {false, false},
	"::ffff:8.8.8.8":           {true, true},
	"::ffff:127.0.0.1":         {false, true},
	"::ffff:169.254.169.254":   {false, false},
	"::ffff:168.63.129.16":     {false, false},
	"::ffff:0:8.8.8.8":         {false, false},
	"64:ff9b::8.8.8.8":         {true, true},
	"64:ff9b::10.0.0.1":        {false, true},
	"64:ff9b::169.254.169.254": {false, false},
	"64:ff9b::168.63.129.16":   {false, false},
	"64:ff9b:1::8.8.8.8":       {false, false},
	"100::1":                   {false, false},
	"2001::1":                  {false, false},
	"2001:0:5ef5:79fb::1":      {false, false},
	"2001:2::1":                {false, false},
	"2001:10::1":               {false, false},
	"2001:20::1":               {false, false},
	"2001:db8::1":              {false, false},
	"2002:7f00:1::1":           {false, false},
	"2620:4f:8000::1":          {false, false},
	"3fff::1":                  {false, false},
	"5f00::1":                  {false, false},
	"fc00::1":                  {false, true},
	"fd12:3456::1":             {false, true},
	"fe80::1":                  {false, false},
	"fe80::1%eth0":             {false, false},
	"fec0::1":                  {false, false},
	"ff02::1":                  {false, false},
	"4000::1":                  {false, false},
}

func TestCheck(t *testing.T) {
	if len(addresses) < 45 {
		t.Fatal(len(addresses))
	}
	for address, want := range addresses {
		a := netip.MustParseAddr(address)
		for allowPrivate, allowed := range map[bool]bool{false: want.public, true: want.private} {
			if err := netaddr.Check(a, allowPrivate); (err == nil) != allowed {
				t.Errorf("%s, private addresses allowed %t: %v", address, allowPrivate, err)
			}
		}
	}
	if netaddr.Check(netip.Addr{}, true) == nil {
		t.Error("no address is allowed")
	}
}

// errDialed ends a connection that was allowed, before it is made.
var errDialed = errors.New("it would have been connected to")

// A name is judged by the address that it resolves to at the moment of the connection.
func TestNamesAreJudgedByTheirAddress(t *testing.T) {
	resolver := startDNS(t)
	for address, want := range addresses {
		a := netip.MustParseAddr(address)
		if a.Zone() != "" || a.Is4In6() {
			continue // no name resolves to one
		}
		for allowPrivate, allowed := range map[bool]bool{false: want.public, true: want.private} {
			check := netaddr.Control(allowPrivate)
			dialer := net.Dialer{Timeout: 20 * time.Second, Resolver: resolver, Control: func(network, address string, c syscall.RawConn) error {
				if err := check(network, address, c); err != nil {
					return err
				}
				return errDialed
			}}
			conn, err := dialer.DialContext(t.Context(), "tcp", fmt.Sprintf("%x.example:80", a.AsSlice()))
			if conn != nil {
				_ = conn.Close()
			}
			if errors.Is(err, errDialed) != allowed || !allowed && !errors.Is(err, netaddr.ErrPrivate) && !errors.Is(err, netaddr.ErrReserved) {
				t.Errorf("a name of %s, private addresses allowed %t: %v", address, allowPrivate, err)
			}
		}
	}
}

// startDNS answers questions for HEX.example with the address that HEX spells.
func startDNS(t *testing.T) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	go func() {
		for buffer := make([]byte, 512); ; {
			n, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			if answer, err := answerDNS(buffer[:n]); err == nil {
				_, _ = server.WriteTo(answer, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

func answerDNS(question []byte) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil || len(m.Questions) != 1 {
		return nil, errors.New("no question")
	}
	q := m.Questions[0]
	m.Response, m.Authoritative, m.Additionals = true, true, nil
	var spelt []byte
	if _, err := fmt.Sscanf(q.Name.String(), "%x", &spelt); err != nil {
		return nil, err
	}
	header := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}
	switch {
	case q.Type == dnsmessage.TypeA && len(spelt) == 4:
		m.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AResource{A: [4]byte(spelt)}}}
	case q.Type == dnsmessage.TypeAAAA && len(spelt) == 16:
		m.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AAAAResource{AAAA: [16]byte(spelt)}}}
	}
	return m.Pack()
}
