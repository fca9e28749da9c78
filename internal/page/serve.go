package page

import (
	"context"
	"net"
	"net/http"
	"time"
)

// stopTime is how long requests may take that are under way when a server ends.
const stopTime = 2 * time.Second

// Handler is a page that ends its checks and streams when it is closed, so that nothing is left to wait for.
type Handler interface {
	http.Handler
	Close()
}

// Serve answers requests until ctx ends, which is how it is meant to end; then it closes the handler. The error says why it
// ended before.
func Serve(ctx context.Context, listener net.Listener, handler Handler) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		handler.Close()
		return err
	case <-ctx.Done():
	}
	handler.Close()
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if server.Shutdown(ending) != nil {
		_ = server.Close()
	}
	return nil
}
