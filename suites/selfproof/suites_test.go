// Package suites drives the catalogue with Ginkgo: the fault table against the fake, and the conformance specs against the
// fake or, with HALO_URL set, against a real instance. It never is the catalogue: requirements live in probes.
package selfproof_test

import (
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
)

func TestSuites(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	ginkgo.RunSpecs(t, "halocheck")
}
