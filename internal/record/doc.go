// Package record captures the answers of an instance during a check and writes them, sanitised, as a scenario of the fake:
// statuses, a few headers, and the body fields that requirements are judged by. It works by allow-lists: every other field,
// header and word is left out. Names become pseudonyms, except those of the guide. No secret, token, host name, e-mail
// address or personal text is kept. The package shares no code with the fake; both follow the schema in fixtures/scenarios.
package record
