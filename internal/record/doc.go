// Package record keeps what an instance answered to a check as a scenario of the fake: statuses, a few headers, and of the
// bodies the fields that requirements are judged by. It works by allow-lists: a field, a header, a word of a vocabulary
// that is not named here is left out. Names become pseudonyms, unless they are the guide's; no secret, token, host name,
// e-mail address or text of a person is kept. It shares no code with the fake: what both understand is the schema in
// fixtures/scenarios.
package record
