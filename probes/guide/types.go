package guide

// Guide is one vendor's guide. Pointers and lists that are nil are not asked for.
type Guide struct {
	Name       string   `yaml:"name"`
	Vendor     string   `yaml:"vendor"` // who publishes it; empty: the name says it
	Edition    string   `yaml:"edition"`
	Source     string   `yaml:"source"`     // the document's title, or where it is published
	Sources    []Page   `yaml:"sources"`    // its pages
	AsOf       string   `yaml:"as_of"`      // YYYY-MM-DD: when the document was read; empty: not known
	Confidence string   `yaml:"confidence"` // Complete or Partial; empty: complete
	Gaps       []string `yaml:"gaps"`       // what a partial guide may ask for beyond its rows, one sentence each
	Faults     []string `yaml:"faults"`     // mistakes in the vendor's own page, one sentence each
	// AfterChange is what to do in the vendor's product after a permission was changed; told with every remedy.
	AfterChange string `yaml:"after_change"`

	Network     *Network    `yaml:"network"`
	Trust       *Row        `yaml:"trust"`
	Product     Product     `yaml:"product"`
	Login       Login       `yaml:"login"`
	Application Application `yaml:"application"`
	Role        Role        `yaml:"role"`
	Agent       Agent       `yaml:"agent"`
	Manual      []Manual    `yaml:"manual"`

	ID      string   `yaml:"-"` // the name in the library; empty for a file
	request []string // of several guides together: ScopesToRequest of each

	Text string `yaml:"-"` // the guide as it is written; empty for the built-in one
}

// The values of Guide.Confidence. A partial guide is one whose source could not be read to its end, so an instance that
// meets it is never called conformant.
const (
	Complete = "complete"
	Partial  = "partial"
)

// Page is one page of the vendor's.
type Page struct {
	Title string `yaml:"title"`
	URL   string `yaml:"url"`
	AsOf  string `yaml:"as_of"` // YYYY-MM-DD; empty: the guide's
}

// Row is what every entry has: where the guide asks for it and how the setting is labelled.
type Row struct {
	Section string `yaml:"section"`
	Item    string `yaml:"item"`
	Label   string `yaml:"label"`
	Level   string `yaml:"level"`   // must, should or may; empty: the requirement's own
	Profile string `yaml:"profile"` // billing or alerts; empty: every use
	Phase   string `yaml:"phase"`   // Setup or Run; empty: both
	Value   string `yaml:"value"`   // the one value asked for; of a yes/no setting Yes or No, empty: yes
	Note    string `yaml:"note"`    // the vendor's reason, in our words
}

// The values of Row.Phase: while the connection is made, or from then on.
const (
	Setup = "setup"
	Run   = "run"
)

// The values of a yes/no row.
const (
	Yes = "yes"
	No  = "no"
)

// Forbids tells whether a yes/no row asks for the setting to be off.
func (r Row) Forbids() bool { return r.Value == No }

// Manual is a demand that no requirement judges. It is told with what it says, and stays unknown.
type Manual struct {
	Row  `yaml:",inline"`
	ID   string `yaml:"id"`
	Says string `yaml:"says"` // an instruction, one sentence
}

// Network is the vendor's egress addresses, to be let in.
type Network struct {
	Row       `yaml:",inline"`
	Addresses []string `yaml:"addresses"` // IPv4, four octets, public
	Source    string   `yaml:"source"`    // the page that lists them; empty: the guide's own
	AsOf      string   `yaml:"as_of"`     // YYYY-MM-DD; empty: the guide's
}

// Product is what is asked of the instance itself.
type Product struct {
	Version *Version `yaml:"version"`
	Tenant  *Tenant  `yaml:"tenant"`
}

// Version is the release of HaloPSA: the latest stable one, or any from AtLeast on.
type Version struct {
	Row     `yaml:",inline"`
	AtLeast string `yaml:"at_least"` // 2.122.1; empty: the latest stable one
}

// Tenant is the Tenant field.
type Tenant struct {
	Row       `yaml:",inline"`
	OnPremise string `yaml:"on_premise"` // the words that mean that there is none
	Form      string `yaml:"form"`       // TenantEmpty or TenantAbsent; empty: the tenant, and on premises OnPremise
}

// The values of Tenant.Form.
const (
	TenantEmpty  = "empty"  // on premises the field stays empty
	TenantAbsent = "absent" // the vendor's form has no such field
)

// Login is what is asked of the credentials and of the addresses that are typed into the vendor's form.
type Login struct {
	ResourceURL *URL     `yaml:"resource_url"`
	AuthURL     *URL     `yaml:"auth_url"`
	Secret      *Row     `yaml:"secret"`
	Method      *Setting `yaml:"method"`
	LoginType   *Setting `yaml:"login_type"`
	Agent       *Row     `yaml:"agent"`
	Grant       *Setting `yaml:"grant"` // of Grants; nil: client_credentials
}

// Grants are the OAuth grants that a guide may ask for. halocheck itself can try the first alone.
var Grants = []string{"client_credentials", "password", "authorization_code", "implicit"}

// URL is how an address has to be typed into the vendor's form.
type URL struct {
	Row           `yaml:",inline"`
	TrailingSlash Slash  `yaml:"trailing_slash"`
	Form          string `yaml:"form"`  // one of Forms; empty: as HaloPSA shows it
	Field         string `yaml:"field"` // what the vendor's form calls the field
}

// Slash is whether an address ends in a slash. In a file, true is must and false is either.
type Slash string

// The values of Slash.
const (
	SlashEither  Slash = ""
	SlashMust    Slash = "must"
	SlashMustNot Slash = "must not"
)

// Application is the API application.
type Application struct {
	Name           *Row    `yaml:"name"`
	LeastPrivilege *Row    `yaml:"least_privilege"`
	Scopes         []Scope `yaml:"scopes"`    // each of them is needed
	AnyOf          []AnyOf `yaml:"any_of"`    // of each list one is enough
	Forbidden      []Scope `yaml:"forbidden"` // none of them may be ticked
}

// Scope is one permission of the application.
type Scope struct {
	Row  `yaml:",inline"`
	Name string `yaml:"name"` // as on the wire: read:customers
}

// AnyOf is a choice of permissions of the application, the narrowest first.
type AnyOf struct {
	Row    `yaml:",inline"`
	ID     string   `yaml:"id"`
	Scopes []string `yaml:"scopes"`
}

// Role is the agent's role.
type Role struct {
	Administrator *Row          `yaml:"administrator"` // Value: Yes or No
	Levels        []RoleLevel   `yaml:"levels"`
	Permissions   []Permission  `yaml:"permissions"`
	Restrictions  []Restriction `yaml:"restrictions"`
}

// RoleLevel is an access level that the role must at least have.
type RoleLevel struct {
	Row     `yaml:",inline"`
	ID      string `yaml:"id"`
	Feature string `yaml:"feature"` // one of Features
	AtLeast string `yaml:"at_least"`
}

// Permission is a permission that must be on.
type Permission struct {
	Row        `yaml:",inline"`
	ID         string `yaml:"id"`
	Permission string `yaml:"permission"` // one of Permissions
	AtLeast    string `yaml:"at_least"`   // of a permission with steps; empty: its lowest step above none
}

// Restriction is a restriction that must not be there.
type Restriction struct {
	Row         `yaml:",inline"`
	ID          string `yaml:"id"`
	Restriction string `yaml:"restriction"` // one of Restrictions
}

// Agent is the agent that the application logs in as.
type Agent struct {
	Username    *Setting `yaml:"username"`
	Role        *Setting `yaml:"role"`
	APIOnly     *Row     `yaml:"api_only"` // Value: Yes or No
	Enabled     *Row     `yaml:"enabled"`
	DefaultTeam *Setting `yaml:"default_team"`
	WorkHours   *Setting `yaml:"work_hours"`
	Teams       *Row     `yaml:"teams"`
	Departments *Setting `yaml:"departments"` // of DepartmentMemberships
	TeamBoxes   *Setting `yaml:"team_boxes"`  // of TeamBoxes; each of them is needed
}

// Setting is a named choice; any of the values will do.
type Setting struct {
	Row    `yaml:",inline"`
	Values []string `yaml:"values"`
	Any    bool     `yaml:"any"` // any value will do, but one has to be chosen
}

// Accepted are the values that will do; nil: the row names none.
func (s *Setting) Accepted() []string {
	if s.Value != "" {
		return append([]string{s.Value}, s.Values...)
	}
	return s.Values
}

// DepartmentMemberships are the ways to belong to a department, the lesser first.
var DepartmentMemberships = []string{"View All", "Modify All"}

// TeamBoxes are the boxes of a team's row at an agent: which of the team's tickets it sees beside its own.
var TeamBoxes = []string{"unassigned", "other-agents"}
