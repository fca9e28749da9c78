package product

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/network"
)

// TenantSetting is the tenant that was typed beside the one that the instance names.
type TenantSetting struct {
	Typed     string         `json:"typed"`
	WasTyped  bool           `json:"was_typed"` // false: nobody mentioned the field
	NoneWords string         `json:"none_words"`
	Named     string         `json:"named,omitempty"` // tenant_id of authinfo or InstanceInfo
	Hosting   probes.Hosting `json:"hosting"`
	Without   *Answer        `json:"without,omitempty"` // the token endpoint, anonymously, without a tenant
	With      *Answer        `json:"with,omitempty"`    // the same with the tenant that is named or, where none is, with the one typed
	Granted   bool           `json:"granted,omitempty"` // a token was issued with the one typed
}

// Answer is what two anonymous answers of a token endpoint are compared by.
type Answer struct {
	Status int  `json:"status"`
	JSON   bool `json:"json"`
	OAuth  bool `json:"oauth,omitempty"`
}

// None tells whether the field says that there is no tenant: it is empty, or holds the guide's words for that.
func (t TenantSetting) None() bool {
	typed := strings.TrimSpace(t.Typed)
	return typed == "" || strings.EqualFold(typed, t.NoneWords)
}

// Use is the tenant to send: the one typed, or, where nobody mentioned it, the one that the instance names.
func (t TenantSetting) Use() string {
	switch {
	case !t.WasTyped:
		return t.Named
	case t.None():
		return ""
	}
	return strings.TrimSpace(t.Typed)
}

// TenantEndpoints asks the token endpoint where the two do not settle it: whether a tenant that is named may be left out, and
// whether one that is not named is known there.
var TenantEndpoints = &probes.Probe[TenantSetting]{
	Name: "product.tenants",
	Asks: "what product.face asks; where no tenant was typed although the instance names one, or one was typed although it names none, two POSTs of an empty form to the token endpoint, with and without it",
	Look: func(ctx context.Context, s *probes.Session) (TenantSetting, error) {
		t := Typed(s)
		identified, err := RequireHaloPSA(ctx, s)
		if err != nil {
			return t, err
		}
		t.Named, t.Hosting = identified.Tenant(), s.Hosting()
		ask := t.Named
		if !t.None() && t.Named == "" {
			ask = strings.TrimSpace(t.Typed)
		}
		if !t.WasTyped || ask == "" || t.None() && t.Hosting == probes.Hosted || !t.None() && t.Named != "" {
			return t, nil
		}
		base := TokenBase(s, identified)
		t.Without, t.With = askBoth(ctx, s, base, ask)
		return t, nil
	},
}

// Typed is the tenant that was typed, before anything was asked.
func Typed(s *probes.Session) TenantSetting {
	t := TenantSetting{Typed: s.Target.Tenant, WasTyped: s.Target.TenantTyped, NoneWords: notSet}
	if g := s.Guide.Product.Tenant; g != nil && g.OnPremise != "" {
		t.NoneWords = g.OnPremise
	}
	return t
}

// TokenBase is the Authorisation Server to ask: the one typed, else the one that the instance names, else the place where
// HaloPSA's installation puts it and other clients look (halo-api §1).
func TokenBase(s *probes.Session, identified Identification) string {
	switch {
	case s.Target.AuthTyped:
		return s.Target.AuthURL
	case identified.AuthURL() != "":
		return identified.AuthURL()
	}
	return s.Base().JoinPath("auth").String()
}

// tenantPause lies between two looks at a tenant that gets a server error while the other one is answered.
const tenantPause = time.Second

// askBoth asks without a tenant and with one. HaloPSA answers a wrong tenant with status 500 (halo-api §2), which a server in
// trouble does, too: where one of the two is answered as an OAuth server does and the other gets an error twice, a moment
// apart, it is the tenant's. Otherwise an error is waited out.
func askBoth(ctx context.Context, s *probes.Session, base, tenant string) (without, with *Answer) {
	ask := func(send sender) {
		var parts probes.Group
		parts.Go(func() {
			if !without.steady() {
				without = askEmpty(ctx, s, base, "", send)
			}
		})
		parts.Go(func() {
			if !with.steady() {
				with = askEmpty(ctx, s, base, tenant, send)
			}
		})
		parts.Wait()
	}
	if ask(network.AnonymousOnce); without.steady() == with.steady() {
		ask(network.Anonymous)
		return without, with
	}
	select {
	case <-time.After(tenantPause):
	case <-ctx.Done():
	}
	ask(network.AnonymousOnce)
	return without, with
}

// steady tells an answer that asking again would not change.
func (a *Answer) steady() bool { return a != nil && a.OAuth }

type sender func(context.Context, *probes.Session, wire.Request) (network.Response, error)

// askEmpty sends the token form without anything in it.
func askEmpty(ctx context.Context, s *probes.Session, base, tenant string, send sender) *Answer {
	address := strings.TrimRight(strings.TrimSpace(base), "/") + "/token"
	if tenant != "" {
		address += "?tenant=" + url.QueryEscape(tenant)
	}
	r, err := send(ctx, s, wire.Request{Method: http.MethodPost, URL: address})
	if err != nil || r.Dropped() {
		return nil
	}
	return &Answer{Status: r.Page.Status, JSON: r.Page.IsJSON(), OAuth: r.Seen.Who == halo.OAuthServer}
}

// Wrong tells whether the tenant is known not to be the right one, so that a login with it shows nothing.
func (t TenantSetting) Wrong() bool { return judgeTenancy(t).Status == probes.Failed }

// Open tells whether a login has to show if the tenant is right: one was typed, none is named, and the token endpoint
// answers with it.
func (t TenantSetting) Open() bool {
	return t.WasTyped && !t.None() && t.Named == "" && t.With != nil && t.With.OAuth
}

// TenantID is the requirement that a login waits for where the tenant is known to be wrong.
const TenantID = "product.tenant"

// Tenant makes product.tenant. The question comes from further up: a tenant that is not named shows by a login.
func Tenant(given *probes.Probe[TenantSetting]) *probes.Requirement[TenantSetting] {
	return &probes.Requirement[TenantSetting]{
		ID:    TenantID,
		Level: probes.Must,
		Says:  "The Tenant field holds this instance's tenant, or says that there is none.",
		Source: probes.Source{
			Section: "Minimum requirements for on-premise environments", Item: "Note", Label: "Tenant",
		},
		Remedy: probes.Remedy{
			Who:   probes.Operator,
			Do:    "Type the tenant that the instance itself names into the integration's Tenant field.",
			Where: "Configuration > Integrations > HaloPSA API > API Details",
		},
		FindOut: probes.Remedy{
			Who: probes.Operator, Do: "Compare the Tenant field with the tenant that the instance's API Details page shows.",
			Where: "Configuration > Integrations > HaloPSA API > API Details",
		},
		Causes: []probes.Cause{probes.TenantUnknown, probes.TenantMissing, probes.TenantNotWanted, probes.RateLimited, probes.ServerError},
		Given:  given,
		Judge:  judgeTenancy,
	}
}

func judgeTenancy(t TenantSetting) probes.Verdict {
	remedy := func(do string) probes.Remedy {
		return probes.Remedy{Who: probes.Operator, Do: do, Where: "the integration's Tenant field; Configuration > Integrations > HaloPSA API > API Details shows the value"}
	}
	typed := strings.TrimSpace(t.Typed)
	switch {
	case !t.WasTyped && t.Named != "":
		return probes.DoesNotApply(fmt.Sprintf("no tenant was given to judge; the instance names %q", t.Named))
	case !t.WasTyped:
		return probes.DoesNotApply("no tenant was given to judge, and the instance names none")
	case t.None() && t.Named == "":
		return probes.Pass("the instance names no tenant, and none was typed", t.WasTyped)
	case t.None() && t.Hosting == probes.Hosted:
		return probes.Fail(probes.TenantMissing, fmt.Sprintf("no tenant was typed, and the instance is the tenant %q", t.Named)).
			With(remedy(fmt.Sprintf("Type %s into the Tenant field.", t.Named)))
	case t.None() && t.needed():
		return probes.Fail(probes.TenantMissing, fmt.Sprintf("no tenant was typed, and the token endpoint answers status %d; with %q it answers %d, as it should", t.Without.Status, t.Named, t.With.Status)).
			With(remedy(fmt.Sprintf("Type %s into the Tenant field.", t.Named)))
	case t.None():
		return probes.Pass(fmt.Sprintf("none was typed, and the token endpoint answers without one (the instance names %q)", t.Named), t.WasTyped)
	case strings.EqualFold(typed, t.Named):
		return probes.Pass(fmt.Sprintf("%q is the tenant that the instance names", t.Named), t.Named)
	case t.Named != "":
		return probes.Fail(probes.TenantUnknown, fmt.Sprintf("%q was typed, but the instance is the tenant %q", typed, t.Named)).
			With(remedy(fmt.Sprintf("Type %s into the Tenant field.", t.Named)))
	}
	return t.unnamed(typed, remedy)
}

// unnamed judges a tenant that was typed where the instance names none: it may be right all the same, so it was tried.
func (t TenantSetting) unnamed(typed string, remedy func(string) probes.Remedy) probes.Verdict {
	with, without := t.With, t.Without
	switch {
	case t.Granted:
		return probes.Pass(fmt.Sprintf("a token was issued with the tenant %q; the instance names none", typed), t.Granted)
	case with != nil && with.Status == http.StatusTooManyRequests:
		return probes.CannotTell(probes.RateLimited, fmt.Sprintf("the token endpoint answered 429 (too many requests) to the tenant %q", typed))
	case with != nil && with.Status > http.StatusInternalServerError:
		return probes.CannotTell(probes.ServerError, fmt.Sprintf("the token endpoint answered status %d to the tenant %q", with.Status, typed))
	case with != nil && !with.OAuth && without != nil && without.OAuth && t.Hosting == probes.Hosted:
		return probes.Fail(probes.TenantUnknown, fmt.Sprintf("the token endpoint does not know the tenant %q (status %d); without a tenant it answers as it should", typed, with.Status))
	case with != nil && !with.OAuth && without != nil && without.OAuth:
		return probes.Fail(probes.TenantNotWanted, fmt.Sprintf("%q was typed, but this instance has no tenants: with it the token endpoint answers status %d, without it as it should", typed, with.Status)).
			With(remedy(fmt.Sprintf("Type %s into the Tenant field.", t.NoneWords)))
	}
	return probes.CannotTell(probes.NotObserved, fmt.Sprintf("%q was typed; the instance does not say which tenant it is", typed))
}

// needed tells whether leaving the tenant out was seen to change the token endpoint's answer.
func (t TenantSetting) needed() bool {
	return t.Without != nil && t.With != nil && *t.Without != *t.With
}
