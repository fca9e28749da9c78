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
	Asks: "GET /api/InstanceInfo with the token, or without one where there is none; where that tells no version, GET /api/Control",
	Look: func(ctx context.Context, s *probes.Session) (r product.Running, err error) {
		r = product.Running{Stable: s.Stable, Table: product.Table(), Hosting: s.Target.Host(), Now: s.Now(), Unasked: s.Guide.Product.Version == nil}
		if r.Unasked {
			return r, nil
		}
		// Where Halo hosts, the version is not judged, so that whatever keeps it from being told changes nothing.
		defer func() {
			if r.Hosting == probes.Hosted && ctx.Err() == nil {
				err = nil
			}
		}()
		face, err := probes.Need(ctx, s, product.Answers)
		if err != nil {
			return r, err
		}
		r.Tried = append(r.Tried, "/api/authinfo")
		if r.App = face.Info.Version; r.App != "" {
			r.From = "/api/authinfo"
			return r, nil
		}
		_, locked := ready(ctx, s)
		for _, resource := range []string{"InstanceInfo", "Control"} {
			var page wire.Page
			if locked == nil {
				page, err = halo.Get(ctx, s, halo.Integration, resource, nil)
			} else {
				page, err = halo.GetAnonymously(ctx, s, resource)
			}
			if err != nil {
				return r, err
			}
			tried := "/api/" + resource
			if to := page.Points("token"); to != "" {
				tried += fmt.Sprintf(", which answered status %d%s", page.Status, to)
			}
			r.Tried = append(r.Tried, tried)
			if r.Read(page, "/api/"+resource); r.App != "" {
				return r, nil
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
