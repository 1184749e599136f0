//go:build linux

package epreuves

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// evenements counts the security events written for a code.
func (p *partie) evenements(t *testing.T, code string) int {
	t.Helper()
	b, err := os.ReadFile(p.f.Resoudre("evenements.cef"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return strings.Count(string(b), "|"+code+"|")
}

// vigilant is an insurer whose events go to a file.
func vigilant(t *testing.T) (*labo, *partie) {
	l := fonder(t, bdd.SQLite)
	amc := l.partie(monde.CleMoulin).config("vigie", "syslog", `"fichier:evenements.cef"`)
	l.lancer("igc", monde.CleMoulin)
	return l, amc
}

// TestDevinerDesAdherents asks about people whom the insurer does not know: the
// sealer is stopped by S506 and the event is told, his neighbour is served.
// ref: ROC §7.3 rule 5, DEC 23
func TestDevinerDesAdherents(t *testing.T) {
	l, amc := vigilant(t)
	moulin := l.monde.Assureur(monde.CleMoulin)
	d, autre := l.demandeur(monde.CleHopital, amc, moulin), l.demandeur(monde.CleNonLucratif, amc, moulin)
	p := l.assures(monde.CleMoulin, "MB-TRANQUILLE")[0]
	ctx := context.Background()
	vus := map[roc.Code]int{}
	for i := range 60 {
		dossier, q := l.idb(p, monde.CleHopital, i)
		n, err := sante.ParseNumeroAdherent(fmt.Sprintf("MB%07d", 9_000_000+i))
		if err != nil {
			t.Fatal(err)
		}
		q.Beneficiaire.NumeroAdherent, q.Beneficiaire.NIRBeneficiaire, q.Beneficiaire.NIRAssure = n, sante.NIR{}, sante.NIR{}
		r, err := d.IDB(ctx, dossier, q)
		if err != nil {
			vus[codeDe(err)]++
			continue
		}
		vus[r.Corps.CodeRetour]++
	}
	t.Log(vus)
	if inconnus := vus["I101"] + vus["I102"] + vus["I103"]; inconnus != 50 || vus[roc.Quota] != 10 {
		t.Errorf("50 identifications puis 10 refus %s attendus : %v", roc.Quota, vus)
	}
	if !jusqua(ctx, 5*time.Second, func() bool { return amc.evenements(t, "IDENTIFICATION_SUSPECTE") == 1 }) {
		t.Errorf("%d événements IDENTIFICATION_SUSPECTE, 1 attendu", amc.evenements(t, "IDENTIFICATION_SUSPECTE"))
	}
	dossier, q := l.idb(p, monde.CleNonLucratif, 1)
	if r, err := autre.IDB(ctx, dossier, q); err != nil || r.Corps.CodeRetour != roc.Accepte {
		t.Errorf("un autre établissement : %v %v", r, err)
	}
	amc.sansPersonne(t, p)
}

// TestDevinerUneIdentite tries birth dates against one adherent, by two sealers:
// the attempts are capped together, and the event names no person. ref: DEC 23
func TestDevinerUneIdentite(t *testing.T) {
	l, amc := vigilant(t)
	moulin := l.monde.Assureur(monde.CleMoulin)
	p := l.assures(monde.CleMoulin, "MB-TRANQUILLE")[0]
	ctx := context.Background()
	vus := map[roc.Code]int{}
	var essais int
	for i, hopital := range []string{monde.CleHopital, monde.CleNonLucratif} {
		d := l.demandeur(hopital, amc, moulin)
		for j := range 8 {
			dossier, q := l.idb(p, hopital, 10*i+j)
			naissance, err := sante.ParseDateNaissance(fmt.Sprintf("19%02d0%d11", 31+10*i+j, 1+j))
			if err != nil {
				t.Fatal(err)
			}
			q.Beneficiaire.DateNaissance, q.Beneficiaire.NIRBeneficiaire, q.Beneficiaire.NIRAssure = naissance, sante.NIR{}, sante.NIR{}
			r, err := d.IDB(ctx, dossier, q)
			switch {
			case err != nil:
				vus[codeDe(err)]++
			default:
				vus[r.Corps.CodeRetour]++
				essais++
			}
		}
	}
	t.Log(vus)
	if essais != 10 || vus[roc.Quota] != 6 || vus[roc.Accepte] != 0 {
		t.Errorf("10 essais puis des refus %s attendus : %v", roc.Quota, vus)
	}
	if !jusqua(ctx, 5*time.Second, func() bool { return amc.evenements(t, "ESSAIS_ADHERENT") >= 1 }) {
		t.Error("aucun événement ESSAIS_ADHERENT")
	}
	// The true identity waits too; another adherent does not.
	d := l.demandeur(monde.CleHopital, amc, moulin)
	autre := l.assures(monde.CleMoulin, "MB-ESSENTIEL")[0]
	dossier, q := l.idb(autre, monde.CleHopital, 99)
	if r, err := d.IDB(ctx, dossier, q); err != nil || r.Corps.CodeRetour != roc.Accepte {
		t.Errorf("un autre adhérent : %v", err)
	}
	amc.sansPersonne(t, p)
}

// sansPersonne looks for a person in what the process wrote for its operator.
func (p *partie) sansPersonne(t *testing.T, x *monde.Patient) {
	t.Helper()
	evenements, err := os.ReadFile(p.f.Resoudre("evenements.cef"))
	if err != nil {
		t.Fatal(err)
	}
	for nom, texte := range map[string]string{"événements": string(evenements), "journal technique": p.queue(1 << 20)} {
		for _, secret := range []string{x.NIR.String(), x.NomNaissance, x.Couvertures[0].NumeroAdherent.String()} {
			if secret != "" && strings.Contains(strings.ToUpper(texte), strings.ToUpper(secret)) {
				t.Errorf("%s : on y lit %q", nom, secret)
			}
		}
	}
}
