package page

import (
	"errors"
	"net/http"

	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes/guide"
)

// guideView is what the chosen guide asks of the form.
type guideView struct {
	Name, Edition string
	Partial       bool
	Choices       []guideChoice
}

// guideChoice is a guide of the library.
type guideChoice struct {
	ID, Name string
	Chosen   bool
}

// guideOf is the guide that a form names by its name in the library, and nothing else: no file is read for who opens the page.
func guideOf(id string) *guide.Guide {
	if g := guide.ByName(id); id != "" && g != nil {
		return g
	}
	return guide.BuiltIn()
}

func newGuideView(g *guide.Guide) guideView {
	v := guideView{Name: safetext.Line(g.Name), Edition: safetext.Line(g.Edition), Partial: g.Confidence == guide.Partial}
	for _, other := range guide.Library() {
		v.Choices = append(v.Choices, guideChoice{other.ID, safetext.Line(other.Name), other.ID == g.ID})
	}
	return v
}

// asked tells whether the integration of a guide has a field, so that the form shows it at once.
func asked(g *guide.Guide, setting string) bool {
	switch setting {
	case "auth-url":
		return g.Login.AuthURL != nil
	case "tenant":
		return g.Product.Tenant != nil && g.Product.Tenant.Form != guide.TenantAbsent
	case "team":
		return g.Agent.Teams != nil
	}
	return true
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

// chooseGuide shows the form of another guide, with what was typed.
func (s *Server) chooseGuide(w http.ResponseWriter, req *http.Request) {
	if err := req.ParseMultipartForm(maxForm); err != nil && !errors.Is(err, http.ErrNotMultipart) { //nolint:gosec // Protect bounds the body
		s.Refuse(w, http.StatusRequestEntityTooLarge, errTooLarge)
		return
	}
	http.Redirect(w, req, s.keepDraft(s.readForm(req.PostForm)), http.StatusSeeOther)
}
