// Package machine describes the machine that a check runs on.
package machine

import (
	"context"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/netaddr"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// Facts are what this machine is, as far as it may be the reason for what was seen, each as a text.
type Facts struct {
	Network, Address, Resolver, Clock, Proxy string
	Private                                  bool // servers see another address
}

// Here are the facts that no server has to be asked for.
func Here(ctx context.Context) Facts {
	return local(ctx, &wire.Net{Dialer: &net.Dialer{}}, time.Now())
}

// local are the facts of the machine itself.
func local(ctx context.Context, n *wire.Net, now time.Time) Facts {
	f := Facts{
		Network: strings.Join(n.Families(ctx), " and "), Address: "none", Resolver: nameServers("/etc/resolv.conf"),
		Clock: now.UTC().Format("2006-01-02 15:04:05 MST"), Proxy: "none",
	}
	if f.Network == "" {
		f.Network = "offline: no route to the internet"
	}
	var addresses []string
	for _, a := range n.SourceAddresses(ctx) {
		addresses = append(addresses, a.String())
		f.Private = f.Private || netaddr.Check(a, false) != nil
	}
	if len(addresses) > 0 {
		f.Address = strings.Join(addresses, ", ")
	}
	return f
}

// Look are the facts as they stand after a run of s.
func Look(ctx context.Context, s *probes.Session) Facts {
	f := local(ctx, s.Net, s.Now())
	target, _ := wire.ParseEndpoint(s.Target.Resource.String()) // it was parsed before
	switch ahead, known := s.Net.KnownClock(target); {
	case !known:
		f.Clock += "; the server told no time to compare it with"
	case ahead == 0:
		f.Clock += "; the server's clock agrees within five minutes"
	default:
		f.Clock += wire.ClockNote(ahead)
	}
	if name := s.Net.ProxyName(target); name != "" {
		f.Proxy = name
	} else if name := s.Net.UnusedProxyName(target); name != "" {
		f.Proxy = "none; the environment names " + name + ", which is not used"
	}
	return f
}

// Describe tells what this machine is, as far as it may be the reason for what was seen: its routes, name servers, clock
// and proxy.
func Describe(ctx context.Context, s *probes.Session) string {
	f := Look(ctx, s)
	return fmt.Sprintf("This machine\n  Network    %s\n  Resolver   %s\n  Clock      %s\n  Proxy      %s\n\n", f.Network, f.Resolver, f.Clock, f.Proxy)
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

// UnusedProxy says that a proxy of the environment is not used, so that nobody takes its answers for the instance's; nil where there
// is none, or one is used.
func UnusedProxy(s *probes.Session, getenv func(string) string) error {
	if s.Net.Proxy != nil {
		return nil
	}
	for _, name := range wire.ProxyVariables {
		if getenv(name) != "" {
			return fmt.Errorf("%s is set and not used: halocheck connects from this machine itself; --proxy env connects through the proxy", name)
		}
	}
	return nil
}
