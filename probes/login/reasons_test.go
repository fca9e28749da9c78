package login

import (
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/network"
	"github.com/halocheck/halocheck/probes/trust"
)

// What HaloPSA says in its own words, one text for each reason that is known.
const (
	saysAppOff  = "The application is inactive."
	saysAgent   = "Your account has been locked."
	saysLicence = "Your licence has expired."
	saysMethod  = "The 'client_secret' parameter is not valid for this client application."
	saysNothing = "Something went wrong."
)

// TestReasonOfARefusedGrant: the reason that an instance gives itself goes before anything that its error code may mean, unless
// another server answered.
func TestReasonOfARefusedGrant(t *testing.T) {
	reply := func(code, description, words string) halo.TokenReply {
		return halo.TokenReply{Page: wire.Page{Status: 400}, Error: code, Description: description, Words: words}
	}
	before, windows := reply("invalid_client", saysAgent, ""), reply("invalid_client", saysAgent, "")
	before.Before, windows.WindowsAuth = "a block page", true
	for name, c := range map[string]struct {
		reply  halo.TokenReply
		status probes.Status
		cause  probes.Cause
		do     string
	}{
		"the application, under a code":  {reply("invalid_client", saysAppOff, ""), probes.Failed, probes.ApplicationInactive, "Tick Active"},
		"the application, without one":   {reply("", "", saysAppOff), probes.Failed, probes.ApplicationInactive, "Tick Active"},
		"the method, under a code":       {reply("invalid_client", saysMethod, ""), probes.Failed, probes.UnauthorizedClient, "Set the Authentication Method"},
		"the method, without one":        {reply("", "", saysMethod), probes.Failed, probes.UnauthorizedClient, "Set the Authentication Method"},
		"the agent, under a code":        {reply("invalid_grant", saysAgent, ""), probes.Failed, "invalid_grant", "Check whether the agent"},
		"the agent, without one":         {reply("", "", saysAgent), probes.Failed, probes.AccessDenied, "Check whether the agent"},
		"the agent, under a sentence":    {reply("Bad things happened.", saysAgent, ""), probes.Failed, probes.AccessDenied, "Check whether the agent"},
		"the licence, without a code":    {reply("", "", saysLicence), probes.Failed, probes.AccessDenied, "Ask Halo's support"},
		"the licence, under a code":      {reply("access_denied", saysLicence, ""), probes.Failed, probes.AccessDenied, "Ask Halo's support"},
		"no reason":                      {reply("invalid_client", saysNothing, ""), probes.Failed, probes.InvalidClient, checkCredentials.Do},
		"no reason, 400 with words":      {reply("", "", saysNothing), probes.Failed, probes.AccessDenied, ""},
		"a reason of what stands before": {before, probes.Failed, probes.InvalidClient, checkCredentials.Do},
		"a reason of the web server":     {windows, probes.Failed, probes.InvalidClient, checkCredentials.Do},
	} {
		v := judgeGrant(Grant{TokenURL: "https://a/auth/token", Combined: c.reply})
		told(t, name, v, c.status, c.cause)
		do := ""
		if v.Remedy != nil {
			do = v.Remedy.Do
		}
		if !strings.HasPrefix(do, c.do) || c.do == "" && do != "" {
			t.Errorf("%s: %q, want %q", name, do, c.do)
		}
	}
	moved := halo.TokenReply{Page: wire.Page{Status: 307, Location: "https://elsewhere"}, Before: "a sign-on page"}
	told(t, "moved by what stands before", judgeGrant(Grant{Combined: moved}), probes.Unknown, probes.EdgeRefused)
	told(t, "400 without words", judgeGrant(Grant{Combined: halo.TokenReply{Page: wire.Page{Status: 400}}}), probes.Failed, probes.NotOAuth)
	told(t, "422 with words", judgeGrant(Grant{Combined: halo.TokenReply{Page: wire.Page{Status: 422}, Words: saysNothing}}), probes.Failed, probes.NotOAuth)
}

// TestReasonOfRefusedCalls: where every call is refused, the words decide who looks at what; the login type is accused only without
// any.
func TestReasonOfRefusedCalls(t *testing.T) {
	all, some := map[string]int{"Client": 403, "Team": 401}, map[string]int{"Client": 403, "Team": 200}
	refusedMe := func(words string, others map[string]int) Me {
		return Me{Page: wire.Page{Status: 403}, Words: words, Others: others}
	}
	other := func(words string) Me { return Me{Page: wire.Page{Status: 400}, Words: words, Others: all} }
	for name, c := range map[string]struct {
		me     Me
		status probes.Status
		cause  probes.Cause
		do     string
	}{
		"the application":              {refusedMe(saysAppOff, all), probes.Unknown, probes.NotObserved, "Check whether Active is ticked"},
		"the agent":                    {refusedMe(saysAgent, all), probes.Unknown, probes.NotObserved, "Check whether the agent"},
		"the licence":                  {refusedMe(saysLicence, all), probes.Unknown, probes.NotObserved, "Ask Halo's support"},
		"the method":                   {refusedMe(saysMethod, all), probes.Unknown, probes.NotObserved, "Check whether the Authentication Method"},
		"no reason":                    {refusedMe(saysNothing, all), probes.Failed, probes.LoginTypeNotAgent, ""},
		"a reason, and others answer":  {refusedMe(saysAgent, some), probes.Unknown, probes.NotObserved, ""},
		"no reason, and others answer": {refusedMe("", some), probes.Unknown, probes.NotObserved, ""},
		"another status, a reason":     {other(saysLicence), probes.Unknown, probes.NotObserved, "Ask Halo's support"},
		"another status, application":  {other(saysAppOff), probes.Unknown, probes.NotObserved, "Check whether Active is ticked"},
		"another status, agent":        {other(saysAgent), probes.Unknown, probes.NotObserved, "Check whether the agent"},
		"another status, method":       {other(saysMethod), probes.Unknown, probes.NotObserved, "Check whether the Authentication Method"},
		"another status, none":         {other(saysNothing), probes.Unknown, probes.NotObserved, ""},
	} {
		v := judgeLoginType(c.me)
		told(t, name, v, c.status, c.cause)
		do := ""
		if v.Remedy != nil {
			do = v.Remedy.Do
		}
		if !strings.HasPrefix(do, c.do) || c.do == "" && do != "" {
			t.Errorf("%s: %q, want %q", name, do, c.do)
		}
	}
	if v := judgeLoginType(refusedMe(saysAgent, all)); !strings.Contains(v.Because, "says why") {
		t.Error(v.Because)
	}
	if _, ok := findReason(halo.Reason("something else")); ok {
		t.Error("a reason that is not known has a remedy")
	}
}

// TestEndpointThatAsksAfterTheHandshake: what a certificate that is asked for later refuses says nothing of the URL.
func TestEndpointThatAsksAfterTheHandshake(t *testing.T) {
	asks := network.Response{Cause: probes.NotObserved, Seen: halo.Recognition{Sign: halo.ClientCert}}
	v := judgeEndpoint(TokenEndpoint{Named: "https://a/auth", Response: TokenResponse{Response: asks}})
	told(t, "asked after the handshake", v, probes.Unknown, probes.NotObserved)
	if v.Remedy == nil || v.Remedy.Do != trust.AskedAfterHandshakeRemedy.Do {
		t.Error(v.Remedy)
	}
}

// TestAnErrorIsQuotedAsItIs, whatever else the answer says; an answer without one is quoted by its own words.
func TestAnErrorIsQuotedAsItIs(t *testing.T) {
	for want, r := range map[string]halo.TokenReply{
		"invalid_client":                           {Error: "invalid_client", Words: saysNothing},
		`invalid_client ("No.")`:                   {Error: "invalid_client", Description: "No.", Words: saysNothing},
		`without an OAuth error, and says "Stop."`: {Words: "Stop."},
		"without an OAuth error":                   {},
	} {
		if got := quoted(r); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
