package fakehalo

import (
	"net/http"
)

// typeAuth changes the Authorisation Server that was typed; the server knows its own base when faults are applied.
func typeAuth(change func(base string) string) func(*instance) {
	return func(i *instance) { i.typed.AuthURL = change(authPlaceholder) }
}

// authPlaceholder stands for the right URL, with its closing slash, until the server has a port; rootPlaceholder for the
// instance's own origin.
const (
	authPlaceholder = "{auth}"
	rootPlaceholder = "{root}"
	noSlash         = "{no slash}"
)

// rateText is recorded: halo-api §10.
const rateText = "Rate Limit Reached - 300 Requests per rolling 5 minute window"

// oauthError is the library's form of a refusal.
func oauthError(status int, code, description string) *reply {
	return &reply{status: status, kind: "application/json;charset=UTF-8", body: `{"error":"` + code + `","error_description":"` + description + `"}`}
}

// atToken answers requests to the token endpoint: those with credentials, and, if empty is set, those without.
func atToken(empty bool, answer func() *reply) func(*instance) {
	return func(i *instance) {
		i.behave = first(i.behave, func(c requestContext, _ int) *reply {
			if c.operation == "token" || empty && c.operation == "token-empty" {
				return answer()
			}
			return nil
		})
	}
}

func loginFaults() []Fault {
	return []Fault{
		{"auth-url-no-slash", "The Authorisation Server was typed without its closing slash.", "login.auth-url-slash", "fail", "no_trailing_slash", typeAuth(func(base string) string { return base + noSlash })},
		{"auth-without-prefix", "The authorisation server is at the root of its host, and /auth/ was typed.", "login.auth-url", "fail", "auth_url_differs", func(i *instance) {
			i.otherKin, i.authBase, i.typed.AuthURL = true, "", authPlaceholder+"auth/"
		}},
		{"auth-on-other-host", "The authorisation server is on another host than the one typed.", "login.auth-url", "fail", "auth_url_differs", func(i *instance) {
			i.otherKin, i.typed.AuthURL = true, rootPlaceholder+"auth/"
		}},
		{"auth-url-doubled", "The Authorisation Server was typed with /auth twice.", "login.auth-url", "fail", "auth_url_differs", typeAuth(func(base string) string { return base + "auth/" })},
		{"auth-url-api", "The Authorisation Server was typed with /api in it.", "login.auth-url", "fail", "auth_url_differs", typeAuth(func(string) string { return rootPlaceholder + "api/auth/" })},
		{"auth-url-portal", "The portal's address was typed as the Authorisation Server.", "login.auth-url", "fail", "auth_url_differs", typeAuth(func(string) string { return rootPlaceholder + "portal/" })},
		{"auth-url-http", "The Authorisation Server was typed with http.", "login.auth-url", "fail", "https_required", typeAuth(func(base string) string { return "http:" + base })},
		{"token-404", "There is no token endpoint where the instance says it is.", "login.auth-url", "fail", "token_endpoint_missing", func(i *instance) {
			i.behave = first(i.behave, func(c requestContext, _ int) *reply {
				if c.operation == "token" || c.operation == "token-empty" {
					return &reply{status: http.StatusNotFound, kind: "text/plain", body: "Not Found"}
				}
				return nil
			})
		}},
		{"not-oauth", "A web page answers where the token endpoint should be.", "login.auth-url", "fail", "not_oauth", func(i *instance) {
			i.behave = first(i.behave, func(c requestContext, _ int) *reply {
				if c.operation == "token" || c.operation == "token-empty" {
					return &reply{status: http.StatusOK, kind: "text/html", body: agentAppPage}
				}
				return nil
			})
		}},
		{"token-404-json", "Where the token endpoint should be, a router says in JSON that there is nothing.", "login.auth-url", "fail", "token_endpoint_missing", atToken(true, func() *reply {
			return &reply{status: http.StatusNotFound, kind: "application/json", body: `{"error":"Not Found"}`}
		})},
		{"token-moved", "The token endpoint answers with a redirect.", "login.auth-url", "fail", "not_oauth", atToken(true, func() *reply {
			return &reply{status: http.StatusMovedPermanently, header: http.Header{"Location": {"https://new.example.com/connect/token"}}}
		})},
		{"http-auth-token", "Windows Authentication is on for the Auth application.", "login.auth-url", "fail", "http_auth_required", atToken(true, wantsWindowsLogin)},
		{"https-required", "The authorisation server stands behind a TLS terminator that does not say so.", "login.auth-url", "fail", "https_required", func(i *instance) {
			i.behave = first(i.behave, func(c requestContext, _ int) *reply {
				if c.operation == "token" || c.operation == "token-empty" {
					return oauthError(400, "invalid_request", "This server only accepts HTTPS requests.")
				}
				return nil
			})
		}},
		{"secret-with-blank", "The Client Secret was pasted with a blank at its end.", "login.secret-form", "fail", "secret_malformed", func(i *instance) { i.typed.ClientSecret += " " }},
		{"id-not-guid", "The Client ID is none that HaloPSA makes.", "login.secret-form", "fail", "id_malformed", func(i *instance) { i.typed.ClientID, i.app.id = "mspcentric", "mspcentric" }},
		{"wrong-client-id", "The Client ID is not known: it was copied before the application was saved.", "login.token", "fail", "invalid_client", func(i *instance) { i.typed.ClientID = "7f1d2c3b-8a49-4e57-9b60-c71d2e3f4a5b" }},
		{"wrong-secret", "The Client Secret is an old one.", "login.token", "fail", "invalid_client", func(i *instance) {
			i.typed.ClientSecret = "ffffffff-4e5f-4a6b-8c7d-9e0f1a2b3c4d-5e6f7a8b-9c0d-4e1f-a2b3-c4d5e6f7a8b9"
		}},
		{"refused-without-body", "The token endpoint refuses the credentials with 401 and no body.", "login.token", "fail", "invalid_client", atToken(false, func() *reply { return &reply{status: http.StatusUnauthorized} })},
		{"access-denied", "The token endpoint refuses the login, not the credentials.", "login.token", "fail", "access_denied", atToken(false, func() *reply { return oauthError(http.StatusBadRequest, "access_denied", "") })},
		{"invalid-grant", "The token endpoint refuses the grant, not the credentials.", "login.token", "fail", "invalid_grant", atToken(false, func() *reply { return oauthError(http.StatusBadRequest, "invalid_grant", "") })},
		{"wrong-method", "The application's authentication method is not Client ID and Secret.", "login.token", "fail", "unauthorized_client", func(i *instance) { i.app.method = "authorization_code" }},
		{"application-inactive", "The application is switched off.", "login.token", "fail", "application_inactive", func(i *instance) { i.app.inactive = true }},
		{"rate-limited", "The instance answers 429 to everything that carries credentials.", "login.token", "unknown", "rate_limited", func(i *instance) {
			i.behave = first(i.behave, func(c requestContext, _ int) *reply {
				if c.secret {
					return &reply{status: http.StatusTooManyRequests, kind: "text/plain", body: rateText}
				}
				return nil
			})
		}},
		{"rate-limited-retry-after", "The first two token requests are answered 429 with Retry-After, then all is well.", "", "", "", func(i *instance) {
			i.behave = first(i.behave, func(c requestContext, hit int) *reply {
				if c.operation == "token" && hit <= 2 {
					return &reply{status: http.StatusTooManyRequests, kind: "text/plain", body: rateText, header: http.Header{"Retry-After": {"1"}}}
				}
				return nil
			})
		}},
		{"server-error", "The token endpoint answers 500 to credentials.", "login.token", "unknown", "server_error", func(i *instance) {
			i.behave = first(i.behave, func(c requestContext, _ int) *reply {
				if c.operation == "token" {
					return &reply{status: http.StatusInternalServerError, kind: "text/html", body: "<html><body>An error occurred.</body></html>"}
				}
				return nil
			})
		}},
		{"flaky", "The first call of every operation is answered 503, then all is well.", "", "", "", func(i *instance) {
			i.behave = first(i.behave, func(_ requestContext, hit int) *reply {
				if hit == 1 {
					return &reply{status: http.StatusServiceUnavailable, kind: "text/html", body: "<html><body>Service Unavailable</body></html>"}
				}
				return nil
			})
		}},
		{"login-type-client", "The application's login type is not Agent.", "login.login-type", "fail", "login_type_not_agent", func(i *instance) { i.app.loginType = "client" }},
		{"no-agent", "No agent is selected to log in as.", "login.agent", "fail", "no_agent", func(i *instance) { i.app.noAgent = true }},
	}
}
