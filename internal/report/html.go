package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"
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
	_, err = io.WriteString(w, escapePage(b.String()))
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

// escapePage shows every character that a reader must not obey by its number: what clean does for a line, for a whole page.
// Mark-up in foreign text is the template's matter.
func escapePage(page string) string {
	unsafe := func(r rune) bool { return r != '\n' && r != '\t' && !safe(r) }
	if strings.IndexFunc(page, unsafe) < 0 {
		return page
	}
	var b strings.Builder
	for _, r := range page {
		if unsafe(r) {
			fmt.Fprintf(&b, "&lt;U+%04X&gt;", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
