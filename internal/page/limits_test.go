package page

import (
	"strings"
	"testing"
)

// TestLimitsOfUsersAndTargets: so many checks at once, of one user, and of one host; one that is over makes room.
func TestLimitsOfUsersAndTargets(t *testing.T) {
	s := newSite(t, func(o *Options) { o.Limits = Limits{AtOnce: 4, PerUser: 2, PerTarget: 2} }).page
	enter := func(by, host string) string {
		s.mu.Lock()
		defer s.mu.Unlock()
		if err := s.enter(by, host); err != nil {
			return err.Error()
		}
		return ""
	}
	for i, c := range []struct{ by, host, want string }{
		{"ada", "a.example", ""},
		{"ada", "b.example", ""},
		{"ada", "c.example", "2 of your checks"},
		{"kim", "a.example", ""},
		{"kim", "a.example", "a.example is being checked already"},
		{"", "c.example", ""},
		{"vi", "d.example", "too many checks"},
	} {
		if got := enter(c.by, c.host); c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%d, %s at %s: %q", i, c.by, c.host, got)
		}
	}
	s.leave("ada", "a.example")
	if got := enter("ada", "a.example"); got != "" {
		t.Error("after one is over:", got)
	}
	for host, want := range map[string]string{"https://ACME.halopsa.com/api": "acme.halopsa.com", "acme.halopsa.com": "acme.halopsa.com", "": ""} {
		if got := hostOf(host); got != want {
			t.Errorf("%s: %s", host, got)
		}
	}
	for _, c := range [][2]string{{"ada", "a.example"}, {"ada", "b.example"}, {"kim", "a.example"}, {"", "c.example"}} {
		s.leave(c[0], c[1])
	}
	if s.active != 0 || len(s.users)+len(s.targets) != 0 {
		t.Error(s.active, s.users, s.targets)
	}
}
