package page

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/internal/bundle"
	"github.com/halocheck/halocheck/internal/lazyregexp"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/safetext"
)

// handOverView is what can be given to others, each as it is.
type handOverView struct {
	ID, URL  string
	Letter   string // as a plain text, to be mailed
	Ticket   string
	Formats  []string
	Hidden   bool // hosts have other names in the bundle
	Manifest *bundle.Manifest
	NoBundle string // why there is none
}

// reportOf is the report of a check, or an answer that there is none yet.
func (s *Server) reportOf(w http.ResponseWriter, r *run) *report.Report {
	r.mu.Lock()
	made := r.report
	r.mu.Unlock()
	if made == nil {
		s.Refuse(w, http.StatusConflict, errors.New("this check is not done yet; wait until it is"))
	}
	return made
}

// handOver shows what can be handed on.
func (s *Server) handOver(w http.ResponseWriter, req *http.Request, r *run) {
	made := s.reportOf(w, r)
	if made == nil {
		return
	}
	v := handOverView{ID: r.id, URL: safetext.Line(made.Target.URL), Formats: report.Formats, Hidden: req.FormValue("hosts") == "hidden"}
	var letter, ticket bytes.Buffer
	if err := errors.Join(report.Write(&letter, "text", made, report.Options{Audience: report.Customer}), report.Write(&ticket, "short", made, report.Options{})); err != nil {
		s.Refuse(w, http.StatusInternalServerError, err)
		return
	}
	v.Letter, v.Ticket = letter.String(), ticket.String()
	packed, err := r.bundle(made, v.Hidden)
	if err != nil {
		v.NoBundle = sentence(err)
	} else {
		v.Manifest = packed
	}
	s.pages.write(w, "hand-over", v)
}

// bundle packs the last whole run, once: what is shown of it is what is handed on.
func (r *run) bundle(made *report.Report, hidden bool) (*bundle.Manifest, error) {
	r.mu.Lock()
	session, saved, packed := r.session, r.metas == nil, r.packed[hidden]
	r.mu.Unlock()
	switch {
	case packed.of == made:
		return packed.manifest, nil
	case session == nil && saved:
		return nil, errors.New("a report that was opened from a file cannot be packed: its secrets are not known, so nobody can look for them")
	case session == nil:
		return nil, errors.New("the answers of this check are not kept any more; start it again to pack them")
	}
	m, err := bundle.Pack(session, made, bundle.Options{HideHosts: hidden})
	if err == nil {
		r.mu.Lock()
		r.packed[hidden] = packedRun{made, m}
		r.mu.Unlock()
	}
	return m, err
}

// packedRun is a bundle and the report that it is of.
type packedRun struct {
	of       *report.Report
	manifest *bundle.Manifest
}

// showLetter shows the customer's letter.
func (s *Server) showLetter(w http.ResponseWriter, _ *http.Request, r *run) {
	made := s.reportOf(w, r)
	if made == nil {
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = report.WriteLetter(w, s.pages.letter, made, nil, nil) // who asked for it may be gone
}

var fileName = lazyregexp.New(`[^a-z0-9.-]+`)

// attach makes an answer a file with a name that says of what.
func attach(w http.ResponseWriter, made *report.Report, ending string) {
	host := fileName().ReplaceAllString(strings.ToLower(strings.TrimPrefix(made.Target.URL, "https://")), "-")
	name := fmt.Sprintf("halocheck-%s-%s.%s", strings.Trim(host[:min(len(host), 60)], "-."), made.Started.Format("2006-01-02"), ending)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
}

// endings are the names of files and their types, by the format of a report.
var endings = map[string][2]string{
	"text": {"txt", "text/plain; charset=utf-8"}, "short": {"short.txt", "text/plain; charset=utf-8"}, "json": {"json", "application/json"}, "junit": {"junit.xml", "application/xml"},
	"markdown": {"md", "text/markdown; charset=utf-8"}, "html": {"html", "text/html; charset=utf-8"}, "csv": {"csv", "text/csv; charset=utf-8"},
}

// download sends the report in a format, as a file.
func (s *Server) download(w http.ResponseWriter, req *http.Request, r *run) {
	format := req.PathValue("format")
	if !slices.Contains(report.Formats, format) {
		s.Refuse(w, http.StatusNotFound, errors.New("there is no such format"))
		return
	}
	made := s.reportOf(w, r)
	if made == nil {
		return
	}
	ending := endings[format]
	if ending[0] == "" {
		ending = [2]string{format, "application/octet-stream"}
	}
	attach(w, made, ending[0])
	w.Header().Set("Content-Type", ending[1])
	_ = report.Write(w, format, made, report.Options{Program: true}) // who asked for it may be gone
}

// showMember shows one file of the bundle as text, before it is handed on.
func (s *Server) showMember(w http.ResponseWriter, req *http.Request, r *run) {
	made := s.reportOf(w, r)
	if made == nil {
		return
	}
	packed, err := r.bundle(made, req.FormValue("hosts") == "hidden")
	if err != nil {
		s.Refuse(w, http.StatusConflict, err)
		return
	}
	text, ok := packed.Text(req.PathValue("member"))
	if !ok {
		s.Refuse(w, http.StatusNotFound, errors.New("the bundle has no such file"))
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, text)
}

// downloadBundle sends the bundle.
func (s *Server) downloadBundle(w http.ResponseWriter, req *http.Request, r *run) {
	made := s.reportOf(w, r)
	if made == nil {
		return
	}
	packed, err := r.bundle(made, req.PostFormValue("hosts") == "hidden")
	if err != nil {
		s.Refuse(w, http.StatusConflict, err)
		return
	}
	attach(w, made, "zip")
	w.Header().Set("Content-Type", "application/zip")
	_ = packed.WriteZip(w) // who asked for it may be gone
}
