// Package terminal knows what a stream is shown on: its width, whether it follows escape sequences, and what encoding its reader
// takes the text for. A stream may be wrapped by package safetext.
package terminal

import (
	"io"
	"os"

	"golang.org/x/term"

	"github.com/halocheck/halocheck/internal/safetext"
)

// file is the file behind a stream; nil where it is none.
func file(w io.Writer) *os.File {
	if safe, ok := w.(*safetext.Writer); ok {
		w = safe.Unwrap()
	}
	f, _ := w.(*os.File)
	return f
}

// Width is the columns of the terminal that a stream is; zero and false where it is none, zero and true where they are not known.
func Width(w io.Writer) (columns int, is bool) {
	f := file(w)
	if f == nil || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0, true
	}
	return columns, true
}

// AllowColour lets the escape sequences of colours and of a line of progress reach a stream.
func AllowColour(w io.Writer) {
	if safe, ok := w.(*safetext.Writer); ok {
		safe.AllowColour()
	}
}

// ProgressColumns is the width of a line of progress on a stream, 20 at least, and lets it be drawn there; zero where there is no
// terminal that can draw one.
func ProgressColumns(w io.Writer, getenv func(string) string) int {
	columns, is := Width(w)
	if !is || getenv("TERM") == "dumb" {
		return 0
	}
	AllowColour(w)
	return max(columns, 20)
}

// Escape writes an escape sequence of our own to the terminal that a stream is; elsewhere it is nothing. Package safetext lets none
// pass, since most of what it writes is foreign.
func Escape(w io.Writer, getenv func(string) string, sequence string) {
	if _, is := Width(w); !is || getenv("TERM") == "dumb" {
		return
	}
	_, _ = file(w).WriteString(sequence)
}
