package page

import (
	"errors"
	"fmt"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// Limits are how many checks may be under way at once. Watches count.
type Limits struct {
	AtOnce    int // all of them; 0: four
	PerUser   int // of one user; 0: as many
	PerTarget int // of one host; 0: as many
}

// defaultAtOnce is how many checks one machine's user has at once.
const defaultAtOnce = 4

var errBusy = errors.New("too many checks are running; wait until one of them is done, and try again")

// enter counts a check that begins, unless it would be one too many. The server is locked.
func (s *Server) enter(by, host string) error {
	limits := s.options.Limits
	if limits.AtOnce == 0 {
		limits.AtOnce = defaultAtOnce
	}
	switch {
	case s.active >= limits.AtOnce, s.ctx.Err() != nil:
		return errBusy
	case by != "" && limits.PerUser > 0 && s.users[by] >= limits.PerUser:
		return fmt.Errorf("%d of your checks are running; wait until one of them is done, or stop one", s.users[by])
	case host != "" && limits.PerTarget > 0 && s.targets[host] >= limits.PerTarget:
		return fmt.Errorf("%s is being checked already; wait until that is done", host)
	}
	s.active++
	s.users[by]++
	s.targets[host]++
	return nil
}

// leave counts a check that is over.
func (s *Server) leave(by, host string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active--
	countDown(s.users, by)
	countDown(s.targets, host)
}

// countDown keeps no key whose count is nothing.
func countDown(counts map[string]int, key string) {
	if counts[key]--; counts[key] <= 0 {
		delete(counts, key)
	}
}

// hostOf is the host of a URL that was typed; empty: it has none.
func hostOf(typed string) string {
	u, err := probes.ParseTarget(typed)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// Busy tells how many checks and streams are under way.
func (s *Server) Busy() (checks, streams int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.active, s.streams
}
