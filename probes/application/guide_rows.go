package application

import (
	"context"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// LevelOf is how binding a row is: what the guide says, else usual.
func LevelOf(r guide.Row, usual probes.Level) probes.Level {
	if r.Level != "" {
		return probes.Level(r.Level)
	}
	return usual
}

// ProfileOf is the use that asks for a row.
func ProfileOf(r guide.Row) probes.Profile { return probes.ProfileNamed(r.Profile) }

// SourceOf is where the guide asks for a row. The built-in guide goes without its name.
func SourceOf(g *guide.Guide, r guide.Row) probes.Source {
	s := probes.Source{Guide: g.Name, Section: r.Section, Item: r.Item, Label: r.Label}
	if g.Name == guide.BuiltIn().Name {
		s.Guide = ""
	}
	return s
}

// guideName is the question of a requirement that the guide does not ask for.
var guideName = &probes.Probe[string]{
	Name: "guide.name",
	Asks: "nothing",
	Look: func(_ context.Context, s *probes.Session) (string, error) { return s.Guide.Name, nil },
}

// NotAsked stands for a requirement that halocheck knows and the guide in use does not ask for, so that a report never
// leaves one out.
func NotAsked(g *guide.Guide, id string, level probes.Level, says string) probes.Check {
	return &probes.Requirement[string]{
		ID: id, Level: level, Says: says, Given: guideName,
		Source: probes.Source{Guide: g.Name},
		Judge:  func(string) probes.Verdict { return probes.DoesNotApply("this guide does not ask for it") },
	}
}
