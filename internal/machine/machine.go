// Package machine describes the machine that a check runs on.
package machine

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// Describe tells what this machine is, as far as it may be the reason for what was seen: its routes, name servers, clock
// and proxy.
func Describe(ctx context.Context, s *probes.Session) string {
	routes := strings.Join(s.Net.Families(ctx), " and ")
	if routes == "" {
		routes = "offline: no route to the internet"
	}
	target, _ := wire.ParseEndpoint(s.Target.Resource.String()) // it was parsed before
	clock := s.Now().UTC().Format("2006-01-02 15:04:05 MST")
	switch ahead, known := s.Net.KnownClock(target); {
	case !known:
		clock += "; the server told no time to compare it with"
	case ahead == 0:
		clock += "; the server's clock agrees within five minutes"
	default:
		clock += wire.ClockNote(ahead)
	}
	proxy := "none"
	if name := s.Net.ProxyName(target); name != "" {
		proxy = name
	} else if name := s.Net.UnusedProxyName(target); name != "" {
		proxy = "none; the environment names " + name + ", which is not used"
	}
	return fmt.Sprintf("This machine\n  Network    %s\n  Resolver   %s\n  Clock      %s\n  Proxy      %s\n\n", routes, nameServers("/etc/resolv.conf"), clock, proxy)
}

// nameServers are those of a resolv.conf; a system without one keeps them elsewhere.
func nameServers(file string) string {
	text, err := os.ReadFile(file) //nolint:forbidigo // a file of the system
	if err != nil {
		return "the operating system's"
	}
	var servers []string
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "nameserver" && !slices.Contains(servers, fields[1]) {
			servers = append(servers, fields[1])
		}
	}
	if len(servers) == 0 {
		return "none in " + file
	}
	return strings.Join(servers, ", ")
}
