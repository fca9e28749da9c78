package network

import (
	"fmt"
	"testing"

	"github.com/halocheck/halocheck/probes"
)

// TestManyClosedAddresses holds what is said of a host with many addresses to a length that is read at a glance.
func TestManyClosedAddresses(t *testing.T) {
	var c Connections
	for i := range 12 {
		c.Attempts = append(c.Attempts, Attempt{Addr: fmt.Sprintf("[2001:db8:1111:2222:3333:4444:5555:%x]:443", 0x6660+i), Cause: probes.Timeout, Detail: "no answer within 5 s"})
	}
	v := judgeConnections(c)
	if len(v.Because) > 220 || v.Because[len(v.Because)-5:] != " more" {
		t.Errorf("%d characters: %s", len(v.Because), v.Because)
	}
}
