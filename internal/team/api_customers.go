package team

import (
	"net/http"
	"time"

	"github.com/halocheck/halocheck/internal/store"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// apiCustomer is a customer with the latest check.
type apiCustomer struct {
	ID      string         `json:"id"`
	Name    string         `json:"name"`
	URL     string         `json:"url"`
	Run     string         `json:"run,omitempty"`
	Outcome probes.Outcome `json:"outcome,omitempty"`
	Started *time.Time     `json:"started,omitempty"`
	Runs    []apiRun       `json:"runs,omitempty"` // of one customer: the latest first
}

type apiRun struct {
	ID      string         `json:"id"`
	Started time.Time      `json:"started"`
	Outcome probes.Outcome `json:"outcome"`
	By      string         `json:"by,omitempty"`
}

func customerOf(c store.Customer) apiCustomer {
	v := apiCustomer{ID: c.ID, Name: c.Name, URL: c.URL, Run: c.LatestRun, Outcome: c.LatestOutcome}
	if !c.LatestAt.IsZero() {
		v.Started = &c.LatestAt
	}
	return v
}

func (s *Server) listCustomers(w http.ResponseWriter, req *http.Request, _ store.Token) {
	query := queryOf(req.URL.Query())
	list, err := s.options.Store.Customers(req.Context(), query)
	if err != nil {
		s.failAPI(w, err)
		return
	}
	v := struct {
		Customers []apiCustomer `json:"customers"`
		Next      string        `json:"next,omitempty"` // what to send as after
	}{Customers: []apiCustomer{}}
	for _, c := range list {
		v.Customers = append(v.Customers, customerOf(c))
	}
	if len(list) == query.Limit {
		v.Next = list[len(list)-1].ID
	}
	answerJSON(w, http.StatusOK, v)
}

func (s *Server) getCustomer(w http.ResponseWriter, req *http.Request, _ store.Token) {
	c, err := s.options.Store.Customer(req.Context(), req.PathValue("customer"))
	var runs []store.Run
	if err == nil {
		runs, err = s.options.Store.History(req.Context(), c.ID, shown)
	}
	if err != nil {
		s.failAPI(w, err)
		return
	}
	v := customerOf(c)
	for _, r := range runs {
		v.Runs = append(v.Runs, apiRun{r.ID, r.Started, r.Outcome, r.By})
	}
	answerJSON(w, http.StatusOK, v)
}

func (s *Server) listGuides(w http.ResponseWriter, _ *http.Request, _ store.Token) {
	type row struct {
		ID      string `json:"id"`
		Name    string `json:"name"`
		Edition string `json:"edition,omitempty"`
		Partial bool   `json:"partial,omitempty"` // read in part alone, so that no connection is conformant with it
	}
	list := []row{}
	for _, g := range guide.Library() {
		list = append(list, row{g.ID, g.Name, g.Edition, g.Confidence == guide.Partial})
	}
	answerJSON(w, http.StatusOK, map[string]any{"guides": list})
}
