package probes

import (
	"fmt"
	"net/http"
	"reflect"
)

// State says what an answer shows.
type State string

// The states. The zero value of a [Reading] counts as NotRead.
const (
	Shown   State = "shown"
	Refused State = "refused"  // 401 or 403: the server answered, and denies it to these credentials
	NotRead State = "not_read" // nothing came that can be read as what was asked for
)

// Reading says what one request for evidence yielded. A list that was not read shows nothing, neither rows nor their
// absence: contract §10, 1.
type Reading struct {
	State   State
	Cause   Cause  // of a reading that is not Shown
	Because string // of a reading that is not Shown: what came instead, such as "GET /Client answered status 500"
}

// Evidence is an answer, or a part of one, that knows whether it shows anything.
type Evidence interface{ Reading() Reading }

// ReadStatus is the reading of an answer with this HTTP status. what names the request, such as "GET /Client"; readable
// tells whether the body was decoded as what was asked for.
func ReadStatus(what string, status, tries int, readable bool) Reading {
	because := fmt.Sprintf("%s answered status %d", what, status)
	if tries > 1 {
		because += fmt.Sprintf(", %d times", tries)
	}
	switch {
	case status == http.StatusOK && readable:
		return Reading{State: Shown}
	case status == http.StatusOK:
		return Reading{NotRead, AnswerMalformed, because + " and a body that cannot be read"}
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return Reading{Refused, NotObserved, because}
	case status == http.StatusTooManyRequests:
		return Reading{NotRead, RateLimited, because + " (too many requests)"}
	case status == http.StatusRequestTimeout:
		return Reading{NotRead, Timeout, because}
	case status >= http.StatusInternalServerError:
		return Reading{NotRead, ServerError, because}
	}
	return Reading{NotRead, NotObserved, because}
}

// readingOf is the reading of any piece of evidence. Evidence without a state of its own shows something unless it is its
// type's zero value.
func readingOf(on any) Reading {
	if e, ok := on.(Evidence); ok {
		return e.Reading()
	}
	if r, ok := on.(Reading); ok {
		return r
	}
	if on == nil || reflect.ValueOf(on).IsZero() {
		return Reading{NotRead, NotObserved, "nothing was seen that shows it"}
	}
	return Reading{State: Shown}
}

// Pass says that the requirement holds, and which parts of the answer show it. Where one of them shows nothing, the verdict
// is unknown instead, with the reason: a requirement cannot pass on what was not read.
func Pass(because string, on any, more ...any) Verdict {
	for _, part := range append([]any{on}, more...) {
		switch r := readingOf(part); r.State {
		case Shown:
		default:
			cause := r.Cause
			if cause == "" {
				cause = NotObserved
			}
			if r.Because != "" {
				because += ", but " + r.Because
			}
			return CannotTell(cause, because)
		}
	}
	return Verdict{Status: Passed, Cause: OK, Because: because}
}
