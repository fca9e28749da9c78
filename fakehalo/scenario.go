package fakehalo

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"

	"github.com/halocheck/halocheck/internal/document"
)

// scenario is a whole instance as a file describes it; what is left out is as on the healthy instance. The JSON Schema in
// fixtures/scenarios says the same.
type scenario struct {
	Version     *string           `yaml:"version"`
	Tenant      *string           `yaml:"tenant"`
	Dialects    map[string]string `yaml:"dialects"`
	Faults      []string          `yaml:"faults"` // of certificates, too
	Teams       []string          `yaml:"teams"`
	Application struct {
		Name        *string  `yaml:"name"`
		Permissions []string `yaml:"permissions"`
		LoginType   *string  `yaml:"login_type"`
		Origins     []string `yaml:"cors_whitelist"` // origins of pages that may ask the API
		Inactive    bool     `yaml:"inactive"`
	} `yaml:"application"`
	Agent struct {
		Name        *string  `yaml:"name"`
		Disabled    bool     `yaml:"disabled"`
		APIOnly     *bool    `yaml:"api_only"`
		DefaultTeam *string  `yaml:"default_team"`
		WorkHours   *string  `yaml:"work_hours"`
		Teams       []string `yaml:"teams"`
	} `yaml:"agent"`
	Role struct {
		Name        *string         `yaml:"name"`
		Levels      map[string]int  `yaml:"levels"`
		Permissions map[string]bool `yaml:"permissions"`
		TicketTypes []string        `yaml:"ticket_types"`
		Clients     []string        `yaml:"clients"`
	} `yaml:"role"`
	Data struct {
		Seed    uint64                      `yaml:"seed"`
		Sizes   map[string]int              `yaml:"sizes"`
		Records map[string][]map[string]any `yaml:"records"`
	} `yaml:"data"`
	Injections []Injection `yaml:"injections"`
	Recording  *recording  `yaml:"recording"`
}

// levelCodes and permissionCodes are the claims behind the names that a scenario uses: halo-api §6.
var (
	levelCodes = map[string]string{
		"clients": "Ux", "users": "Fx", "items": "Ix", "invoices": "Xx", "contracts": "Cx", "tickets": "Tx", "assets": "Dx",
		"quotes": "Qx", "sales": "Ox", "projects": "Px", "kb": "Bx", "suppliers": "Sx", "calendar": "Ax", "reporting": "Rx", "timesheets": "Hx",
	}
	permissionCodes = map[string]string{
		"add_tickets": "l6", "edit_closed_tickets": "lf", "edit_others_tickets": "le", "view_others_tickets": "l8",
		"edit_advanced_details": "l1", "remove_tickets": "l4", "all_ticket_types": "Ft", "all_clients": "Fc",
	}
)

// mostRecords bounds a size, so that a slip does not fill the machine's memory.
const mostRecords = 1_000_000

// ReadScenario makes options of a scenario's text. The error names file, line and field: "desk.yaml:4: faults[0]: …".
func ReadScenario(file string, data []byte) (Options, error) {
	sc, err := readScenario(file, data)
	if err != nil {
		return Options{}, err
	}
	return sc.options(file), nil
}

// ReadRecording is ReadScenario for a file that has to hold a recording.
func ReadRecording(file string, data []byte) (Options, error) {
	sc, err := readScenario(file, data)
	switch {
	case err != nil:
		return Options{}, err
	case sc.Recording == nil:
		return Options{}, fmt.Errorf("%s: it has no recording in it, so it is a plain scenario", file)
	}
	return sc.options(file), nil
}

func readScenario(file string, data []byte) (*scenario, error) {
	if err := document.CheckYAML(data, document.Scenario); err != nil {
		return nil, document.In(file, err)
	}
	if err := checkFormat(data); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var sc scenario
	err := yaml.UnmarshalWithOptions(data, &sc, yaml.Strict())
	var wrong yaml.Error
	switch {
	case errors.As(err, &wrong) && wrong.GetToken() != nil:
		return nil, fmt.Errorf("%s:%d: %s", file, wrong.GetToken().Position.Line, wrong.GetMessage())
	case err != nil:
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if field, err := sc.check(); err != nil {
		return nil, fmt.Errorf("%s:%d: %s: %w", file, lineOf(data, field), field, err)
	}
	return &sc, nil
}

// options are what the file comes to; it was checked.
func (sc *scenario) options(file string) Options {
	o := Options{
		Faults:     []Fault{{Name: "scenario " + file, Says: "The instance is as the file describes it.", apply: sc.apply}},
		Seed:       Seed{Number: sc.Data.Seed, Sizes: sc.Data.Sizes, Records: sc.Data.Records},
		Injections: sc.Injections,
	}
	for _, name := range slices.Sorted(maps.Keys(sc.Dialects)) {
		f, _ := parseDialect(name + "=" + sc.Dialects[name]) // checked before
		o.Faults = append(o.Faults, f)
	}
	faults, _ := Named(sc.Faults...) // checked before
	o.Faults = append(o.Faults, faults...)
	return o
}

// lineOf is where a field is in the file, counting from 1, or what it is missing in; 1 where that cannot be told.
func lineOf(data []byte, field string) int {
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return 1
	}
	for ; field != ""; field = field[:max(0, strings.LastIndexAny(field, ".["))] {
		path, err := yaml.PathString("$." + field)
		if err != nil {
			continue
		}
		if node, err := path.FilterFile(tree); err == nil {
			return node.GetToken().Position.Line
		}
	}
	return 1
}

// check refuses what is well written and cannot be meant; field is where.
func (sc *scenario) check() (field string, err error) {
	for _, name := range slices.Sorted(maps.Keys(sc.Dialects)) {
		if _, err := parseDialect(name + "=" + sc.Dialects[name]); err != nil {
			return "dialects." + name, err
		}
	}
	for n, name := range sc.Faults {
		if _, err := Named(name); err != nil {
			return fmt.Sprintf("faults[%d]", n), err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sc.Role.Levels)) {
		step := sc.Role.Levels[name]
		if levelCodes[name] == "" {
			return "role.levels." + name, fmt.Errorf("there is no level of that name; they are %s", names(levelCodes))
		}
		if step < 0 || step > 3 {
			return "role.levels." + name, fmt.Errorf("a level is 0 to 3, not %d", step)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sc.Role.Permissions)) {
		if permissionCodes[name] == "" {
			return "role.permissions." + name, fmt.Errorf("there is no permission of that name; they are %s", names(permissionCodes))
		}
	}
	for n, scope := range sc.Application.Permissions {
		if !slices.Contains(knownScopes(), scope) {
			return fmt.Sprintf("application.permissions[%d]", n), fmt.Errorf("there is no permission %q", scope)
		}
	}
	for n, j := range sc.Injections {
		if err := j.check(); err != nil {
			return fmt.Sprintf("injections[%d]", n), err
		}
	}
	if field, err := sc.Recording.check(); err != nil {
		return "recording." + field, err
	}
	return sc.checkData()
}

// checkData is check for the records.
func (sc *scenario) checkData() (where string, err error) {
	for _, name := range slices.Sorted(maps.Keys(sc.Data.Sizes)) {
		if err := CheckSize(name, sc.Data.Sizes[name]); err != nil {
			return "data.sizes." + name, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sc.Data.Records)) {
		res := resourceAt("/api/" + strings.ToLower(name))
		if res == nil || res.name != name || !res.kept() {
			return "data.records." + name, errors.New("no resource of that name keeps records")
		}
		for n, one := range sc.Data.Records[name] {
			for _, property := range slices.Sorted(maps.Keys(one)) {
				if !slices.ContainsFunc(res.fields, func(f field) bool { return f.name == property }) {
					return fmt.Sprintf("data.records.%s[%d].%s", name, n, property), errors.New("the resource has no such field")
				}
			}
			if _, err := res.read(one); err != nil {
				return fmt.Sprintf("data.records.%s[%d]", name, n), err
			}
		}
	}
	return "", nil
}

// CheckSize refuses a size of a resource that keeps no records, and one that is negative or above a million.
func CheckSize(name string, size int) error {
	res := resourceAt("/api/" + strings.ToLower(name))
	switch {
	case res == nil || res.name != name || !res.kept():
		return fmt.Errorf("no resource %q keeps records (did you mean %s?)", name, likeResource(name))
	case size < 0 || size > mostRecords:
		return fmt.Errorf("a size is 0 to %d, not %d", mostRecords, size)
	}
	return nil
}

// likeResource is the resource that keeps records and whose name is nearest.
func likeResource(name string) (best string) {
	least := math.MaxInt
	for _, r := range resources() {
		if away := levenshtein.ComputeDistance(strings.ToLower(name), r.path); r.kept() && away < least {
			best, least = r.name, away
		}
	}
	return best
}

func names(codes map[string]string) string {
	return strings.Join(slices.Sorted(maps.Keys(codes)), ", ")
}

// apply changes the healthy instance to what the file says.
func (sc *scenario) apply(i *instance) {
	given(&i.version, sc.Version)
	if sc.Tenant != nil {
		i.tenant, i.typed.Tenant, i.admin.Tenant = *sc.Tenant, *sc.Tenant, *sc.Tenant
		if *sc.Tenant == "" {
			i.typed.Tenant = "Not set"
		}
	}
	if sc.Teams != nil {
		i.teams = sc.Teams
	}
	app, agent, role := &i.app, &i.agent, &i.role
	given(&app.name, sc.Application.Name)
	given(&app.loginType, sc.Application.LoginType)
	app.inactive = sc.Application.Inactive
	app.origins = strings.Join(sc.Application.Origins, ",")
	if sc.Application.Permissions != nil {
		app.scopes = sc.Application.Permissions
	}
	given(&agent.name, sc.Agent.Name)
	given(&agent.apiOnly, sc.Agent.APIOnly)
	given(&agent.defaultTeam, sc.Agent.DefaultTeam)
	given(&agent.workday, sc.Agent.WorkHours)
	agent.disabled = sc.Agent.Disabled
	if sc.Agent.Teams != nil {
		agent.teams = sc.Agent.Teams
	}
	given(&role.name, sc.Role.Name)
	for name, step := range sc.Role.Levels {
		role.levels[levelCodes[name]] = step
	}
	for name, on := range sc.Role.Permissions {
		role.permissions[permissionCodes[name]] = on
	}
	if sc.Role.TicketTypes != nil {
		role.types, role.permissions["Ft"] = sc.Role.TicketTypes, false
	}
	if sc.Role.Clients != nil {
		role.clients, role.permissions["Fc"] = sc.Role.Clients, false
	}
	sc.Recording.apply(i)
}

// given sets what the file says something about.
func given[T any](to *T, value *T) {
	if value != nil {
		*to = *value
	}
}
