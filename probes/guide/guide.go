// Package guide reads a vendor's requirements as data: which addresses, levels, scopes and settings it asks for, and
// where it says so. What they mean, and how they are seen, is code elsewhere. A guide that leaves a section out does
// not ask for it.
package guide

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"sync"

	"github.com/goccy/go-yaml"

	"github.com/halocheck/halocheck/internal/document"
)

// Guide is one vendor's guide.
type Guide struct {
	Name    string `yaml:"name"`
	Edition string `yaml:"edition"`
	Source  string `yaml:"source"` // the document's title, or where it is published
	AsOf    string `yaml:"as_of"`  // YYYY-MM-DD: when the document was read; empty: not known

	Network     *Network    `yaml:"network"`
	Trust       *Row        `yaml:"trust"`
	Product     Product     `yaml:"product"`
	Login       Login       `yaml:"login"`
	Application Application `yaml:"application"`
	Role        Role        `yaml:"role"`
	Agent       Agent       `yaml:"agent"`

	Text string `yaml:"-"` // the guide as it is written; empty for the built-in one
}

// Row is what every entry has: where the guide asks for it and how the setting is labelled.
type Row struct {
	Section string `yaml:"section"`
	Item    string `yaml:"item"`
	Label   string `yaml:"label"`
	Level   string `yaml:"level"`   // must, should or may; empty: the requirement's own
	Profile string `yaml:"profile"` // billing or alerts; empty: every use
	Value   string `yaml:"value"`   // the one value asked for
}

// Network is the vendor's egress addresses, to be let in.
type Network struct {
	Row       `yaml:",inline"`
	Addresses []string `yaml:"addresses"` // IPv4, four octets, public
}

// Product is what is asked of the instance itself.
type Product struct {
	Version *Row    `yaml:"version"`
	Tenant  *Tenant `yaml:"tenant"`
}

// Tenant is the Tenant field.
type Tenant struct {
	Row       `yaml:",inline"`
	OnPremise string `yaml:"on_premise"` // the words that mean that there is none
}

// Login is what is asked of the credentials and the Authorisation Server.
type Login struct {
	AuthURL   *AuthURL `yaml:"auth_url"`
	Secret    *Row     `yaml:"secret"`
	Method    *Row     `yaml:"method"`
	LoginType *Row     `yaml:"login_type"`
	Agent     *Row     `yaml:"agent"`
}

// AuthURL is the form of the Authorisation Server's URL.
type AuthURL struct {
	Row           `yaml:",inline"`
	TrailingSlash bool `yaml:"trailing_slash"`
}

// Application is the API application.
type Application struct {
	Name           *Row    `yaml:"name"`
	LeastPrivilege *Row    `yaml:"least_privilege"`
	Scopes         []Scope `yaml:"scopes"`
}

// Scope is one permission of the application.
type Scope struct {
	Row  `yaml:",inline"`
	Name string `yaml:"name"` // as on the wire: read:customers
}

// Role is the agent's role.
type Role struct {
	Levels       []RoleLevel   `yaml:"levels"`
	Permissions  []Permission  `yaml:"permissions"`
	Restrictions []Restriction `yaml:"restrictions"`
}

// RoleLevel is an access level that the role must at least have.
type RoleLevel struct {
	Row     `yaml:",inline"`
	ID      string `yaml:"id"`
	Feature string `yaml:"feature"` // one of Features
	AtLeast string `yaml:"at_least"`
}

// Permission is a yes/no permission that must be on.
type Permission struct {
	Row        `yaml:",inline"`
	ID         string `yaml:"id"`
	Permission string `yaml:"permission"` // one of Permissions
}

// Restriction is a restriction that must not be there.
type Restriction struct {
	Row         `yaml:",inline"`
	ID          string `yaml:"id"`
	Restriction string `yaml:"restriction"` // ticket-types or clients
}

// Agent is the agent that the application logs in as.
type Agent struct {
	Username    *Setting `yaml:"username"`
	Role        *Setting `yaml:"role"`
	APIOnly     *Row     `yaml:"api_only"`
	Enabled     *Row     `yaml:"enabled"`
	DefaultTeam *Setting `yaml:"default_team"`
	WorkHours   *Setting `yaml:"work_hours"`
	Teams       *Row     `yaml:"teams"`
}

// Setting is a named choice; any of the values will do.
type Setting struct {
	Row    `yaml:",inline"`
	Values []string `yaml:"values"`
}

//go:embed mspcentric.yaml
var builtIn []byte

// BuiltIn is the guide that halocheck ships with. It is parsed at the first call, since that takes milliseconds, and
// shared: nobody changes it.
var BuiltIn = sync.OnceValue(func() *Guide {
	g, err := Parse("mspcentric.yaml", builtIn)
	if err != nil {
		panic(err) // a test reads it: a binary with a bad built-in guide is not released
	}
	g.Text = ""
	return g
})

// Load reads and validates a guide file. The error names the file, the line and the field.
func Load(ctx context.Context, name string) (*Guide, error) {
	data, err := document.ReadFile(ctx, name, document.Settings)
	if err != nil {
		return nil, fmt.Errorf("guide: %w", err)
	}
	return Parse(name, data)
}

// Parse reads and validates a guide; name is used in errors only.
func Parse(name string, data []byte) (*Guide, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, fmt.Errorf("%s: the file is empty; a guide starts with `name:`", name)
	}
	if err := document.CheckYAML(data, document.Settings); err != nil {
		return nil, document.In(name, err)
	}
	var g Guide
	if err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()).Decode(&g); err != nil {
		return nil, fmt.Errorf("%s%w", name, position(err))
	}
	if err := g.validate(locator{name, data}); err != nil {
		return nil, err
	}
	g.Text = string(data)
	return &g, nil
}

// position turns the parser's error into ":line: message", one line.
func position(err error) error {
	var syntax yaml.Error
	if !errors.As(err, &syntax) {
		return fmt.Errorf(": %w", err)
	}
	if token := syntax.GetToken(); token != nil && token.Position != nil {
		return fmt.Errorf(":%d: %s", token.Position.Line, syntax.GetMessage())
	}
	return fmt.Errorf(": %s", syntax.GetMessage())
}
