package login

import (
	"context"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/product"
)

// Tenant is product.tenant. A tenant that the instance does not name is tried: a token issued with it shows that it is right.
var Tenant = product.Tenant(&probes.Probe[product.TenantSetting]{
	Name: "product.tenancy",
	Asks: "what product.tenants asks (GET of authinfo and InstanceInfo, and two POSTs of an empty form where they do not settle it); where a tenant was typed that the instance does not name, what login.grant asks",
	Look: func(ctx context.Context, s *probes.Session) (product.TenantSetting, error) {
		t, err := probes.Look(ctx, s, product.TenantEndpoints)
		if err != nil || !t.Open() {
			return t, err
		}
		g, err := probes.Look(ctx, s, grant)
		t.Granted = err == nil && g.Granted()
		return t, ctx.Err()
	},
})
