package product

import (
	"context"
	"fmt"
	"net/http"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/network"
	"github.com/halocheck/halocheck/probes/trust"
)

// Face is how the Resource Server answers somebody it does not know.
type Face struct {
	Info AuthInfo      `json:"info"`
	Root *network.Door `json:"root,omitempty"` // asked only where authinfo did not answer as Halo
}

// face looks at authinfo, and at the front page where that tells what stands in Halo's place. It cannot tell what
// answers while something on the way turns this machine down.
var face = &probes.Probe[Face]{
	Name: "product.face",
	Asks: "GET /api/authinfo, and GET / where that does not answer as HaloPSA",
	Look: func(ctx context.Context, s *probes.Session) (Face, error) {
		info, err := probes.Look(ctx, s, Info)
		if err != nil || info.Answered() {
			return Face{Info: info}, err
		}
		if root, err := probes.Look(ctx, s, Root); err == nil {
			f := Face{Info: info, Root: &root}
			if network.TurnedAway(info.Door, root) != "" {
				return f, &probes.Unmet{ID: network.AllowlistID}
			}
			return f, nil
		}
		return Face{Info: info}, err
	},
}

// Answers is product.answers.
var Answers = &probes.Requirement[Face]{
	ID:     "product.answers",
	Level:  probes.Must,
	Says:   "The Resource Server answers as HaloPSA.",
	Source: probes.Source{Section: "not in the guide: nothing else can be asked otherwise"},
	Remedy: probes.Remedy{
		Who:   probes.Operator,
		Do:    "Take the Resource Server's URL from the instance itself and give it without anything behind the host, /api apart.",
		Where: "Configuration > Integrations > HaloPSA API > API Details",
	},
	Causes: []probes.Cause{probes.NotHalo, probes.HTMLInsteadOfJSON, probes.ClientCertRequired, probes.RateLimited, probes.ServerError},
	Given:  face,
	Judge:  judgeFace,
}

func judgeFace(f Face) probes.Verdict {
	page := f.Info.Page
	switch {
	case f.Info.Answered():
		return probes.Pass("/api/authinfo answers as HaloPSA and names the Authorisation Server "+f.Info.AuthURL+page.Again(), f.Info.Answered())
	case f.Info.Cause == probes.ClientCertRequired:
		return probes.Fail(f.Info.Cause, f.Info.String()).With(trust.ClientCertRemedy)
	case f.Info.Dropped():
		return probes.CannotTell(f.Info.Cause, f.Info.String())
	case page.Status == http.StatusTooManyRequests:
		return probes.CannotTell(probes.RateLimited, fmt.Sprintf("/api/authinfo answered 429 (too many requests) %d times; ask again later", page.Tries))
	case page.Transient():
		return probes.CannotTell(probes.ServerError, fmt.Sprintf("/api/authinfo answered status %d %d times; ask again later, or look at the web server's event log", page.Status, page.Tries))
	case page.Status == http.StatusOK && f.Info.HTML:
		return probes.Fail(probes.HTMLInsteadOfJSON, "/api/authinfo answered a web page where HaloPSA answers JSON: the URL leads to the agent application, a portal or another site, not to the API")
	case page.Location != "":
		return probes.Fail(probes.NotHalo, fmt.Sprintf("/api/authinfo answered status %d and points to %s; redirects are not followed", page.Status, page.Location))
	case page.Status == http.StatusOK && f.Info.JSON:
		return probes.Fail(probes.NotHalo, fmt.Sprintf("/api/authinfo answered JSON without an auth_url (fields: %v)", f.Info.Fields))
	}
	return probes.Fail(probes.NotHalo, f.Info.String())
}
