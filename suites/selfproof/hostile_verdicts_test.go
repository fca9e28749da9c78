package selfproof_test

import (
	"slices"
	"strings"
)

// hostileVerdict is what a cell of the table has to come to: the first root cause with its status and cause, else the
// first Must that is not judged, else the outcome. Empty where the table lacks it.
func hostileVerdict(stage, how string) string {
	for verdict, hows := range hostileVerdicts[stage] {
		if slices.Contains(strings.Split(hows, ", "), how) {
			return verdict
		}
	}
	return ""
}

// hostileVerdicts by stage and verdict. A body that is read to its end and lacks what HaloPSA says is a fault of what
// stands there; one that cannot be read, or does not come, is unknown. An answer that nobody depends on, as the
// tickets' where the agent's own record says enough, changes nothing; spoiled extra fields change nothing either.
var hostileVerdicts = map[string]map[string]string{
	"HTTP/2": {
		"product.answers unknown not_observed":     "ping-flood, rst-stream, settings-flood, silence",
		"product.answers unknown answer_malformed": "continuation-flood, goaway, huge-frame, not-http2, push",
	},
	"TCP": {
		"trust.handshake fail not_tls":           "drip, endless-junk, plain-http, ssh-banner",
		"trust.handshake fail timeout":           "silence",
		"trust.handshake fail connection_closed": "close",
	},
	"TLS": {
		"trust.handshake fail connection_closed":   "close",
		"trust.handshake fail not_tls":             "change-ciphers, data-first",
		"trust.handshake fail timeout":             "drip-record, half-a-record",
		"trust.handshake fail tls_alert":           "fatal-alert, unknown-alert",
		"trust.handshake fail tls_error":           "empty-records, giant-message, giant-record, hello-requests, warning-alerts",
		"trust.handshake unknown connection_reset": "reset",
	},
	"agent": {
		"conformant":                "body bom, body duplicate-keys, body huge-expiry, body huge-string, body many-keys, cookies, html-type",
		"login.agent fail no_agent": "body null",
		"login.login-type unknown answer_malformed": "basic, body deep-nesting, body empty, body huge-number, body long-number, body nested-whole, " +
			"body trailing, body truncated, chunk-extensions, chunk-nonsense, chunk-overflow, deflate-bomb, " +
			"endless-blanks, endless-body, endless-header, endless-headers, endless-status, flood-1xx, gzip-bomb, " +
			"negative-length, no-headers, two-lengths",
		"login.login-type unknown connection_closed": "close",
		"login.login-type unknown connection_reset":  "reset",
		"login.login-type unknown edge_refused":      "negotiate",
		"login.login-type unknown not_observed":      "redirect-away, redirect-loop",
		"login.login-type unknown server_error":      "status-999",
		"login.login-type unknown timeout":           "drip-body, drip-headers, silence",
		"role.clients-level unknown claim_absent":    "body bidi, body escapes, body invalid-utf8, body script, body wrong-types",
	},
	"authinfo": {
		"conformant":                              "body bom, body duplicate-keys, body huge-expiry, body huge-string, body many-keys, cookies, html-type",
		"product.answers unknown not_observed":    "close, drip-body, drip-headers, reset, silence",
		"product.answers fail http_auth_required": "negotiate",
		"product.answers fail not_halo": "body bidi, body deep-nesting, body empty, body escapes, body huge-number, body invalid-utf8, " +
			"body long-number, body nested-whole, body null, body script, body trailing, body truncated, " +
			"body wrong-types, deflate-bomb, endless-blanks, endless-body, gzip-bomb, redirect-away, redirect-loop",
		"product.answers unknown answer_malformed": "basic, chunk-extensions, chunk-nonsense, chunk-overflow, endless-header, endless-headers, " +
			"endless-status, flood-1xx, negative-length, no-headers, two-lengths",
		"product.answers unknown server_error": "status-999",
	},
	"tickets": { // a list that was not read shows nothing: contract §10, 1
		"conformant": "body bidi, body bom, body duplicate-keys, body escapes, body huge-expiry, body huge-number, body huge-string, " +
			"body invalid-utf8, body long-number, body many-keys, body script, body wrong-types, cookies, html-type",
		"role.tickets-level unknown answer_malformed": "basic, body deep-nesting, body empty, body nested-whole, body null, body trailing, " +
			"body truncated, chunk-extensions, chunk-nonsense, chunk-overflow, deflate-bomb, endless-blanks, endless-body, " +
			"endless-header, endless-headers, endless-status, flood-1xx, gzip-bomb, negative-length, no-headers, two-lengths",
		"role.tickets-level unknown connection_closed": "close",
		"role.tickets-level unknown connection_reset":  "reset",
		"role.tickets-level unknown not_observed":      "negotiate, redirect-away, redirect-loop",
		"role.tickets-level unknown server_error":      "status-999",
		"role.tickets-level unknown timeout":           "drip-body, drip-headers, silence",
	},
	"token": {
		"conformant": "body bom, body duplicate-keys, body huge-expiry, body huge-string, body many-keys, cookies, html-type",
		// The number makes the answer's scope unreadable: contract §10, 1.
		"application.scope-read-contracts unknown not_observed": "body huge-number",
		"login.login-type fail login_type_not_agent":            "body script",
		"login.token fail not_oauth":                            "negotiate, redirect-away, redirect-loop",
		// Without credentials it answered as an OAuth server: contract §10, 1 and 3.
		"login.token unknown answer_malformed": "basic, body bidi, body deep-nesting, body empty, body escapes, body invalid-utf8, " +
			"body long-number, body nested-whole, body null, body trailing, body truncated, body wrong-types, " +
			"chunk-extensions, chunk-nonsense, chunk-overflow, deflate-bomb, endless-blanks, endless-body, endless-header, endless-headers, " +
			"endless-status, flood-1xx, gzip-bomb, negative-length, no-headers, two-lengths",
		"login.token unknown connection_closed": "close",
		"login.token unknown connection_reset":  "reset",
		"login.token unknown server_error":      "status-999",
		"login.token unknown timeout":           "drip-body, drip-headers, silence",
	},
	"version": {
		"conformant": "body bom, body duplicate-keys, body huge-expiry, body huge-number, body huge-string, body long-number, " +
			"body many-keys, cookies, html-type",
		"product.version unknown answer_malformed": "basic, chunk-extensions, chunk-nonsense, chunk-overflow, endless-header, endless-headers, " +
			"endless-status, flood-1xx, negative-length, no-headers, two-lengths",
		"product.version unknown connection_closed": "close",
		"product.version unknown connection_reset":  "reset",
		"product.version unknown timeout":           "drip-body, drip-headers, silence",
		"product.version unknown version_hidden": "body bidi, body deep-nesting, body empty, body escapes, body invalid-utf8, body nested-whole, " +
			"body null, body script, body trailing, body truncated, body wrong-types, deflate-bomb, endless-blanks, " +
			"endless-body, gzip-bomb, negotiate, redirect-away, redirect-loop",
		"product.version unknown server_error": "status-999",
	},
}
