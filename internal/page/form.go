package page

import (
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/machine"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/probes/halo"
)

// draft is a form that is filled in: what was typed or found in a text, and what is wrong with it. Its secrets are kept here and in
// no page; the next form that is sent takes them, once.
type draft struct {
	made     time.Time
	values   map[string]string      // by the setting; lists have a line for each value
	secrets  map[string]secret.Text // by the setting
	problems map[string]string      // by the setting; under "" what concerns no field
	keep     bool                   // the secrets, for later checks
	notes    []string               // what a text was found to hold
}

// formView is the form as its template shows it.
type formView struct {
	Draft    string
	Guide    guideView
	Main     []field
	More     []field
	MoreOpen bool
	Problem  string // that concerns no field
	Wrong    []field
	Notes    []string
	Stored   []string
	CanKeep  bool // a secret that is typed
	Keep     bool
	Recent   []recent
	Where    whereView
}

// field is one input of the form, made from a setting.
type field struct {
	Name, Label, Help, Value, Problem string
	Kind                              string // text, secret, lines, words, choices or document
	Words                             []string
	Chosen                            []string
	Kept                              bool // a secret of the draft is used where nothing is typed
	Required                          bool
	Placeholder                       string
}

// Has tells whether a word is chosen.
func (f field) Has(word string) bool { return slices.Contains(f.Chosen, word) }

// recent is a check that is kept.
type recent struct {
	ID, Title, Outcome, At string
	Guides                 []string // of several
}

// mainFields are the settings that the form shows at once, in the order in which people ask for them.
var mainFields = []string{"url", "auth-url", "tenant", "client-id", secretSetting, "team"}

// secretSetting and adminSecretSetting name files elsewhere; on a form they are the secret itself.
const (
	secretSetting      = "client-secret-file"
	adminSecretSetting = "admin-secret-file"
)

// helps say what belongs into a field, where the setting's own sentence speaks of a command.
var helps = map[string]string{
	"url":              "The HaloPSA's address, as the customer opens it.",
	"auth-url":         "Exactly as it is typed into the integration. Leave it empty to use the one that the instance names.",
	"tenant":           "Exactly as it is typed into the integration. Leave it empty to use the one that the instance names.",
	"client-id":        "Without it everything that anybody can see is checked.",
	secretSetting:      "It stays in this program's memory for this check, and is shown to nobody.",
	adminSecretSetting: "It stays in this program's memory for this check, and is shown to nobody.",
	"ca-file":          "Certificates in PEM. A public integration will not have them, and the report says so.",
	"team":             "Teams that alerts go to, one on each line.",
	"attest":           "ID=REASON, one on each line: what cannot be seen from here and somebody vouches for.",
	"resolve":          "HOST:PORT:ADDRESS, one on each line: instead of asking the resolver.",
	"via":              "NAME=URL of a vantage point, one on each line (socks5://, http://, ssh://).",
	"only":             "IDs such as trust.*, one on each line.",
	"skip":             "IDs such as trust.*, one on each line.",
}

var placeholders = map[string]string{
	"url": "https://acme.halopsa.com", "auth-url": "https://acme.halopsa.com/auth/", "stable": "2.190.1", "timeout": "1m",
	"client-id": "00000000-0000-0000-0000-000000000000",
}

// showForm is the first page.
func (s *Server) showForm(w http.ResponseWriter, req *http.Request) {
	id := req.FormValue("draft")
	s.mu.Lock()
	d := s.drafts[id]
	s.mu.Unlock()
	if d == nil {
		id, d = "", &draft{}
	}
	guides := guidesOf(d.values["guide"])
	v := formView{
		Draft: id, Guide: newGuideView(guides, d.problems["guide"]), Problem: d.problems[""], Notes: d.notes, CanKeep: s.options.Keep, Keep: d.keep, Where: whereView{Facts: machine.Here(req.Context())},
		Recent: s.recent(),
	}
	if v.Guide.Problem != "" {
		v.Wrong = append(v.Wrong, field{Name: "guide", Label: "Guide", Problem: v.Guide.Problem})
	}
	for _, stored := range s.options.Secrets {
		v.Stored = append(v.Stored, safetext.Line(stored.Host))
	}
	for _, row := range s.formTable() {
		f := newField(row, d)
		f.Help += hints(guides, row.Name)
		if f.Problem != "" {
			v.Wrong = append(v.Wrong, f)
		}
		if slices.Contains(mainFields, row.Name) && asked(guides, row.Name) {
			v.Main = append(v.Main, f)
			continue
		}
		v.MoreOpen = v.MoreOpen || f.Problem != "" || isChanged(row, d.values[row.Name])
		v.More = append(v.More, f)
	}
	slices.SortStableFunc(v.Main, func(a, b field) int { return slices.Index(mainFields, a.Name) - slices.Index(mainFields, b.Name) })
	s.pages.write(w, "form", v)
}

// isChanged tells whether a setting has another value than the form itself sends.
func isChanged(row settings.Setting, value string) bool {
	if row.Type == settings.Word && row.Repeatable { // all of them are ticked
		return value != "" && !slices.Equal(strings.Fields(value), row.Words)
	}
	return value != "" && value != row.Default
}

// formTable are the settings that are fields.
func (s *Server) formTable() settings.Table {
	return slices.DeleteFunc(s.options.Table.In(settings.Form), func(row settings.Setting) bool { return row.Name == "guide" })
}

func newField(row settings.Setting, d *draft) field {
	f := field{Name: row.Name, Label: row.Label, Help: helps[row.Name], Value: d.values[row.Name], Problem: d.problems[row.Name], Kind: "text", Words: row.Words, Placeholder: placeholders[row.Name]}
	if _, ok := helps[row.Name]; !ok {
		f.Help = sentence(errors.New(row.Plain()))
	}
	switch {
	case row.Type == settings.SecretFile:
		f.Kind, f.Kept = "secret", !d.secrets[row.Name].Empty()
	case row.Type == settings.File:
		f.Kind = "document"
	case row.Type == settings.Word && row.Repeatable:
		f.Kind, f.Chosen = "choices", strings.Fields(f.Value)
		if f.Value == "" {
			f.Chosen = row.Words
		}
	case row.Type == settings.Word:
		f.Kind = "words"
		if f.Value == "" {
			f.Value = row.Default
		}
	case row.Repeatable:
		f.Kind = "lines"
	}
	f.Required = row.Name == "url"
	return f
}

// recent are the checks that are kept, the latest first.
func (s *Server) recent() (list []recent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range slices.Backward(s.order) {
		r := s.runs[id]
		r.mu.Lock()
		row := recent{ID: id, Title: safetext.Line(r.title), Outcome: "under way", At: Stamp(r.made), Guides: r.guides}
		switch {
		case r.report != nil:
			row.Outcome = string(r.report.Outcome)
		case r.doing == "":
			row.Outcome = "nothing was asked"
		}
		r.mu.Unlock()
		list = append(list, row)
	}
	return list
}

// keepDraft keeps a form and returns the address of the page that shows it.
func (s *Server) keepDraft(d *draft) string {
	d.made = time.Now()
	for name, value := range d.values {
		// A secret in a wrong field is shown to nobody; nor is a Client ID that is none.
		if secret.HasSecretForm(value) || name == "client-id" && !halo.IsClientID(value) || name == "admin-client-id" && !halo.IsClientID(value) {
			d.values[name] = ""
		}
	}
	id := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.drafts) >= maxDrafts {
		oldest := ""
		for other, o := range s.drafts {
			if oldest == "" || o.made.Before(s.drafts[oldest].made) {
				oldest = other
			}
		}
		delete(s.drafts, oldest)
	}
	s.drafts[id] = d
	return "/?draft=" + id
}

// takeDraft is a draft, which is kept no longer; an empty one where there is none.
func (s *Server) takeDraft(id string) *draft {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.drafts[id]
	delete(s.drafts, id)
	if d == nil {
		d = &draft{}
	}
	return d
}

// fill fills the form with what a customer mailed.
func (s *Server) fill(w http.ResponseWriter, req *http.Request) {
	if err := req.ParseForm(); err != nil {
		s.Refuse(w, http.StatusRequestEntityTooLarge, errTooLarge)
		return
	}
	found := parseMail(req.PostFormValue("text"))
	d := &draft{values: found.values, secrets: found.secrets, notes: found.notes}
	if len(found.values)+len(found.secrets) == 0 {
		d.problems = map[string]string{"": "Nothing was found in that text. Type it into the fields."}
	}
	d.values["guide"] = guideNames(guidesOf(req.PostForm["guide"]...)) // the text says nothing of it
	http.Redirect(w, req, s.keepDraft(d), http.StatusSeeOther)
}

// storedAt is the stored secret that was chosen; nil: none.
func (s *Server) storedAt(choice string) *StoredSecret {
	at, err := strconv.Atoi(choice)
	if err != nil || at < 0 || at >= len(s.options.Secrets) {
		return nil
	}
	return &s.options.Secrets[at]
}
