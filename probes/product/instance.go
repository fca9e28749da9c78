package product

import (
	"context"
	"net/url"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/network"
)

// Instance is what /api/InstanceInfo says: to anybody on current versions, to a token on older ones (halo-live §2).
type Instance struct {
	network.Response
	App         string `json:"app_version,omitempty"`
	Database    string `json:"database_version,omitempty"`
	AuthURL     string `json:"auth_url,omitempty"`
	Tenant      string `json:"tenant_id,omitempty"`
	HostedGroup string `json:"hosted_group,omitempty"` // not empty: Halo hosts the instance
}

// InstanceInfo asks for it without a token.
var InstanceInfo = &probes.Probe[Instance]{
	Name: "product.instance",
	Asks: "GET /api/InstanceInfo, without credentials",
	Look: func(ctx context.Context, s *probes.Session) (Instance, error) {
		return instanceInfo(ctx, s, s.Target.Resource)
	},
}

func instanceInfo(ctx context.Context, s *probes.Session, base *url.URL) (Instance, error) {
	response, err := get(ctx, s, base, "api/InstanceInfo")
	if err != nil {
		return Instance{}, err
	}
	i := Instance{Response: response}
	if i.Halo = response.Seen.Who == halo.HaloPSA; i.Halo {
		i.read(response.Page.Body)
	}
	return i, nil
}

// read takes the fields out of a body that was recognised as HaloPSA's.
func (i *Instance) read(body []byte) {
	fields, _ := object(body)
	i.App, i.Database = versions(fields)
	i.AuthURL, i.Tenant = authURL(fields), tenant(fields)
	group, _ := fields["hosted_group"].(string)
	i.HostedGroup = strings.TrimSpace(group)
}
