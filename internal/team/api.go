package team

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/page"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/store"
)

//go:embed openapi.json
var openAPI []byte

// operation is what a program may ask for with a token of a scope; an empty scope: without one.
type operation struct {
	scope  string
	handle func(w http.ResponseWriter, req *http.Request, t store.Token)
}

func (s *Server) operations() map[string]operation {
	return map[string]operation{
		"GET /api/openapi.json":         {"", s.describe},
		"POST /api/runs":                {writeRuns, s.postRun},
		"GET /api/runs/{run}":           {readRuns, s.getRun},
		"GET /api/runs/{run}/events":    {readRuns, s.streamRun},
		"DELETE /api/runs/{run}":        {writeRuns, s.deleteRun},
		"GET /api/customers":            {readCustomers, s.listCustomers},
		"GET /api/customers/{customer}": {readCustomers, s.getCustomer},
		"GET /api/guides":               {readGuides, s.listGuides},
		"POST /api/looks":               {lookFrom, s.postLook},
	}
}

// Operations lists what programs can ask for, with the scope that it needs.
func (s *Server) Operations() map[string]string {
	list := map[string]string{}
	for pattern, o := range s.operations() {
		list[pattern] = o.scope
	}
	return list
}

// api serves programs. Each sends its token with each request, so that no browser does it for somebody else.
func (s *Server) api() http.Handler {
	mux := http.NewServeMux()
	operations := s.operations()
	for _, pattern := range slices.Sorted(maps.Keys(operations)) {
		o := operations[pattern]
		mux.HandleFunc(pattern, func(w http.ResponseWriter, req *http.Request) {
			if o.scope == "" {
				o.handle(w, req, store.Token{})
				return
			}
			scheme, word, _ := strings.Cut(req.Header.Get("Authorization"), " ")
			t, err := s.options.Store.Token(req.Context(), strings.TrimSpace(word), s.options.Now())
			switch {
			case errors.Is(err, store.ErrNotFound) || !strings.EqualFold(scheme, "Bearer"):
				w.Header().Set("WWW-Authenticate", "Bearer")
				problem(w, http.StatusUnauthorized, "there is no such token, or it has expired", nil)
			case err != nil:
				s.failAPI(w, err)
			case !slices.Contains(t.Scopes, o.scope):
				problem(w, http.StatusForbidden, "this token does not have "+o.scope, nil)
			default:
				o.handle(w, req, t)
			}
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		problem(w, http.StatusNotFound, "there is no such operation", nil)
	})
	return mux
}

// problem answers why something was not done; fields are those that are wrong.
func problem(w http.ResponseWriter, status int, text string, fields map[string]string) {
	answerJSON(w, status, map[string]any{"error": text, "fields": fields})
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // who asked for it may be gone
}

func (s *Server) failAPI(w http.ResponseWriter, err error) {
	if errors.Is(err, store.ErrNotFound) {
		problem(w, http.StatusNotFound, "this is not kept here, or not any more", nil)
		return
	}
	s.options.Page.Tell(err)
	problem(w, http.StatusInternalServerError, "the database did not answer as it should", nil)
}

func (s *Server) describe(w http.ResponseWriter, _ *http.Request, _ store.Token) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(openAPI)
}

// secretNames are what the API calls the form's secrets.
var secretNames = map[string]string{"client-secret": "client-secret-file", "admin-secret": "admin-secret-file"}

// postRun starts a check of the settings that are sent.
func (s *Server) postRun(w http.ResponseWriter, req *http.Request, t store.Token) {
	var sent struct {
		Settings map[string]json.RawMessage `json:"settings"`
	}
	d := json.NewDecoder(req.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&sent); err != nil {
		problem(w, http.StatusBadRequest, "the body is no JSON such as {\"settings\": {\"url\": \"https://acme.halopsa.com\"}}", nil)
		return
	}
	form, wrong, known := url.Values{}, map[string]string{}, s.page.Fields()
	for name, raw := range sent.Settings {
		field := name
		if own := secretNames[name]; own != "" {
			field = own
		}
		one, list := "", []string(nil)
		switch {
		case !known[field] || field == name && strings.HasSuffix(name, "-file") && name != "ca-file":
			wrong[name] = "There is no such setting."
		case json.Unmarshal(raw, &one) == nil:
			form.Set(field, one)
		case json.Unmarshal(raw, &list) == nil:
			form[field] = list
		default:
			wrong[name] = "It is a text, or a list of texts."
		}
	}
	if !page.KnowsGuides(form["guide"]...) {
		wrong["guide"] = "There is no such guide; GET /api/guides lists them."
	}
	if len(wrong) == 0 {
		id, problems := s.page.Start(req.Context(), "token "+t.Name, form)
		if id != "" {
			w.Header().Set("Location", "/api/runs/"+id)
			answerJSON(w, http.StatusAccepted, runState{ID: id, State: "running"})
			return
		}
		wrong = problems
		for own, field := range secretNames {
			if text, ok := wrong[field]; ok {
				wrong[own] = text
				delete(wrong, field)
			}
		}
	}
	status, text := http.StatusUnprocessableEntity, "nothing was asked"
	if busy, ok := wrong[""]; ok && len(wrong) == 1 {
		w.Header().Set("Retry-After", "10")
		status, text = http.StatusTooManyRequests, busy
	}
	delete(wrong, "")
	problem(w, status, text, wrong)
}

// runState is a check that has no report yet.
type runState struct {
	ID      string `json:"id"`
	State   string `json:"state"` // running, or failed: nothing was asked
	Done    int    `json:"done"`
	Total   int    `json:"total"`
	Problem string `json:"problem,omitempty"`
}

func stateOf(id string, from page.State) runState {
	v := runState{ID: id, State: "running", Done: len(from.Findings), Total: from.Total}
	if !from.Running {
		v.State, v.Problem = "failed", from.Problem
	}
	return v
}

// reportFormats are the formats of a report by media type, the best first.
var reportFormats = []struct{ media, format string }{
	{"application/json", "json"}, {"application/junit+xml", "junit"}, {"application/xml", "junit"}, {"text/xml", "junit"}, {"text/markdown", "markdown"},
}

// formatOf is the first media type of an Accept header that there is; empty: there is none.
func formatOf(accept string) (media, format string) {
	if strings.TrimSpace(accept) == "" {
		accept = "*/*"
	}
	for part := range strings.SplitSeq(accept, ",") {
		wanted, parameters, _ := strings.Cut(part, ";")
		if q, err := strconv.ParseFloat(strings.TrimPrefix(strings.ReplaceAll(parameters, " ", ""), "q="), 64); err == nil && q == 0 {
			continue
		}
		wanted = strings.ToLower(strings.TrimSpace(wanted))
		for _, f := range reportFormats {
			if kind, _, _ := strings.Cut(f.media, "/"); wanted == f.media || wanted == "*/*" || wanted == kind+"/*" {
				return f.media, f.format
			}
		}
	}
	return "", ""
}

// getRun answers with a check's report, or with how far it is.
func (s *Server) getRun(w http.ResponseWriter, req *http.Request, _ store.Token) {
	id := req.PathValue("run")
	state, here := s.page.State(id)
	made := state.Report
	if here && made == nil {
		if state.Running {
			w.Header().Set("Retry-After", "1")
		}
		answerJSON(w, http.StatusAccepted, stateOf(id, state))
		return
	}
	if !here {
		var err error
		if _, made, err = s.options.Store.Report(req.Context(), id); err != nil {
			s.failAPI(w, err)
			return
		}
	}
	media, format := formatOf(req.Header.Get("Accept"))
	if format == "" {
		problem(w, http.StatusNotAcceptable, "a report is application/json, application/junit+xml or text/markdown", nil)
		return
	}
	var body bytes.Buffer
	if err := report.Write(&body, format, made, report.Options{Program: true}); err != nil {
		s.failAPI(w, err)
		return
	}
	sum := sha256.Sum256(body.Bytes())
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	w.Header().Set("Vary", "Accept")
	w.Header().Set("Cache-Control", "private, no-cache")
	w.Header().Set("Content-Type", media+"; charset=utf-8")
	http.ServeContent(w, req, "", time.Time{}, bytes.NewReader(body.Bytes()))
}

// streamRun sends a check's findings as they come, then its end. A client that comes back names the last one that it has.
func (s *Server) streamRun(w http.ResponseWriter, req *http.Request, _ store.Token) {
	id := req.PathValue("run")
	state, here := s.page.State(id)
	if !here {
		_, made, err := s.options.Store.Report(req.Context(), id)
		if err != nil {
			s.failAPI(w, err)
			return
		}
		state = page.State{Findings: made.Findings, Report: made}
	}
	if !s.page.EnterStream() {
		w.Header().Set("Retry-After", "10")
		problem(w, http.StatusTooManyRequests, "too many checks are followed", nil)
		return
	}
	defer s.page.LeaveStream()
	sent, _ := strconv.Atoi(req.Header.Get("Last-Event-ID")) // none: from the beginning
	control := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	tick := time.NewTicker(10 * time.Second)
	defer tick.Stop()
	for sent >= 0 {
		text := ": still here\n\n"
		for ; sent < len(state.Findings); sent++ {
			text += eventText(sent+1, "finding", state.Findings[sent])
		}
		if !state.Running {
			end := map[string]any{"state": "failed", "problem": state.Problem}
			if state.Report != nil {
				end = endOf(state.Report)
			}
			text += eventText(sent, "end", end)
		}
		_ = control.SetWriteDeadline(time.Now().Add(20 * time.Second)) // a recorder of tests has none
		if _, err := w.Write([]byte(text)); err != nil || control.Flush() != nil || !state.Running {
			return
		}
		select {
		case <-state.Changed:
		case <-tick.C:
		case <-req.Context().Done():
			return
		}
		if state, here = s.page.State(id); !here {
			return
		}
	}
}

// endOf is what the last event tells of a check that is done.
func endOf(made *report.Report) map[string]any {
	end := map[string]any{"state": "done", "outcome": made.Outcome, "root_causes": made.RootCauses}
	var guides []map[string]any
	for _, g := range made.Guides {
		guides = append(guides, map[string]any{"name": g.Name, "outcome": g.Outcome, "root_causes": g.RootCauses})
	}
	if guides != nil { // of several
		end["guides"] = guides
	}
	return end
}

func eventText(id int, kind string, data any) string {
	text, err := json.Marshal(data)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", id, kind, text)
}

// deleteRun stops a check, and removes what is kept of it.
func (s *Server) deleteRun(w http.ResponseWriter, req *http.Request, t store.Token) {
	id := req.PathValue("run")
	ended := s.page.End(req.Context(), id)
	err := s.options.Store.DeleteRun(req.Context(), id)
	if ended && errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	if err == nil {
		err = s.note(req.Context(), person{id: "token " + t.Name, name: "token " + t.Name}, "deleted a check", "")
	}
	if err != nil {
		s.failAPI(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
