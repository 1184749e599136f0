package main

import (
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/internal/journal/journaltest"
	"github.com/ecluse-sante/ecluse/internal/vigie"
	"github.com/ecluse-sante/ecluse/preuve"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
)

// The verdict of an answer is whether it was believed: a seal that verifies is not
// enough when what it seals came too late, and a refusal well sealed is believed.
func TestVerdictDeLaReponse(t *testing.T) {
	banc := journaltest.Nouveau(t, bdd.SQLite)
	const tenant = "es:990000127"
	maintenant := time.Now().UTC()
	r := registreJournal{sansMemoire{}, &journaux{par: map[string]*journal.Journal{tenant: banc.Journal(t, tenant)}}, tenant, roc.Partie{Type: roc.ES, ID: "990000127"},
		func() time.Time { return maintenant }, banc.Base.Grouper}
	lui := sceautest.New(t, "1990000135", maintenant)
	m := certificat.NouveauMagasin(certificat.Options{})
	crl, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(2), ThisUpdate: maintenant.Add(-time.Hour), NextUpdate: maintenant.Add(24 * time.Hour)}, lui.AC, lui.CleAC)
	if err == nil {
		err = m.RemplacerAutorites([][]byte{lui.AC.Raw}, nil)
	}
	if err == nil {
		_, err = m.AjouterCRL(crl)
	}
	if err != nil {
		t.Fatal(err)
	}
	scelleur := scellerTest(t, m, lui, maintenant).verdict
	for nom, c := range map[string]struct {
		scelleur certificat.Verdict
		code     roc.Code
		refus    error
		want     string
	}{
		"accord":              {scelleur, roc.Accepte, nil, preuve.VerdictValide},
		"refus du partenaire": {scelleur, roc.HorsCercle, &roc.Refus{Code: roc.HorsCercle, Distant: true}, preuve.VerdictValide},
		"trop tard":           {scelleur, roc.Rejeu, roc.Refuser(roc.Rejeu, "horodatage"), "S504"},
		"sceau refusé":        {certificat.Verdict{}, roc.SceauInvalide, roc.Refuser(roc.SceauInvalide, ""), string(roc.SceauInvalide)},
		"silence":             {certificat.Verdict{}, "", errors.Join(roc.ErrSansReponse), ""},
	} {
		a := &roc.Arrivee{Instant: maintenant, Scelleur: c.scelleur, Code: c.code, Refus: c.refus, Depart: roc.Depart{Service: roc.RET, Instant: maintenant}}
		if got := r.trace(a).VerdictReponse; got != c.want {
			t.Errorf("%s : %q, want %q", nom, got, c.want)
		}
	}
}

// A batch whose persons are unknown stops the invoices of its sealer, with the reason,
// and none of the questions of its admission desk.
func TestDemanderParService(t *testing.T) {
	maintenant := time.Now().UTC()
	horloge := func() time.Time { return maintenant }
	v := vigieGate{garde: vigie.NewGarde(vigie.Parametres{}, nil, nil), horloge: horloge}
	pseudos, err := vigie.NewPseudonymes(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	x := tentatives{garde: v.garde, pseudos: pseudos, tenant: "amc:99000001", numero: "99000001", horloge: horloge}
	for i := range 60 {
		n, err := sante.ParseNumeroAdherent(fmt.Sprintf("INCONNU%03d", i))
		if err != nil {
			t.Fatal(err)
		}
		conclure, err := x.Tenter(t.Context(), amc.Essai{Scelleur: "1990000127", Adherent: n, Pour: amc.PourFacture})
		if err != nil {
			t.Fatal(err)
		}
		conclure(roc.BeneficiaireInconnu)
	}
	if err := v.Demander(t.Context(), x.tenant, "1990000127", roc.IDB); err != nil {
		t.Errorf("le bureau des entrées est arrêté avec les factures : %v", err)
	}
	var r *roc.Refus
	if err := v.Demander(t.Context(), x.tenant, "1990000127", roc.DRE); !errors.As(err, &r) || r.Code != roc.Quota || r.Reprise != 900 || !strings.Contains(r.Detail, "factures sans engagement") {
		t.Errorf("lot suivant : %v, S506 pour 900 s avec la raison attendu", err)
	}
}

// The gate names who asks without a seal as the watch reads it: a relay that changes the
// name of its caller at each question is one relay.
func TestRelaisComptePourUn(t *testing.T) {
	if gate.ParRelais != vigie.ParRelais {
		t.Fatalf("la porte écrit %q, la vigie lit %q", gate.ParRelais, vigie.ParRelais)
	}
	v := vigieGate{garde: vigie.NewGarde(vigie.Parametres{RelaisParMinute: 100}, nil, nil), horloge: time.Now}
	servies := 0
	for i := range 300 {
		err := v.Demander(t.Context(), "amc:99000001", fmt.Sprint("399912345800013", gate.ParRelais, 750000000+i), roc.DLD)
		var r *roc.Refus
		switch {
		case err == nil:
			servies++
		case !errors.As(err, &r) || r.Code != roc.Quota || r.Reprise == 0:
			t.Fatal(err)
		}
	}
	if servies != 100 {
		t.Errorf("%d servies, want 100", servies)
	}
}
