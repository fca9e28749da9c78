package fakehalo

// TB is what [New] needs of a test: a *testing.T, or Ginkgo's GinkgoT().
type TB interface {
	Helper()
	Fatal(args ...any)
	Cleanup(func())
}

// New serves an instance with the named faults until the test ends. A name that does not exist, and faults that do not go
// together, fail the test. The names are constants: FaultWrongSecret, for example.
func New(t TB, names ...string) *Server {
	t.Helper()
	faults, err := Named(names...)
	if err != nil {
		t.Fatal(err)
	}
	s, err := StartWith(Options{Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}
