// Package flags words what is wrong with the flags of a command.
package flags

import (
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/internal/suggest"
)

// Error turns pflag's complaint into our own words, and never repeats a value that may be a secret.
func Error(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var value *pflag.InvalidValueError
	var missing *pflag.ValueRequiredError
	switch {
	case errors.As(err, &unknown):
		name := unknown.GetSpecifiedName()
		for _, secret := range settings.SecretNames {
			if name == secret && c.Flags().Lookup("client-secret-file") != nil {
				return fmt.Errorf("there is no --%s: a command line is seen by everybody on the machine; put the secret into a file and use --client-secret-file, or into HALO_CLIENT_SECRET", name)
			}
		}
		if short := unknown.GetSpecifiedShortnames(); short != "" {
			return fmt.Errorf("there is no flag -%s; `%s --help` lists the flags", short[:1], c.CommandPath())
		}
		var names []string
		c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		return fmt.Errorf("there is no flag --%s%s; `%s --help` lists the flags", name, suggest.Text(name, names, "--"), c.CommandPath())
	case errors.As(err, &value):
		name, typed, form := value.GetFlag().Name, value.GetValue(), settings.Forms[value.GetFlag().Value.Type()]
		if form == "" {
			form = fmt.Sprintf("what it takes; `%s --help` says what that is", c.CommandPath())
		}
		if secret.LooksLikeOne(typed) {
			return fmt.Errorf("--%s: what was given is not %s; it looks like a secret, so it is not repeated", name, form)
		}
		return fmt.Errorf("--%s: %q is not %s", name, typed, form)
	case errors.As(err, &missing):
		return fmt.Errorf("--%s needs a value; `%s --help` says which", missing.GetSpecifiedName(), c.CommandPath())
	}
	return err
}

// Listen takes apart what a flag such as --listen says, HOST:PORT. local tells whether this machine alone can reach it.
func Listen(flag, addr, example string) (local bool, err error) {
	host, port, err := net.SplitHostPort(addr)
	if n, bad := strconv.Atoi(port); err != nil || bad != nil || n < 0 || n > 65535 {
		return false, fmt.Errorf("--%s %q is not HOST:PORT, such as %s", flag, addr, example)
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback(), nil
}

// ListenLocally refuses an address that other machines can reach, unless anywhere is set; danger says what they could do.
func ListenLocally(flag, addr, danger string, anywhere bool) error {
	local, err := Listen(flag, addr, "127.0.0.1:0")
	if err == nil && !local && !anywhere {
		err = fmt.Errorf("--%s %q can be reached by others, and %s; use 127.0.0.1, or add --insecure-listen", flag, addr, danger)
	}
	return err
}
