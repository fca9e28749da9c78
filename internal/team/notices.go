package team

import (
	"context"
	"fmt"
	"time"

	"github.com/halocheck/halocheck/internal/notify"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/store"
)

// noticeTime bounds the telling of all webhooks, above three tries of one.
const noticeTime = time.Minute

// notify tells the webhooks what changed since the customer's check before; nothing, where there is none before or nothing changed.
func (s *Server) notify(ctx context.Context, run store.Run, now *report.Report) {
	if len(s.options.Notify) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, noticeTime)
	defer cancel()
	history, err := s.options.Store.History(ctx, run.Customer, 2)
	if err != nil || len(history) < 2 || history[0].ID != run.ID {
		return
	}
	_, before, err := s.options.Store.Report(ctx, history[1].ID)
	if err != nil {
		s.options.Page.Tell(err)
		return
	}
	n := notify.OfWatch(before, now)
	if len(n.Changes) == 0 {
		return
	}
	notify.SendAll(ctx, s.options.Notify, n, func(err error) { s.options.Page.Tell(fmt.Errorf("a webhook was not told: %w", err)) })
}
