// Package probes is the vocabulary of halocheck: two nouns and the engine that joins them.
//
// A [Probe] asks the instance one question, at most once in a run, and returns a plain value; that value is the
// evidence. A [Requirement] is one sentence of the guide and a pure function from one probe's answer to a [Verdict].
// Talking and judging are different types, so neither can slip into the other.
//
// What one question needs of the world before it can be asked is said where it is asked, with [Need]; the requirement
// that does not hold is then the root cause of everything behind it. [Run] looks at everything side by side and yields
// one [Finding] for each requirement, in catalogue order.
//
// Imports point one way: cmd, report, catalogue, the areas (agent, role, application, login, product, trust, network),
// halo, and then this package, which knows only the guide as data, the wire and the secret.
package probes
