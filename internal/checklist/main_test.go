package checklist

import (
	"os"
	"testing"

	"github.com/halocheck/halocheck/internal/goroutines"
)

func TestMain(m *testing.M) { os.Exit(goroutines.Watch(m).Run()) }
