package sceau_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
	"pgregory.net/rapid"
)

var relais = sceau.Bloc{Espace: "urn:test", Local: "chaine"}

// However a message is written on the wire, a relay that adds itself leaves every
// byte but its list, the seal stays good and the list is read back.
func TestEnchainerREST(t *testing.T) {
	id := sceautest.New(t, "1990000127", midi)
	o := sceau.Ouvreur{Juge: id.Juge}
	rapid.Check(t, func(t *rapid.T) {
		blanc := rapid.SampledFrom([]string{"", " ", "\n\t", "\r\n  "})
		b := func() string { return blanc.Draw(t, "blanc") }
		texte := rapid.StringOf(rapid.RuneFrom([]rune(`aé"\{}[]:,chainemessage😀`))).Draw(t, "texte")
		objet := fmt.Sprintf(`{"chaine":%q,"n":1}`, strings.Map(sansBarre, texte))
		s, err := id.Cachet.REST([]byte(objet), nil, midi)
		if err != nil {
			t.Fatal(err)
		}
		jws := s.Octets[len(`{"message":`)+len(objet)+len(`,"scellement":`) : len(s.Octets)-1]
		message := strings.ReplaceAll(objet, `,"n"`, b()+","+b()+`"n"`)
		membres := []string{`"message"` + b() + `:` + b() + message, `"scellement"` + b() + `:` + b() + string(jws)}
		ancienne := rapid.SampledFrom([]string{"", `{ }`, `{"maillon":[]}`, `{ "maillon" : [ {"message":1} ] }`}).Draw(t, "ancienne")
		if ancienne != "" {
			membres = append(membres, `"chaine"`+b()+`:`+ancienne)
		}
		brut := b() + "{" + b() + strings.Join(rapid.Permutation(membres).Draw(t, "ordre"), b()+","+b()) + b() + "}" + b()
		verifierEnchainer(t, o.REST, []byte(brut), []byte(message), []byte(`{"maillon":[{"id":"A"}]}`), []byte(ancienne))
	})
}

func sansBarre(r rune) rune {
	if r == '"' || r == '\\' || r > 0xffff {
		return 'x'
	}
	return r
}

func TestEnchainerSOAP(t *testing.T) {
	id := sceautest.New(t, "1990000127", midi)
	o := sceau.Ouvreur{Juge: id.Juge, Relais: relais}
	rapid.Check(t, func(t *rapid.T) {
		texte := rapid.StringOf(rapid.RuneFrom([]rune("aé chaineBodyHeader]-😀"))).Draw(t, "texte")
		element := `<Demande xmlns="urn:test"><chaine>` + texte + `</chaine></Demande>`
		ancienne := rapid.SampledFrom([]string{"", `<chaine xmlns="urn:test"></chaine>`, `<c:chaine xmlns:c='urn:test'><c:maillon/><!-- a --></c:chaine>`}).Draw(t, "ancienne")
		autres := rapid.SampledFrom([]string{"", `<a xmlns="urn:autre"><chaine/></a>`, "\n  "}).Draw(t, "autres")
		s, err := id.Cachet.SOAP([]byte(element), []byte(autres+ancienne+autres), midi)
		if err != nil {
			t.Fatal(err)
		}
		verifierEnchainer(t, o.SOAP, s.Octets, []byte(element), []byte(`<chaine xmlns="urn:test"><maillon><id>A</id></maillon></chaine>`), []byte(ancienne))
	})
}

type ouvrir = func([]byte, time.Time) (*sceau.Piece, error)

func verifierEnchainer(t *rapid.T, ouvrir ouvrir, brut, scelle, chaine, ancienne []byte) {
	p, err := ouvrir(brut, midi)
	if err != nil {
		t.Fatalf("%v : %s", err, brut)
	}
	out, err := p.Enchainer([]byte("avant"), chaine)
	if err != nil {
		t.Fatal(err)
	}
	out = bytes.TrimPrefix(out, []byte("avant"))
	suivante, err := ouvrir(out, midi)
	if err != nil {
		t.Fatalf("%v : %s", err, out)
	}
	if suivante.Empreinte() != p.Empreinte() || !bytes.Equal(suivante.Contenu(), p.Contenu()) || !bytes.Contains(out, scelle) {
		t.Fatalf("ce qui est scellé a changé : %s", out)
	}
	if !bytes.Equal(suivante.Chaine(), chaine) {
		t.Fatalf("liste lue %s, écrite %s", suivante.Chaine(), chaine)
	}
	avant, apres := retirer(brut, ancienne), retirer(out, chaine)
	if len(ancienne) == 0 { // REST adds the name of the member and a comma
		apres = bytes.Replace(apres, []byte(`"chaine":,`), nil, 1)
	}
	if !bytes.Equal(avant, apres) {
		t.Fatalf("hors de la liste, %s est devenu %s", avant, apres)
	}
	deux, err := suivante.Enchainer(nil, chaine)
	if err != nil || !bytes.Equal(deux, out) {
		t.Fatalf("remplacer une liste par elle-même : %s, %v", deux, err)
	}
}

// retirer takes the first occurrence of part away: no drawn text may hold one.
func retirer(b, part []byte) []byte {
	i := bytes.Index(b, part)
	return append(append([]byte{}, b[:i]...), b[i+len(part):]...)
}

func TestEnchainerRefuse(t *testing.T) {
	id := sceautest.New(t, "1990000127", midi)
	s, err := id.Cachet.SOAP([]byte(element), nil, midi)
	if err != nil {
		t.Fatal(err)
	}
	p, err := (&sceau.Ouvreur{Juge: id.Juge}).SOAP(s.Octets, midi)
	if err != nil {
		t.Fatal(err)
	}
	for nom, p := range map[string]*sceau.Piece{"sans nom d'en-tête": p, "jamais ouverte": {}} {
		if b, err := p.Enchainer(nil, []byte("<x/>")); !errors.Is(err, sceau.ErrChaine) || len(b) != 0 {
			t.Errorf("%s : %s, %v", nom, b, err)
		}
	}
}
