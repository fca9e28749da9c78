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
// It is not HaloPSA. It listens on loopback, holds invented data, keeps nothing, and writes nothing. Its passwords and
// keys are made up and worth nothing.
//
// # What the endpoints rest on
//
//	GET  /api/authinfo          recorded: auth_url, tenant_id (halo-api §3); other fields are not known
//	POST /auth/token            documented and inferred: order and words of the errors (halo-api §2)
//	GET  /api/Agent/me, /Agent  recorded: field names (halo-api §6)
//	GET  /api/InstanceInfo      recorded: field names; whether it needs a token is a switch (halo-api §3)
//	GET  /api/Team, /TicketType recorded: bare arrays (halo-api §9)
//	GET  /api/Client, /Tickets, /Item, /Invoice, /ClientContract  recorded: envelopes (halo-api §9)
//	GET  /api/Roles, /Application, /Workday  documented field names, inferred bare arrays (halo-api §7, §8)
//	401, 403, 404, 429          inferred bodies; the 429 text is recorded (halo-api §10)
package fakehalo
