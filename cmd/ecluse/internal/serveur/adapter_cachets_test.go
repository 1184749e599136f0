package serveur

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/internal/journal/journaltest"
	"github.com/ecluse-sante/ecluse/preuve"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
)

// TestPreuvesDesDeuxAutorites keeps the evidence of exchanges whose two seals come
// from two authorities, as who asks and as who answers. What the journal kept is
// enough to judge both messages; without the lists of one authority its seal is
// not. ref: DEC 16
func TestPreuvesDesDeuxAutorites(t *testing.T) {
	ctx, maintenant := context.Background(), time.Now().UTC().Truncate(time.Second)
	moi, partenaire := sceautest.New(t, "1990000127", maintenant), sceautest.New(t, "1990000135", maintenant)
	racines := [][]byte{moi.AC.Raw, partenaire.AC.Raw}
	m := certificat.NouveauMagasin(certificat.Options{})
	if err := m.RemplacerAutorites(racines, nil); err != nil {
		t.Fatal(err)
	}
	for _, x := range []*sceautest.Identite{moi, partenaire} {
		crl, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(2),
			ThisUpdate: maintenant.Add(-time.Hour), NextUpdate: maintenant.Add(24 * time.Hour)}, x.AC, x.CleAC)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.AjouterCRL(crl); err != nil {
			t.Fatal(err)
		}
	}
	banc := journaltest.Nouveau(t, bdd.SQLite)
	const tenant = "es:990000127"
	jr := banc.Journal(t, tenant)
	horloge := func() time.Time { return maintenant }
	j := &journaux{par: map[string]*journal.Journal{tenant: jr},
		cachets: cachets{par: map[string]func() *sceau.Cachet{tenant: func() *sceau.Cachet { return moi.Cachet }}, juge: m, horloge: horloge}}
	deMoi, deLui := scellerTest(t, m, moi, maintenant), scellerTest(t, m, partenaire, maintenant)

	demande, reponse := roc.NouvelUUID(), roc.NouvelUUID()
	r := registreJournal{roc.SansRegistre{}, j, tenant, roc.Partie{Type: roc.ES, ID: "990000127"}, horloge, banc.Base.Grouper}
	err := r.Reponse(ctx, &roc.Arrivee{Instant: maintenant, Scelle: deLui.octets, Scelleur: deLui.verdict, Code: roc.Accepte,
		Depart: roc.Depart{Service: roc.CLC, IDMessage: demande, IDEchange: roc.NouvelUUID(), Instant: maintenant, Scelle: deMoi.octets}})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Preparer(ctx, tenant, deLui.verdict); err != nil {
		t.Fatal(err)
	}
	_, err = j.Ecrire(ctx, &gate.Trace{Tenant: tenant, Service: roc.CLC, IDMessage: reponse, IDEchange: roc.NouvelUUID(), Recu: maintenant,
		Code: roc.Accepte, Scelleur: deLui.verdict, Question: deLui.octets, Reponse: deMoi.octets})
	if err != nil {
		t.Fatal(err)
	}
	for id, question := range map[roc.UUID]*sceautest.Identite{demande: moi, reponse: partenaire} {
		autre := map[*sceautest.Identite]*sceautest.Identite{moi: partenaire, partenaire: moi}[question]
		c, listes := contenuDe(t, jr, id)
		for quoi, x := range map[string]struct {
			chaine []preuve.Hash
			de     *sceautest.Identite
			octets []byte
		}{"question": {c.ChaineQuestion, question, c.Question}, "réponse": {c.ChaineReponse, autre, c.Reponse}} {
			if len(x.chaine) != 1 { // the seal's own certificate is in the message
				t.Fatalf("%s: %d autorités gardées, une attendue", quoi, len(x.chaine))
			}
			if der, err := jr.Piece(ctx, x.chaine[0]); err != nil || !bytes.Equal(der, x.de.AC.Raw) {
				t.Errorf("%s: une autre autorité que celle du cachet: %v", quoi, err)
			}
			if err := jugerTest(racines, listes, x.octets, maintenant); err != nil {
				t.Errorf("%s: les preuves gardées ne suffisent pas: %v", quoi, err)
			}
			if err := jugerTest(racines, nil, x.octets, maintenant); err == nil {
				t.Errorf("%s: jugée sans liste", quoi)
			}
		}
	}
}

type scelleTest struct {
	octets  []byte
	verdict certificat.Verdict
}

func scellerTest(t *testing.T, m *certificat.Magasin, id *sceautest.Identite, a time.Time) scelleTest {
	t.Helper()
	s, err := id.Cachet.REST([]byte(`{"essai":1}`), nil, a)
	if err != nil {
		t.Fatal(err)
	}
	p, err := (&sceau.Ouvreur{Juge: m}).REST(s.Octets, a)
	if err != nil {
		t.Fatal(err)
	}
	return scelleTest{s.Octets, p.Scelleur()}
}

// contenuDe reads what the journal kept of a message, and its lists.
func contenuDe(t *testing.T, jr *journal.Journal, id roc.UUID) (c journal.Contenu, listes [][]byte) {
	t.Helper()
	l, err := jr.Trouver(t.Context(), journal.Critere{IDMessage: id.String()})
	if err != nil || len(l) != 1 {
		t.Fatalf("%d traces, %v", len(l), err)
	}
	if c, err = jr.LireContenu(t.Context(), l[0]); err != nil {
		t.Fatal(err)
	}
	for _, h := range c.Revocations {
		der, err := jr.Piece(t.Context(), h)
		if err != nil {
			t.Fatal(err)
		}
		listes = append(listes, der)
	}
	return c, listes
}

// jugerTest opens a message with roots and the lists kept, and nothing else.
func jugerTest(racines, listes [][]byte, octets []byte, a time.Time) error {
	m := certificat.NouveauMagasin(certificat.Options{})
	if err := m.RemplacerAutorites(racines, nil); err != nil {
		return err
	}
	for _, der := range listes {
		if _, err := m.AjouterCRL(der); err != nil {
			return err
		}
	}
	_, err := (&sceau.Ouvreur{Juge: m}).REST(octets, a)
	return err
}
