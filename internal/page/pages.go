package page

import (
	"bytes"
	"embed"
	"html"
	"html/template"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/secret"
)

//go:embed assets
var assets embed.FS

// pages are the templates: those of the report with the blocks of this server, and its own.
type pages struct{ all, readOnly, letter *template.Template }

// readOnly answers somebody who may look and not ask.
type readOnly struct{ http.ResponseWriter }

func (r readOnly) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// ReadOnly has pages show nothing that asks an instance, for who may not do so.
func ReadOnly(w http.ResponseWriter) http.ResponseWriter { return readOnly{w} }

// mayAsk tells whether whoever gets an answer may ask.
func mayAsk(w io.Writer) bool {
	_, is := w.(readOnly)
	return !is
}

// of are the templates for whoever gets an answer.
func (p *pages) of(w io.Writer) *template.Template {
	if mayAsk(w) {
		return p.all
	}
	return p.readOnly
}

// block is a template that others show.
func block(name, text string) string { return `{{define "` + name + `"}}` + text + `{{end}}` }

func newPages(o Options) (p *pages, err error) {
	p = &pages{}
	var texts []string
	for _, name := range []string{"frame", "form", "live", "tools", "handover", "saved", "show"} {
		text, err := assets.ReadFile("assets/" + name + ".tmpl")
		if err != nil {
			return nil, err
		}
		texts = append(texts, string(text))
	}
	links := ""
	for _, l := range o.Links {
		links += ` <a href="` + html.EscapeString(l.Path) + `">` + html.EscapeString(l.Label) + `</a>`
	}
	asking, home := `<a href="/">New check</a> `, "/saved"
	if o.Demo != nil {
		asking += `<a href="/show">Show me</a> `
	}
	if len(o.Links) > 0 {
		home = o.Links[0].Path
	}
	texts = slices.Concat(texts, []string{block("links", links)}, o.Templates)
	for _, t := range []struct {
		into         **template.Template
		asking, home string
	}{{&p.all, asking, "/"}, {&p.readOnly, "", html.EscapeString(home)}} {
		if *t.into, err = report.Templates(append(texts, block("asking-links", t.asking), block("home", t.home))...); err != nil {
			return nil, err
		}
	}
	p.letter, err = report.LetterTemplate(append([]string{texts[0], block("links", ""), block("asking-links", ""), block("home", "/")}, o.Templates...)...)
	return p, err
}

// write writes a page of our own.
func (p *pages) write(w io.Writer, name string, data any) {
	text, err := render(p.of(w), name, data)
	if err != nil {
		text = "halocheck broke while it made this page, which is its own fault."
	}
	if h, ok := w.(http.ResponseWriter); ok && h.Header().Get("Content-Type") == "" {
		h.Header().Set("Content-Type", "text/html; charset=utf-8")
	}
	_, _ = io.WriteString(w, text)
}

// text is a template's output with what is unsafe escaped.
func (p *pages) text(name string, data any) (string, error) { return render(p.all, name, data) }

func render(t *template.Template, name string, data any) (string, error) {
	var b bytes.Buffer
	err := t.ExecuteTemplate(&b, name, data)
	return safetext.EscapePage(b.String()), err
}

// sentence is an error as a person reads it on a page: with nothing that may be a secret.
func sentence(err error) string {
	text := safetext.Line(secret.Hide(strings.TrimPrefix(err.Error(), "halocheck: ")))
	first, size := utf8.DecodeRuneInString(text)
	text = string(unicode.ToUpper(first)) + text[size:]
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}

// serveAsset serves a style sheet or a script.
func serveAsset(w http.ResponseWriter, req *http.Request) {
	name := req.PathValue("name")
	text, kind := "", "text/javascript; charset=utf-8"
	switch name {
	case "report.css":
		text, kind = report.PageStyle(), "text/css; charset=utf-8"
	case "report.js":
		text = report.PageScript()
	case "page.css", "page.js":
		data, err := assets.ReadFile("assets/" + name)
		if err != nil {
			http.NotFound(w, req)
			return
		}
		if text = string(data); name == "page.css" {
			kind = "text/css; charset=utf-8"
		}
	default:
		http.NotFound(w, req)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = io.WriteString(w, text) //nolint:gosec // our own files
}
