package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os/user"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/halocheck/halocheck/internal/flags"
	"github.com/halocheck/halocheck/internal/page"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/store"
	vantages "github.com/halocheck/halocheck/internal/vantage/server"
)

// enrolWithin is how long an agent's one-time token can be used.
const enrolWithin = 7 * 24 * time.Hour

func newAgent(out io.Writer) *cobra.Command {
	c := &cobra.Command{
		Use: "agent", Short: "Add, list and revoke agents that look from egress addresses", Args: noArguments,
		Long: `agent is about the programs that look from egress addresses for this server (` + "`halocheck agent`" + `). They show whether a customer's
firewall lets the vendor's addresses in. They are no agents of HaloPSA's.`,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	database, address := "", ""
	adding := &cobra.Command{
		Use: "add NAME", Short: "Declare an agent, and print the token that it enrols with", Args: oneName,
		Long: `add declares an agent and the address that it comes from, and prints a token that it enrols with: once, within 7 days, from that
address. The database keeps a hash of it.`,
		Example: "  halocheckd agent add egress-1 --address 3.19.3.152",
		RunE: func(c *cobra.Command, args []string) error {
			at, err := netip.ParseAddr(address)
			if err != nil || at.Zone() != "" || at.IsUnspecified() {
				return usagef("--address %q is no IP address, such as 3.19.3.152", address)
			}
			if name := args[0]; name != safetext.Line(name) || strings.TrimSpace(name) != name || name == "" || len(name) > 100 {
				return usagef("%q is no name for an agent", name)
			}
			return withStore(c.Context(), database, func(s *store.Store) error {
				now := time.Now()
				word, err := s.AddVantageAgent(c.Context(), store.VantageAgent{Name: args[0], Address: at.Unmap(), Made: now, EnrolBefore: now.Add(enrolWithin)})
				if errors.Is(err, store.ErrTaken) {
					return usagef("there is an agent of the name %s; revoke it first, or choose another name", args[0])
				}
				if err == nil {
					err = audit(c.Context(), s, now, "declared the agent "+args[0]+" at "+at.Unmap().String())
				}
				if err == nil {
					_, err = fmt.Fprintln(out, word)
				}
				return err
			})
		},
	}
	listing := &cobra.Command{
		Use: "list", Short: "List the agents", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return withStore(c.Context(), database, func(s *store.Store) error {
				all, err := s.VantageAgents(c.Context())
				for _, a := range all {
					if err == nil {
						_, err = fmt.Fprintf(out, "%s  %s  %s\n", a.Name, a.Address, stateOf(a, time.Now()))
					}
				}
				return err
			})
		},
	}
	revoking := &cobra.Command{
		Use: "revoke NAME", Short: "End an agent: its token is of no use any more", Args: oneName,
		RunE: func(c *cobra.Command, args []string) error {
			return withStore(c.Context(), database, func(s *store.Store) error {
				err := s.RevokeVantageAgent(c.Context(), args[0])
				if errors.Is(err, store.ErrNotFound) {
					return usagef("there is no agent %s; `halocheckd agent list` lists them", args[0])
				}
				if err == nil {
					err = audit(c.Context(), s, time.Now(), "revoked the agent "+args[0])
				}
				if err == nil {
					_, err = fmt.Fprintf(out, "The agent %s is revoked.\n", args[0])
				}
				return err
			})
		},
	}
	for _, one := range []*cobra.Command{adding, listing, revoking} {
		databaseFlag(one, &database)
		c.AddCommand(one)
	}
	adding.Flags().StringVar(&address, "address", "", "the `address` that the agent comes from, and that it looks from")
	return c
}

// audit keeps who did what with a command: the user of this machine, by the name that it has here.
func audit(ctx context.Context, s *store.Store, at time.Time, what string) error {
	who := "the command line"
	if me, err := user.Current(); err == nil {
		who += " (" + me.Username + ")"
	}
	return s.Audit(ctx, store.AuditEntry{At: at, Who: who, What: secret.Hide(what)})
}

// stateOf is how an agent is, in words.
func stateOf(a store.VantageAgent, now time.Time) string {
	state := "version " + a.Version + ", last there at " + a.Seen.Format(time.RFC3339)
	switch {
	case !a.Enrolled && !a.EnrolBefore.After(now):
		state = "did not enrol in time"
	case !a.Enrolled:
		state = "not enrolled yet"
	case a.Seen.IsZero():
		state = "enrolled, never there"
	}
	if a.Dropped > 0 {
		state += fmt.Sprintf(", sent %d times what nobody asked for", a.Dropped)
	}
	return state
}

// oneName refuses anything but one name.
func oneName(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("%s takes one name of an agent", c.Name())
	}
	return nil
}

// agentFlags are the flags of serve that are about agents.
type agentFlags struct {
	listen, certificate, key, least string
	proxies                         []string
}

func (o *agentFlags) add(f *pflag.FlagSet) {
	f.StringVar(&o.listen, "agents", "", "where agents come to: `HOST:PORT`, with TLS unless it is on loopback; empty: nowhere")
	f.StringVar(&o.certificate, "agents-certificate", "", "a `FILE` with the certificate chain that agents verify, PEM")
	f.StringVar(&o.key, "agents-key", "", "a `FILE` with its key, PEM")
	f.StringArrayVar(&o.proxies, "agents-proxy", nil, "an address or a `network` of proxies before it, whose X-Forwarded-For is believed; repeatable")
	f.StringVar(&o.least, "agents-min-version", "", "the least `version` of an agent; older ones are refused; empty: any")
}

// prefixes are the proxies.
func (o *agentFlags) prefixes() (list []netip.Prefix, err error) {
	for _, typed := range o.proxies {
		p, err := netip.ParsePrefix(typed)
		if a, notOne := netip.ParseAddr(typed); notOne == nil {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			return nil, usagef("--agents-proxy %q is no address and no network, such as 10.0.0.0/24", typed)
		}
		list = append(list, p.Masked())
	}
	return list, nil
}

// check refuses what is wrong by itself.
func (o *agentFlags) check() error {
	if _, err := o.prefixes(); err != nil {
		return err
	}
	if _, err := vantages.New(vantages.Options{Least: o.least}); err != nil {
		return usagef("--agents-min-version: %w", err)
	}
	if o.listen == "" {
		return nil
	}
	local, err := flags.Listen("agents", o.listen, "0.0.0.0:8443")
	if err != nil {
		return usageError{err}
	}
	if (o.certificate == "") != (o.key == "") {
		return usagef("--agents-certificate and --agents-key belong together")
	}
	if o.certificate == "" && !local {
		return usagef("--agents %q can be reached by others, so it needs --agents-certificate and --agents-key", o.listen)
	}
	return nil
}

// serve listens for agents. The certificate is read anew for each connection, so that a renewed one needs no restart.
func (o *agentFlags) serve(ctx context.Context, kept *store.Store, log *slog.Logger) (net.Listener, page.Handler, error) {
	proxies, err := o.prefixes()
	if err != nil {
		return nil, nil, err
	}
	handler, err := vantages.New(vantages.Options{Store: kept, Proxies: proxies, Least: o.least, Log: log})
	if err != nil {
		return nil, nil, usagef("--agents-min-version: %w", err)
	}
	var config *tls.Config
	if o.certificate != "" {
		if _, err := tls.LoadX509KeyPair(o.certificate, o.key); err != nil {
			return nil, nil, usagef("--agents-certificate: %w", err)
		}
		config = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			pair, err := tls.LoadX509KeyPair(o.certificate, o.key)
			return &pair, err
		}}
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return nil, nil, usagef("--agents %s: it cannot be listened on: %w", o.listen, err)
	}
	if config != nil {
		listener = tls.NewListener(listener, config)
	}
	return listener, handler, nil
}
