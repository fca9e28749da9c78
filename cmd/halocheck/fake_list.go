package main

import (
	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/faultlist"
	"github.com/halocheck/halocheck/internal/terminal"
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
		return exit.Unwritten(err)
	}
	width, shown := terminal.Width(env.out)
	if !shown {
		width = 1 << 20 // a line each, for what reads it
	}
	_, err := env.out.Write([]byte(list.Text(max(width, 40))))
	return exit.Unwritten(err)
}

// faults are what the fake can do wrong.
func faults() (list []faultlist.Fault) {
	for _, f := range fakehalo.Faults() {
		list = append(list, faultlist.Fault{Name: f.Name, Says: f.Says, Requirement: f.Requirement, Status: f.Status, Cause: f.Cause})
	}
	return list
}
