package team

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/store"
	"github.com/halocheck/halocheck/internal/vantage"
	vantages "github.com/halocheck/halocheck/internal/vantage/server"
)

// mostLooks is how many looks for programs may be under way at once.
const mostLooks = 16

// postLook has one of the server's agents look at a host for a program, such as `halocheck check`, and answers with what it saw.
func (s *Server) postLook(w http.ResponseWriter, req *http.Request, t store.Token) {
	var asked vantage.Asked
	d := json.NewDecoder(req.Body)
	d.DisallowUnknownFields()
	if d.Decode(&asked) != nil {
		problem(w, http.StatusBadRequest, `the body is no JSON such as {"agent": "egress-1", "host": "acme.halopsa.com", "port": "443", "authinfo": true}`, nil)
		return
	}
	if _, err := (vantage.Job{ID: "look", Verb: asked.Verb(), Host: asked.Host, Port: asked.Port}).Endpoint(); err != nil {
		problem(w, http.StatusUnprocessableEntity, "the host or the port is none", nil)
		return
	}
	if port, err := strconv.ParseUint(asked.Port, 10, 16); err != nil || port != 443 && !slices.Contains(s.options.Targets.Ports, uint16(port)) {
		problem(w, http.StatusUnprocessableEntity, "this server does not allow the port "+asked.Port, nil)
		return
	}
	select {
	case s.looks <- struct{}{}:
		defer func() { <-s.looks }()
	default:
		w.Header().Set("Retry-After", "5")
		problem(w, http.StatusTooManyRequests, "too many looks are under way", nil)
		return
	}
	name := safetext.Line(asked.Agent)
	seen, err := vantage.Seen{}, store.ErrNotFound
	if s.options.Look != nil {
		seen, err = s.options.Look(req.Context(), asked)
	}
	var nothing *vantages.NothingSeenError
	switch {
	case errors.Is(err, store.ErrNotFound):
		problem(w, http.StatusNotFound, "there is no agent "+name+" at this server", nil)
	case errors.As(err, &nothing):
		problem(w, http.StatusBadGateway, nothing.Error(), nil)
	case err != nil:
		s.failAPI(w, err)
	default:
		if err := s.note(req.Context(), person{id: "token " + t.Name, name: "token " + t.Name}, "had the agent "+name+" look at "+asked.Host+":"+asked.Port, ""); err != nil {
			s.failAPI(w, err)
			return
		}
		answerJSON(w, http.StatusOK, seen)
	}
}
