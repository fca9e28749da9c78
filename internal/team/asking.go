package team

import (
	"context"
	"errors"
	"net/http"

	"github.com/halocheck/halocheck/internal/page"
	"github.com/halocheck/halocheck/internal/store"
)

// putAsking keeps how a customer is asked; the secrets where that was asked for and there is a key, sealed.
func (s *Server) putAsking(ctx context.Context, customer string, a page.Asking) error {
	if a.Values["url"] == "" {
		return nil
	}
	kept := store.Asking{Settings: a.Values}
	if a.Keep && s.options.Seal != nil && a.HasSecret() {
		var err error
		if kept.Sealed, err = s.options.Seal.close(customer, a); err != nil {
			return err
		}
	}
	return s.options.Store.PutAsking(ctx, customer, kept)
}

// askingOf is how a customer is asked; where that is not kept, as little as the customer's URL tells.
func (s *Server) askingOf(ctx context.Context, customer, url string) (a page.Asking, isSealed bool, err error) {
	kept, err := s.options.Store.Asking(ctx, customer)
	if errors.Is(err, store.ErrNotFound) {
		return page.Asking{Values: map[string]string{"url": url}}, false, nil
	}
	if err == nil && len(kept.Sealed) > 0 && s.options.Seal != nil {
		if a, err = s.options.Seal.open(customer, kept.Sealed); err == nil {
			return a, true, nil
		}
		s.options.Page.Tell(err) // what needs no secret can still be asked
		err = nil
	}
	return page.Asking{Values: kept.Settings}, false, err
}

// checkCustomer checks a customer as the last time, or shows the form where only its secret is missing.
func (s *Server) checkCustomer(w http.ResponseWriter, req *http.Request) {
	c, err := s.options.Store.Customer(req.Context(), req.PathValue("customer"))
	var a page.Asking
	if err == nil {
		a, _, err = s.askingOf(req.Context(), c.ID, c.URL)
	}
	if err != nil {
		s.fail(w, err)
		return
	}
	http.Redirect(w, req, s.page.Again(req.Context(), whoIs(req.Context()).name, a), http.StatusSeeOther)
}

// forgetSecrets removes a customer's sealed secrets.
func (s *Server) forgetSecrets(w http.ResponseWriter, req *http.Request) {
	id := req.PathValue("customer")
	s.done(w, req, "forgot the secret", "/c/"+id, s.options.Store.ForgetSecrets(req.Context(), id))
}
