package tarif_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// No second is left in a line, wherever an instant is said.
func TestEstomper(t *testing.T) {
	var b bytes.Buffer
	h := tarif.Estomper(slog.NewTextHandler(&b, nil))
	a := time.Date(2026, 11, 23, 10, 41, 37, 123_000_000, time.UTC)
	h = h.WithAttrs([]slog.Attr{slog.Time("depuis", a)}).WithGroup("g")
	r := slog.NewRecord(a, slog.LevelInfo, "essai", 0)
	r.AddAttrs(slog.Time("vu", a), slog.Group("dans", slog.Time("vu", a)), slog.Duration("pris", 1234567*time.Microsecond), slog.Int("n", 3))
	if err := h.Handle(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	s := b.String()
	if strings.Contains(s, "37") || strings.Contains(s, "123") || strings.Contains(s, "1.2") || strings.Count(s, "10:41:00") != 4 || !strings.Contains(s, "g.n=3") {
		t.Error(s)
	}
}
