package fakehalo_test

import (
	"fmt"
	"testing"

	"github.com/halocheck/halocheck/fakehalo"
)

// recorder is a test that remembers how it failed; as in a real one, Fatal ends what runs.
type recorder struct {
	said string
	done []func()
}

func (r *recorder) Helper()          {}
func (r *recorder) Cleanup(f func()) { r.done = append(r.done, f) }
func (r *recorder) Fatal(args ...any) {
	r.said = fmt.Sprint(args...)
	panic(r)
}

func TestNewFailsTheTestOnAWrongNameAndClosesItself(t *testing.T) {
	for _, row := range []struct {
		names []string
		said  string
	}{
		{[]string{"wrong-secrte"}, `there is no fault "wrong-secrte" (did you mean wrong-secret or wrong-order or wrong-name?)`},
		{[]string{fakehalo.FaultWrongSecret, fakehalo.FaultSecretWithBlank}, "the faults wrong-secret and secret-with-blank both decide what was typed as Client Secret: take one of them"},
		{[]string{fakehalo.FaultWrongSecret}, ""},
	} {
		r := &recorder{}
		var s *fakehalo.Server
		func() {
			defer func() { _ = recover() }()
			s = fakehalo.New(r, row.names...)
		}()
		if r.said != row.said {
			t.Errorf("%q: %q", row.names, r.said)
		}
		if row.said != "" {
			continue
		}
		if a := login(t, s, "all"); a.Status != 401 {
			t.Errorf("%q: %d", row.names, a.Status)
		}
		for _, f := range r.done {
			f()
		}
		if a := login(t, s, "all"); a.Kind != "refused" {
			t.Errorf("it serves on after the test: %+v", a)
		}
	}
}
