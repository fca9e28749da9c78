package fakehalo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/halocheck/halocheck/internal/document"
)

// scenarioFile is the scenario in a recording's folder.
const scenarioFile = "scenario.yaml"

// OpenRecording reads the folder of a recording, as `halocheck record` makes it.
func OpenRecording(ctx context.Context, dir string) (Options, error) {
	switch info, err := os.Stat(dir); {
	case err != nil:
		return Options{}, err
	case !info.IsDir():
		return Options{}, fmt.Errorf("%s is no folder; a recording is the folder that `halocheck record URL DIR` makes", dir)
	}
	file := filepath.Join(dir, scenarioFile)
	text, err := document.ReadFile(ctx, file, document.Scenario)
	if errors.Is(err, fs.ErrNotExist) {
		return Options{}, fmt.Errorf("%s holds no %s, so it is no recording; `halocheck record URL DIR` makes one", dir, scenarioFile)
	}
	if err != nil {
		return Options{}, err
	}
	return ReadRecording(file, text)
}
