package network

import (
	"fmt"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

func (site *HostProbes) reachable() *probes.Requirement[Connections] {
	return &probes.Requirement[Connections]{
		ID:     "network.reachable",
		Level:  probes.Must,
		Says:   "An address of the host accepts TCP connections.",
		Source: probes.Source{Section: "not in the guide: every other check needs it"},
		Remedy: probes.Remedy{
			Who:   probes.NetworkAdmin,
			Do:    "Open the port of the URL to the internet, and start the web server behind it.",
			Where: "the perimeter firewall, and the web server's bindings",
		},
		Causes: []probes.Cause{probes.ConnectionRefused, probes.ConnectionReset, probes.Timeout},
		Given:  site.Connections,
		Host:   site.Where,
		Judge:  judgeConnections,
	}
}

// judgeConnections passes when one address answers. Otherwise the most telling address decides: a refusal or a reset is
// the server's word, silence is not, and an address that this machine cannot reach says nothing of the server.
func judgeConnections(c Connections) probes.Verdict {
	var open, shut []string
	cause := probes.Cause("")
	allHere := true
	for _, a := range c.Attempts {
		if a.OK {
			open = append(open, a.Addr)
			continue
		}
		shut = append(shut, fmt.Sprintf("%s: %s", a.Addr, a.Detail))
		if a.Here {
			continue
		}
		allHere = false
		if cause == "" || cause == probes.Timeout {
			cause = a.Cause
		}
	}
	switch {
	case len(open) > 0 && c.Proxy != "":
		return probes.Pass(fmt.Sprintf("%s accepted the connection of the proxy %s", list(open), c.Proxy), open)
	case len(open) > 0 && len(shut) == 0:
		return probes.Pass(fmt.Sprintf("%s accepted the connection", list(open)), open)
	case len(open) > 0:
		return probes.Pass(probes.Listed(list(open)+" accepted the connection; ", shut, ""), open)
	case len(shut) == 0:
		return probes.CannotTell(probes.NotObserved, "there was no address to connect to")
	case !slices.ContainsFunc(c.Attempts, func(a Attempt) bool { return !a.Forbidden }):
		return probes.CannotTell(probes.NotObserved, probes.Listed("halocheck is not allowed to connect there (", shut, ")")).With(askOwner)
	case allHere && c.Offline:
		return c.offline(shut...)
	case c.UnusedProxy != "":
		return c.unusedProxy(shut...)
	case allHere:
		return probes.CannotTell(probes.NotObserved, probes.Listed("this machine has no way to the address (", shut, ")")).With(goOnline)
	}
	return BehindPortal(c.typeInstead(probes.Fail(cause, probes.Listed("", shut, ""))), c.Portal)
}

// list joins values as people write them.
func list[T any](values []T) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprint(v)
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
