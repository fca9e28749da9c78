package secret_test

import (
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/secret"
)

// BenchmarkNeedle looks through a report's worth of ordinary text for three tokens and two secrets.
func BenchmarkNeedle(b *testing.B) {
	var secrets []secret.Text
	for _, c := range "abcde" {
		secrets = append(secrets, secret.New(strings.Repeat(string(c)+"7Q-z", 60)))
	}
	text := strings.Repeat(`{"says":"The role may read \"clients\".","because":"seen <3>"},`, 1000)
	redactor := secret.NewRedactor(secrets...)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if redactor.Detects(text) {
			b.Fatal("found")
		}
	}
}
