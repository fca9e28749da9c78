package main

import (
	"crypto/x509"

	"github.com/spf13/cobra"
)

func newFake(w world) *cobra.Command {
	return &cobra.Command{Use: "fake", Short: "Run a fake HaloPSA", RunE: func(*cobra.Command, []string) error { return notYet("fake") }}
}

func prepareFake(w world, o *options, p *plan, extra []*x509.Certificate) error {
	return notYet("--fake")
}
