package main

import (
	"context"
	"log/slog"
	"testing"
	"time"
)

// laboratoireEntier starts every party of the world, each alone in its directory, until the
// end of the test. ref: DEC 3
func laboratoireEntier(t *testing.T) *scene {
	t.Helper()
	if testing.Short() {
		t.Skip("laboratoire entier")
	}
	s, err := monter(context.Background(), t.TempDir(), time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.demonter(); err != nil {
			t.Error(err)
		}
	})
	return s
}
