// Package contract proves somebody else's client: [Run] drives it through what can go wrong with a HaloPSA, and each rule looks
// at what the client sent (the fake's journal) and at how it says that it ended.
//
// A client is a function that does its job once against a connection: reads tickets, for example. It is run some sixty times,
// each time against a fresh instance. [Verdicts] gives the same without package testing, and a [Session] drives a client of
// another language over HTTP: halocheck fake --contract.
//
// # Rules
//
//	job                  it does its job against a healthy instance
//	secret-unproven      nothing is sent to a server that did not prove its name
//	secret-redirect      neither secret nor token follows a redirect
//	read-only            nothing is written, unless [Writes] allows it
//	retry-after          it waits as long as a 429 says, or gives up
//	new-token            after a 401 it asks for one new token, and goes on
//	no-endless-retry     it gives up where an error stays
//	error-class          it tells errors of configuration, of permission and transient ones apart
//	error-text           its errors do not hold the Client Secret
//	whole-answers        half an answer, or a page instead of JSON, is an error
//	paging               lists are read to their end
//	fields               dates in every form, null and absent fields are taken
//	dialects             it does its job in every way that instances are known to differ in
package contract
