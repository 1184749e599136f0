package preuve_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/preuve"
)

// Roots, inclusion and consistency proofs of random sizes, judged by another
// implementation; and what was proved is refused as soon as it is changed.
func TestArbreContreMerkle(t *testing.T) {
	h := rfc6962.DefaultHasher
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, 3000).Draw(t, "n")
		m := rapid.Int64Range(1, n).Draw(t, "m")
		rang := rapid.Int64Range(0, n-1).Draw(t, "rang")
		tuiles := make(map[string][]byte)
		var bord, ancien preuve.Bord
		for i := range n {
			bord.Ajouter(preuve.Hash{byte(i), byte(i >> 8)}, func(x preuve.Tuile) { tuiles[x.Chemin()] = x.Octets() })
			if i+1 == m {
				ancien = *bord.Copie()
			}
		}
		lire := func(niveau int, indice int64, largeur int) ([]byte, error) {
			for _, x := range bord.Partielles() {
				if x.Niveau == niveau && x.Indice == indice {
					return x.Octets(), nil
				}
			}
			return tuiles[preuve.Tuile{Niveau: niveau, Indice: indice, Hashes: make([]preuve.Hash, 256)}.Chemin()], nil
		}
		a := preuve.PointControle{Origine: "x", Taille: m, Racine: ancien.Racine()}
		b := preuve.PointControle{Origine: "x", Taille: n, Racine: bord.Racine()}
		feuille := preuve.Hash{byte(rang), byte(rang >> 8)}
		inc, err := preuve.ProuverInclusion(n, rang, lire)
		if err != nil {
			t.Fatal(err)
		}
		coh, err := preuve.ProuverCoherence(n, m, lire)
		if err != nil {
			t.Fatal(err)
		}
		if err := preuve.VerifierInclusion(b, rang, feuille, inc); err != nil {
			t.Fatal(err)
		}
		if err := preuve.VerifierCoherence(a, b, coh); err != nil {
			t.Fatal(err)
		}
		if err := proof.VerifyInclusion(h, uint64(rang), uint64(n), h.HashLeaf(feuille[:]), brut(inc), b.Racine[:]); err != nil {
			t.Fatalf("merkle: %v", err)
		}
		if err := proof.VerifyConsistency(h, uint64(m), uint64(n), brut(coh), a.Racine[:], b.Racine[:]); err != nil {
			t.Fatalf("merkle: %v", err)
		}
		if relu, err := preuve.LireBord(n, lire); err != nil || relu.Racine() != b.Racine {
			t.Fatalf("edge read again: %v", err)
		}
		feuille[31] ^= 1
		if preuve.VerifierInclusion(b, rang, feuille, inc) == nil {
			t.Fatal("a false leaf was accepted")
		}
		a.Racine[0] ^= 1
		if preuve.VerifierCoherence(a, b, coh) == nil {
			t.Fatal("a false root was accepted")
		}
	})
}

func brut(l []preuve.Hash) (b [][]byte) {
	for _, h := range l {
		b = append(b, h[:])
	}
	return b
}

func TestPointControle(t *testing.T) {
	l, autre := nouveauLivre(t, "amc"), nouveauLivre(t, "autre")
	l.ajouter(unEchange().dest)
	bon := l.point()
	signer := func(s note.Signer, texte string) []byte {
		b, err := note.Sign(&note.Note{Text: texte}, s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	texte := bon.Texte()
	lignes := strings.SplitAfter(texte, "\n")
	for nom, b := range map[string][]byte{
		"vide":              nil,
		"un octet changé":   bytes.Replace(bon.Brut, []byte("\n1\n"), []byte("\n2\n"), 1),
		"autre signataire":  signer(autre.signer, texte),
		"autre origine":     signer(l.signer, "exemple.invalid/voisin\n"+strings.Join(lignes[1:], "")),
		"taille avec zéro":  signer(l.signer, strings.Replace(texte, "\n1\n", "\n01\n", 1)),
		"taille négative":   signer(l.signer, strings.Replace(texte, "\n1\n", "\n-1\n", 1)),
		"racine tronquée":   signer(l.signer, lignes[0]+lignes[1]+"AAAA\n"),
		"sans racine":       signer(l.signer, lignes[0]+lignes[1]),
		"instant illisible": signer(l.signer, lignes[0]+lignes[1]+lignes[2]+"ecluse-instant demain\n"),
		"précédent tronqué": signer(l.signer, texte+"ecluse-precedent x 1\n"),
		"plus de 64 kio":    append(bytes.Clone(bon.Brut), make([]byte, 65<<10)...),
	} {
		if _, err := preuve.OuvrirPointControle(b, l.cle); !errors.Is(err, preuve.ErrPointControle) {
			t.Errorf("%s: got %v", nom, err)
		}
	}
	suite := bon
	suite.Origine += "/2"
	suite.Precedent = &preuve.Precedent{Origine: bon.Origine, Taille: 1, Racine: bon.Racine}
	relu, err := preuve.OuvrirPointControle(signer(l.signer, suite.Texte()), l.cle)
	if err != nil {
		t.Fatal(err)
	}
	suite.Brut, relu.Brut = nil, nil
	if d := cmp.Diff(suite, relu); d != "" {
		t.Error(d)
	}
	if _, err := preuve.OuvrirPointControle(bon.Brut, preuve.Cle{}); !errors.Is(err, preuve.ErrCle) {
		t.Errorf("no key: got %v", err)
	}
}

func TestCosigner(t *testing.T) {
	l := nouveauLivre(t, "amc")
	l.ajouter(unEchange().dest)
	secrete, publique, _ := note.GenerateKey(rand.Reader, "hopital.invalid")
	temoin, err := preuve.ParseCle(publique)
	if err != nil {
		t.Fatal(err)
	}
	b, err := preuve.Cosigner(l.point().Brut, l.cle, secrete)
	if err != nil {
		t.Fatal(err)
	}
	p, err := preuve.OuvrirPointControle(b, l.cle, temoin)
	if err != nil || len(p.Cosignataires) != 1 || p.Cosignataires[0] != "hopital.invalid" {
		t.Errorf("got %v, %v", p.Cosignataires, err)
	}
	if p, err := preuve.OuvrirPointControle(b, l.cle); err != nil || len(p.Cosignataires) != 0 {
		t.Errorf("unknown witness: got %v, %v", p.Cosignataires, err)
	}
	// The witness alone is not the journal.
	if _, err := preuve.OuvrirPointControle(b, temoin); !errors.Is(err, preuve.ErrPointControle) {
		t.Errorf("witness taken for the journal: %v", err)
	}
	if _, err := preuve.Cosigner([]byte("autre chose"), l.cle, secrete); err == nil {
		t.Error("a witness signed what it could not verify")
	}
}

// The record is canonical: keys sorted, as a generic encoder sorts them.
func TestRecordCanonique(t *testing.T) {
	tr := unEchange().dest
	tr.Canal = preuve.Partie{Autorite: "CN=<AC> & fils é", Serie: "0a", Structure: "s"}
	tr.Relais, tr.Mode, tr.Operateur, tr.Pseudonyme = []string{"R1"}, "direct", "op", "00ff"
	tr.DureeReseau, tr.DureeTraitement, tr.Horodatage, tr.TailleQuestion, tr.TailleReponse = 1, 2, 3, 4, 5
	record, err := tr.Record()
	if err != nil {
		t.Fatal(err)
	}
	var generique map[string]any
	if err := json.Unmarshal(record, &generique); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(generique)
	if got := strings.TrimSuffix(b.String(), "\n"); got != string(record) {
		t.Errorf("got  %s\nwant %s", record, got)
	}
	relue, err := preuve.ParseTrace(record)
	tr.Version = 1
	if d := cmp.Diff(tr, relue); d != "" || err != nil {
		t.Error(err, d)
	}
}

func TestTraceRefusee(t *testing.T) {
	for nom, f := range map[string]func(*preuve.Trace){
		"sans idMessage":           func(x *preuve.Trace) { x.IDMessage = "" },
		"sans service":             func(x *preuve.Trace) { x.Service = "" },
		"sans rôle":                func(x *preuve.Trace) { x.Role = "" },
		"empreinte courte":         func(x *preuve.Trace) { x.EmpreinteQuestion = "00" },
		"empreinte en majuscules":  func(x *preuve.Trace) { x.EmpreinteReponse = strings.Repeat("A", 64) },
		"pseudonyme en clair":      func(x *preuve.Trace) { x.Pseudonyme = "Dupont" },
		"retour à la ligne":        func(x *preuve.Trace) { x.Emetteur = "a\nb" },
		"séparateur de ligne":      func(x *preuve.Trace) { x.Emetteur = "a\u2028b" },
		"texte non UTF-8":          func(x *preuve.Trace) { x.Emetteur = "\xff" },
		"texte trop long":          func(x *preuve.Trace) { x.Canal.Autorite = strings.Repeat("a", 600) },
		"trop de relais":           func(x *preuve.Trace) { x.Relais = make([]string, 17) },
		"entier que JSON perdrait": func(x *preuve.Trace) { x.Emission = 1 << 60 },
	} {
		tr := unEchange().dest
		f(&tr)
		if _, err := tr.Record(); !errors.Is(err, preuve.ErrTrace) {
			t.Errorf("%s: got %v", nom, err)
		}
	}
}

func TestCheminTuile(t *testing.T) {
	for _, c := range []struct {
		niveau  string
		indice  int64
		largeur int
		want    string
	}{
		{"0", 0, 256, "tile/0/000"},
		{"0", 5, 7, "tile/0/005.p/7"},
		{"3", 1234067, 256, "tile/3/x001/x234/067"},
		{"entries", 1000, 1, "tile/entries/x001/000.p/1"},
	} {
		got := preuve.CheminTuile(c.niveau, c.indice, c.largeur)
		if got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
		n, i, l, err := preuve.ParseCheminTuile(strings.TrimPrefix(got, "tile/"))
		if n != c.niveau || i != c.indice || l != c.largeur || err != nil {
			t.Errorf("%s: got %s %d %d %v", got, n, i, l, err)
		}
	}
	for _, s := range []string{"", "0", "0/", "0/0", "0/0000", "0/x000/000", "0/001/002", "0/000.p/0", "0/000.p/256", "0/000.p/07",
		"0/000.p/1/2", "0/-01", "0/x999/x999/x999/x999/x999/x999/999", "../000", "0/00a", "0/000.p/ 7"} {
		if _, _, _, err := preuve.ParseCheminTuile(s); err == nil && !strings.HasPrefix(s, "../") {
			t.Errorf("%q was accepted", s)
		}
	}
}

func FuzzPointControle(f *testing.F) {
	l := nouveauLivre(f, "amc")
	f.Add(l.point().Texte())
	f.Add("a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\necluse-instant 1\necluse-precedent x 1 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")
	f.Fuzz(func(t *testing.T, texte string) {
		// Signed by the right key, whatever the text: the reader must stand.
		b, err := note.Sign(&note.Note{Text: texte}, l.signer)
		if err != nil {
			return
		}
		p, err := preuve.OuvrirPointControle(b, l.cle)
		if err != nil {
			return
		}
		if p.Taille < 0 || !strings.HasPrefix(p.Origine, l.cle.Nom()) {
			t.Fatalf("accepted %+v", p)
		}
	})
}

func FuzzCheminTuile(f *testing.F) {
	f.Add("0/x001/234.p/7")
	f.Fuzz(func(t *testing.T, s string) {
		if n, i, l, err := preuve.ParseCheminTuile(s); err == nil && preuve.CheminTuile(n, i, l) != "tile/"+s {
			t.Fatalf("%q reads as %s %d %d", s, n, i, l)
		}
	})
}

func FuzzTrace(f *testing.F) {
	r, _ := unEchange().dest.Record()
	f.Add(r)
	f.Fuzz(func(t *testing.T, b []byte) {
		tr, err := preuve.ParseTrace(b)
		if err != nil {
			return
		}
		r, err := tr.Record()
		if err != nil {
			t.Fatal(err)
		}
		relue, err := preuve.ParseTrace(r)
		tr.Version = 1
		if len(tr.Relais) == 0 {
			tr.Relais = nil
		}
		if err != nil || !cmp.Equal(tr, relue) {
			t.Fatalf("%v: %s", err, cmp.Diff(tr, relue))
		}
	})
}

// A book of one leaf is spoken of in the singular.
func TestBilanAuSingulier(t *testing.T) {
	for feuilles, attendu := range map[int64]string{0: "0 feuille vérifiée (dont 0 effacée à leur terme)", 1: "1 feuille vérifiée (dont 0 effacée à leur terme)",
		2: "2 feuilles vérifiées (dont 0 effacée à leur terme)"} {
		if s := (preuve.Bilan{Feuilles: feuilles}).String(); !strings.Contains(s, attendu) {
			t.Errorf("%q, sans %q", s, attendu)
		}
	}
}
