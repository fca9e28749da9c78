package main

import "github.com/halocheck/halocheck/internal/faultlist"

// writeFaults is --list.
func writeFaults(env environment, format string) error {
	if err := oneOf("format", format, "text", "json"); err != nil {
		return err
	}
	if format == "json" {
		text, err := faultlist.JSON()
		if err == nil {
			_, err = env.out.Write(text)
		}
		return writeResult(err)
	}
	width, terminal := terminalWidth(env.out)
	if !terminal {
		width = 1 << 20 // a line each, for what reads it
	}
	_, err := env.out.Write([]byte(faultlist.Text(max(width, 40))))
	return writeResult(err)
}
