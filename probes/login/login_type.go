package login

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

// LoginType is login.login-type.
var LoginType = &probes.Requirement[Me]{
	ID:    "login.login-type",
	Level: probes.Must,
	Says:  "The application logs in as an agent.",
	Source: probes.Source{
		Section: "Create New Application", Item: "Details tab", Label: "Login Type",
	},
	Remedy: probes.Remedy{
		Who:   probes.HaloAdmin,
		Do:    "Set the Login Type to Agent, select the agent to log in as, and save.",
		Where: detailsTab,
	},
	Causes: []probes.Cause{probes.LoginTypeNotAgent, probes.EdgeRefused, probes.RateLimited, probes.ServerError},
	Given:  me,
	Judge:  judgeLoginType,
}

func judgeLoginType(m Me) probes.Verdict {
	switch {
	case m.Garble:
		return probes.CannotTell(probes.AnswerMalformed, "/Agent/me answered status 200 without a readable agent")
	case m.Page.Status == http.StatusOK, m.Page.Status == http.StatusNoContent: // ASP.NET answers 204 for null
		return probes.Pass("the token is accepted by /Agent/me"+m.Page.RetryNote(), m.Page.Status)
	case m.Page.Status == http.StatusTooManyRequests:
		return probes.CannotTell(probes.RateLimited, fmt.Sprintf("/Agent/me answered 429 (too many requests) %d times", m.Page.Tries))
	case m.Page.Transient():
		return probes.CannotTell(probes.ServerError, fmt.Sprintf("/Agent/me answered status %d, %d times", m.Page.Status, m.Page.Tries))
	case m.Page.BadToken && m.allRefused():
		return probes.CannotTell(probes.NotObserved, fmt.Sprintf("the API takes no token of this Authorization Server, not even a new one (%s)", m.statuses())).
			With(probes.Remedy{Who: probes.NetworkAdmin, Do: "Check whether the API and the Authorisation Server belong to the same instance and name the same EncryptionThumbprint.", Where: "appsettings.json in /api and in /auth"}) // halo-live §7
	case refused(m.Page.Status) && m.Before != "":
		return probes.CannotTell(probes.EdgeRefused, fmt.Sprintf("something before HaloPSA refuses calls with a token: %s (%s)", m.Before, m.statuses())).With(passTokens)
	case refused(m.Page.Status) && m.allRefused() && m.explained():
		v := probes.CannotTell(probes.NotObserved, fmt.Sprintf("the log-in works, but HaloPSA refuses every call after it and says why%s (%s)", m.quote(), m.statuses()))
		remedy, _ := findReason(halo.ReasonOf(m.Words))
		return v.With(remedy)
	case refused(m.Page.Status) && m.allRefused() && m.Unnamed:
		return probes.CannotTell(probes.NotObserved, fmt.Sprintf("the log-in works, but every call after it is refused (%s): the application logs in as no agent, or has no permission", m.statuses())).With(probes.Remedy{
			Who: probes.HaloAdmin, Do: "Check whether the Login Type is Agent, and whether the guide's permissions are ticked on the application's Permissions tab.", Where: detailsTab,
		})
	case refused(m.Page.Status) && m.allRefused():
		return probes.Fail(probes.LoginTypeNotAgent, fmt.Sprintf("the log-in works, but every call after it is refused%s (%s)", m.quote(), m.statuses()))
	case refused(m.Page.Status):
		return probes.CannotTell(probes.NotObserved, fmt.Sprintf("the instance refuses /Agent/me but answers other calls (%s)", m.statuses()))
	}
	v := probes.CannotTell(probes.NotObserved, fmt.Sprintf("/Agent/me answered status %d%s%s", m.Page.Status, m.quote(), m.Page.RedirectNote("token")))
	if remedy, ok := findReason(halo.ReasonOf(m.Words)); ok {
		return v.With(remedy)
	}
	return v
}

// explained tells whether HaloPSA gives another reason for its refusals than the login type.
func (m Me) explained() bool { return halo.ReasonOf(m.Words) != "" }

// quote are the answer's own words, to stand behind what was seen.
func (m Me) quote() string {
	if m.Words == "" {
		return ""
	}
	return fmt.Sprintf(": %q", m.Words)
}

// passTokens is about what stands before HaloPSA and lets requests through only as long as they carry no token.
var passTokens = probes.Remedy{
	Who:   probes.NetworkAdmin,
	Do:    "Check whether the filter before HaloPSA lets requests to /api with an Authorization header through.",
	Where: "the log of the WAF or reverse proxy before HaloPSA; IIS Manager > the HaloPSA site > api > Authentication",
}

// allRefused tells whether the token opened nothing at all.
func (m Me) allRefused() bool {
	for _, status := range m.Others {
		if !refused(status) {
			return false
		}
	}
	return len(m.Others) > 0
}

// statuses is every call and what it answered.
func (m Me) statuses() string {
	words := []string{fmt.Sprintf("/Agent/me %d", m.Page.Status)}
	for resource, status := range m.Others {
		words = append(words, fmt.Sprintf("/%s %d", resource, status))
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}
