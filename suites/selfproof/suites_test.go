// Package selfproof_test proves halocheck itself: the fault table against the fake, hostile and real servers, foreign text
// and files, kept reports and recordings. `make test` runs its specs in several processes.
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
