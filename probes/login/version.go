package login

import (
	"context"
	"fmt"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/product"
)

// running reads the version wherever it can be read: in authinfo, in /InstanceInfo with the token, and without one where
// there is none. Whether /InstanceInfo needs a token is not documented (halo-api §3).
var running = &probes.Probe[product.Running]{
	Name: "product.running",
	Asks: "GET /api/InstanceInfo with the token, and then GET /api/Control, where nothing of what product.face asks told the version; without a token where there is none",
	Look: func(ctx context.Context, s *probes.Session) (r product.Running, err error) {
		r = product.Running{Stable: s.Stable, Table: product.StableReleases(), Hosting: s.Hosting(), Now: s.Now(), Unasked: s.Guide.Product.Version == nil}
		if r.Unasked {
			return r, nil
		}
		// Where Halo hosts, the version is not judged, so that whatever keeps it from being told changes nothing.
		defer func() {
			if r.Hosting == probes.Hosted && ctx.Err() == nil {
				err = nil
			}
		}()
		identified, err := product.RequireHaloPSA(ctx, s)
		if err != nil {
			return r, err
		}
		r.Hosting = s.Hosting()
		r.Tried = append(r.Tried, authinfoPath)
		if r.App = identified.Info.Version; r.App != "" {
			r.From = authinfoPath
			return r, nil
		}
		if i := identified.Instance; i != nil && i.App != "" {
			r.App, r.Database, r.From = i.App, i.Database, "/api/InstanceInfo"
			return r, nil
		}
		_, locked := ready(ctx, s)
		for _, resource := range []string{"InstanceInfo", "Control"} {
			var page wire.Page
			switch {
			case locked == nil:
				page, err = halo.Get(ctx, s, halo.Integration, resource, nil)
			case resource == "InstanceInfo" && identified.Instance != nil:
				page = identified.Instance.Page // it was asked without a token already
			default:
				page, err = halo.GetAnonymously(ctx, s, resource)
			}
			if err != nil {
				return r, err
			}
			r.Tried = append(r.Tried, fmt.Sprintf("/api/%s, which answered status %d%s", resource, page.Status, page.RedirectNote("token")))
			if r.Read(page, "/api/"+resource); r.App != "" {
				r.Cause = ""
				return r, nil
			}
			if reading := probes.ReadStatus(resource, page.Status, page.Tries, false); page.Transient() && r.Cause == "" {
				r.Cause = reading.Cause
			}
		}
		// Whoever has no token, or one that speaks for nobody, may not be told: then the login has to hold first.
		if locked == nil {
			_, locked = probes.Need(ctx, s, Agent)
		}
		return r, locked
	},
}

// Version is product.version.
var Version = product.Version(running)
