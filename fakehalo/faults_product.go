package fakehalo

func productFaults() []Fault {
	return []Fault{
		{"not-halo", "Another web application answers.", "product.answers", "fail", "not_halo", func(i *instance) {
			i.behave = first(i.behave, func(c requestContext, _ int) *reply {
				switch c.operation {
				case "root":
					return &reply{status: 200, kind: "text/html", body: "<html><body>Welcome to the intranet</body></html>"}
				default:
					return &reply{status: 404, kind: "application/json", body: `{"message":"no such route"}`}
				}
			})
		}},
		{"html-instead-of-json", "The API's addresses answer the agent application's page.", "product.answers", "fail", "html_instead_of_json", func(i *instance) {
			i.behave = first(i.behave, func(c requestContext, _ int) *reply {
				if c.operation == "authinfo" || c.operation == "api" {
					return &reply{status: 200, kind: "text/html; charset=utf-8", body: agentAppPage}
				}
				return nil
			})
		}},
		{"http-auth", "Windows Authentication is on for the whole site.", "product.answers", "fail", "http_auth_required", func(i *instance) {
			i.behave = first(i.behave, func(c requestContext, _ int) *reply {
				if i.otherKin && (c.operation == "token" || c.operation == "token-empty") {
					return nil // the authorisation server is a site of its own
				}
				return wantsWindowsLogin()
			})
		}},
		{"old-version", "The instance runs a version with a known hole.", "product.version", "fail", "below_security_floor", func(i *instance) { i.version = "2.174.80" }},
		{"behind-stable", "The instance runs a version older than the stable one.", "product.version", "fail", "not_latest_stable", func(i *instance) { i.version = "2.212.7" }},
		{"version-hidden", "The instance tells its version nowhere.", "product.version", "unknown", "version_hidden", func(i *instance) { i.version = "" }},
		{"wrong-tenant", "The tenant was mistyped.", "product.tenant", "fail", "tenant_unknown", func(i *instance) { i.typed.Tenant = "acme-ltd" }},
		{"tenant-missing", "The instance needs a tenant and none was typed.", "product.tenant", "fail", "tenant_missing", func(i *instance) { i.typed.Tenant, i.needsTenant = "", true }},
		{"tenant-not-wanted", "The instance has no tenants and one was typed.", "product.tenant", "fail", "tenant_not_wanted", func(i *instance) { i.tenant, i.typed.Tenant = "", tenantName }},
	}
}
