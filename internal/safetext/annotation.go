package safetext

import (
	"fmt"
	"io"
	"strings"
)

// Annotation is what a CI runner shows beside a run.
type Annotation struct {
	Level          string // error, warning or notice
	Title, Message string // foreign text
}

// Annotate writes an annotation for GitHub Actions. It is the one way in which a command of a runner passes a [Writer]: the parts
// are escaped as the runner's own library does, so that foreign text ends neither the command nor its title.
func (w *Writer) Annotate(a Annotation) error {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := io.WriteString(w.to, fmt.Sprintf("::%s title=%s::%s\n", a.Level, property.Replace(Line(a.Title)), data.Replace(Line(a.Message))))
	return err
}
