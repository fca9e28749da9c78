package halo

import (
	"fmt"
	"net/http"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// Answer is what became of one API request, as evidence: the body is not kept.
type Answer struct {
	Path    string       `json:"path"`
	Status  int          `json:"status"` // 0: no answer came
	Tries   int          `json:"tries,omitempty"`
	Earlier int          `json:"earlier,omitempty"` // the first status, where asking a refused request again gave another one
	Cause   probes.Cause `json:"cause,omitempty"`   // why no answer came
	Detail  string       `json:"detail,omitempty"`  // the same as a sentence
}

// NewAnswer is the evidence of a page, or of the error that kept it from coming.
func NewAnswer(path string, page wire.Page, err error) Answer {
	a := Answer{Path: path, Status: page.Status, Earlier: page.Earlier}
	if page.Tries > 1 {
		a.Tries = page.Tries
	}
	if err != nil {
		a.Status, a.Cause, a.Detail = 0, probes.Cause(wire.Cause(err)), wire.Describe(err)
	}
	return a
}

// Read is the reading of the answer; readable tells whether its body was decoded as what was asked for. Answers that
// differ from one try to the next show nothing: several nodes stand behind the address.
func (a Answer) Read(readable bool) probes.Reading {
	what := "GET /" + a.Path
	switch {
	case a.Detail != "":
		cause := a.Cause
		if cause == "" {
			cause = probes.NotObserved
		}
		return probes.Reading{State: probes.NotRead, Cause: cause, Because: what + " gave no answer: " + a.Detail}
	case a.Earlier != 0:
		return probes.Reading{
			State: probes.NotRead, Cause: probes.NotObserved,
			Because: fmt.Sprintf("%s answered status %d and, asked again, status %d: the nodes behind this address answer differently", what, a.Earlier, a.Status),
		}
	}
	return probes.ReadStatus(what, a.Status, a.Tries, readable)
}

// Refused tells whether the token may not read it. Neither 401 nor 403 says whether scope or role is why: halo-api §10.
func (a Answer) Refused() bool {
	return a.Earlier == 0 && refused(a.Status)
}

func refused(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden
}
