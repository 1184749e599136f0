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
	jeton, lignes := pourB("LIEN-222"), pourB("PRODUIT-901") // the token was given to the pharmacy by C
	message := []byte(`{"enveloppe":"PHARMACIE-12","corps":"` + pourA(`{"adherent":"ADH-345","accreditation":"`+signe("ACCRED-678")+`","jeton":"`+jeton+`","lignes":"`+lignes+`"}`) + `"}`)
	r, err := pupitre.Regarder([]pupitre.Regardant{
		{Cle: "officine", Nom: "Officine"},
		{Cle: "relais", Nom: "Relais"},
		{Cle: "a", Nom: "A", Cles: []jades.Accord{cleA}},
		{Cle: "b", Nom: "B", Cles: []jades.Accord{cleB}},
		{Cle: "c", Nom: "C", Fichiers: func() ([]byte, error) { return []byte("...ADH-345..."), nil }},
	}, []pupitre.Fait{
		{Cle: "officine", Nom: "La pharmacie", Textes: []string{"PHARMACIE-12"}},
		{Cle: "adherent", Nom: "L'adhérent", Textes: []string{"autre forme", "ADH-345"}},
		{Cle: "accreditation", Nom: "L'accréditation", Textes: []string{"ACCRED-678"}},
		{Cle: "lien", Nom: "Le lien", Textes: []string{"LIEN-222"}},
		{Cle: "produit", Nom: "Le produit", Textes: []string{"PRODUIT-901"}},
		{Cle: "rien", Nom: "Rien", Textes: []string{"RIEN-000"}},
	}, []pupitre.Courrier{
		{De: "officine", A: "relais", Octets: message}, {De: "relais", A: "a", Octets: message},
		{De: "a", A: "b", Octets: []byte(`{"lignes":"` + lignes + `"}`)},
	}, []pupitre.Courrier{{De: "c", A: "officine", Octets: []byte(jeton)}})
	if err != nil {
		t.Fatal(err)
	}
	const jamais, porte, lu, garde = pupitre.Jamais, pupitre.Porte, pupitre.Lu, pupitre.Garde
	for fait, want := range map[string][5]pupitre.Regard{
		"officine":      {lu, lu, lu, jamais, jamais},
		"adherent":      {lu, porte, lu, jamais, garde},
		"accreditation": {lu, porte, lu, jamais, jamais},
		"lien":          {porte, porte, porte, jamais, jamais},
		"produit":       {lu, porte, porte, lu, jamais},
		"rien":          {jamais, jamais, jamais, jamais, jamais},
	} {
		for i, p := range []string{"officine", "relais", "a", "b", "c"} {
			if g := r.De(fait, p); g != want[i] {
				t.Errorf("%s chez %s : %s, attendu %s", fait, p, g, want[i])
			}
		}
	}
	if v := r.SansVides(); len(v.Faits) != len(r.Faits)-1 || v.De("produit", "b") != lu || v.De("rien", "b") != "" {
		t.Errorf("sans vides : %+v", v)
	}
	var s strings.Builder
	if err := pupitre.EcrireTexte(&s, pupitre.Etape{Titre: "Essai", Ok: true, Regards: r}, false); err != nil || !strings.Contains(s.String(), "L'adhérent") {
		t.Errorf("%v\n%s", err, s.String())
	}
}
