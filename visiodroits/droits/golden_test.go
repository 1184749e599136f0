package droits

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

var update = flag.Bool("update", false, "réécrit les fichiers de référence")

// The golden files are for those who do not write Go: an accreditation, its
// payload, its receipt, two lists, the evidence of an attempt, a store, and the
// public key that verifies them. The numbers and the key are fixed, the persons
// fictitious.
const (
	numeroGolden  = "A0099000101N0123456789AB"
	revoqueGolden = "A0099000101NBA9876543210"
)

func golden(nom string) string { return filepath.Join("testdata", "golden", nom) }

func lireGolden(t *testing.T, nom string) []byte {
	t.Helper()
	b, err := os.ReadFile(golden(nom))
	verifier(t, err)
	return b
}

func numeroFixe(t *testing.T, s string) NumeroAccreditation {
	t.Helper()
	n, err := ParseNumeroAccreditation(s + string(sante.CleMod37(s)))
	verifier(t, err)
	return n
}

// cleFixe is known to all: it signs nothing real.
func cleFixe(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{1}, 32))
	verifier(t, err)
	return k
}

func clesFixes(t *testing.T) *Cles {
	t.Helper()
	k := &cleFixe(t).PublicKey
	c, err := NouvellesCles([]Cle{
		{amc(t, uneAMC), "golden", PourAccreditation, k, instant.AddDate(0, 0, -1), time.Time{}},
		{amc(t, uneAMC), "golden", PourLAR, k, instant.AddDate(0, 0, -1), time.Time{}},
	}, nil)
	verifier(t, err)
	return c
}

func reecrire(t *testing.T) {
	t.Helper()
	ecrire := func(nom string, b []byte) { verifier(t, os.WriteFile(golden(nom), b, 0o644)) }
	k, n := cleFixe(t), numeroFixe(t, numeroGolden)
	der, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
	verifier(t, err)
	ecrire("cle.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	s := accrediter(t, modele(t, n, personne(t, "0012345", "19850199", 1)), "golden", k)
	ecrire("accreditation.jws", []byte(s.Jeton()))
	ecrire("accreditation.json", s.a.Canonique())
	r := s.Recu("Mutuelle fictive")
	ecrire("recu.json", r.Octets())
	ecrire("recu.txt", []byte(r.Texte()))
	ed := &EditeurLAR{Emetteur: amc(t, uneAMC), Sel: Sel{1, 2, 3}, Kid: "golden", Cle: k}
	b, l, err := ed.Complete(41, instant, slices.Values([]EntreeLAR{entree(t, numeroFixe(t, revoqueGolden))}))
	verifier(t, err)
	ecrire("complete.lar", b)
	b, _, err = ed.Delta(l, instant.Add(time.Hour), []EntreeLAR{entree(t, n)}, nil)
	verifier(t, err)
	ecrire("delta.lar", b)
	x, err := NouvelleTentative(instant, Hote{"dld.amc.example"}, ErreurDelai, "201")
	verifier(t, err)
	ecrire("tentative.json", x.Octets())
	os.Remove(golden("magasin-1.ecluse"))
	m, err := OuvrirMagasin(golden("magasin-1.ecluse"), OptionsMagasin{Cle: cleMagasin})
	verifier(t, err)
	verifier(t, m.GarderDroits(personne(t, "0012345", "19850199", 1), DroitsGardes{AMC: s.a.AMC, Numero: n, DroitsDebut: s.a.DroitsDebut,
		DroitsFin: s.a.DroitsFin, DateMAJ: instant, Octets: []byte(s.Jeton())}))
	_, err = m.NoterTentative(x)
	verifier(t, err)
	verifier(t, m.Compter(unJour, "DLD", 3))
	verifier(t, m.Fermer())
	verifier(t, os.Remove(golden("magasin-1.ecluse")+suffixeVerrou))
}

// What was published in this form is read for ever: a change that these files do not
// survive is another version.
func TestGolden(t *testing.T) {
	if *update {
		reecrire(t)
	}
	cles, plusTard := clesFixes(t), instant.AddDate(0, 0, 1)
	jeton := lireGolden(t, "accreditation.jws")
	s, err := VerifierAccreditation(string(jeton), cles, plusTard)
	verifier(t, err)
	p := personne(t, "0012345", "19850199", 1)
	if !s.a.Concerne(p) || s.a.Numero != numeroFixe(t, numeroGolden) || !bytes.Equal(s.a.Canonique(), lireGolden(t, "accreditation.json")) {
		t.Errorf("accréditation %+v", s.a)
	}
	r, err := LireRecu(lireGolden(t, "recu.json"))
	verifier(t, err)
	if !r.Atteste(s) || r.Texte() != string(lireGolden(t, "recu.txt")) {
		t.Errorf("reçu %+v", r)
	}
	if x, err := LireTentative(lireGolden(t, "tentative.json")); err != nil || x.Cause != CauseAMC {
		t.Errorf("tentative %+v, %v", x, err)
	}
	var revocations Revocations
	o := OptionsLAR{Cles: cles, Emetteur: amc(t, uneAMC), Maintenant: plusTard}
	for i, c := range []struct {
		nom  string
		sont []bool // revoked: the first number, then the accreditation
	}{{"complete.lar", []bool{true, false}}, {"delta.lar", []bool{true, true}}} {
		_, err := revocations.Appliquer(bytes.NewReader(lireGolden(t, c.nom)), o)
		verifier(t, err)
		for j, n := range []string{revoqueGolden, numeroGolden} {
			if motif, err := revocations.Revoquee(numeroFixe(t, n), unJour+2); err != nil || (motif == Radiation) != c.sont[j] {
				t.Errorf("liste %d, %s : %q, %v", i, n, motif, err)
			}
		}
	}
	// Opened on a copy: a store may clean its file.
	copie := chemin(t)
	verifier(t, os.WriteFile(copie, lireGolden(t, "magasin-1.ecluse"), 0o600))
	m := ouvrir(t, copie)
	d, err := m.Droits(p, amc(t, uneAMC))
	c, errCompteurs := m.Compteurs(unJour)
	l, errTentatives := m.Tentatives()
	if err != nil || errCompteurs != nil || errTentatives != nil || d == nil || c["DLD"] != 3 || len(l) != 1 || !bytes.Equal(d.Octets, jeton) {
		t.Errorf("magasin : %+v, %v, %v, %v", d, c, l, []error{err, errCompteurs, errTentatives})
	}
	if page := string(lireGolden(t, "LISEZMOI.md")); !strings.Contains(page, fmt.Sprintf("%x", cleMagasin)) {
		t.Error("LISEZMOI.md ne dit pas la clé du magasin")
	}
}
