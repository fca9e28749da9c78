// Command halocheck diagnoses a HaloPSA connection: which sentence of the vendor's guide is not met, what was seen, and who
// has to click where. It only reads.
package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/credential"
	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/flags"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/internal/terminal"
	"github.com/halocheck/halocheck/internal/version"
	"github.com/halocheck/halocheck/probes"
)

func main() {
	disableCoreDumps()
	// A reader that goes away is an error of that write, after the files of --out are whole.
	signal.Ignore(syscall.SIGPIPE)
	if !terminal.InterpretEscapes(os.Stdout, os.Stderr) {
		_ = os.Setenv("TERM", "dumb")
	}
	getenv := readEnvironment()
	out, errs := takeStreams()
	os.Exit(run(os.Args[1:], environment{in: os.Stdin, out: out, err: errs, getenv: getenv, keyring: credential.SystemKeyring(getenv)}))
}

// takeStreams returns standard output and standard error and takes them from everybody else: libraries print there what a
// server said, such as net/http's "Unsolicited response received on idle HTTP channel", and nothing may pass by the writers of
// [run].
func takeStreams() (out, errs *os.File) {
	out, errs = os.Stdout, os.Stderr
	log.SetOutput(io.Discard)
	null, _ := os.OpenFile(os.DevNull, os.O_WRONLY, 0) // nil on an error, and writing to that does nothing either
	os.Stdout, os.Stderr = null, null
	return out, errs
}

// environment is everything that the command reaches outside of itself, apart from the network.
type environment struct {
	in          io.Reader
	out         io.Writer
	err         io.Writer
	getenv      func(string) string
	interrupted <-chan struct{} // closed by the first Ctrl-C

	// table is the settings; nil: all that there are.
	table settings.Table

	// now is the clock; nil: time.Now.
	now func() time.Time

	// keyring is the secret of a service and an account in the operating system's keyring.
	keyring func(service, account string) (string, error)
}

// settings are the settings that there are.
func (env environment) settings() settings.Table {
	if env.table == nil {
		return settings.All
	}
	return env.table
}

// run is the command with its environment given; it returns the exit code.
func run(args []string, env environment) (code int) {
	env.out, env.err = safetext.NewWriter(env.out), safetext.NewWriter(env.err) // nothing reaches a stream but through them
	setASCII(env, "auto", "")                                                   // until the flags are read
	defer func() {
		if r := recover(); r != nil {
			printMessage(env.err, exit.Panicked(r))
			code = probes.ExitBroken
		}
	}()
	ctx, stop := exit.OnSignals(probes.ErrInterrupted, func() { os.Exit(probes.ExitIncomplete) })
	defer stop()
	env.interrupted = ctx.Done()
	root := newRoot(env, args...)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var known exit.Code
	switch {
	case err == nil:
		return probes.ExitConformant
	case errors.As(err, &known):
		return int(known)
	case errors.Is(err, syscall.EPIPE):
		return probes.ExitBroken // whoever read is gone; there is nobody to tell
	}
	var broke exit.InternalError
	if errors.As(err, &broke) {
		printMessage(env.err, broke.Err)
		return probes.ExitBroken
	}
	printMessage(env.err, errors.New(secret.Hide(rewordSettingError(rewordCobraError(err)).Error()))) // whatever was typed may be one
	if errors.Is(err, probes.ErrInterrupted) {
		return probes.ExitIncomplete
	}
	return probes.ExitUsage
}

// commands are the commands by name.
var commands = map[string]func(environment) *cobra.Command{
	"agent": newAgent, "check": newCheck, "list": newList, "explain": newExplain, "judge": newJudge, "diff": newDiff, "record": newRecord, "fake": newFake,
	"fleet": newFleet, "guide": newGuide, "serve": newServe, "version": newVersion,
}

// newRoot is the command with the one that args start with, or with all: making the flags of all takes as long as a handshake.
func newRoot(env environment, args ...string) *cobra.Command {
	showVersion := false
	root := &cobra.Command{
		Use:   "halocheck",
		Short: "Say which requirement of the HaloPSA integration guide a connection does not meet",
		Long: `halocheck asks a HaloPSA what the integration's guide requires of it, from the host name to the agent's teams, and
says which sentence does not hold, what was seen, and who has to click where. It only reads.

Try it without an instance:    halocheck check --fake missing-intermediate
Diagnose a customer:           halocheck check https://acme.halopsa.com
Read about one requirement:    halocheck explain trust.chain
Hand the case on:              halocheck check https://acme.halopsa.com --out bundle=acme.zip`,
		SilenceErrors: true, SilenceUsage: true,
		Args: cobra.NoArgs,
		PersistentPreRun: func(c *cobra.Command, _ []string) {
			given := func(flag, unset string) string {
				if f := c.Flags().Lookup(flag); f != nil {
					return f.Value.String()
				}
				return unset
			}
			setASCII(env, given("ascii", "auto"), given("format", ""))
		},
		RunE: func(c *cobra.Command, _ []string) error {
			if showVersion {
				_, err := fmt.Fprintln(env.out, "halocheck "+version.String())
				return exit.Unwritten(err)
			}
			return c.Help()
		},
	}
	root.Flags().BoolVar(&showVersion, "version", false, "say which halocheck this is")
	root.SetIn(env.in)
	root.SetOut(env.out)
	root.SetErr(env.err)
	root.CompletionOptions.HiddenDefaultCmd = false
	root.SetFlagErrorFunc(flags.Error)
	if len(args) > 0 && commands[args[0]] != nil {
		root.AddCommand(commands[args[0]](env))
		return root
	}
	root.SetHelpCommand(newHelp(root))
	for _, command := range commands {
		root.AddCommand(command(env))
	}
	addTopics(root, env)
	strictCompletion(root)
	return root
}
