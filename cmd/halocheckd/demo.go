package main

import (
	"context"
	"strings"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/credential"
	"github.com/halocheck/halocheck/internal/page"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/suites/faketarget"
)

// demo starts a fake on loopback, and says how it is checked.
func demo(ctx context.Context, names ...string) (_ *page.Demo, err error) {
	chosen, err := fakehalo.Named(names...)
	if err != nil {
		return nil, err
	}
	server, err := fakehalo.StartWith(fakehalo.Options{Faults: chosen})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			faketarget.Close(server)
		}
	}()
	v := settings.NewValues(settings.All, settings.Form)
	if err := v.Set("url", server.URL); err != nil {
		return nil, err
	}
	none := func(string) string { return "" }
	a, err := v.Arguments(ctx, settings.Source{Source: credential.Source{Stdin: strings.NewReader(""), Getenv: none}})
	if err != nil {
		return nil, err
	}
	target, options, err := faketarget.Of(server)
	if err != nil {
		return nil, err
	}
	a.Target, a.Options = target, append(a.Options, options...)
	return &page.Demo{Arguments: a, Close: func() { faketarget.Close(server) }}, nil
}
