package independent_test

import (
	"hash/crc32"
	"slices"
	"testing"
	"time"
)

func pause(seconds int) { time.Sleep(time.Duration(seconds) * time.Second) }

// sampled tells whether a case is one of those that every run of the tests looks at: one in n, and of those one in four under
// -short, since they go the same ways. With HALOCHECK_INSTANCES of a thousand or more, all are.
func sampled(n uint32, name string) bool {
	if testing.Short() {
		n *= 4
	}
	return instances() >= 1000 || crc32.ChecksumIEEE([]byte(name))%n == 0
}

// wereWrong are cases that a check once told wrong; they are looked at in every run.
var wereWrong = []string{
	"a first answer/the token 404", "a first answer/the token page", "every other answer/the token 404", "nodes/first everything 404",
	"edge/calls with a token/AWS API Gateway", "the grant/an unknown grant type", "the grant/an empty 401 with Basic", "the grant/200 and nothing", "the grant/200 and a page",
	"the grant/a token of newlines", "record/roles as names", "record/teams as names", "record/teams as ids", "record/the words for none", `team/"Service\u00a0Desk" as "Service Desk"`,
	"vouched/503 attested", "vouched/429 all attested",
}

// TestStrangers rebuilds what a stranger would try.
func TestStrangers(t *testing.T) {
	list := slices.Concat(edgeCases(), stepCases(), portalCases(), endpointCases(), tenantCases(), versionCases(), hostingCases(), recordCases(), teamNameCases(),
		wayCases(), adminCases(), choiceCases(), nodeCases(), vouchedCases())
	for _, name := range wereWrong {
		if !slices.ContainsFunc(list, func(c namedCase) bool { return c.name == name }) {
			t.Errorf("there is no case %q", name)
		}
	}
	for _, c := range list {
		if sampled(8, c.name) || slices.Contains(wereWrong, c.name) {
			t.Run(c.name, func(t *testing.T) { runCase(t, c) })
		}
	}
}
