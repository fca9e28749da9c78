package report

import (
	"html/template"
	"io"
	"time"

	"github.com/halocheck/halocheck/probes"
)

// PageStyle is the style sheet of the HTML report, for other pages that are to look like it.
func PageStyle() string { return pageStyle }

// PageScript is the script of the HTML report, for a server that serves it as a file.
func PageScript() string { return pageScript }

// ContentSecurityPolicy is what the browser may do with a page of one style and one script: nothing else, and no address is asked.
func ContentSecurityPolicy(style, script string) string { return contentSecurityPolicy(style, script) }

// StatusSymbol is what stands for a status; colour is never the only sign.
func StatusSymbol(status probes.Status) string { return statusMarks[status].sign }

// View is what the templates of the HTML report show.
type View = htmlView

// NewView lays a report out. frame is what the blocks of a page around it show.
func NewView(r *Report, frame any) (*View, error) { return newHTMLView(r, frame) }

// Templates are the templates of the HTML report ("report") and of its parts ("steps", "finding"), with a server's own texts for
// the blocks "policy", "style", "nav", "tools", "row" and "script".
func Templates(texts ...string) (*template.Template, error) {
	t, err := template.New("report").Parse(pageTemplate)
	for _, text := range texts {
		if err == nil {
			_, err = t.Parse(text)
		}
	}
	return t, err
}

// LetterTemplate is the template of the customer's letter, with a server's own texts for the blocks "policy", "style", "script",
// "around" and "step".
func LetterTemplate(texts ...string) (*template.Template, error) {
	t, err := template.New("letter").Parse(letterTemplate)
	for _, text := range texts {
		if err == nil {
			_, err = t.Parse(text)
		}
	}
	return t, err
}

// WriteLetter writes the letter with a template of [LetterTemplate]. frame is what the block "around" shows, and steps are what the
// block "step" shows of each change, by its number; without them the blocks are empty.
func WriteLetter(w io.Writer, t *template.Template, r *Report, frame any, steps map[int]any) error {
	v := newLetterView(r)
	v.Frame = frame
	for _, p := range v.People {
		for i := range p.Items {
			p.Items[i].Frame = steps[p.Items[i].N]
		}
	}
	return writePage(w, t, v)
}

// WriteView writes a view with a template of [Templates].
func WriteView(w io.Writer, t *template.Template, v *View) error { return writePage(w, t, v) }

// Underway is the document of a run that is not finished: what was found so far, without evidence.
func Underway(s *probes.Session, version string, findings []probes.Finding, started time.Time) (*Report, error) {
	return newDocument(s, version, findings, nil, started, time.Since(started))
}
