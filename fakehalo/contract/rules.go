package contract

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// unjudged is a judgement that cannot be made.
const unjudged = "?"

var (
	job        = rule{"job", jobDone, "Make it work against a healthy instance first; nothing else was tried."}
	dialects   = rule{"dialects", jobDone, "Take what instances are known to differ in."}
	fields     = rule{"fields", jobDone, "Read dates without a zone and with any fraction, and take null and absent fields as unset."}
	unproven   = rule{"secret-unproven", judgeUnproven, "Verify the certificate against the roots and the name of the URL, before anything is sent."}
	redirected = rule{"secret-redirect", judgeRedirected, "Follow no redirect with a secret or a token."}
	readOnly   = rule{"read-only", judgeReadOnly, "Write only where it was asked for; allow it with Writes where it is part of the job."}
	retryAfter = rule{"retry-after", judgeRetryAfter, "Wait as long as Retry-After says, a number of seconds or a date, or give up."}
	newToken   = rule{"new-token", judgeNewToken, "After a 401 ask for one new token, and repeat the call with it once."}

	newTokenInVain = rule{"new-token", judgeNewTokenInVain, "After a second 401 give up: the token is not what is wrong."}

	endless   = rule{"no-endless-retry", judgeEndless, "Try a few times with growing pauses, then tell the error."}
	errorText = rule{"error-text", judgeErrorText, "Leave the Client Secret out of errors and logs."}
	whole     = rule{"whole-answers", judgeWhole, "Check that an answer came whole and is JSON of the expected form."}
	paging    = rule{"paging", judgePaging, "Ask with pageinate=true and page_no, until as many rows came as record_count says; count the rows that came, not those that were asked for."}
)

func jobDone(p *played) string {
	switch {
	case p.late:
		return "It did not come to an end: " + p.ended.message
	case p.ended.class != Done:
		return "It did not do its job: " + p.ended.message
	case p.of.name == healthy && !slices.ContainsFunc(p.log, func(r request) bool { return r.Operation == "api" && r.Secret }):
		return "It says that its job is done, and asked nothing of the API"
	}
	return ""
}

// classOf is the rule that an error is of one of these classes.
func classOf(wanted ...Class) rule {
	words := map[Class]string{
		Configuration: "somebody has to change a setting", Permission: "the application or its agent may not do this", Transient: "it may work later",
	}
	return rule{"error-class", func(p *played) string {
		switch {
		case p.ended.class == Done:
			return "It says that its job is done"
		case p.ended.class == Unclassified:
			return unjudged
		case !slices.Contains(wanted, p.ended.class):
			return fmt.Sprintf("It calls this %s; it is %s: %s. Its error: %s", p.ended.class, wanted[0], words[wanted[0]], p.ended.message)
		}
		return ""
	}, fmt.Sprintf("Tell it as an error of class %s.", wanted[0])}
}

// judgeUnproven: the journal knows only requests that came through a handshake.
func judgeUnproven(p *played) string {
	at := ""
	if strings.HasSuffix(p.of.name, "@auth") {
		if u, err := url.Parse(p.connection.AuthURL); err == nil {
			at = u.Host
		}
	}
	what := ""
	for _, r := range p.log {
		switch {
		case at != "" && r.Host != at:
		case r.Operation == "token":
			return "It sent the Client Secret to a server that did not prove its name"
		default:
			what = r.Method + " " + r.Path
		}
	}
	switch {
	case what != "":
		return fmt.Sprintf("It sent %s to a server that did not prove its name", what)
	case p.ended.class == Done:
		return "It says that its job is done"
	}
	return ""
}

func judgeRedirected(p *played) string {
	for _, r := range p.sunk {
		switch {
		case r.Operation == "token":
			return "It sent the Client Secret to the host that a redirect names"
		case r.Secret:
			return "It sent its token to the host that a redirect names"
		}
	}
	return ""
}

func judgeReadOnly(p *played) string {
	for _, r := range p.log {
		read := r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions
		if read || r.Operation == "token" || r.Operation == "token-empty" || slices.Contains(p.suite.writes, operationOf(r)) {
			continue
		}
		return fmt.Sprintf("It sent %s %s, which nobody asked for", r.Method, r.Path)
	}
	return ""
}

// at is the first request that was answered a status; -1 where none was.
func (p *played) at(status int) int {
	return slices.IndexFunc(p.log, func(r request) bool { return r.Status == status })
}

// judgeRetryAfter allows a client to give up, if it then asks nothing more.
func judgeRetryAfter(p *played) string {
	due := wait
	if p.of.name == "at-token" {
		due = time.Second
	}
	for n, r := range p.log {
		if r.Status != http.StatusTooManyRequests {
			continue
		}
		for _, next := range p.log[n+1:] {
			if waited := next.At.Sub(r.At); next.Secret && waited < due-100*time.Millisecond {
				return fmt.Sprintf("It was told to wait for %v, and asked again after %v", due, waited.Round(time.Millisecond))
			}
		}
	}
	if last := len(p.log) - 1; p.ended.class != Done && last >= 0 && p.log[last].Status != http.StatusTooManyRequests {
		return "It waited, and failed all the same: " + p.ended.message
	}
	return ""
}

// tokensAfter counts token requests from an entry on.
func (p *played) tokensAfter(n int) (count int) {
	for _, r := range p.log[n:] {
		if r.Operation == "token" {
			count++
		}
	}
	return count
}

// usual is how many tokens the client takes when all is well, at least one.
func (p *played) usual() (count int) {
	for _, r := range p.suite.base {
		if r.Operation == "token" {
			count++
		}
	}
	return max(1, count)
}

func judgeNewToken(p *played) string {
	n := p.at(http.StatusUnauthorized)
	switch {
	case n < 0:
		return ""
	case p.ended.class != Done:
		return "It gave up at the first 401, though a token may end at any time: " + p.ended.message
	case p.tokensAfter(n) == 0:
		return "It went on without a new token"
	case p.tokensAfter(n) > p.usual():
		return fmt.Sprintf("It asked for %d new tokens", p.tokensAfter(n))
	}
	return ""
}

func judgeNewTokenInVain(p *played) string {
	n := p.at(http.StatusUnauthorized)
	if n < 0 {
		return ""
	}
	calls := map[string]bool{}
	for _, r := range p.log[n:] {
		if r.Operation == "api" {
			calls[asked(r)] = true
		}
	}
	switch tokens := p.tokensAfter(n); {
	case p.ended.class == Done:
		return "It says that its job is done"
	case tokens > len(calls)*p.usual():
		return fmt.Sprintf("It asked for %d new tokens, and each was refused", tokens)
	}
	return ""
}

func judgeEndless(p *played) string {
	what, most := repeated(p.log)
	switch {
	case most > maxTries:
		return fmt.Sprintf("It sent %s more than %d times in vain, and would have gone on", what, maxTries)
	case p.late:
		return fmt.Sprintf("It was still at it after %v, %d requests later", p.suite.patience, len(p.log))
	}
	return ""
}

func judgeErrorText(p *played) string {
	secret := p.connection.ClientSecret
	if strings.Contains(p.ended.message, secret) || strings.Contains(p.ended.message, url.QueryEscape(secret)) {
		return "Its error holds the Client Secret"
	}
	return ""
}

func judgeWhole(p *played) string {
	if p.ended.class == Done {
		return "It says that its job is done"
	}
	return ""
}

// judgePaging looks at each list by what was asked of it. A client that names a count wants no more than that.
func judgePaging(p *played) string {
	type list struct {
		name           string
		pages          map[string]int // rows by page_no
		of             int
		paged, counted bool
		empty          int
	}
	lists, order := map[string]*list{}, []string{}
	for _, r := range p.log {
		query, err := url.ParseQuery(r.Query)
		if err != nil || r.Of == 0 || r.Status != http.StatusOK {
			continue
		}
		page := query.Get("page_no")
		query.Del("page_no")
		key := r.Path + "?" + query.Encode()
		l := lists[key]
		if l == nil {
			l = &list{name: r.Method + " " + r.Path, pages: map[string]int{}}
			lists[key], order = l, append(order, key)
		}
		l.paged = strings.EqualFold(query.Get("pageinate"), "true")
		_, err = strconv.Atoi(query.Get("count"))
		l.counted = err == nil && !l.paged
		l.pages[page], l.of = r.Rows, r.Of
		if r.Rows == 0 {
			l.empty++
		}
	}
	for _, key := range order {
		l, read := lists[key], 0
		for _, rows := range l.pages {
			read += rows
		}
		switch {
		case l.counted:
		case read < l.of && !l.paged:
			return fmt.Sprintf("It read %d of %d rows of %s, which pages only with pageinate=true", read, l.of, l.name)
		case read < l.of:
			return fmt.Sprintf("It read %d of %d rows of %s", read, l.of, l.name)
		case l.empty > 1:
			return fmt.Sprintf("It went on asking for %s after the last page", l.name)
		}
	}
	return jobDone(p)
}
