package serveur

import (
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// An insurer tells the mandate of the day; one that is over is told until the next begins,
// since what it let sign still serves, and counts for what was signed in its days.
func TestMandatsDeDepannage(t *testing.T) {
	l, err := mandatsDe([]config.MandatDepannage{
		{Operateur: "88000003", Structure: "3", Debut: "2027-01-01"},
		{Operateur: "88000001", Structure: "1", Debut: "2025-01-01", Fin: "2025-12-31"},
		{Operateur: "88000002", Structure: "2", Debut: "2026-03-01", Fin: "2026-10-31"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for jour, want := range map[string]string{"2024-06-01": "88000001", "2025-01-01": "88000001", "2025-12-31": "88000001", "2026-02-15": "88000001",
		"2026-03-01": "88000002", "2026-11-23": "88000002", "2027-01-01": "88000003", "2030-01-01": "88000003"} {
		m := mandatDuJour(l, lireOuEchouer(t, sante.ParseJour, jour))
		if m == nil || string(m.Operateur) != want {
			t.Errorf("%s : %+v, attendu %s", jour, m, want)
		}
	}
	if m := mandatDuJour(nil, 1); m != nil {
		t.Errorf("sans mandat : %+v", m)
	}
	m, err := droits.MandatDe(lireOuEchouer(t, sante.ParseNumeroAMC, "99000001"), &l[2])
	if err != nil || !m.Depannages || m.Normales {
		t.Fatalf("%+v, %v", m, err)
	}
	if debut, fin := time.Date(2026, 2, 28, 23, 0, 0, 0, time.UTC), time.Date(2026, 10, 31, 23, 0, 0, 0, time.UTC); !m.Debut.Equal(debut) || !m.Fin.Equal(fin) {
		t.Errorf("du %s au %s : les jours sont de Paris, le dernier compris", m.Debut, m.Fin)
	}
	if _, err := mandatsDe([]config.MandatDepannage{{Operateur: "88000001", Debut: "2026-01-01", Fin: "2025-01-01"}}); err == nil {
		t.Error("mandat à l'envers accepté")
	}
}
