package wire

import (
	"fmt"
	"net/netip"
	"strings"
)

// Pin reads HOST:PORT:ADDR[,ADDR…], as curl's --resolve has it, into pinned; IPv6 addresses stand in brackets or bare.
// Entries of the same host and port add up.
func Pin(pinned map[string][]netip.Addr, typed string) error {
	wrong := fmt.Errorf("%q is not HOST:PORT:ADDR, such as acme.halopsa.com:443:203.0.113.7", typed)
	host, rest, ok := strings.Cut(typed, ":")
	if strings.HasPrefix(typed, "[") {
		host, rest, ok = strings.Cut(typed[1:], "]:")
	}
	port, addrs, more := strings.Cut(rest, ":")
	if !ok || !more || host == "" || port == "" || CheckPort(port) != nil {
		return wrong
	}
	name, err := ASCII(host)
	if err != nil {
		return wrong
	}
	key := Endpoint{Host: name, Port: port}.Address()
	for addr := range strings.SplitSeq(addrs, ",") {
		a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(addr, "["), "]"))
		if err != nil {
			return wrong
		}
		pinned[key] = append(pinned[key], a.Unmap())
	}
	return nil
}
