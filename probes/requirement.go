package probes

import "strings"

// Source is where the guide asks for a requirement, so that anybody can look it up.
type Source struct {
	Guide   string `json:"guide,omitempty"`   // the guide's name; empty means the built-in one, or nobody's: see Section
	Section string `json:"section,omitempty"` // the heading it stands under
	Item    string `json:"item,omitempty"`    // the numbered item, or the note, under that heading
	Label   string `json:"label,omitempty"`   // the setting as HaloPSA's own screen shows it
}

// Actor is who can act on a remedy.
type Actor string

// The people a remedy can be addressed to.
const (
	HaloAdmin    Actor = "halo-admin"
	NetworkAdmin Actor = "network-admin"
	Vendor       Actor = "vendor"
	Operator     Actor = "operator" // the person who fills in the integration's form or runs halocheck
)

// Remedy is what to do when a requirement does not hold: an imperative, and where to click.
type Remedy struct {
	Who   Actor  `json:"who"`
	Do    string `json:"do"`
	Where string `json:"where,omitempty"` // menu path in HaloPSA or on the machine that acts
}

// Meta is what is known of a requirement before anything is asked.
type Meta struct {
	ID      string
	Level   Level
	Profile Profile
	Says    string
	Source  Source
	Remedy  Remedy
	FindOut Remedy
	Causes  []Cause // every cause its Judge can report, `ok` and the shared ones left out
	Probe   string  // the question it judges
	Asks    string  // what that question sends over the wire
	PerHost bool    // judged for the Resource and for the Authorisation host
	Unasked bool    // the guide does not ask for it
}

// Area is the part of the ID before the dot.
func (m Meta) Area() string { return areaOf(m.ID) }

// A Requirement is one sentence the instance has to satisfy, and the judgement of one probe's answer.
type Requirement[T any] struct {
	ID      string  // "role.clients-level": its area, then its file's name; never reused
	Level   Level   // Must, Should or May
	Profile Profile // empty: every use asks for it
	Says    string  // a claim in the present tense, with a full stop
	Source  Source
	Remedy  Remedy // how to mend a fail; never used for another status
	FindOut Remedy // how to settle an unknown; the zero value: look at the place of Remedy
	Causes  []Cause
	Given   *Probe[T]
	Judge   func(T) Verdict // pure: same answer, same verdict

	// Unasked says that it stands for a requirement that the guide does not ask for.
	Unasked bool
	// SetUp says that it is asked for only while the connection is made, so that a connection that runs is not judged by it.
	SetUp bool

	// Host names the server that a requirement judged for two hosts was judged of; nil where there is just one.
	Host *Probe[Server]
}

// A Check is a requirement of any answer type. Only *Requirement implements it.
type Check interface {
	Meta() Meta
	evaluate(*run) Finding
}

// Meta tells what the requirement is, without asking anything.
func (r *Requirement[T]) Meta() Meta {
	return Meta{
		ID: r.ID, Level: r.Level, Profile: r.Profile, Says: r.Says, Source: r.Source, Remedy: r.Remedy, FindOut: r.findOut(),
		Causes: r.Causes, Probe: r.Given.Name, Asks: r.Given.Asks, PerHost: r.Host != nil, Unasked: r.Unasked,
	}
}

// Unmet is the error of a probe that cannot ask because r does not hold.
func (r *Requirement[T]) Unmet() error { return &Unmet{ID: r.ID} }

// findOut is FindOut, or a look at the place that Remedy names.
func (r *Requirement[T]) findOut() Remedy {
	if r.FindOut.Do != "" {
		return r.FindOut
	}
	return Remedy{Who: r.Remedy.Who, Do: "Check that " + strings.ToLower(r.Says[:1]) + r.Says[1:], Where: r.Remedy.Where}
}
