package network

import (
	"fmt"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/probes"
)

// TestManyClosedAddresses holds what is said of a host with many addresses to a length that is read at a glance.
func TestManyClosedAddresses(t *testing.T) {
	for name, c := range map[string]struct {
		attempt Attempt
		path    Path
	}{
		"silent":        {Attempt{Cause: probes.Timeout}, Path{}},
		"forbidden":     {Attempt{Forbidden: true}, Path{}},
		"no way there":  {Attempt{Here: true}, Path{}},
		"offline":       {Attempt{Here: true}, Path{Offline: true}},
		"another proxy": {Attempt{Cause: probes.Timeout}, Path{UnusedProxy: "http://proxy.example:3128"}},
	} {
		all := Connections{Path: c.path}
		for i := range 12 {
			c.attempt.Addr, c.attempt.Detail = fmt.Sprintf("[2001:db8:1111:2222:3333:4444:5555:%x]:443", 0x6660+i), "no answer within 5 s"
			all.Attempts = append(all.Attempts, c.attempt)
		}
		if v := judgeConnections(all); len(v.Because) > 220 || !strings.Contains(v.Because, " more") {
			t.Errorf("%s: %d characters: %s", name, len(v.Because), v.Because)
		}
	}
}
