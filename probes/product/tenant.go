package product

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/network"
)

// Tenancy is the tenant that was typed beside the one that the instance names.
type Tenancy struct {
	Typed     string         `json:"typed"`
	WasTyped  bool           `json:"was_typed"` // false: nobody mentioned the field
	NoneWords string         `json:"none_words"`
	Named     string         `json:"named,omitempty"` // authinfo's tenant_id
	Hosting   probes.Hosting `json:"hosting"`
	Without   *Answer        `json:"without,omitempty"` // the token endpoint, anonymously, without a tenant
	With      *Answer        `json:"with,omitempty"`    // the same with the tenant that is named
}

// Answer is as much of a token endpoint's anonymous answer as two of them have to be compared by.
type Answer struct {
	Status int  `json:"status"`
	JSON   bool `json:"json"`
}

// None tells whether the field says that there is no tenant: it is empty, or holds the guide's words for that.
func (t Tenancy) None() bool {
	typed := strings.TrimSpace(t.Typed)
	return typed == "" || strings.EqualFold(typed, t.NoneWords)
}

// Use is the tenant to send: the one typed, or, where nobody mentioned it, the one that the instance names.
func (t Tenancy) Use() string {
	switch {
	case !t.WasTyped:
		return t.Named
	case t.None():
		return ""
	}
	return strings.TrimSpace(t.Typed)
}

// Tenant looks at both. Only where none was typed although one is named does it ask whether that makes a difference.
var Tenancies = &probes.Probe[Tenancy]{
	Name: "product.tenancy",
	Asks: "nothing more than product.face (GET /api/authinfo); where no tenant was typed although the instance names one, two empty POSTs to the token endpoint, with and without it",
	Look: func(ctx context.Context, s *probes.Session) (Tenancy, error) {
		t := Tenancy{Typed: s.Target.Tenant, WasTyped: s.Target.TenantTyped, Hosting: s.Target.Host(), NoneWords: notSet}
		if g := s.Guide.Product.Tenant; g != nil && g.OnPremise != "" {
			t.NoneWords = g.OnPremise
		}
		face, err := probes.Need(ctx, s, Answers)
		if err != nil {
			return t, err
		}
		t.Named = strings.TrimSpace(face.Info.Tenant)
		if t.WasTyped && t.None() && t.Named != "" && t.Hosting != probes.Hosted {
			t.Without = askEmpty(ctx, s, face.Info.AuthURL, "")
			t.With = askEmpty(ctx, s, face.Info.AuthURL, t.Named)
		}
		return t, nil
	},
}

// askEmpty sends the token form without anything in it.
func askEmpty(ctx context.Context, s *probes.Session, base, tenant string) *Answer {
	address := strings.TrimRight(base, "/") + "/token"
	if tenant != "" {
		address += "?tenant=" + url.QueryEscape(tenant)
	}
	door, err := network.Anonymous(ctx, s, wire.Request{Method: http.MethodPost, URL: address})
	if err != nil || door.Dropped() {
		return nil
	}
	return &Answer{Status: door.Page.Status, JSON: door.Page.IsJSON()}
}

// Tenant is product.tenant.
var Tenant = &probes.Requirement[Tenancy]{
	ID:    "product.tenant",
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
	Causes: []probes.Cause{probes.TenantUnknown, probes.TenantMissing, probes.TenantNotWanted},
	Given:  Tenancies,
	Judge:  judgeTenancy,
}

func judgeTenancy(t Tenancy) probes.Verdict {
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
		return probes.Fail(probes.TenantMissing, fmt.Sprintf("without a tenant the token endpoint answers status %d, with %q it answers %d", t.Without.Status, t.Named, t.With.Status)).
			With(remedy(fmt.Sprintf("Type %s into the Tenant field.", t.Named)))
	case t.None():
		return probes.Pass(fmt.Sprintf("none was typed, and the token endpoint answers without one (the instance names %q)", t.Named), t.WasTyped)
	case strings.EqualFold(typed, t.Named):
		return probes.Pass(fmt.Sprintf("%q is the tenant that the instance names", t.Named), t.Named)
	case t.Named != "":
		return probes.Fail(probes.TenantUnknown, fmt.Sprintf("%q was typed, but the instance is the tenant %q", typed, t.Named)).
			With(remedy(fmt.Sprintf("Type %s into the Tenant field.", t.Named)))
	case t.Hosting == probes.Hosted:
		return probes.CannotTell(probes.NotObserved, fmt.Sprintf("%q was typed; the instance does not say which tenant it is, only its API Details page does", typed))
	}
	return probes.Fail(probes.TenantNotWanted, fmt.Sprintf("%q was typed, but this on-premise instance has no tenants", typed)).
		With(remedy(fmt.Sprintf("Type %s into the Tenant field.", t.NoneWords)))
}

// needed tells whether leaving the tenant out was seen to change the token endpoint's answer.
func (t Tenancy) needed() bool {
	return t.Without != nil && t.With != nil && *t.Without != *t.With
}
