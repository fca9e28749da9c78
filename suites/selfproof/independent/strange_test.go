package independent_test

import (
	"hash/crc32"
	"slices"
	"testing"
	"time"
)

func pause(seconds int) { time.Sleep(time.Duration(seconds) * time.Second) }

// sampled tells whether a case is one of those that every run of the tests looks at: one in n, and of those one in twelve under
// -short, since they go the same ways. With HALOCHECK_INSTANCES of a thousand or more, all are.
func sampled(n uint32, name string) bool {
	if testing.Short() {
		n *= 12
	}
	return instances() >= 1000 || crc32.ChecksumIEEE([]byte(name))%n == 0
}

// wereWrong are cases that a check once told wrong; they are looked at in every run.
var wereWrong = []string{
	"a first answer/the token 404", "a first answer/the token page", "every other answer/the token 404", "nodes/first everything 404",
	"edge/calls with a token/AWS API Gateway", "the grant/an unknown grant type", "the grant/an empty 401 with Basic", "the grant/200 and nothing", "the grant/200 and a page",
	"the grant/a token of newlines", "record/roles as names", "record/teams as names", "record/teams as ids", "record/the words for none", `team/"Service\u00a0Desk" as "Service Desk"`,
	"vouched/503 attested", "vouched/429 all attested",
	"pasted auth URL/www", "pasted auth URL/the old domain", "spoken/the secret is of another method", "spoken/the application is inactive", "spoken/the client is disabled", "spoken/the words in another key",
	"spoken/the words alone", "spoken/every call: the licence has expired", "spoken/every call: the account is locked", "shape/claims in small letters", "shape/scopes with plus signs", "shape/scopes with semicolons",
	"shape/scopes all:standard", "shape/scopes as JSON in a text", "page/maintenance in German at 200", "page/the trial is over, hosted", "page/one reset while the tenant is tried",
}

// TestStrangers rebuilds what a stranger would try.
func TestStrangers(t *testing.T) {
	list := slices.Concat(edgeCases(), stepCases(), portalCases(), endpointCases(), tenantCases(), versionCases(), hostingCases(), recordCases(), teamNameCases(),
		wayCases(), adminCases(), choiceCases(), nodeCases(), vouchedCases(), callCases())
	for _, name := range wereWrong {
		if !slices.ContainsFunc(list, func(c namedCase) bool { return c.name == name }) {
			t.Errorf("there is no case %q", name)
		}
	}
	for _, c := range list {
		if sampled(8, c.name) || !testing.Short() && slices.Contains(wereWrong, c.name) {
			t.Run(c.name, func(t *testing.T) { runCase(t, c) })
		}
	}
}
