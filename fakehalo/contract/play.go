package contract

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/fakehalo"
)

// request is an entry of the journal.
type request = fakehalo.Request

// played is one case while a client runs against it.
type played struct {
	suite      *suite
	of         testCase
	connection Connection
	server     *fakehalo.Server
	sink       *fakehalo.Server // where redirects go; nil: there are none
	caFile     string           // to be removed
	late       bool             // the client was still running when its time was up

	log, sunk []request // at the end
	ended     outcome
}

// maxTries is how often the same request may be sent in vain, maxRequests bounds one job.
const (
	maxTries    = 10
	maxRequests = 3000
)

// start serves a case.
func (s *suite) start(c testCase) (*played, error) {
	p := &played{suite: s, of: c}
	faults, err := fakehalo.Named(c.faults...)
	if err == nil {
		o := s.ground
		o.Faults = slices.Concat(o.Faults, faults)
		o.Seed.Sizes = maps.Clone(o.Seed.Sizes)
		for resource, n := range c.sizes {
			if o.Seed.Sizes == nil {
				o.Seed.Sizes = map[string]int{}
			}
			o.Seed.Sizes[resource] = n
		}
		p.server, err = fakehalo.StartWith(o)
	}
	if err != nil {
		return nil, err
	}
	typed := p.server.Credentials
	p.connection = Connection{
		URL: p.server.URL, AuthURL: typed.AuthURL, Tenant: typed.Tenant, ClientID: typed.ClientID, ClientSecret: typed.ClientSecret,
		CAFile: p.server.CAFile, Roots: p.server.CAPool,
	}
	if at, err := url.Parse(p.server.URL); err == nil && c.name == "wrong-name" { // the name that the certificate is not for
		there := net.JoinHostPort(cmp.Or(s.ground.Host, "localhost"), at.Port())
		p.connection.URL = strings.Replace(p.connection.URL, at.Host, there, 1)
		p.connection.AuthURL = strings.Replace(p.connection.AuthURL, at.Host, there, 1)
	}
	if c.redirects {
		if err := p.openSink(); err != nil {
			p.close()
			return nil, err
		}
	}
	if c.inject != nil {
		list, err := c.inject(p)
		if err == nil {
			err = p.server.Inject(list...)
		}
		if err != nil {
			p.close()
			return nil, err
		}
	}
	return p, nil
}

// openSink serves another host, which the client trusts as well.
func (p *played) openSink() error {
	host, _, err := net.SplitHostPort(p.suite.ground.Addr)
	if err != nil { // it has no address of its own
		host = "127.0.0.1"
	}
	if p.sink, err = fakehalo.StartWith(fakehalo.Options{Addr: net.JoinHostPort(host, "0"), Host: p.suite.ground.Host}); err != nil {
		return err
	}
	pem := p.roots()
	p.connection.Roots = x509.NewCertPool()
	p.connection.Roots.AppendCertsFromPEM(pem)
	f, err := os.CreateTemp("", "contract-roots-*.pem")
	if err != nil {
		return err
	}
	p.caFile, p.connection.CAFile = f.Name(), f.Name()
	_, err = f.Write(pem)
	if shut := f.Close(); err == nil {
		err = shut
	}
	return err
}

// roots are those that the client is given, in PEM.
func (p *played) roots() []byte {
	if p.sink == nil {
		return p.server.CAPEM
	}
	return slices.Concat(p.server.CAPEM, p.sink.CAPEM)
}

func (p *played) close() {
	p.server.Close()
	if p.sink != nil {
		p.sink.Close()
	}
	if p.caFile != "" {
		_ = os.Remove(p.caFile)
	}
}

// endless tells whether the client has sent more than any client should.
func (p *played) endless() bool {
	log := p.server.Requests()
	_, tries := repeated(log)
	return tries > maxTries || len(log) > maxRequests
}

// hopeless tells that no other case is worth a try: the client cannot do its job.
func (p *played) hopeless(verdicts []Verdict) bool {
	return p.of.name == healthy && verdicts[0].Status == "fail" // the job's
}

// finish judges what the client did, and closes what was served.
func (p *played) finish(ended outcome) (out []Verdict) {
	p.ended, p.log = ended, p.server.Requests()
	if p.sink != nil {
		p.sunk = p.sink.Requests()
	}
	p.close()
	if p.of.name == healthy {
		p.suite.base = p.log
	}
	for _, r := range p.of.rules {
		v := Verdict{Rule: r.name, Case: p.of.name, Status: "pass"}
		why, excepted := p.suite.except[r.name]
		if narrow, ok := p.suite.except[r.name+"/"+p.of.name]; ok {
			why, excepted = narrow, true
		}
		if excepted {
			v.Status, v.Says = "skip", why
		} else if says := r.judge(p); says == unjudged {
			v.Status, v.Says = "skip", "the client does not say of which class its errors are"
		} else if says != "" {
			v.Status, v.Says, v.Do = "fail", fmt.Sprintf("%s (%s)", says, p.of.says), r.do
		}
		out = append(out, v)
	}
	return out
}

// asked is a request without what differs from page to page.
func asked(r request) string {
	what := r.Method + " " + r.Path
	if r.Query != "" {
		what += "?" + r.Query
	}
	return what + " " + r.Form["grant_type"]
}

// repeated is the request that was refused most often, and how often.
func repeated(log []request) (what string, most int) {
	times := map[string]int{}
	for _, r := range log {
		if r.Status < 400 && r.Status != 0 {
			continue
		}
		name := asked(r)
		if times[name]++; times[name] > most {
			what, most = strings.TrimSpace(r.Method+" "+r.Path), times[name]
		}
	}
	return what, most
}
