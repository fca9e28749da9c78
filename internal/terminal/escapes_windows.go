package terminal

import (
	"os"

	"golang.org/x/sys/windows"
)

// InterpretEscapes makes the consoles among the streams follow escape sequences, which cmd.exe and PowerShell leave off for the
// programs that they start. It tells whether every one does; the console of a Windows before 10 shows them as text.
func InterpretEscapes(streams ...*os.File) bool {
	all := true
	for _, s := range streams {
		var mode uint32
		if windows.GetConsoleMode(windows.Handle(s.Fd()), &mode) == nil {
			all = windows.SetConsoleMode(windows.Handle(s.Fd()), mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil && all
		}
	}
	return all
}
