package main

import (
	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/faultlist"
)

// writeFaults is --list.
func writeFaults(env environment, format string) error {
	if err := oneOf("format", format, "text", "json"); err != nil {
		return err
	}
	list := faultlist.List{Faults: faults()}
	for _, d := range fakehalo.Dialects() {
		list.Dialects = append(list.Dialects, faultlist.Dialect{Name: d.Name, Says: d.Says, Values: d.Values, Open: d.Open})
	}
	if format == "json" {
		text, err := list.JSON()
		if err == nil {
			_, err = env.out.Write(text)
		}
		return writeResult(err)
	}
	width, terminal := terminalWidth(env.out)
	if !terminal {
		width = 1 << 20 // a line each, for what reads it
	}
	_, err := env.out.Write([]byte(list.Text(max(width, 40))))
	return writeResult(err)
}

// faults are what the fake can do wrong.
func faults() (list []faultlist.Fault) {
	for _, f := range fakehalo.Faults() {
		list = append(list, faultlist.Fault{Name: f.Name, Says: f.Says, Requirement: f.Requirement, Status: f.Status, Cause: f.Cause})
	}
	return list
}
