package page

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes/guide"
)

// guideView is what the form shows of the chosen guides.
type guideView struct {
	Chosen  []chosenGuide
	First   []guideChoice // one of these is chosen
	More    []guideChoice // and any of these beside it
	Problem string
}

// chosenGuide is a guide that is judged by.
type chosenGuide struct {
	ID, Name, Edition string
	Partial           bool
}

// guideChoice is a guide of the library.
type guideChoice struct {
	ID, Name string
	Chosen   bool
}

// allGuides stands for every guide of the library, as it does in a command.
const allGuides = "all"

// KnowsGuides tells whether everything in what was sent names a guide of the library.
func KnowsGuides(typed ...string) bool {
	_, known := parseGuides(typed)
	return known
}

// guidesOf are the guides that a form names by their names in the library, and nothing else: no file is read for who opens the page.
// They are never none.
func guidesOf(typed ...string) []*guide.Guide {
	chosen, _ := parseGuides(typed)
	if len(chosen) == 0 {
		return []*guide.Guide{guide.BuiltIn()}
	}
	return chosen
}

// parseGuides reads fields with one name each, or several between commas. known is false where one of them is no guide's.
func parseGuides(typed []string) (chosen []*guide.Guide, known bool) {
	known = true
	for _, field := range typed {
		for name := range strings.FieldsFuncSeq(field, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
			these := []*guide.Guide{guide.ByName(name)}
			if strings.EqualFold(name, allGuides) {
				these = guide.Library()
			}
			for _, g := range these {
				if g == nil {
					known = false
				} else if !slices.Contains(chosen, g) {
					chosen = append(chosen, g)
				}
			}
		}
	}
	return chosen, known
}

// guideNames are the names of guides in the library, as a form keeps them.
func guideNames(guides []*guide.Guide) string {
	ids := make([]string, len(guides))
	for i, g := range guides {
		ids[i] = g.ID
	}
	return strings.Join(ids, ",")
}

func newGuideView(guides []*guide.Guide, problem string) guideView {
	v := guideView{Problem: problem}
	for _, g := range guides {
		v.Chosen = append(v.Chosen, chosenGuide{g.ID, safetext.Line(g.Name), safetext.Line(g.Edition), g.Confidence == guide.Partial})
	}
	library := slices.SortedFunc(slices.Values(guide.Library()), func(a, b *guide.Guide) int { // as people look for them
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	for _, g := range library {
		name := safetext.Line(g.Name)
		v.First = append(v.First, guideChoice{g.ID, name, g.ID == guides[0].ID})
		v.More = append(v.More, guideChoice{g.ID, name, slices.Contains(guides[1:], g)})
	}
	return v
}

// asked tells whether the integration of a guide at least has a field, so that the form shows it at once.
func asked(guides []*guide.Guide, setting string) bool {
	return slices.ContainsFunc(guides, func(g *guide.Guide) bool {
		switch setting {
		case "auth-url":
			return g.Login.AuthURL != nil
		case "tenant":
			return g.Product.Tenant != nil && g.Product.Tenant.Form != guide.TenantAbsent
		case "team":
			return g.Agent.Teams != nil
		}
		return true
	})
}

// hints are what guides say of a field's form. Of several, each that says something is named.
func hints(guides []*guide.Guide, setting string) string {
	if len(guides) == 1 {
		return hint(guides[0], setting)
	}
	text := ""
	for _, g := range guides {
		if own := hint(g, setting); own != "" {
			text += " " + safetext.Line(g.Name) + ":" + own
		}
	}
	return text
}

// shapes say how an address is typed into a vendor's own form.
var shapes = map[string]string{
	guide.FormPath: " There it is typed with its path.", guide.FormOrigin: " There it is typed without a path.", guide.FormHost: " There only the host is typed.",
	guide.FormLabel: " There only the first word of the host is typed.",
}

// hint is what a guide says of a field's form; empty: nothing.
func hint(g *guide.Guide, setting string) string {
	url := map[string]*guide.URL{"url": g.Login.ResourceURL, "auth-url": g.Login.AuthURL}[setting]
	switch {
	case url != nil:
		text := ""
		if url.Field != "" {
			text = " In the vendor's form it is called " + safetext.Line(url.Field) + "."
		}
		text += shapes[url.Form]
		switch url.TrailingSlash {
		case guide.SlashMust:
			text += " The guide wants a slash at the end."
		case guide.SlashMustNot:
			text += " The guide wants no slash at the end."
		case guide.SlashEither:
		}
		return text
	case setting == "tenant" && g.Product.Tenant != nil && g.Product.Tenant.OnPremise != "":
		return " Where the customer runs HaloPSA, the guide wants " + safetext.Line(g.Product.Tenant.OnPremise) + "."
	case setting == "tenant" && g.Product.Tenant != nil && g.Product.Tenant.Form == guide.TenantEmpty:
		return " Where the customer runs HaloPSA, the guide wants it empty."
	}
	return ""
}

// chooseGuide shows the form of other guides, with what was typed.
func (s *Server) chooseGuide(w http.ResponseWriter, req *http.Request) {
	if err := req.ParseMultipartForm(maxForm); err != nil && !errors.Is(err, http.ErrNotMultipart) { //nolint:gosec // Protect bounds the body
		s.Refuse(w, http.StatusRequestEntityTooLarge, errTooLarge)
		return
	}
	http.Redirect(w, req, s.keepDraft(s.readForm(req.PostForm)), http.StatusSeeOther)
}
