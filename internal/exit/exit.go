// Package exit gives an error the exit code of a command. An error that is none of these is the user's: probes.ExitUsage.
package exit

import "fmt"

// Code is the code of a run whose outcome was told already; nothing more is printed.
type Code int

func (c Code) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// InternalError is an error that is not the user's: probes.ExitBroken.
type InternalError struct{ Err error }

func (e InternalError) Error() string { return e.Err.Error() }
func (e InternalError) Unwrap() error { return e.Err }

// Internal makes an error one that is not the user's.
func Internal(err error) error { return InternalError{err} }

// Unwritten is the error of writing to standard output; nil stays nil.
func Unwritten(err error) error {
	if err == nil {
		return nil
	}
	return InternalError{fmt.Errorf("standard output could not be written: %w", err)}
}
