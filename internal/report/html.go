package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"sync"

	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
)

// The parts of the one file that the HTML report is.
var (
	//go:embed page/page.tmpl
	pageTemplate string
	//go:embed page/letter.tmpl
	letterTemplate string
	//go:embed page/page.css
	pageStyle string
	//go:embed page/page.js
	pageScript string
)

// parsedTemplate is the template. It is parsed when it is first wanted: no other command pays for it.
var parsedTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("report").Parse(pageTemplate)) })

// parsedLetter is the template of the letter.
var parsedLetter = sync.OnceValue(func() *template.Template { return template.Must(template.New("letter").Parse(letterTemplate)) })

// letterView is the letter as its template shows it.
type letterView struct {
	letter
	Policy  string
	Style   template.CSS
	Script  template.JS
	Outcome probes.Outcome
	Date    string
	Frame   any // what the blocks of a page around it show
}

// LetterHTML writes the letter for the customer as one file that loads nothing.
func LetterHTML(w io.Writer, r *Report) error { return writePage(w, parsedLetter(), newLetterView(r)) }

// newLetterView lays the letter out.
func newLetterView(r *Report) letterView {
	l := newLetter(r)
	l.URL, l.Checked = safetext.Line(l.URL), safetext.Line(l.Checked)
	for _, texts := range [][]string{l.Accepted, l.Guides} {
		for i := range texts {
			texts[i] = safetext.Line(texts[i])
		}
	}
	for _, p := range l.People {
		for i := range p.Items {
			item := &p.Items[i]
			item.Do, item.Where = safetext.Line(item.Do), safetext.Line(item.Where)
			for k := range item.Why {
				item.Why[k] = safetext.Line(item.Why[k])
			}
		}
	}
	v := letterView{letter: l, Policy: contentSecurityPolicy(pageStyle, pageScript), Outcome: r.Outcome, Date: r.Started.Format("2006-01-02")}
	v.Style, v.Script = template.CSS(pageStyle), template.JS(pageScript) //nolint:gosec // our own files
	return v
}

// HTML writes the report as one file that loads nothing: no address is asked, and the browser is told to refuse whatever
// is not the style and the script of this file.
func HTML(w io.Writer, r *Report) error {
	s, err := newHTMLView(r, nil)
	if err != nil {
		return err
	}
	s.Style, s.Script = template.CSS(pageStyle), template.JS(pageScript) //nolint:gosec // our own files
	s.Policy = contentSecurityPolicy(pageStyle, pageScript)
	return writePage(w, parsedTemplate(), s)
}

// writePage writes a page whose texts are prepared.
func writePage(w io.Writer, t *template.Template, view any) error {
	var b bytes.Buffer
	if err := t.Execute(&b, view); err != nil {
		return err
	}
	_, err := io.WriteString(w, safetext.EscapePage(b.String()))
	return err
}

// contentSecurityPolicy is what the browser may do with the file.
func contentSecurityPolicy(style, script string) string {
	hash := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return fmt.Sprintf("default-src 'none'; style-src %s; script-src %s; img-src data:; base-uri 'none'; form-action 'none'", hash(style), hash(script))
}
