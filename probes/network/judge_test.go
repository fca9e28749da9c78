package network

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"testing"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

func TestJudgeAddresses(t *testing.T) {
	judge := Resource.Resolves.Judge
	for name, c := range map[string]struct {
		addresses Addresses
		status    probes.Status
		cause     probes.Cause
	}{
		"one":     {Addresses{Host: "x", Found: []netip.Addr{netip.MustParseAddr("192.0.2.1")}}, probes.Passed, probes.OK},
		"none":    {Addresses{Host: "x", Cause: probes.DNSFailure}, probes.Failed, probes.DNSFailure},
		"silence": {Addresses{Host: "x", Cause: probes.Timeout}, probes.Unknown, probes.Timeout},

		"offline":                    {Addresses{Host: "x", Cause: probes.DNSFailure, Path: Path{Offline: true}}, probes.Unknown, probes.NotObserved},
		"no resolver":                {Addresses{Host: "x", Cause: probes.DNSFailure, Path: Path{NoResolver: true}}, probes.Unknown, probes.NotObserved},
		"a proxy that was not used":  {Addresses{Host: "x", Cause: probes.DNSFailure, Path: Path{UnusedProxy: "http://p"}}, probes.Unknown, probes.NotObserved},
		"the proxy connected":        {Addresses{Host: "x", Found: []netip.Addr{{}}, Path: Path{Proxy: "http://p"}}, probes.Passed, probes.OK},
		"the proxy did not connect":  {Addresses{Host: "x", Found: []netip.Addr{{}}, Cause: probes.NotObserved, Path: Path{Proxy: "http://p"}}, probes.Unknown, probes.NotObserved},
		"found, and an unused proxy": {Addresses{Host: "x", Found: []netip.Addr{netip.MustParseAddr("192.0.2.1")}, Path: Path{UnusedProxy: "http://p"}}, probes.Passed, probes.OK},
	} {
		if v := judge(c.addresses); v.Status != c.status || v.Cause != c.cause {
			t.Errorf("%s: %s %s", name, v.Status, v.Cause)
		}
	}
}

// A name of an internal network is told as that: no public DNS can hold it.
func TestInternalName(t *testing.T) {
	for host, want := range map[string]bool{
		"halo": true, "halo.local": true, "halo.contoso.internal": true, "halo.lan": true, "halo.home.arpa": true, "halo.contoso.local.": true,
		"halo.contoso.com": false, "local.contoso.com": false, "halo.internal.contoso.com": false,
	} {
		if got := InternalName(host); got != want {
			t.Errorf("%s: %t", host, got)
		}
		v := Resource.Resolves.Judge(Addresses{Host: host, Cause: probes.DNSFailure, Detail: "no address"})
		if (v.Remedy != nil) != want || v.Status != probes.Failed {
			t.Errorf("%s: %+v", host, v)
		}
	}
	named := ProbesFor(probes.ResourceServer, "@auth").Resolves.Judge(Addresses{Host: "halo.local", Cause: probes.DNSFailure, Detail: "no address"})
	if named.Remedy == nil || named.Remedy.Who != probes.HaloAdmin || named.Because != "no address; it is a name of an internal network" {
		t.Errorf("%+v", named)
	}
}

func TestJudgeConnections(t *testing.T) {
	open := Attempt{Addr: "192.0.2.1:443", OK: true}
	refused := Attempt{Addr: "192.0.2.2:443", Cause: probes.ConnectionRefused, Detail: "the connection was refused"}
	silent := Attempt{Addr: "192.0.2.3:443", Cause: probes.Timeout, Detail: "no answer came in time"}
	noRoute := Attempt{Addr: "[2001:db8::1]:443", Cause: probes.ConnectionRefused, Here: true, Detail: "no route"}
	forbidden := Attempt{Addr: "10.0.0.1:443", Cause: probes.ConnectionRefused, Here: true, Forbidden: true, Detail: "not allowed"}
	if v := judgeConnections(Connections{Attempts: []Attempt{forbidden}}); v.Remedy == nil || v.Remedy.Who != probes.Operator || v.Remedy.Do != askOwner.Do {
		t.Errorf("a connection that this server forbids: %+v", v)
	}
	for name, c := range map[string]struct {
		attempts []Attempt
		status   probes.Status
		cause    probes.Cause
	}{
		"open":                     {[]Attempt{open}, probes.Passed, probes.OK},
		"one of two":               {[]Attempt{refused, open}, probes.Passed, probes.OK},
		"refused":                  {[]Attempt{refused}, probes.Failed, probes.ConnectionRefused},
		"silent":                   {[]Attempt{silent}, probes.Failed, probes.Timeout},
		"a refusal tells more":     {[]Attempt{silent, refused}, probes.Failed, probes.ConnectionRefused},
		"no IPv6 here, then quiet": {[]Attempt{noRoute, silent}, probes.Failed, probes.Timeout},
		"refused, then quiet":      {[]Attempt{refused, silent}, probes.Failed, probes.ConnectionRefused},
		"quiet, and no IPv6 here":  {[]Attempt{silent, noRoute}, probes.Failed, probes.Timeout},
		"open, and no way to one":  {[]Attempt{noRoute, open}, probes.Passed, probes.OK},
		"forbidden":                {[]Attempt{forbidden}, probes.Unknown, probes.NotObserved},
		"forbidden, then refused":  {[]Attempt{forbidden, refused}, probes.Failed, probes.ConnectionRefused},
		"no way from here":         {[]Attempt{noRoute}, probes.Unknown, probes.NotObserved},
		"nothing to connect to":    {nil, probes.Unknown, probes.NotObserved},
	} {
		if v := judgeConnections(Connections{Attempts: c.attempts}); v.Status != c.status || v.Cause != c.cause {
			t.Errorf("%s: %s %s (%s)", name, v.Status, v.Cause, v.Because)
		}
	}
}

func TestTurnedAway(t *testing.T) {
	answer := Response{Halo: true, Page: wire.Page{Status: 200}}
	page := Response{Page: wire.Page{Status: 200}}
	refused := Response{Page: wire.Page{Status: 403}}
	missing := Response{Page: wire.Page{Status: 404}}
	hidden := Response{Page: wire.Page{Status: 404, Server: "Microsoft-IIS/10.0"}}
	cut := Response{Cause: probes.ConnectionClosed}
	front := Response{Path: "/", Page: wire.Page{Status: 403}}
	own := Response{Halo: true, Page: wire.Page{Status: 401}}
	login := NewResponse("https://psa.example/auth/token", wire.Page{Status: 401, Header: http.Header{"Www-Authenticate": {"Negotiate"}}})
	unauthorized := Response{Page: wire.Page{Status: 401}}
	ownMissing := Response{Halo: true, Page: wire.Page{Status: 404, Server: "Microsoft-IIS/10.0"}}
	later := NewResponse("https://psa.example/api/authinfo", wire.Page{Status: 403, Type: "text/html", Body: []byte("Reason: Cannot perform Post-Handshake Authentication.")})
	cert := NewResponse("https://psa.example/api/authinfo", wire.Page{Status: 403, Type: "text/html", Body: []byte("403.7 - Client certificate required")})
	busy, same, other := Response{Page: wire.Page{Status: 503}}, Response{Seen: halo.Recognition{Print: "200-1"}}, Response{Seen: halo.Recognition{Print: "200-2"}}
	down := Response{Page: wire.Page{Status: 503}, Seen: halo.Recognition{Print: "503-1"}}
	iis := Response{Page: wire.Page{Status: 200, Server: "Microsoft-IIS/10.0"}}
	for name, c := range map[string]struct {
		doors []Response
		want  probes.Cause
	}{
		"open":                     {[]Response{answer, page}, ""},
		"refused everywhere":       {[]Response{refused, refused}, probes.EdgeRefused},
		"the token alone refused":  {[]Response{answer, page, refused}, probes.EdgeRefused},
		"Halo's own 401":           {[]Response{answer, own}, ""},
		"not there":                {[]Response{missing, missing}, ""},
		"IIS says nothing is here": {[]Response{hidden, hidden}, probes.EdgeRefused},
		"IIS, one page missing":    {[]Response{hidden, page}, ""},
		"IIS, one door seen":       {[]Response{hidden}, ""},
		"cut off":                  {[]Response{cut, cut}, probes.EdgeDropped},
		"the front page alone":     {[]Response{answer, front}, ""},
		"the front page, and the token alone refused":    {[]Response{answer, refused, front}, probes.EdgeRefused},
		"the front page, and the token asks for a login": {[]Response{answer, login, front}, ""},
		"the front page and more":                        {[]Response{refused, front}, probes.EdgeRefused},
		"the front page, no Halo":                        {[]Response{page, front}, probes.EdgeRefused},
		"nothing seen":                                   {nil, ""},
		"401 is a refusal too":                           {[]Response{answer, unauthorized}, probes.EdgeRefused},
		"Halo's own 404 beside it":                       {[]Response{hidden, ownMissing}, ""},
		"IIS, and all is there":                          {[]Response{iis, iis}, ""},
		"a broken answer":                                {[]Response{{Cause: probes.AnswerMalformed}, page}, ""},
		"a server without a name":                        {[]Response{{Cause: probes.ServerUnproven}, page}, ""},
		"nothing but a front page":                       {[]Response{front}, probes.EdgeRefused},
		"Halo's own 401, and a page":                     {[]Response{own, page}, ""},
		"a demand for a client certificate":              {[]Response{cert, page}, ""},
		"a demand that this program cannot answer":       {[]Response{later, page}, ""},
		"broken, nobody knows why":                       {[]Response{{Cause: probes.NotObserved}, page}, probes.EdgeDropped},
		"busy, and slow":                                 {[]Response{busy, {Cause: probes.Timeout}}, ""},
		"busy, and cut off":                              {[]Response{busy, cut}, probes.EdgeDropped},
		"a gateway without its server, and cut off":      {[]Response{{Page: wire.Page{Status: 502}}, cut}, ""},
		"a gateway that waited in vain, and cut off":     {[]Response{{Page: wire.Page{Status: 504}}, cut}, ""},
		"one page everywhere":                            {[]Response{same, same, same}, probes.EdgeRefused},
		"one page twice":                                 {[]Response{same, same}, ""},
		"nothing to know the page by":                    {[]Response{page, page, page}, ""},
		"one page, and another":                          {[]Response{same, same, other}, ""},
		"one page, and Halo":                             {[]Response{same, same, {Halo: true, Seen: same.Seen}}, ""},
		"one page, and a login with its print":           {[]Response{same, same, {Seen: halo.Recognition{Sign: halo.HTTPAuth, Print: "200-1"}}}, ""},
		"one page, down":                                 {[]Response{down, down, down}, ""},
	} {
		if got := FilterCause(c.doors...); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestJudgeAdmission(t *testing.T) {
	wanted := []string{"3.19.3.152", "3.19.4.238"}
	open, refused := []Response{{Halo: true, Page: wire.Page{Status: 200}}}, []Response{{Page: wire.Page{Status: 403}}}
	front := append([]Response{{Path: "halo.example/", Page: wire.Page{Status: 403}}}, open...)
	block := []Response{{Page: wire.Page{Status: 200, Type: "text/html"}}}
	busy, cut := []Response{{Page: wire.Page{Status: 503}}}, []Response{{Cause: probes.ConnectionReset}}
	gone, data := []Response{{Page: wire.Page{Status: 404, Type: "text/html"}}}, []Response{{Page: wire.Page{Status: 200, Type: "application/json"}}}
	mixed := func(status int) []Response {
		return append([]Response{{Halo: true, Page: wire.Page{Status: status}}}, gone...)
	}
	from := func(name string, doors []Response) VantageAccess { return VantageAccess{Name: name, Responses: doors} }
	for name, c := range map[string]struct {
		admission Access
		status    probes.Status
		cause     probes.Cause
	}{
		"no vantage":                     {Access{Wanted: wanted, Direct: open}, probes.Unknown, probes.UnrestrictedHere},
		"refused here":                   {Access{Wanted: wanted, Direct: refused}, probes.Unknown, probes.EdgeRefused},
		"cut off here":                   {Access{Wanted: wanted, Direct: cut}, probes.Unknown, probes.EdgeDropped},
		"hosted":                         {Access{Wanted: wanted, Direct: open, Hosted: true}, probes.NotApplicable, ""},
		"hosted, refused here":           {Access{Wanted: wanted, Direct: refused, Hosted: true}, probes.Unknown, probes.EdgeRefused},
		"both get through":               {Access{Wanted: wanted, Direct: refused, Vantages: []VantageAccess{from(wanted[0], open), from(wanted[1], open)}}, probes.Passed, probes.OK},
		"one gets through":               {Access{Wanted: wanted, Direct: open, Vantages: []VantageAccess{from(wanted[0], open)}}, probes.Unknown, probes.UnrestrictedHere},
		"one is refused":                 {Access{Wanted: wanted, Direct: open, Vantages: []VantageAccess{from(wanted[0], open), from(wanted[1], refused)}}, probes.Failed, probes.RefusedFromListed},
		"silent there, and here as well": {Access{Wanted: wanted, Direct: []Response{{Cause: probes.Timeout}}, Vantages: []VantageAccess{from(wanted[0], []Response{{Cause: probes.Timeout}}), from(wanted[1], []Response{{Cause: probes.Timeout}})}}, probes.Unknown, probes.EdgeDropped},
		"one is slow at one door":        {Access{Wanted: wanted, Direct: open, Vantages: []VantageAccess{from(wanted[0], open), from(wanted[1], append([]Response{{Cause: probes.Timeout}}, open...))}}, probes.Unknown, probes.NoVantage},
		"one is cut off at one door":     {Access{Wanted: wanted, Direct: open, Vantages: []VantageAccess{from(wanted[0], open), from(wanted[1], append([]Response{{Cause: probes.ConnectionReset}}, open...))}}, probes.Failed, probes.RefusedFromListed},
		"one hears nothing at all":       {Access{Wanted: wanted, Direct: open, Vantages: []VantageAccess{from(wanted[0], open), from(wanted[1], []Response{{Cause: probes.Timeout}, {Cause: probes.Timeout}})}}, probes.Failed, probes.RefusedFromListed},
		"one is cut off":                 {Access{Wanted: wanted, Direct: open, Vantages: []VantageAccess{from(wanted[1], cut)}}, probes.Failed, probes.RefusedFromListed},
		"an undeclared one":              {Access{Wanted: wanted, Direct: open, Vantages: []VantageAccess{from("office", refused)}}, probes.Unknown, probes.UnrestrictedHere},
		"vantages without a proxy":       {Access{Wanted: wanted, Direct: open, Vantages: []VantageAccess{{Name: wanted[0], Error: "refused"}}}, probes.Unknown, probes.NoVantage},
		"busy seen from there":           {Access{Wanted: wanted, Direct: open, Vantages: []VantageAccess{from(wanted[0], busy)}}, probes.Unknown, probes.NoVantage},
		"only the front page is shut":    {Access{Wanted: wanted[:1], Direct: open, Vantages: []VantageAccess{from(wanted[0], front)}}, probes.Passed, probes.OK},
		"somebody else's page":           {Access{Wanted: wanted[:1], Direct: open, Vantages: []VantageAccess{from(wanted[0], block)}}, probes.Unknown, probes.NoVantage},
		"the same page as here":          {Access{Wanted: wanted[:1], Direct: block, Vantages: []VantageAccess{from(wanted[0], block)}}, probes.Passed, probes.OK},
		"another status than here":       {Access{Wanted: wanted[:1], Direct: gone, Vantages: []VantageAccess{from(wanted[0], block)}}, probes.Unknown, probes.NoVantage},
		"another kind than here":         {Access{Wanted: wanted[:1], Direct: data, Vantages: []VantageAccess{from(wanted[0], block)}}, probes.Unknown, probes.NoVantage},
		"Halo and a page, as here":       {Access{Wanted: wanted[:1], Direct: mixed(400), Vantages: []VantageAccess{from(wanted[0], mixed(200))}}, probes.Passed, probes.OK},
		"nothing was asked there":        {Access{Wanted: wanted[:1], Direct: open, Vantages: []VantageAccess{from(wanted[0], nil)}}, probes.Unknown, probes.UnrestrictedHere},
		"nothing asked anywhere":         {Access{Wanted: wanted[:1], Vantages: []VantageAccess{from(wanted[0], nil)}}, probes.Unknown, probes.UnrestrictedHere},
		"the same refusal as here":       {Access{Wanted: wanted[:1], Direct: refused, Vantages: []VantageAccess{from(wanted[0], refused)}}, probes.Failed, probes.RefusedFromListed},
		"half of it is busy":             {Access{Wanted: wanted[:1], Direct: open, Vantages: []VantageAccess{from(wanted[0], append(slices.Clone(busy), refused...))}}, probes.Failed, probes.RefusedFromListed},
		"a page, seen from elsewhere":    {Access{Wanted: wanted[:1], Direct: open, Vantages: []VantageAccess{from("office", block)}}, probes.Unknown, probes.UnrestrictedHere},
		"a guide without any":            {Access{Direct: refused}, probes.NotApplicable, ""},
	} {
		if v := judgeAccess(c.admission); v.Status != c.status || v.Cause != c.cause {
			t.Errorf("%s: %s %s (%s)", name, v.Status, v.Cause, v.Because)
		}
	}
}

// Who answered decides what a response shows; HaloPSA and a token endpoint are known by what they say.
func TestNewResponse(t *testing.T) {
	const demand, later = "403.7 - Client certificate required", "Reason: Cannot perform Post-Handshake Authentication."
	for name, c := range map[string]struct {
		status      int
		kind, body  string
		halo        bool
		cause       probes.Cause
		detail      string
		refusesHere bool
	}{
		"authinfo":                {200, "application/json", `{"auth_url":"https://a.example/auth","tenant_id":"a"}`, true, "", "", false},
		"a token endpoint":        {400, "application/json", `{"error":"invalid_request"}`, true, "", "", false},
		"somebody's page":         {200, "text/html", "<html>hello</html>", false, "", "", false},
		"a block page":            {403, "text/html", "<html>Access denied</html>", false, "", "", true},
		"a client certificate":    {403, "text/html", demand, false, probes.ClientCertRequired, "status 403 and a page that asks for a client certificate", false},
		"a demand after it":       {403, "text/html", later, false, probes.NotObserved, "status 403; the server asks for a client certificate after the TLS 1.3 handshake, which halocheck cannot answer", false},
		"a demand, served":        {200, "text/html", later, false, "", "", false},
		"a token endpoint's text": {400, "text/html", `{"error":"invalid_request","error_description":"` + demand + `"}`, true, "", "", false},
	} {
		r := NewResponse("https://psa.example/api/authinfo", wire.Page{Status: c.status, Type: c.kind, Body: []byte(c.body)})
		if r.Halo != c.halo || r.Cause != c.cause || r.Detail != c.detail || r.Refused() != c.refusesHere {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// A server that asks for a client certificate may refuse for want of one: that is looked at before any filter.
func TestRefusedWhereACertificateIsAskedFor(t *testing.T) {
	for name, c := range map[string]struct {
		asked bool
		want  string
		does  string
	}{
		"asked":     {true, "something before HaloPSA answers in its place: status 403, no content type (/api); the server asks for a client certificate, which the integration does not have", "Check whether the server refuses requests without a client certificate; if so, stop asking for one for /api and /auth. If not, check whether the filter before HaloPSA lets HTTPS from 3.19.3.152 through to psa.example, for /api and /auth."},
		"not asked": {false, "something before HaloPSA answers in its place: status 403, no content type (/api)", "Check whether the filter before HaloPSA lets HTTPS from 3.19.3.152 through to psa.example, for /api and /auth."},
	} {
		v := judgeAccess(Access{Host: "psa.example", Wanted: []string{"3.19.3.152"}, Direct: []Response{{Path: "/api", Page: wire.Page{Status: 403}, ClientCertRequested: c.asked}}})
		if v.Status != probes.Unknown || v.Cause != probes.EdgeRefused || v.Because != c.want || v.Remedy == nil || v.Remedy.Do != c.does {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// Only whom the guide names is said to get through, and of the doors only those that turned somebody away are told.
func TestAdmissionInWords(t *testing.T) {
	open, shut := Response{Path: "/api", Halo: true, Page: wire.Page{Status: 200}}, Response{Path: "/auth", Page: wire.Page{Status: 403, Server: "a filter", Type: "text/html; charset=utf-8"}}
	v := judgeAccess(Access{Wanted: []string{"3.19.3.152"}, Vantages: []VantageAccess{{Name: "office", Responses: []Response{open}}, {Name: "3.19.3.152", Responses: []Response{open}}}})
	if v.Because != "seen to get through from 3.19.3.152" {
		t.Error(v.Because)
	}
	cut, hidden := Response{Path: "/x", Cause: probes.Timeout, Detail: "silence"}, Response{Path: "/y", Page: wire.Page{Status: 404, Server: "IIS"}}
	const want = `status 403, text/html, from "a filter" (/auth); silence (/x); status 404, no content type, from "IIS" (/y)`
	if got := allWords(turnedAway([]Response{open, shut, cut, hidden})); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got := (Response{Path: "/z", Page: wire.Page{Status: 200}}).String(); got != "/z: status 200, no content type" {
		t.Error(got)
	}
}

func TestConnectionsInWords(t *testing.T) {
	open, quiet := Attempt{Addr: "192.0.2.1:443", OK: true}, Attempt{Addr: "192.0.2.3:443", Cause: probes.Timeout, Detail: "no answer"}
	noRoute := Attempt{Addr: "[2001:db8::1]:443", Cause: probes.ConnectionRefused, Here: true, Detail: "no route"}
	for want, attempts := range map[string][]Attempt{
		"192.0.2.1:443 accepted the connection":                           {open},
		"192.0.2.1:443 accepted the connection; 192.0.2.3:443: no answer": {open, quiet},
	} {
		if v := judgeConnections(Connections{Attempts: attempts}); v.Because != want {
			t.Errorf("%s, want %s", v.Because, want)
		}
	}
	for name, c := range map[string]struct {
		seen   Connections
		status probes.Status
		want   string
	}{
		"nothing to connect to":     {Connections{}, probes.Unknown, "there was no address to connect to"},
		"a proxy that connected":    {Connections{Attempts: []Attempt{open}, Path: Path{Proxy: "http://p"}}, probes.Passed, "192.0.2.1:443 accepted the connection of the proxy http://p"},
		"a proxy that did not":      {Connections{Attempts: []Attempt{quiet}, Path: Path{Proxy: "http://p"}}, probes.Failed, "192.0.2.3:443: no answer"},
		"offline":                   {Connections{Attempts: []Attempt{noRoute}, Path: Path{Offline: true}}, probes.Unknown, "this machine is offline: it has no route to the internet ([2001:db8::1]:443: no route)"},
		"offline, and yet refused":  {Connections{Attempts: []Attempt{quiet}, Path: Path{Offline: true}}, probes.Failed, "192.0.2.3:443: no answer"},
		"no way to the address":     {Connections{Attempts: []Attempt{noRoute}}, probes.Unknown, "this machine has no way to the address ([2001:db8::1]:443: no route)"},
		"a proxy that was not used": {Connections{Attempts: []Attempt{quiet}, Path: Path{UnusedProxy: "http://p"}}, probes.Unknown, "192.0.2.3:443: no answer; this machine uses the proxy http://p, and halocheck connected without it"},
		"a network wants a sign-in": {Connections{Attempts: []Attempt{quiet}, Path: Path{Portal: "a redirect"}}, probes.Unknown, "192.0.2.3:443: no answer; this network asks for a sign-in first (a redirect), so that was not the server"},
		"a sign-in, and it is open": {Connections{Attempts: []Attempt{open}, Path: Path{Portal: "a redirect"}}, probes.Passed, "192.0.2.1:443 accepted the connection"},
	} {
		if v := judgeConnections(c.seen); v.Status != c.status || v.Because != c.want {
			t.Errorf("%s: %s %s", name, v.Status, v.Because)
		}
	}
	if v := BehindPortal(probes.Pass("seen", 1), "a redirect"); v.Status != probes.Passed || v.Because != "seen" {
		t.Errorf("behind a portal: %+v", v)
	}
	for want, words := range map[string][]string{"": nil, "a": {"a"}, "a and b": {"a", "b"}, "a, b and c": {"a", "b", "c"}} {
		if got := list(words); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for address, want := range map[string]string{"https://h/api": "/api", "https://h": "/", "https://[h/api": "/"} {
		if got := path(address); got != want {
			t.Errorf("%s: %q", address, got)
		}
	}
}

func TestUnroutable(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"no route":            {&net.OpError{Op: "dial", Err: syscall.EHOSTUNREACH}, true},
		"no IPv6":             {&net.OpError{Op: "dial", Err: syscall.EAFNOSUPPORT}, true},
		"refused":             {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, false},
		"lost while reading":  {&net.OpError{Op: "read", Err: syscall.EHOSTUNREACH}, false},
		"not of a connection": {syscall.EHOSTUNREACH, false},
	} {
		if got := unroutable(c.err); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
