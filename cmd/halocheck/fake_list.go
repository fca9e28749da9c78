package main

import (
	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/faultlist"
	"github.com/halocheck/halocheck/internal/terminal"
	"github.com/halocheck/halocheck/suites/faketarget"
)

// writeFaults is --list.
func writeFaults(env environment, format string) error {
	if err := oneOf("format", format, "text", "json"); err != nil {
		return err
	}
	list := faultlist.List{Faults: faketarget.Faults()}
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
