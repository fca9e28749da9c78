package main

import (
	"os"
	"testing"

	"github.com/halocheck/halocheck/suites/goroutines"
)

func TestMain(m *testing.M) { os.Exit(goroutines.Watch(m).Run()) }
