package serveur

import (
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// What a directory says to a hospital mandates an operator for that hospital only;
// what the directory that we hold says is for everybody.
func TestMandats(t *testing.T) {
	dit := func(operateur, numero string, debut, fin sante.Jour) mandate {
		return func(o string, amc sante.NumeroAMC, j sante.Jour) bool {
			return o == operateur && amc.String() == numero && j >= debut && j <= fin
		}
	}
	instant := time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)
	jour := sante.JourA(instant, sante.Paris())
	m := &mandats{fuseau: sante.Paris(), tenus: []mandate{dit("OTP1", "775671993", jour, jour)}}
	m.connaitre("es-1", dit("OTP2", "302976568", jour-1, jour))
	for nom, x := range map[string]struct {
		tenant, operateur, amc string
		a                      time.Time
		bon                    bool
	}{
		"tenu":                   {"es-9", "OTP1", "775671993", instant, true},
		"tenu, le lendemain":     {"es-9", "OTP1", "775671993", instant.Add(24 * time.Hour), false},
		"dit":                    {"es-1", "OTP2", "302976568", instant, true},
		"dit à un autre":         {"es-2", "OTP2", "302976568", instant, false},
		"dit, pour une autre":    {"es-1", "OTP2", "775671993", instant, false},
		"numéro d'AMC illisible": {"es-1", "OTP2", "?", instant, false},
		"la veille au soir, à minuit passé à Paris": {"es-1", "OTP2", "302976568", time.Date(2026, 5, 2, 22, 30, 0, 0, time.UTC), true},
	} {
		if got := m.Mandate(x.tenant, x.operateur, x.amc, x.a); got != x.bon {
			t.Errorf("%s : %v", nom, got)
		}
	}
}
