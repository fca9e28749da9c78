package safetext

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/halocheck/halocheck/internal/lazyregexp"
)

// Writer replaces what is unsafe in whatever is written to it by a question mark, in any format. It is the last line of
// defence: values were prepared for their format before. It is safe for concurrent use.
type Writer struct {
	mu        sync.Mutex
	to        io.Writer
	sequences bool // colours and erasing of the line may be written
	ascii     bool // nothing but ASCII is written
	commands  commandScanner
	line      lineState
	pending   []byte // the beginning of a character that is not complete yet
}

// lineState is what the line has had so far.
type lineState int

const (
	onlyBlanks lineState = iota
	oneColon             // after blanks
	inText
)

// NewWriter is a writer in front of to.
func NewWriter(to io.Writer) *Writer { return &Writer{to: to} }

// AllowColour lets the escape sequences for colour and for erasing a line pass, which foreign text cannot hold: see [Line].
func (w *Writer) AllowColour() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sequences = true
}

// ASCIIOnly makes the writer write nothing but ASCII, for a reader that takes bytes for another encoding than UTF-8: our own signs
// as words or other signs, and any other character as its number. With on false it writes UTF-8 again.
func (w *Writer) ASCIIOnly(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ascii = on
}

// asciiSigns are our own signs in ASCII.
var asciiSigns = map[rune]string{'✓': "[ok]", '✗': "[x]", '·': "-", '–': "-", '—': "-", '…': "...", '‘': "'", '’': "'", '“': `"`, '”': `"`}

// plain is a visible character as it is written.
func (w *Writer) plain(r rune, as string) string {
	if !w.ascii || r < 0x80 {
		return as
	}
	if sign, ok := asciiSigns[r]; ok {
		return sign
	}
	return fmt.Sprintf("<U+%04X>", r)
}

// Unwrap is the writer behind.
func (w *Writer) Unwrap() io.Writer { return w.to }

// sequence is what is written for colour, and for a line of progress.
var sequence = lazyregexp.New(`^\r?\x1b\[(?:[0-9;]*m|K)`)

// Write writes p with what is unsafe replaced. It never reports less than len(p) without an error.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for rest := p; len(rest) > 0; {
		piece := rest
		if len(piece) > maxPiece {
			piece = piece[:maxPiece]
			if end := bytes.LastIndexByte(piece, '\n'); end >= 0 {
				piece = piece[:end+1]
			}
		}
		if err := w.writePiece(piece); err != nil {
			return 0, err
		}
		rest = rest[len(piece):]
	}
	return len(p), nil
}

// maxPiece is how much is looked at at once, in bytes: a document may have many MiB.
const maxPiece = 64 << 10

func (w *Writer) writePiece(p []byte) error {
	text := string(w.pending) + string(p)
	w.pending = nil
	var out strings.Builder
	out.Grow(len(text))
	for i := 0; i < len(text); {
		rest := text[i:]
		if !utf8.FullRuneInString(rest) {
			w.pending = []byte(rest)
			break
		}
		if w.sequences && (rest[0] == '\x1b' || rest[0] == '\r') {
			if found := sequence().FindString(rest); found != "" {
				out.WriteString(found)
				i += len(found)
				continue
			}
		}
		r, size := utf8.DecodeRuneInString(rest)
		i += size
		if w.replaces(r, rest) {
			out.WriteByte('?')
		} else {
			out.WriteString(w.plain(r, rest[:size]))
		}
	}
	_, err := io.WriteString(w.to, out.String())
	return err
}

// replaces tells whether the character r, with which rest starts, is unsafe at its place in the line.
func (w *Writer) replaces(r rune, rest string) bool {
	unsafe := w.commands.next(r, "") || r != '\n' && r != '\t' && !isVisible(r)
	switch {
	case r == '\n':
		w.line = onlyBlanks
	case r == ':' && w.line == oneColon && !startsWithIPv6(":"+rest):
		unsafe = true
		w.line = inText
	case r == ':' && w.line == onlyBlanks:
		w.line = oneColon
	case w.line == oneColon || !unicode.IsSpace(r):
		w.line = inText
	}
	return unsafe
}
