package trust_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/halocheck/halocheck/fakehalo/pki"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/trust"
)

// TestSavedAnswersAreJudgedAlike saves the answers about every flaw and judges them again without a network.
func TestSavedAnswersAreJudgedAlike(t *testing.T) {
	for _, f := range append(pki.Faults(), pki.Fault{Name: "healthy"}) {
		if f.Cause == "timeout" {
			continue // seconds each, and the answer is like any other failed handshake's
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			faults := []string{f.Name}
			if f.Name == "healthy" {
				faults = nil
			}
			live := serve(t, faults...).session(t, "private")
			first := look(t, live, plenty)
			evidence, err := live.Evidence()
			if err != nil {
				t.Fatal(err)
			}
			if _, kept := evidence["trust.dates"]; kept {
				t.Error("what other answers make up is kept as well")
			}
			saved := &probes.Session{Target: live.Target, Net: live.Net, OnPanic: live.OnPanic}
			saved.Replay(evidence)
			again := look(t, saved, plenty)
			for id, f := range first {
				if f.Status == probes.Blocked {
					delete(first, id) // what was not asked has no answer to save
					delete(again, id)
				}
			}
			sameBut := cmpopts.IgnoreFields(probes.Finding{}, "TookMS")
			if diff := cmp.Diff(first, again, sameBut, cmpopts.IgnoreUnexported(probes.Finding{})); diff != "" {
				t.Errorf("-live +saved:\n%s", diff)
			}
		})
	}
}

// TestHandsAreJudged maps what a handshake showed to a verdict.
func TestHandsAreJudged(t *testing.T) {
	for name, c := range map[string]struct {
		hands  trust.Handshake
		status probes.Status
		cause  probes.Cause
	}{
		"complete":                   {trust.Handshake{Version: "TLS 1.3", Address: "192.0.2.1:443"}, probes.Passed, probes.OK},
		"client certificate offered": {trust.Handshake{Version: "TLS 1.2", ClientCertRequested: true}, probes.Passed, probes.OK},
		"client certificate forced":  {trust.Handshake{Cause: probes.ClientCertRequired, ClientCertRequested: true}, probes.Failed, probes.ClientCertRequired},
		"unreadable certificate":     {trust.Handshake{Cause: probes.BadCertificate}, probes.Passed, probes.OK},
		"list in the wrong order":    {trust.Handshake{Cause: probes.LeafNotFirst}, probes.Passed, probes.OK},
		"another key":                {trust.Handshake{Cause: probes.KeyMismatch}, probes.Failed, probes.KeyMismatch},
		"reset twice":                {trust.Handshake{Cause: probes.ConnectionReset}, probes.Unknown, probes.ConnectionReset},
		"silence":                    {trust.Handshake{Cause: probes.Timeout, MS: 1000}, probes.Failed, probes.Timeout},
		"hardly waited":              {trust.Handshake{Cause: probes.Timeout, MS: 999}, probes.Unknown, probes.Timeout},
		"plain HTTP":                 {trust.Handshake{Cause: probes.NotTLS}, probes.Failed, probes.NotTLS},
		"too old":                    {trust.Handshake{Cause: probes.TLSTooOld, LegacyVersion: "TLS 1.0"}, probes.Failed, probes.TLSTooOld},
	} {
		if v := trust.Resource.Handshake.Judge(c.hands); v.Status != c.status || v.Cause != c.cause {
			t.Errorf("%s: %s %s, want %s %s", name, v.Status, v.Cause, c.status, c.cause)
		}
	}
}

// TestStandingIsJudged passes where nobody says otherwise, and tells who could not be asked.
func TestStandingIsJudged(t *testing.T) {
	good := trust.CertStatus{Subject: "a", State: "good", From: "http://ocsp.example"}
	silent := trust.CertStatus{Subject: "b", Why: "it names nobody to ask"}
	revoked := trust.CertStatus{Subject: "c", State: "revoked", From: "http://crl.example"}
	for _, c := range []struct {
		certs   []trust.CertStatus
		status  probes.Status
		because string
	}{
		{nil, probes.Passed, "not known to be revoked; nobody could be asked, since no certificate's issuer is known"},
		{[]trust.CertStatus{good}, probes.Passed, "not known to be revoked; asked: http://ocsp.example"},
		{[]trust.CertStatus{good, silent}, probes.Passed, `not known to be revoked; nobody could be asked about "b" (it names nobody to ask)`},
		{[]trust.CertStatus{silent, revoked}, probes.Failed, `"c" was revoked on 0001-01-01 00:00 UTC, says http://crl.example`},
	} {
		v := trust.Resource.Revocation.Judge(trust.RevocationStatus{Certs: c.certs, Now: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)})
		if v.Status != c.status || v.Because != c.because {
			t.Errorf("%v: %s %q, want %s %q", c.certs, v.Status, v.Because, c.status, c.because)
		}
	}
}

// TestLooksAreJudged fails on one incomplete chain among many, and counts no refusal.
func TestLooksAreJudged(t *testing.T) {
	whole := trust.Attempt{Variant: "TLS 1.3, 192.0.2.1", Builds: true}
	alone := trust.Attempt{Variant: "TLS 1.2, RSA, 192.0.2.2", Sent: 1, Cause: probes.UnknownIssuer}
	refused := trust.Attempt{Variant: "TLS 1.2, ECDSA, 192.0.2.1", Refused: "handshake failure"}
	for _, c := range []struct {
		looks  []trust.Attempt
		status probes.Status
		cause  probes.Cause
	}{
		{[]trust.Attempt{whole, refused}, probes.Passed, probes.OK},
		{[]trust.Attempt{whole, whole, alone}, probes.Failed, probes.InconsistentChain},
		{[]trust.Attempt{refused}, probes.Unknown, probes.NotObserved},
	} {
		if v := trust.Resource.Consistent.Judge(trust.Handshakes{Attempts: c.looks}); v.Status != c.status || v.Cause != c.cause {
			t.Errorf("%v: %s %s, want %s %s", c.looks, v.Status, v.Cause, c.status, c.cause)
		}
	}
}

// TestProven lets a secret go only where everything that the first handshake shows holds, and names what does not.
func TestProven(t *testing.T) {
	for fault, want := range map[string]string{
		"":                     "",
		"near-expiry":          "", // a should
		"revoked":              "trust.revocation",
		"revoked-crl":          "trust.revocation",
		"inconsistent-chain":   "",
		"missing-intermediate": "trust.chain",
		"bad-certificate":      "trust.chain",
		"leaf-not-first":       "trust.chain",
		"wrong-name":           "trust.name",
		"expired":              "trust.in-date",
		"weak-signature":       "trust.strength",
		"key-mismatch":         "trust.handshake",
		"not-tls":              "trust.handshake",
		"revoked-stapled":      "trust.revocation",
	} {
		var faults []string
		if fault != "" {
			faults = []string{fault}
		}
		if got := root(trust.Resource.NeedVerified(t.Context(), serve(t, faults...).session(t, "private"))); got != want {
			t.Errorf("%q waits for %q, want %q", fault, got, want)
		}
	}
}

// TestOpen lets anonymous requests go wherever a handshake completes.
func TestOpen(t *testing.T) {
	for fault, want := range map[string]string{
		"missing-intermediate": "", "expired": "", "wrong-name": "", "self-signed": "",
		"bad-certificate": "trust.chain", "leaf-not-first": "trust.chain", "chain-too-large": "trust.chain",
		"tls-too-old": "trust.handshake", "client-cert-required": "trust.handshake",
	} {
		if got := root(trust.Resource.NeedHandshake(t.Context(), serve(t, fault).session(t, "private"))); got != want {
			t.Errorf("%q waits for %q, want %q", fault, got, want)
		}
	}
}

// root is the requirement that an error waits for; any other error is told as it is.
func root(err error) string {
	var unmet *probes.Unmet
	switch {
	case err == nil:
		return ""
	case errors.As(err, &unmet):
		return unmet.ID
	case errors.Is(err, context.DeadlineExceeded):
		return "the time is over"
	}
	return err.Error()
}
