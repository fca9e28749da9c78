// Package hostile serves what no sane server sends: for tests of a client that has to survive it. A [Server] is a healthy
// fake HaloPSA behind a front that misbehaves at one [Stage], in one of the ways that [TCP], [TLS], [HTTP2] and [Answers]
// list, and passes everything else on. Everything listens on loopback, and ends with Close.
package hostile
