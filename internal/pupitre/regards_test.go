package pupitre_test

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/sceau/jades"
)

// cleDeRegard is a key, and what encrypts for it.
func cleDeRegard(t *testing.T) (*ecdh.PrivateKey, func(clair string) string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	accord, err := k.ECDH()
	if err != nil {
		t.Fatal(err)
	}
	return accord, func(clair string) string {
		s, err := jades.Chiffrer([]byte(clair), &k.PublicKey, "k")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

// A relay carries what it cannot open; who opens it sees what is inside, however deep, and
// nobody sees by the keys of another.
func TestRegarder(t *testing.T) {
	cleA, pourA := cleDeRegard(t)
	cleB, pourB := cleDeRegard(t)
	signe := func(s string) string {
		return "eyJhbGciOiJFUzI1NiJ9." + base64.RawURLEncoding.EncodeToString([]byte(s)) + ".c2lnbmF0dXJl"
	}
	message := `{"enveloppe":"PHARMACIE-12","corps":"` + pourA(`{"adherent":"ADH-345","accreditation":"`+signe("ACCRED-678")+`","lignes":"`+pourB(`PRODUIT-901`)+`"}`) + `"}`
	r, err := pupitre.Regarder([]pupitre.Regardant{
		{Cle: "relais", Nom: "Relais"},
		{Cle: "a", Nom: "A", Cles: []jades.Accord{cleB, cleA}[1:]},
		{Cle: "b", Nom: "B", Cles: []jades.Accord{cleB}},
		{Cle: "c", Nom: "C", Fichiers: func() ([]byte, error) { return []byte("...ADH-345..."), nil }},
	}, []pupitre.Fait{
		{Cle: "officine", Nom: "La pharmacie", Textes: []string{"PHARMACIE-12"}},
		{Cle: "adherent", Nom: "L'adhérent", Textes: []string{"autre forme", "ADH-345"}},
		{Cle: "accreditation", Nom: "L'accréditation", Textes: []string{"ACCRED-678"}},
		{Cle: "produit", Nom: "Le produit", Textes: []string{"PRODUIT-901"}},
	}, []pupitre.Courrier{
		{De: "officine", A: "relais", Octets: []byte(message)}, {De: "relais", A: "a", Octets: []byte(message)},
		{De: "a", A: "b", Octets: []byte(`{"lignes":"` + message[strings.Index(message, "eyJ"):])},
		{De: "a", A: "b", Octets: []byte("rien")}, {De: "officine", A: "b", Octets: []byte(pourB("PRODUIT-901"))},
	})
	if err != nil {
		t.Fatal(err)
	}
	for fait, want := range map[string][4]pupitre.Regard{
		"officine":      {pupitre.Lu, pupitre.Lu, pupitre.Jamais, pupitre.Jamais},
		"adherent":      {pupitre.Porte, pupitre.Lu, pupitre.Porte, pupitre.Garde},
		"accreditation": {pupitre.Porte, pupitre.Lu, pupitre.Porte, pupitre.Jamais},
	} {
		for i, p := range []string{"relais", "a", "b", "c"} {
			if g := r.De(fait, p); g != want[i] {
				t.Errorf("%s chez %s : %s, attendu %s", fait, p, g, want[i])
			}
		}
	}
	if g := r.De("produit", "b"); g != pupitre.Lu {
		t.Errorf("produit chez B : %s", g)
	}
	if g := r.De("produit", "relais"); g != pupitre.Jamais {
		t.Errorf("produit chez le relais : %s", g)
	}
	var s strings.Builder
	if err := pupitre.EcrireTexte(&s, pupitre.Etape{Titre: "Essai", Ok: true, Regards: r}, false); err != nil || !strings.Contains(s.String(), "L'adhérent") {
		t.Errorf("%v\n%s", err, s.String())
	}
}
