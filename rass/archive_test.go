package rass_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/rass"
)

var paris = time.FixedZone("Paris", 3600)

func TestNoms(t *testing.T) {
	quand := time.Date(2026, 11, 23, 3, 12, 0, 0, paris)
	for _, f := range rass.Fichiers {
		for _, delta := range []bool{false, true} {
			n := rass.Nom{Fichier: f, Delta: delta, Instant: quand}
			lu, err := rass.ParseNom(n.String(), paris)
			if err != nil || lu.Fichier != f || lu.Delta != delta || !lu.Instant.Equal(quand) {
				t.Errorf("%s : %v, %v", n, lu, err)
			}
		}
	}
	if n, err := rass.ParseNom("PS_LibreAcces_Dipl_AutExerc_202611230312.txt", paris); err != nil || n.Fichier != rass.Diplomes {
		t.Errorf("%v %v", n, err)
	}
	if q, err := rass.ParseNomArchive("PS_LibreAcces_202611230312.zip", paris); err != nil || !q.Equal(quand) || rass.NomArchive(q) != "PS_LibreAcces_202611230312.zip" {
		t.Errorf("%v %v", q, err)
	}
	for _, s := range []string{"", "x", "PS_LibreAcces_Dipl_AutExerc_202613230312.txt", "PS_LibreAcces_Dipl_AutExerc_20261123031.txt",
		"PS_LibreAcces_Dipl_AutExerc_202611230312.csv", "PS_LibreAcces_202611230312.txt", "_202611230312.txt"} {
		if n, err := rass.ParseNom(s, paris); err == nil {
			t.Errorf("%q accepté : %v", s, n)
		}
	}
	for _, s := range []string{"PS_LibreAcces_202611230312.txt", "PS_LibreAcces_.zip", "202611230312.zip"} {
		if _, err := rass.ParseNomArchive(s, paris); err == nil {
			t.Errorf("%q accepté", s)
		}
	}
}

func zipper(t testing.TB, fichiers ...[2]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range fichiers {
		w, err := z.Create(f[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, f[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestArchive(t *testing.T) {
	sf := entete(rass.SavoirFaire) + "\n" + ligneSF + "\n"
	b := zipper(t, [2]string{"LISEZMOI.txt", "bonjour"}, [2]string{"PS_LibreAcces_SavoirFaire_202611230312.txt", sf})
	a, err := rass.OuvrirArchive(bytes.NewReader(b), int64(len(b)), 0, paris)
	if err != nil || len(a.Entrees()) != 1 || a.Entrees()[0].Fichier != rass.SavoirFaire || a.Entrees()[0].Taille != int64(len(sf)) {
		t.Fatalf("%v", err)
	}
	r, err := a.Ouvrir(rass.SavoirFaire)
	if err != nil {
		t.Fatal(err)
	}
	if x := lire(rass.Reglage{}, r, rass.SavoirFaire); x.err != nil || len(x.lignes) != 1 {
		t.Errorf("%v", x.err)
	}
	if _, err := a.Ouvrir(rass.Diplomes); motif(err) != rass.MotifArchive {
		t.Errorf("fichier absent : %v", err)
	}
	altere := bytes.Clone(b)
	altere[bytes.Index(b, []byte("SavoirFaire_202611230312.txt"))+60] ^= 0x55
	if a, err = rass.OuvrirArchive(bytes.NewReader(altere), int64(len(altere)), 0, paris); err != nil {
		t.Fatal(err)
	}
	if r, err = a.Ouvrir(rass.SavoirFaire); err == nil {
		if x := lire(rass.Reglage{}, r, rass.SavoirFaire); x.err == nil {
			t.Error("contenu altéré accepté")
		}
	}
	gros := [2]string{"PS_LibreAcces_SavoirFaire_202611230312.txt", strings.Repeat("x", 5<<20)}
	bombe := zipper(t, gros)
	for cas, c := range map[string]struct {
		b   []byte
		max int64
	}{
		"coupée":               {b[:len(b)-10], 0},
		"rien":                 {nil, 0},
		"plus que permis":      {b, 100},
		"compression suspecte": {bombe, 0},
		"deux fois le même":    {zipper(t, [2]string{"a/PS_LibreAcces_SavoirFaire_202611230312.txt", sf}, [2]string{"PS_LibreAcces_SavoirFaire_202611240312.txt", sf}), 0},
		"trop de fichiers":     {zipper(t, make([][2]string, 65)...), 0},
	} {
		if _, err := rass.OuvrirArchive(bytes.NewReader(c.b), int64(len(c.b)), c.max, paris); motif(err) != rass.MotifArchive {
			t.Errorf("%s : %v", cas, err)
		}
	}
}
