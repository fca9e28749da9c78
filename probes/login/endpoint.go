package login

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/network"
	"github.com/halocheck/halocheck/probes/product"
)

// Endpoint is what stands where tokens are asked for.
type Endpoint struct {
	Typed     string `json:"typed,omitempty"` // exactly as typed; empty: nobody typed one
	WasTyped  bool   `json:"was_typed"`
	Named     string `json:"named,omitempty"` // what authinfo names; empty: not known
	Insecure  bool   `json:"insecure,omitempty"`
	Malformed bool   `json:"malformed,omitempty"`
	Door      Door   `json:"door"`                 // the empty POST to the one in use
	NamedDoor *Door  `json:"named_door,omitempty"` // the same to the named one, asked only where the typed one is no good
}

// Door is the answer to an empty POST of the token form, which every OAuth server refuses in JSON (halo-api §2).
type Door struct {
	network.Door
	HTML        bool   `json:"html,omitempty"`
	Error       string `json:"error,omitempty"`
	Description string `json:"error_description,omitempty"`
}

// OAuth tells whether an OAuth server answered.
func (d Door) OAuth() bool { return d.Error != "" }

// Base is the URL in use.
func (e Endpoint) Base() string {
	if e.WasTyped {
		return e.Typed
	}
	return e.Named
}

// endpoint looks at the typed server if there is one, else at the named one. No credentials are sent.
var endpoint = &probes.Probe[Endpoint]{
	Name: "login.endpoint",
	Asks: "POST of an empty form to the token endpoint, without credentials; where the typed one does not answer as an OAuth server, what login.named-door asks",
	Look: func(ctx context.Context, s *probes.Session) (Endpoint, error) {
		e := Endpoint{Typed: s.Target.AuthURL, WasTyped: s.Target.AuthTyped}
		shape := form(e.Typed)
		if !e.WasTyped {
			face, err := probes.Need(ctx, s, product.Answers)
			if err != nil {
				return e, err
			}
			shape = form(face.Info.AuthURL)
		}
		e.Insecure, e.Malformed = shape == notSecure, shape == notURL
		if e.Insecure || e.Malformed {
			// Nothing is sent there; what the instance names is still worth telling.
		} else if door, err := probes.Look(ctx, s, tokenDoor); err != nil {
			return e, err
		} else {
			e.Door = door
		}
		tenant := ""
		if info, err := probes.Look(ctx, s, product.Info); err == nil {
			e.Named, tenant = info.AuthURL, info.Tenant
		}
		// What refuses a wrong address says nothing of a filter: the one that the instance names comes first.
		if e.WasTyped && !e.Door.OAuth() && differs(e.Named, e.Typed) {
			if door, err := probes.Look(ctx, s, namedDoor); err == nil {
				e.NamedDoor = &door
			}
		}
		named := e.NamedDoor != nil && e.NamedDoor.OAuth()
		if !named && network.TurnedAway(e.Door.Door) != "" {
			return e, &probes.Unmet{ID: network.AllowlistID}
		}
		// A shared server may break on a form that names no tenant, or refuse it: halo-api §2, "wrong tenant".
		if !e.Door.OAuth() && e.Door.Page.Status >= http.StatusBadRequest && e.Door.Page.Status != http.StatusNotFound && tenant != "" {
			door, err := post(ctx, s, e.Base(), tenant)
			if err != nil {
				return e, err
			}
			e.Door = door
		}
		if !named && !e.Door.OAuth() && !e.Insecure && !e.Malformed {
			// Where the whole host does not answer as HaloPSA, that comes first.
			if place, err := probes.Look(ctx, s, Where); err == nil && place.Same {
				if _, err := probes.Need(ctx, s, product.Answers); err != nil {
					return e, err
				}
			}
		}
		return e, nil
	},
}

// tokenDoor asks the server in use, once for everybody who wants to know.
var tokenDoor = &probes.Probe[Door]{
	Name: "login.token-door",
	Asks: "POST of an empty form to the token endpoint, without credentials",
	Look: func(ctx context.Context, s *probes.Session) (Door, error) {
		place, err := probes.Look(ctx, s, Where)
		if err != nil {
			return Door{}, err
		}
		at, err := site(ctx, s)
		if err != nil {
			return Door{}, err
		}
		if err := at.NeedHandshake(ctx, s); err != nil {
			return Door{}, err
		}
		return post(ctx, s, place.URL, "")
	},
}

// namedDoor asks the server that the instance names, where another one was typed and does not answer as an OAuth server.
var namedDoor = &probes.Probe[Door]{
	Name: "login.named-door",
	Asks: "POST of an empty form to the token endpoint that the instance names, without credentials",
	Look: func(ctx context.Context, s *probes.Session) (Door, error) {
		info, err := probes.Look(ctx, s, product.Info)
		if err != nil {
			return Door{}, err
		}
		return post(ctx, s, info.AuthURL, info.Tenant)
	},
}

// differs tells whether the instance names another server than the typed one, and one that can be asked.
func differs(named, typed string) bool { return form(named) == wellFormed && !sameURL(named, typed) }

// post sends the empty form.
func post(ctx context.Context, s *probes.Session, base, tenant string) (Door, error) {
	door, err := network.Anonymous(ctx, s, wire.Request{Method: http.MethodPost, URL: tokenURL(base, tenant)})
	d := Door{Door: door, HTML: door.Page.IsHTML()}
	var body struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(door.Page.Body, &body) == nil {
		d.Error, d.Description = short(body.Error), short(body.Description)
	}
	d.Halo = d.OAuth()
	return d, err
}

// short keeps foreign text short.
func short(text string) string { return strings.ToValidUTF8(text[:min(len(text), 300)], "") }

// sameURL compares two bases without case of the host and without closing slashes.
func sameURL(a, b string) bool {
	return strings.EqualFold(strings.TrimRight(a, "/"), strings.TrimRight(b, "/"))
}
