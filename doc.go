// Package halocheck tells whether a HaloPSA instance meets what a vendor's integration guide requires of it, and if not,
// which sentence of the guide does not hold, what was observed, and who has to do what. It only reads: GET, HEAD and the
// token request, nothing else. The Client Secret is sent to a server only after the server proved its name and speaks OAuth.
//
// [Run] checks an instance and returns a [Report]; [Check] yields each [Finding] as soon as it is known. Both take the
// same options; without any, everything that the built-in guide asks for is checked within a minute. The statuses, levels
// and causes of findings are documented in package probes.
//
// All functions are safe for concurrent use. Nothing is logged and no environment variable is read.
package halocheck
