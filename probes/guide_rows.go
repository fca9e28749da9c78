package probes

import (
	"context"

	"github.com/halocheck/halocheck/probes/guide"
)

// LevelOf is how binding a row is: what the guide says, else usual.
func LevelOf(r guide.Row, usual Level) Level {
	if r.Level != "" {
		return Level(r.Level)
	}
	return usual
}

// ProfileOf is the use that asks for a row.
func ProfileOf(r guide.Row) Profile { return ProfileNamed(r.Profile) }

// SourceOf is where the guide asks for a row. The built-in guide goes without its name.
func SourceOf(g *guide.Guide, r guide.Row) Source {
	s := Source{Guide: g.Name, Section: r.Section, Item: r.Item, Label: r.Label}
	if g.Name == guide.BuiltIn().Name {
		s.Guide = ""
	}
	return s
}

// GuideName is the question of a requirement that asks nothing.
var GuideName = &Probe[string]{
	Name: "guide.name",
	Asks: "nothing",
	Look: func(_ context.Context, s *Session) (string, error) { return s.Guide.Name, nil },
}

// Unjudged stands for a row of a guide that no requirement of halocheck judges: nothing shows that it holds, so it is unknown, and
// somebody looks.
func Unjudged(g *guide.Guide, d guide.Demand) Check {
	return &Requirement[string]{
		ID: d.ID, Level: LevelOf(d.Row, Must), Profile: ProfileOf(d.Row), Source: SourceOf(g, d.Row), Given: GuideName, SetUp: d.Row.Phase == guide.Setup,
		Says:    "The instance is set as the guide asks: " + d.Do,
		Remedy:  Remedy{Who: HaloAdmin, Do: d.Do, Where: notReadPlaces[d.Chapter]},
		FindOut: Remedy{Who: HaloAdmin, Do: "Check that this is done: " + d.Do, Where: notReadPlaces[d.Chapter]},
		Judge:   func(string) Verdict { return CannotTell(NotObserved, "halocheck does not read this setting") },
	}
}

// notReadPlaces are where an administrator sees what the chapters of a guide ask for.
var notReadPlaces = map[string]string{
	"API application": "Configuration > Integrations > HaloPSA API > View Applications > the application > Permissions tab",
	"Role":            "Configuration > Teams & Agents > Roles > the agent's role > Permissions tab",
	"Agent":           "Configuration > Teams & Agents > Agents > the agent",
}

// NotAsked stands for a requirement that halocheck knows and the guide in use does not ask for, so that a report never
// leaves one out.
func NotAsked(g *guide.Guide, id string, level Level, says string) Check {
	return &Requirement[string]{
		ID: id, Level: level, Says: says, Given: GuideName, Unasked: true,
		Source: Source{Guide: g.Name},
		Judge:  func(string) Verdict { return DoesNotApply("this guide does not ask for it") },
	}
}
