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
)

// The parts of the one file that the HTML report is.
var (
	//go:embed page/page.tmpl
	pageTemplate string
	//go:embed page/page.css
	pageStyle string
	//go:embed page/page.js
	pageScript string
)

// parsedTemplate is the template. It is parsed when it is first wanted: no other command pays for it.
var parsedTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("report").Parse(pageTemplate)) })

// HTML writes the report as one file that loads nothing: no address is asked, and the browser is told to refuse whatever
// is not the style and the script of this file.
func HTML(w io.Writer, r *Report) error {
	s, err := newHTMLView(r)
	if err != nil {
		return err
	}
	s.Style, s.Script = template.CSS(pageStyle), template.JS(pageScript) //nolint:gosec // our own files
	s.Policy = contentSecurityPolicy(pageStyle, pageScript)
	var b bytes.Buffer
	if err := parsedTemplate().Execute(&b, s); err != nil {
		return err
	}
	_, err = io.WriteString(w, safetext.EscapePage(b.String()))
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
