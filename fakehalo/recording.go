package fakehalo

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// RecordingFormat is the newest format of a recording that is understood here.
const RecordingFormat = 1

// recording is the part of a scenario that a recorder wrote: what an instance answered to a check, without names and
// secrets. Where there is one, it answers in place of the instance; faults and injections of the file, or added to it,
// still have their way first. In its texts {resource} and {authorisation} stand for the two servers' origins, {client_id}
// for the application's Client ID, and {token} for a token that is issued when it is asked for.
type recording struct {
	Format   int      `yaml:"format"`
	MadeBy   string   `yaml:"made_by"`
	Base     string   `yaml:"base"`     // path that the instance is under; empty: none
	AuthURL  *string  `yaml:"auth_url"` // as typed; absent: nobody typed one
	Tenant   *string  `yaml:"tenant"`   // as typed; absent: nobody typed one
	Named    string   `yaml:"named"`    // the authorisation server as the instance named it
	Login    bool     `yaml:"login"`    // credentials were given
	Admin    bool     `yaml:"admin"`    // admin credentials were given
	Hosting  string   `yaml:"hosting"`  // as judged: hosted or on-premise
	Stable   string   `yaml:"stable"`   // the stable version that was given
	Teams    []string `yaml:"teams"`    // the teams that alerts go to
	Vantages []struct {
		Name     string `yaml:"name"`
		Unusable bool   `yaml:"unusable"` // nothing could be seen from there
	} `yaml:"vantages"`
	Answers []recorded `yaml:"answers"`
}

// recorded is one question and what was answered to it, one time after the other; the last answer is repeated.
type recorded struct {
	Ask   string           `yaml:"ask"`   // "GET /api/Team?showall=true"
	At    string           `yaml:"at"`    // "authorisation": asked of that host; empty: of the resource host
	As    string           `yaml:"as"`    // "integration" or "admin"; empty: anonymously
	From  string           `yaml:"from"`  // a vantage point; empty: the machine that recorded
	Scope string           `yaml:"scope"` // that a token was asked for with
	Say   []recordedAnswer `yaml:"say"`
}

// recordedAnswer is one answer; without a status it is a connection that broke.
type recordedAnswer struct {
	Status  int               `yaml:"status"`
	Headers map[string]string `yaml:"headers"`
	Body    string            `yaml:"body"`
	Break   string            `yaml:"break"` // one of Breaks or recordedBreaks
}

// Breaks that only a recording has: no answer ever comes, or one that is against HTTP's rules.
const (
	silence   = "silence"
	malformed = "malformed"
)

// recordedBreaks come without a status.
var recordedBreaks = []string{"drop", "reset", silence, malformed}

// checkFormat refuses a recording of a later format before its fields are looked at, which nobody here can know.
func checkFormat(data []byte) error {
	var only struct {
		Recording *struct {
			Format int `yaml:"format"`
		} `yaml:"recording"`
	}
	// A syntax error is reported, with its place, when the whole file is read.
	if yaml.Unmarshal(data, &only) != nil || only.Recording == nil || only.Recording.Format <= RecordingFormat {
		return nil
	}
	return fmt.Errorf("it was recorded by a newer halocheck, in format %d; this one reads formats up to %d", only.Recording.Format, RecordingFormat)
}

// check refuses what cannot be meant; field is where.
func (r *recording) check() (field string, err error) {
	switch {
	case r == nil:
		return "", nil
	case r.Format < 1:
		return "format", errors.New("a recording says its format, which counts from 1")
	case r.Hosting != "hosted" && r.Hosting != "on-premise":
		return "hosting", fmt.Errorf("hosting is hosted or on-premise, not %q", r.Hosting)
	}
	for n, a := range r.Answers {
		method, _, found := strings.Cut(a.Ask, " /")
		switch {
		case !found || !slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodPost}, method):
			return fmt.Sprintf("answers[%d].ask", n), fmt.Errorf("a question looks like GET /api/Team, not %q", a.Ask)
		case a.At != "" && a.At != "authorisation":
			return fmt.Sprintf("answers[%d].at", n), fmt.Errorf("at is authorisation or left out, not %q", a.At)
		case a.As != "" && a.As != "integration" && a.As != "admin":
			return fmt.Sprintf("answers[%d].as", n), fmt.Errorf("as is integration, admin or left out, not %q", a.As)
		case len(a.Say) == 0:
			return fmt.Sprintf("answers[%d]", n), errors.New("it has a question without an answer")
		}
		for m, say := range a.Say {
			if err := say.check(); err != nil {
				return fmt.Sprintf("answers[%d].say[%d]", n, m), err
			}
		}
	}
	return "", nil
}

func (a recordedAnswer) check() error {
	switch {
	case a.Break != "" && !slices.Contains(recordedBreaks, a.Break) && !slices.Contains(Breaks, a.Break):
		return fmt.Errorf("break is one of %s, %s, %s, not %q", strings.Join(Breaks, ", "), silence, malformed, a.Break)
	case a.Status == 0 && !slices.Contains(recordedBreaks, a.Break):
		return errors.New("an answer has a status, or breaks off without one")
	case a.Status != 0 && (a.Status < 200 || a.Status > 999):
		return fmt.Errorf("status is 200 to 999, not %d", a.Status)
	}
	return nil
}

// breaks tells whether an answer breaks its connection off. Over HTTP/2 that would hit the answers beside it.
func (r *recording) breaks() bool {
	return r != nil && slices.ContainsFunc(r.Answers, func(a recorded) bool {
		return slices.ContainsFunc(a.Say, func(say recordedAnswer) bool { return say.Break != "" })
	})
}

// apply makes the instance answer as recorded.
func (r *recording) apply(i *instance) {
	if r == nil {
		return
	}
	i.tape, i.wanted, i.lookFrom, i.lookBlind = r, r.Teams, nil, map[string]bool{}
	for _, v := range r.Vantages {
		i.lookFrom = append(i.lookFrom, v.Name)
		i.lookBlind[v.Name] = v.Unusable
	}
	for _, text := range []*string{r.AuthURL, &r.Named} {
		i.otherKin = i.otherKin || text != nil && strings.Contains(*text, authOrigin)
	}
	if !r.Login {
		i.typed = Credentials{}
	}
	if !r.Admin {
		i.admin = Credentials{}
	}
	i.typed.Tenant, i.typed.AuthURL = i.tenant, ""
	given(&i.typed.Tenant, r.Tenant)
}

// authOrigin stands for the authorisation server's origin where it has one of its own.
const authOrigin = "{authorisation}"

// origin is a URL without its path.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
}

// expand fills in what a recorded text leaves open.
func (s *Server) expand(i *instance, text string) string {
	return strings.NewReplacer("{resource}", origin(s.URL), authOrigin, s.authOrigin, "{client_id}", i.typed.ClientID).Replace(text)
}

// replayed answers from the recording. A request without a recorded answer gets 501.
func (s *Server) replayed(c requestContext, r *http.Request) *reply {
	as, no := s.asker(r)
	if no != nil {
		return no
	}
	tape := s.live().tape
	at, scope := "", r.PostForm.Get("scope")
	if c.auth {
		at = "authorisation"
	}
	ask := question(r.Method, r.URL.Path, r.URL.RawQuery)
	plain := question(http.MethodGet, r.URL.Path, "")
	found := -1
	for n, a := range tape.Answers {
		if a.At != at || a.As != as || a.From != s.vantage(c.peer) || a.Scope != scope {
			continue
		}
		method, rest, _ := strings.Cut(a.Ask, " ")
		path, query, _ := strings.Cut(rest, "?")
		if question(method, path, query) == ask {
			found = n
			break
		}
		// Other parameters, or the head alone, are answered alike as long as nothing fits better.
		if found < 0 && r.Method != http.MethodPost && question(method, path, "") == plain {
			found = n
		}
	}
	if found < 0 {
		return exception(http.StatusNotImplemented, "The recording has no answer to "+ask+".")
	}
	s.mu.Lock()
	n := s.played[found]
	s.played[found]++
	s.mu.Unlock()
	say := tape.Answers[found].Say
	return s.say(say[min(n, len(say)-1)], as)
}

// question is a request as two of them are compared: without case, and with its parameters in order.
func question(method, path, query string) string {
	values, _ := url.ParseQuery(query) // what does not parse is left out on both sides
	out := method + " /" + strings.ToLower(strings.Trim(path, "/"))
	if len(values) > 0 {
		out += "?" + values.Encode()
	}
	return out
}

// asker tells whose credentials or token a request carries; no is the refusal of wrong ones.
func (s *Server) asker(r *http.Request) (as string, no *reply) {
	i := s.live()
	if r.Header.Get("Authorization") != "" {
		switch t, ok := s.bearer(r); {
		case !ok:
			return "", i.refuse(http.StatusUnauthorized)
		case t.admin:
			return "admin", nil
		}
		return "integration", nil
	}
	id, secret := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	switch {
	case id == "" && secret == "":
		return "", nil
	case id == i.typed.ClientID && secret == i.typed.ClientSecret:
		return "integration", nil
	case id == i.admin.ClientID && secret == i.admin.ClientSecret:
		return "admin", nil
	}
	return "", oauthError(http.StatusUnauthorized, "invalid_client", "The specified client credentials are invalid.")
}

// vantage is the name of the vantage point that a peer is; empty for any other.
func (s *Server) vantage(peer string) string {
	i := s.live()
	for n, name := range i.lookFrom {
		if i.from(n, peer) {
			return name
		}
	}
	return ""
}

// tooLong is a header's length that no client reads, in bytes: whichever rule the recorded answer broke, this one is broken
// in every version of HTTP.
const tooLong = 1 << 20

// say makes the answer, and issues the token that it may carry.
func (s *Server) say(a recordedAnswer, as string) *reply {
	out := &reply{status: a.Status, header: http.Header{}, asIs: true, broken: a.Break, drop: a.Break == "drop", body: s.expand(s.live(), a.Body)}
	if a.Break == malformed {
		out.status, out.broken = http.StatusOK, ""
		out.header.Set("X-Left-Out", strings.Repeat("a", tooLong))
	}
	for name, value := range a.Headers {
		out.header.Set(name, s.expand(s.live(), value))
	}
	if strings.Contains(out.body, "{token}") {
		value := opaque()
		s.mu.Lock()
		s.tokens[value] = token{admin: as == "admin", expires: s.clock().Add(lifetime)}
		s.mu.Unlock()
		out.body = strings.ReplaceAll(out.body, "{token}", value)
	}
	return out
}

// recordedURLs fill in what was typed and what the instance named.
func (s *Server) recordedURLs(i *instance) {
	s.AuthURL = s.expand(i, i.tape.Named)
	i.named, s.Hosting, s.Stable, s.Untyped = s.AuthURL, i.tape.Hosting, i.tape.Stable, nil
	s.Credentials.AuthURL = s.AuthURL
	if given(&s.Credentials.AuthURL, i.tape.AuthURL); i.tape.AuthURL == nil {
		s.Untyped = append(s.Untyped, "auth_url")
	}
	if s.Credentials.AuthURL = s.expand(i, s.Credentials.AuthURL); i.tape.Tenant == nil {
		s.Untyped = append(s.Untyped, "tenant")
	}
	if u, err := url.Parse(s.Credentials.AuthURL); err == nil {
		i.authBase = strings.TrimRight(u.Path, "/")
	}
}
