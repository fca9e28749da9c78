package main

import (
	"io"
	"log/slog"
	"net/http"

	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/secret"
)

// logger logs to standard error, without what may be a secret or an escape sequence.
func (o serveFlags) logger(errs io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: o.logLevel, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Value.Kind() == slog.KindString {
			a.Value = slog.StringValue(safetext.Line(secret.Hide(a.Value.String())))
		}
		return a
	}}
	if o.logFormat == "json" {
		return slog.New(slog.NewJSONHandler(errs, options))
	}
	return slog.New(slog.NewTextHandler(errs, options))
}

// metricsHandler answers for the monitoring; nothing of it is under way when the server ends.
type metricsHandler struct{ http.Handler }

func (metricsHandler) Close() {}
