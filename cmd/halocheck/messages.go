package main

// Everything the program may say apart from reports. The rules of speech:
//   - results go to standard output, everything else to standard error;
//   - a message is one sentence: "halocheck: " and then lower case, what is wrong with its name, and the way out;
//   - nothing that was typed where a secret may stand is repeated.

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/suggest"
)

// printMessage writes one message.
func printMessage(w io.Writer, err error) {
	_, _ = fmt.Fprintln(w, "halocheck: "+safetext.Line(strings.TrimSpace(strings.ReplaceAll(err.Error(), "\n", " "))))
}

// print writes messages.
func (env environment) print(messages []error) {
	for _, m := range messages {
		printMessage(env.err, m)
	}
}

// usagef is a mistake of the user's: exit 2.
func usagef(format string, args ...any) error { return fmt.Errorf(format, args...) }

// notImplemented is the refusal of what is promised and not built.
func notImplemented(what string) error {
	return usagef("%s is not built yet in this version; `halocheck help` and `halocheck check --help` list what is", what)
}

// rewordCobraError words cobra's own complaints like ours.
func rewordCobraError(err error) error {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "unknown command \""); ok {
		name, _, _ = strings.Cut(name, "\"")
		return usagef("there is no command %q%s; `halocheck help` lists the commands", name, suggest.Text(name, commandNames, ""))
	}
	return err
}

// rewordSettingError names a setting by its flag.
func rewordSettingError(err error) error {
	var wrong *halocheck.SettingError
	if !errors.As(err, &wrong) {
		return err
	}
	if wrong.Sentence() {
		return usagef("%s", settingProblem(wrong))
	}
	return usagef("--%s: %s", strings.TrimSpace(wrong.Setting+" "+wrong.Value), settingProblem(wrong))
}

// settingProblem is what is wrong with a setting, and what this command offers to mend it.
func settingProblem(wrong *halocheck.SettingError) string {
	switch problem := wrong.Problem.Error(); {
	case strings.HasPrefix(problem, "there is no requirement "):
		return problem + "; `halocheck list` names them all"
	case strings.HasSuffix(problem, "go into the Client ID and the Client Secret"):
		return problem + " (--client-id, --client-secret-file)"
	default:
		return problem
	}
}

// commandNames are what a mistyped command may have meant.
var commandNames = []string{"agent", "check", "list", "explain", "judge", "diff", "fake", "record", "fleet", "guide", "serve", "version", "completion", "help", "config", "environment", "exit-codes", "reports", "secrets", "statuses", "waivers"}
