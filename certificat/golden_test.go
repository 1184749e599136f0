package certificat_test

import (
	"bytes"
	"encoding/pem"
	"flag"
	"os"
	"testing"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/igc/igctest"
)

var maj = flag.Bool("maj", false, "réécrire testdata")

// golden is one certificate kept in testdata, with the code of its refusal by the
// store kept beside ("" when accepted). Fuzzing needs the same keys in each of its
// processes.
type golden struct {
	nom, motif string
	usage      certificat.Usage
	der        []byte
}

func usageDe(code string) certificat.Usage {
	for u := certificat.Usage(1); u != 0; u <<= 1 {
		if u.String() == code {
			return u
		}
	}
	return 0
}

// lireGolden reads the store and the certificates of testdata.
func lireGolden(t testing.TB) (*certificat.Magasin, [][]byte, []golden) {
	t.Helper()
	b, err := os.ReadFile("testdata/magasin.pem")
	if err != nil {
		t.Fatal(err)
	}
	m := certificat.NouveauMagasin(certificat.Options{})
	acs, listes := certificat.Extraire(b, "CERTIFICATE"), certificat.Extraire(b, "X509 CRL")
	if err := m.RemplacerAutorites(acs[:1], acs[1:]); err != nil {
		t.Fatal(err)
	}
	for _, l := range listes {
		if _, err := m.AjouterCRL(l); err != nil {
			t.Fatal(err)
		}
	}
	if b, err = os.ReadFile("testdata/variantes.pem"); err != nil {
		t.Fatal(err)
	}
	var l []golden
	for {
		var p *pem.Block
		if p, b = pem.Decode(b); p == nil {
			return m, listes, l
		}
		l = append(l, golden{p.Headers["Nom"], p.Headers["Motif"], usageDe(p.Headers["Usage"]), p.Bytes})
	}
}

func TestGolden(t *testing.T) {
	if *maj {
		ecrireGolden(t)
	}
	m, _, l := lireGolden(t)
	if len(l) < 70 {
		t.Fatalf("%d certificats seulement", len(l))
	}
	for _, g := range l {
		_, err := m.Juger(g.der, nil, g.usage, lundi)
		if got := motif(err); (g.motif == "") != (err == nil) || g.motif != "" && got.String() != g.motif {
			t.Errorf("%s : %v, want %q", g.nom, err, g.motif)
		}
	}
}

func ecrireGolden(t *testing.T) {
	variantes, err := igctest.Variantes(lundi)
	if err != nil {
		t.Fatal(err)
	}
	m := certificat.NouveauMagasin(certificat.Options{})
	v := variantes[0]
	if err := m.RemplacerAutorites(v.Racines, v.Intermediaires); err != nil {
		t.Fatal(err)
	}
	var magasin, cas bytes.Buffer
	bloc := func(b *bytes.Buffer, p pem.Block) {
		if err := pem.Encode(b, &p); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range append(v.Racines, v.Intermediaires...) {
		bloc(&magasin, pem.Block{Type: "CERTIFICATE", Bytes: d})
	}
	for _, d := range v.Listes {
		bloc(&magasin, pem.Block{Type: "X509 CRL", Bytes: d})
		if _, err := m.AjouterCRL(d); err != nil {
			t.Fatal(err)
		}
	}
	for _, v := range variantes {
		_, err := m.Juger(v.Feuille, nil, v.Usage, lundi)
		code := ""
		if err != nil {
			code = motif(err).String()
		}
		bloc(&cas, pem.Block{Type: "CERTIFICATE", Headers: map[string]string{"Nom": v.Nom, "Usage": v.Usage.String(), "Motif": code}, Bytes: v.Feuille})
	}
	for nom, b := range map[string][]byte{"magasin": magasin.Bytes(), "variantes": cas.Bytes()} {
		if err := os.WriteFile("testdata/"+nom+".pem", b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
