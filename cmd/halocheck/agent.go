package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/document"
	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/vantage"
	"github.com/halocheck/halocheck/internal/version"
	"github.com/halocheck/halocheck/internal/wire"
)

// agentFlags are the flags of agent.
type agentFlags struct {
	server, tokenFile, enrolmentFile, caFile, source string
	private                                          bool
}

func newAgent(env environment) *cobra.Command {
	var o agentFlags
	c := &cobra.Command{
		Use: "agent", Short: "Look from an egress address for a halocheckd server", Args: noArguments,
		Long: `agent runs at an address that a guide names, asks a halocheckd server for hosts over outbound HTTPS, and sends what it sees of them:
whether the name resolves, a connection and a handshake succeed, and what /api/authinfo answers without credentials. It gets no
secret and opens no port. It is no agent of HaloPSA's. It runs until it is interrupted or revoked.

The token file holds what ` + "`halocheckd agent add`" + ` printed, and after the first start a token of the agent's own.`,
		Example: `  halocheck agent --server https://halocheck.example:8443 --token-file /var/lib/halocheck-agent/token`,
		RunE:    func(c *cobra.Command, _ []string) error { return runAgent(c.Context(), env, o) },
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&o.server, "server", "", "the `URL` that the server's agents come to")
	f.StringVar(&o.tokenFile, "token-file", "", "the `FILE` with the agent's token, which it replaces by its own")
	f.StringVar(&o.enrolmentFile, "enrolment-file", "", "a `FILE` with the token to enrol with, where the token file does not have it; it is left as it is")
	f.StringVar(&o.caFile, "ca-file", "", "a `FILE` with the roots that the server is verified by, in place of the system's")
	f.StringVar(&o.source, "source-address", "", "the `address` of this machine to connect from; unset: as the system chooses")
	f.BoolVar(&o.private, "allow-private", false, "look at hosts with private and loopback addresses, too")
	return c
}

// runAgent looks until ctx ends, which is how it is meant to end.
func runAgent(ctx context.Context, env environment, o agentFlags) error {
	if o.server == "" || o.tokenFile == "" {
		return usagef("agent needs --server and --token-file")
	}
	a := &vantage.Agent{Private: o.private, Version: version.String(), Resolver: net.DefaultResolver, Tell: func(err error) { printMessage(env.err, err) }}
	defer a.Close()
	var err error
	if a.Server, err = vantage.CheckServer(o.server); err != nil {
		return usagef("--server: %w", err)
	}
	if o.source != "" {
		if a.Source, err = netip.ParseAddr(o.source); err != nil {
			return usagef("--source-address %q is no IP address", o.source)
		}
	}
	if o.caFile != "" {
		text, err := document.ReadFile(ctx, o.caFile, document.Limits{Bytes: 1 << 20})
		if a.CA = x509.NewCertPool(); err == nil && !a.CA.AppendCertsFromPEM(text) {
			err = errors.New("it holds no certificate in PEM")
		}
		if err != nil {
			return usagef("--ca-file: %w", err)
		}
	}
	if a.Roots, err = wire.NewRoots(nil); err != nil {
		return exit.Internal(err)
	}
	tokens, err := vantage.ReadTokens(ctx, o.tokenFile, o.enrolmentFile)
	if err != nil {
		return usagef("--token-file: %w", err)
	}
	if err := vantage.Enrolled(ctx, a, tokens, o.tokenFile); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return usagef("the agent is not enrolled: %w", err)
	}
	if _, err := fmt.Fprintf(env.out, "The agent looks for %s (Ctrl-C ends it)\n", a.Server); err != nil {
		return exit.Unwritten(err)
	}
	if err := a.Run(ctx); err != nil {
		return usagef("the server refuses this agent: %w", err)
	}
	return nil
}
