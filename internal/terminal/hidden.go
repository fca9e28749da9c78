package terminal

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/probes"
)

// ReadHidden asks at the terminal that in is, without echo. Elsewhere there is nobody to ask, and the answer is empty. What
// interrupts the waiting gives the terminal its echo back and ends in probes.ExitIncomplete.
func ReadHidden(in io.Reader, to io.Writer, question string, interrupted <-chan struct{}) (string, error) {
	f, ok := in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return "", nil
	}
	fd := int(f.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	_, _ = io.WriteString(to, question)
	defer func() { _, _ = fmt.Fprintln(to) }()
	type line struct {
		typed []byte
		err   error
	}
	read := make(chan line, 1)
	go func() {
		typed, err := term.ReadPassword(fd)
		read <- line{typed, err}
	}()
	select {
	case <-interrupted:
		_ = term.Restore(fd, before)
		return "", exit.Code(probes.ExitIncomplete)
	case got := <-read:
		return string(got.typed), got.err
	}
}
