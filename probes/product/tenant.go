package product

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
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
	return TenantSetting{Typed: s.Target.Tenant, WasTyped: s.Target.TenantTyped, NoneWords: NoneWords(s.Guide.Product.Tenant)}
}

// NoneWords are the words of a guide's row for a field without a tenant; empty: the field stays empty.
func NoneWords(row *guide.Tenant) string {
	switch {
	case row == nil:
		return notSet
	case row.Form != "":
		return ""
	}
	return cmp.Or(row.OnPremise, notSet)
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

// answered tells whether a token endpoint answered. Reports of 1.0 and older do not say that it spoke OAuth: there JSON has to do.
func (a *Answer) answered() bool {
	return a.steady() || a != nil && a.JSON && a.Status == http.StatusBadRequest
}

// later is why the answer may be another one later; empty where it will stay. Status 500 stays: HaloPSA answers so to a
// tenant that it does not know (halo-api §2).
func (a *Answer) later() probes.Cause {
	if page := (wire.Page{Status: a.Status}); !page.Transient() || a.Status == http.StatusInternalServerError {
		return ""
	}
	return probes.ReadStatus("", a.Status, 1, false).Cause
}

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
func (t TenantSetting) Wrong() bool { return judgeTenantSetting(t).Status == probes.Failed }

// Open tells whether a login has to show if the tenant is right: one was typed, none is named, and the token endpoint
// answers with it.
func (t TenantSetting) Open() bool {
	return t.WasTyped && !t.None() && t.Named == "" && t.With.steady()
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
		Judge:  judgeTenantSetting,
	}
}

func judgeTenantSetting(t TenantSetting) probes.Verdict {
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
	case t.None():
		return t.leftOut(remedy)
	case strings.EqualFold(typed, t.Named):
		return probes.Pass(fmt.Sprintf("%q is the tenant that the instance names", t.Named), t.Named)
	case t.Named != "":
		return probes.Fail(probes.TenantUnknown, fmt.Sprintf("%q was typed, but the instance is the tenant %q", typed, t.Named)).
			With(remedy(fmt.Sprintf("Type %s into the Tenant field.", t.Named)))
	}
	return t.unnamed(typed, remedy)
}

// leftOut judges a tenant that the instance names and that was not typed. The tenant is needed where the token endpoint answers with it alone.
func (t TenantSetting) leftOut(remedy func(string) probes.Remedy) probes.Verdict {
	with, without := t.With, t.Without
	switch {
	case without.steady(), with.answered() && without != nil && *without == *with:
		return probes.Pass(fmt.Sprintf("none was typed, and the token endpoint answers without one (the instance names %q)", t.Named), t.WasTyped)
	case without == nil || !with.answered():
		return probes.CannotTell(probes.NotObserved, fmt.Sprintf("none was typed, and no answer of the token endpoint shows whether it needs the tenant %q", t.Named))
	}
	if cause := without.later(); cause != "" {
		return probes.CannotTell(cause, fmt.Sprintf("no tenant was typed, and the token endpoint answers status %d without one; with %q it answers as it should", without.Status, t.Named))
	}
	return probes.Fail(probes.TenantMissing, fmt.Sprintf("no tenant was typed, and the token endpoint answers status %d; with %q it answers %d, as it should", without.Status, t.Named, with.Status)).With(remedy(fmt.Sprintf("Type %s into the Tenant field.", t.Named)))
}

func (t TenantSetting) noneRemedy() string {
	if t.NoneWords == "" {
		return "Leave the Tenant field empty."
	}
	return fmt.Sprintf("Type %s into the Tenant field.", t.NoneWords)
}

// unnamed judges a tenant that was typed where the instance names none: it may be right all the same, so it was tried.
func (t TenantSetting) unnamed(typed string, remedy func(string) probes.Remedy) probes.Verdict {
	with, without := t.With, t.Without
	switch {
	case t.Granted:
		return probes.Pass(fmt.Sprintf("a token was issued with the tenant %q; the instance names none", typed), t.Granted)
	case with == nil:
	case with.Status == http.StatusTooManyRequests:
		return probes.CannotTell(probes.RateLimited, fmt.Sprintf("the token endpoint answered 429 (too many requests) to the tenant %q", typed))
	case with.later() != "":
		return probes.CannotTell(with.later(), fmt.Sprintf("the token endpoint answered status %d to the tenant %q", with.Status, typed))
	case with.OAuth || !without.steady():
	case t.Hosting == probes.Hosted:
		return probes.Fail(probes.TenantUnknown, fmt.Sprintf("the token endpoint does not know the tenant %q (status %d); without a tenant it answers as it should", typed, with.Status))
	default:
		return probes.Fail(probes.TenantNotWanted, fmt.Sprintf("%q was typed, but this instance has no tenants: with it the token endpoint answers status %d, without it as it should", typed, with.Status)).
			With(remedy(t.noneRemedy()))
	}
	return probes.CannotTell(probes.NotObserved, fmt.Sprintf("%q was typed; the instance does not say which tenant it is", typed))
}
