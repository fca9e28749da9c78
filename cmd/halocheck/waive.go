package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/halocheck/halocheck/probes"
)

// waiver is an accepted deviation as a file states it.
type waiver struct {
	ID      string `yaml:"id"`
	Reason  string `yaml:"reason"`
	Owner   string `yaml:"owner"`
	Expires string `yaml:"expires"` // the last day it holds, YYYY-MM-DD; empty: no end
}

// readWaivers reads a YAML list; without a file there are none.
func readWaivers(file string, ids []string) ([]waiver, error) {
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, usagef("--waive: %w", err)
	}
	var list []waiver
	if err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()).Decode(&list); err != nil && !errors.Is(err, io.EOF) {
		return nil, yamlError(file, err)
	}
	for i, x := range list {
		where := fmt.Sprintf("%s: entry %d: ", file, i+1)
		if !slices.Contains(ids, x.ID) {
			return nil, unknownID(where, x.ID, ids)
		}
		if x.Reason == "" || x.Owner == "" {
			return nil, usagef("%s%s needs a reason and an owner", where, x.ID)
		}
		if _, err := time.Parse(time.DateOnly, x.Expires); x.Expires != "" && err != nil {
			return nil, usagef("%s%s: expires: %q is not a day written YYYY-MM-DD", where, x.ID, x.Expires)
		}
	}
	return list, nil
}

// waive marks what fails and is accepted. A waiver that is over counts no more, and one that is no longer needed is told.
func waive(w world, waivers []waiver, findings []probes.Finding, now time.Time) {
	today := now.Format(time.DateOnly)
	for _, x := range waivers {
		if x.Expires != "" && x.Expires < today {
			say(w.err, fmt.Errorf("the waiver of %s by %s ended on %s and counts no more", x.ID, x.Owner, x.Expires))
			continue
		}
		fails, holds := false, false
		for i, f := range findings {
			if f.ID != x.ID {
				continue
			}
			holds = holds || f.Status == probes.Passed
			if f.Status == probes.Failed {
				fails = true
				findings[i].Waived = &probes.Waiver{Reason: x.Reason, Owner: x.Owner, Until: x.Expires}
			}
		}
		if holds && !fails {
			say(w.err, fmt.Errorf("the waiver of %s by %s is no longer needed, since it holds", x.ID, x.Owner))
		}
	}
}
