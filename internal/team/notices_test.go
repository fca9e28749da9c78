package team_test

import (
	"net"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/team"
)

// TestHangingWebhook: a webhook that never answers does not keep the server from ending.
func TestHangingWebhook(t *testing.T) {
	hook, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer hook.Close()
	asked := make(chan net.Conn, 10)
	go func() {
		for {
			conn, err := hook.Accept()
			if err != nil {
				return
			}
			asked <- conn
		}
	}()
	wrong, err := fakehalo.Named("old-version")
	if err != nil {
		t.Fatal(err)
	}
	fake := fakehalo.Start()
	defer fake.Close()
	s := newSiteWith(t, team.Targets{Private: true, Ports: []uint16{portOf(fake)}}, func(_ string, o *team.Options) {
		o.Notify = []string{"webhook=http://" + hook.Addr().String()}
	})
	s.check(fake)
	fake.Set(wrong...)
	s.check(fake)
	select {
	case conn := <-asked:
		defer conn.Close()
	case <-time.After(time.Minute):
		t.Fatal("the webhook hears nothing")
	}
	began := time.Now()
	if s.team.Close(); time.Since(began) > 20*time.Second { // a try takes ten seconds, and there are three
		t.Error("it took", time.Since(began))
	}
}
