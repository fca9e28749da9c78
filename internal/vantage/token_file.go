package vantage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/halocheck/halocheck/internal/credential"
	"github.com/halocheck/halocheck/internal/document"
	"github.com/halocheck/halocheck/internal/output"
)

// maxTokenFile bounds a file with tokens, in bytes.
const maxTokenFile = 4 << 10

// Tokens are what a token file holds: the agent's own, and the enrolment's as long as the server may not have taken it.
type Tokens struct{ Own, Enrolment string }

// ReadTokens reads the token file, which holds the token of an enrolment at first and the agent's own afterwards. Where it is
// not there, or is empty, the enrolment's is read from another file, which stays as it is; empty: there is none.
func ReadTokens(ctx context.Context, file, enrolmentFile string) (t Tokens, err error) {
	words, err := readWords(ctx, file)
	if (errors.Is(err, fs.ErrNotExist) || err == nil && len(words) == 0) && enrolmentFile != "" {
		words, err = readWords(ctx, enrolmentFile)
	} else if err == nil && credential.WorldReadable(file) {
		return t, errors.New("every user of this machine can read it; `chmod 600` it")
	}
	if err != nil {
		return t, err
	}
	for _, word := range words {
		switch {
		case strings.HasPrefix(word, TokenPrefix):
			t.Own = word
		case strings.HasPrefix(word, EnrolmentPrefix):
			t.Enrolment = word
		default:
			return Tokens{}, errors.New("it holds no token of an agent; `halocheckd agent add` prints one")
		}
	}
	if t == (Tokens{}) {
		return t, errors.New("it is empty; `halocheckd agent add` prints what it has to hold")
	}
	return t, nil
}

func readWords(ctx context.Context, file string) ([]string, error) {
	text, err := document.ReadFile(ctx, file, document.Limits{Bytes: maxTokenFile})
	return strings.Fields(string(text)), err
}

// Enrolled has the agent's own token in the file before the server hears of it, so that whatever is killed in between, the agent
// can go on; and alone in the file once the server has taken it.
func Enrolled(ctx context.Context, a *Agent, t Tokens, file string) error {
	if t.Own == "" {
		t.Own = TokenPrefix + rand.Text() + rand.Text()
		if err := t.write(file); err != nil {
			return err
		}
	}
	a.Token = t.Own
	if t.Enrolment == "" {
		return nil
	}
	if err := a.Enrol(ctx, t.Enrolment); err != nil {
		return err
	}
	return Tokens{Own: t.Own}.write(file)
}

func (t Tokens) write(file string) error {
	if err := output.WriteAtomic(file, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, strings.TrimSpace(t.Own+" "+t.Enrolment))
		return err
	}); err != nil {
		return err
	}
	return os.Chmod(file, 0o600)
}
