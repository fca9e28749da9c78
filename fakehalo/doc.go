// Package fakehalo is a HaloPSA that misbehaves on demand: an instance in memory, over real TLS with certificates that it
// makes itself, for tests of integrations and of halocheck. It shares no code with the checker, so that a misreading on
// one side is not hidden by the same misreading on the other.
//
// # Goals
//
//  1. Healthy and deterministic: [Start] gives an instance that satisfies the whole integration guide.
//  2. It really enforces: tokens, scopes, permissions, visibility, addresses, rate.
//  3. Every fault is a name, a sentence and a small change to the instance: see [Faults].
//  4. Where nobody knows how HaloPSA behaves, the behaviour is a switch: see [Dialects].
//  5. What is not HaloPSA's protocol (journal, faults, clock, reset) is on a listener of its own.
//
// # Limitations
//
// It is not HaloPSA. It listens on loopback and holds invented data. What is written to it lasts as long as it runs, or
// with [Options].State as long as the file. Its passwords and keys are made up and worth nothing. Settings (agents,
// roles, teams, ticket types, applications) cannot be written through the API: a scenario says what they are.
//
// # What the endpoints rest on
//
// The route table in resources.go says of each resource whether its shape is recorded (somebody published what a live
// instance answered), documented (Halo's own description has it) or inferred; GET /api/swagger/v2/swagger.json tells it
// operation by operation. Beyond that:
//
//	GET  /api/authinfo        recorded: auth_url, tenant_id (halo-api §3); other fields are not known
//	POST /auth/token          documented and inferred: order and words of the errors (halo-api §2)
//	GET  /auth/.well-known/   inferred: a shipped client relies on it (wire-contract §2.2)
//	POST, DELETE              recorded: arrays, 201, the bare object (wire-contract §2.7); which level and permission each
//	                          takes is inferred from their names
//	400                       recorded shapes, {ClassName, Message} and model state; the words are the fake's own
//	404                       Feed, CRMNote, Automation (halo-live §5), TimesheetEvent, TicketRules, SoftwareLicence and Service
//	                          (clients §4) exist; no public source shows their rows, so they are not served
//	401, 403, 404, 405, 413   inferred bodies; the text of 429 is recorded (halo-api §10)
package fakehalo
