package exit

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// OnSignals is a context that the first Ctrl-C or SIGTERM ends with a cause; the second calls now, which exits. stop gives the
// signals back.
func OnSignals(cause error, now func()) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		select {
		case <-signals:
			cancel(cause)
		case <-done:
			return
		}
		select {
		case <-signals:
			now()
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}
