package visiodroits_test

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

func TestCles(t *testing.T) {
	b := nouveau(t)
	c := b.classeur(attendu(visiodroits.GenreCertificats, operateur), attendu(visiodroits.GenreCertificats, autreOperateur))
	privee, j := cleNeuve(t)
	_, j2 := cleNeuve(t)
	const moisN = 30 * 24 * time.Hour
	ancienne := visiodroits.CleEmetteur{Kid: j.Empreinte(), Titulaire: "99000001", Usage: visiodroits.PourAccreditation, JWK: j, Debut: lundi.Add(-moisN), Fin: lundi.Add(moisN)}
	nouvelle := visiodroits.CleEmetteur{Kid: j2.Empreinte(), Titulaire: "99000001", Usage: visiodroits.PourAccreditation, JWK: j2, Debut: lundi, Fin: lundi.Add(12 * moisN)}
	b.deposer(c, sceller(b, complete(t, tete(1, lundi), ancienne, nouvelle)), lundi)

	k, err := c.Cle("99000001", ancienne.Kid, lundi.Add(-time.Hour), lundi)
	if err != nil {
		t.Fatal(err)
	}
	publique, err := k.Publique()
	d := sha256.Sum256([]byte("x"))
	s, err2 := ecdsa.SignASN1(rand.Reader, privee, d[:])
	if err != nil || err2 != nil || !ecdsa.VerifyASN1(publique, d[:], s) {
		t.Errorf("la clé lue n'est pas celle publiée : %v %v", err, err2)
	}
	for nom, x := range map[string]struct {
		titulaire visiodroits.Emetteur
		kid       visiodroits.Kid
		quand     time.Duration
	}{
		"avant son début": {"99000001", ancienne.Kid, -moisN - 1}, "après sa fin": {"99000001", ancienne.Kid, moisN + 1},
		"autre titulaire": {"99000002", ancienne.Kid, 0}, "inconnue": {"99000001", "x", 0},
	} {
		if _, err := c.Cle(x.titulaire, x.kid, lundi.Add(x.quand), lundi); !errors.Is(err, visiodroits.ErrCleInconnue) {
			t.Errorf("%s : %v", nom, err)
		}
	}
	if k, err := c.ClePour("99000001", visiodroits.PourAccreditation, lundi); err != nil || k.Kid != nouvelle.Kid {
		t.Errorf("%v, %v", k, err)
	}
	if _, err := c.ClePour("99000001", visiodroits.PourChiffrement, lundi); !errors.Is(err, visiodroits.ErrCleInconnue) {
		t.Errorf("autre usage : %v", err)
	}

	if l := c.Cles(lundi); len(l) != 2 {
		t.Errorf("%d clés, want 2", len(l))
	}
	// The same key, said by two, is given once.
	h := tete(1, lundi)
	h.Emetteur, h.DateEmission = autreOperateur, lundi.Add(-time.Minute)
	b.deposer(c, sceller(b, complete(t, h, nouvelle)), lundi)
	if l := c.Cles(lundi); len(l) != 2 {
		t.Errorf("%d clés, want 2", len(l))
	}
	// Another issuer that gives another key under the same name takes it away from
	// everybody, and gives none.
	h.Numero, h.DateEmission = 2, lundi
	fausse := ancienne
	fausse.JWK = j2
	b.deposer(c, sceller(b, complete(t, h, fausse)), lundi)
	if _, err := c.Cle("99000001", ancienne.Kid, lundi, lundi); !errors.Is(err, visiodroits.ErrCleInconnue) {
		t.Errorf("deux clés sous un nom : %v", err)
	}
	// A key that one list says compromised is so.
	if l := c.Cles(lundi); len(l) != 1 || l[0].Kid != nouvelle.Kid {
		t.Errorf("%d clés, want 1", len(l))
	}
	h.Numero = 3
	compromise := nouvelle
	compromise.Compromise = lundi
	b.deposer(c, sceller(b, complete(t, h, compromise)), lundi)
	if _, err := c.Cle("99000001", nouvelle.Kid, lundi, lundi); !errors.Is(err, visiodroits.ErrCleInconnue) {
		t.Errorf("compromise : %v", err)
	}
	if l := c.Cles(lundi); len(l) != 1 || l[0].Kid != ancienne.Kid {
		t.Errorf("%d clés, want 1", len(l))
	}
	if k, err := c.Cle("99000001", ancienne.Kid, lundi, lundi.Add(72*time.Hour)); err != nil || k.Fraicheur != visiodroits.Perimee {
		t.Errorf("%v, %v", k, err)
	}
}

// Two keys of one holder and purpose overlap thirty days. ref: VISIO §10 (4)
func TestRecouvrement(t *testing.T) {
	_, j := cleNeuve(t)
	_, j2 := cleNeuve(t)
	une := visiodroits.CleEmetteur{Kid: "a", Titulaire: "T", Usage: visiodroits.PourChiffrement, JWK: j, Debut: lundi, Fin: lundi.Add(60 * 24 * time.Hour)}
	deux := visiodroits.CleEmetteur{Kid: "b", Titulaire: "T", Usage: visiodroits.PourChiffrement, JWK: j2, Debut: une.Fin.Add(-visiodroits.Recouvrement), Fin: une.Fin.Add(time.Hour)}
	faire := func(f func(a, b *visiodroits.CleEmetteur)) error {
		a, b := une, deux
		f(&a, &b)
		_, err := visiodroits.Complete(tete(1, lundi), []visiodroits.CleEmetteur{a, b})
		return err
	}
	for nom, x := range map[string]struct {
		f   func(a, b *visiodroits.CleEmetteur)
		bon bool
	}{
		"trente jours":         {func(a, b *visiodroits.CleEmetteur) {}, true},
		"une seconde de moins": {func(a, b *visiodroits.CleEmetteur) { a.Fin = a.Fin.Add(-time.Second) }, false},
		"autre usage":          {func(a, b *visiodroits.CleEmetteur) { a.Fin = a.Fin.Add(-time.Second); b.Usage = visiodroits.PourLAR }, true},
		"compromise":           {func(a, b *visiodroits.CleEmetteur) { a.Fin = a.Fin.Add(-time.Second); a.Compromise = lundi }, true},
		"même nom":             {func(a, b *visiodroits.CleEmetteur) { b.Kid = a.Kid }, false},
		"hors de la courbe":    {func(a, b *visiodroits.CleEmetteur) { a.JWK.X, a.JWK.Y = a.JWK.Y, a.JWK.X }, false},
		"finie avant":          {func(a, b *visiodroits.CleEmetteur) { a.Fin = a.Debut }, false},
	} {
		if err := faire(x.f); (err == nil) != x.bon {
			t.Errorf("%s : %v", nom, err)
		}
	}
}

// The thumbprint is that of the standard. ref: RFC 7638 §3
func TestEmpreinteCle(t *testing.T) {
	j := visiodroits.JWK{Courbe: "P-256", Type: "EC", X: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", Y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"} // ref: RFC 7515 §A.3
	if _, err := j.Publique(); err != nil {
		t.Error(err)
	}
	if got := j.Empreinte(); got != "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U" {
		t.Error(got)
	}
}

func TestTerme(t *testing.T) {
	b := nouveau(t)
	c := b.classeur(attendu(visiodroits.GenreNomenclatures, operateur))
	terme := func(code, libelle string, x ...int) visiodroits.Terme {
		v := visiodroits.Terme{Table: visiodroits.TableRejets, Code: visiodroits.CodeTerme(code), Libelle: libelle, Debut: jour}
		if len(x) > 0 {
			v.Debut, v.Fin = jour-10, jour-1
		}
		return v
	}
	b.deposer(c, sceller(b, complete(t, tete(1, lundi), terme("F701", "avant", 1), terme("F701", "après"), terme("F702", "autre"))), lundi)
	for j, want := range map[int]string{-11: "", -1: "avant", 0: "après", 400: "après"} {
		if x, ok := c.Terme(visiodroits.TableRejets, "F701", jour+sante.Jour(j), lundi); x.Libelle != want || ok != (want != "") {
			t.Errorf("%d : %q", j, x.Libelle)
		}
	}
	if _, ok := c.Terme(visiodroits.TableFamilles, "F701", jour, lundi); ok {
		t.Error("autre table")
	}
}
