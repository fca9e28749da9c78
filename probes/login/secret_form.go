package login

import (
	"context"
	"strings"

	"github.com/halocheck/halocheck/internal/lazyregexp"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

// Form is what the credentials look like, without what they are.
type Form struct {
	IDGUID       bool   `json:"id_is_guid"`
	IDStray      string `json:"id_stray,omitempty"`     // what does not belong there: "a blank at the end"
	SecretStray  string `json:"secret_stray,omitempty"` // the same for the secret
	SecretIsGUID bool   `json:"secret_is_guid,omitempty"`
	SecretIsPair bool   `json:"secret_is_pair"` // two GUIDs joined by a hyphen, as Halo makes them
	IDIsPair     bool   `json:"id_is_pair,omitempty"`
	Works        bool   `json:"works,omitempty"` // a token was issued; asked only where the secret looks odd
}

// Shapes of credentials: halo-api §1. A GUID, and two of them joined by a hyphen.
var (
	guid = lazyregexp.New(`^(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	pair = lazyregexp.New(`^(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
)

// NoCredentials is the reason of every finding that needs credentials when none were given.
const NoCredentials = "no credentials were given"

// errNoCredentials is the answer to every question that needs them.
func errNoCredentials() error {
	return &probes.Unobserved{
		Cause:   probes.NotObserved,
		Because: NoCredentials,
		Remedy: &probes.Remedy{
			Who: probes.Operator, Do: "Run the check again with the integration's Client ID and Client Secret.",
		},
	}
}

var credentials = &probes.Probe[Form]{
	Name: "login.form",
	Asks: "nothing, or where the secret looks odd what login.grant asks (POST of the credentials to the token endpoint)",
	Look: func(ctx context.Context, s *probes.Session) (Form, error) {
		if !s.Credentials.Given() {
			return Form{}, errNoCredentials()
		}
		id, secret := s.Credentials.ID.Reveal(), s.Credentials.Secret.Reveal()
		f := Form{
			IDGUID: halo.IsClientID(id), IDIsPair: pair().MatchString(strings.TrimSpace(id)), IDStray: stray(id),
			SecretIsGUID: guid().MatchString(strings.TrimSpace(secret)), SecretIsPair: pair().MatchString(secret), SecretStray: stray(secret),
		}
		if f.IDGUID && (f.SecretIsGUID || f.SecretStray != "") {
			g, err := probes.Look(ctx, s, grant)
			f.Works = err == nil && g.Granted()
		}
		return f, nil
	},
}

// stray names the first character that cannot belong to a credential, and where it stands; empty where all may.
func stray(text string) string {
	for i, r := range text {
		what := ""
		switch {
		case r == '\n' || r == '\r':
			what = "a line break"
		case r == '\u00a0':
			what = "a no-break space"
		case r == ' ' || r == '\t':
			what = "a blank"
		case r == '"' || r == '\'' || r == '\u201c' || r == '\u201d':
			what = "a quotation mark"
		case r < '!' || r > '~':
			what = "a character that is not ASCII"
		default:
			continue
		}
		switch {
		case i == 0:
			return what + " at the beginning"
		case strings.TrimSpace(text[i:]) == "":
			return what + " at the end"
		}
		return what + " inside"
	}
	return ""
}

// SecretForm is login.secret-form.
var SecretForm = &probes.Requirement[Form]{
	ID:    "login.secret-form",
	Level: probes.Should,
	Says:  "The Client ID and the Client Secret have the form that HaloPSA gives them.",
	Source: probes.Source{
		Section: "Create New Application", Item: "Ensure that you save your clientId and clientSecret", Label: "Client ID, Client Secret",
	},
	Remedy: probes.Remedy{
		Who:   probes.Operator,
		Do:    "Copy the Client ID and the Client Secret of the saved application again, each into its own field, without blanks or line breaks.",
		Where: detailsTab,
	},
	Causes: []probes.Cause{probes.SecretMalformed, probes.IDMalformed},
	Given:  credentials,
	Judge:  judgeForm,
}

func judgeForm(f Form) probes.Verdict {
	switch {
	case f.Works:
		return probes.Pass("a GUID, and a secret of a rare form that gets a token", f.Works)
	case f.IDStray != "":
		return probes.Fail(probes.IDMalformed, "the Client ID has "+f.IDStray+"; halocheck did not send it")
	case f.SecretStray != "":
		return probes.Fail(probes.SecretMalformed, "the Client Secret has "+f.SecretStray)
	case f.IDIsPair:
		return probes.Fail(probes.IDMalformed, "the Client ID looks like a Client Secret: the two may be in each other's field; halocheck sent neither")
	case !f.IDGUID:
		return probes.Fail(probes.IDMalformed, "the Client ID is not a GUID; halocheck did not send it")
	case f.SecretIsGUID:
		return probes.Fail(probes.SecretMalformed, "the Client Secret is a single GUID, as a Client ID is: the two are in each other's field, or half of it is missing")
	case !f.SecretIsPair:
		return probes.Pass("a GUID, and a secret without stray characters (not the two joined GUIDs that HaloPSA usually makes)", f.IDGUID)
	}
	return probes.Pass("a GUID, and two GUIDs joined by a hyphen", f.IDGUID)
}
