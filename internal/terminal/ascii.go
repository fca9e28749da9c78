package terminal

import (
	"cmp"
	"io"
	"runtime"
	"strings"

	"github.com/halocheck/halocheck/internal/safetext"
)

// SetASCII makes a stream for people write nothing but ASCII where its reader would take UTF-8 for something else: wanted is
// "always", "never", or "auto": in a locale of another encoding, and on Windows in a pipe, which PowerShell 5.1 reads in the
// console's own code page. A document that a program reads keeps its encoding.
func SetASCII(w io.Writer, wanted string, forPeople bool, getenv func(string) string) {
	_, is := Width(w)
	if safe, ok := w.(*safetext.Writer); ok {
		safe.ASCIIOnly(forPeople && needsASCII(wanted, runtime.GOOS, is, getenv))
	}
}

func needsASCII(wanted, system string, terminal bool, getenv func(string) string) bool {
	if wanted != "auto" {
		return wanted == "always"
	}
	if system == "windows" {
		return !terminal // Go's own runtime writes to a console in UTF-16
	}
	locale := cmp.Or(getenv("LC_ALL"), getenv("LC_CTYPE"), getenv("LANG"))
	upper := strings.ToUpper(locale)
	return locale != "" && !strings.Contains(upper, "UTF-8") && !strings.Contains(upper, "UTF8")
}
