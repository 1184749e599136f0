package droits

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/visiodroits"
)

// miroirEssai gives lists of revoked accreditations by what is asked of it.
type miroirEssai struct {
	*httptest.Server
	mu     sync.Mutex
	numero int64
	pieces map[string][]byte // "courante", "2/delta"
	lues   []string
}

func nouveauMiroir(t *testing.T) *miroirEssai {
	m := &miroirEssai{pieces: map[string][]byte{}}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		defer m.mu.Unlock()
		quoi := strings.TrimPrefix(r.URL.Path, "/lar/"+uneAMC+"/")
		b, la := m.pieces[quoi]
		if !la {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Ecluse-Numero", strconv.FormatInt(m.numero, 10))
		if r.Method == http.MethodGet {
			m.lues = append(m.lues, quoi)
			w.Write(b)
		}
	}))
	t.Cleanup(m.Close)
	return m
}

func (m *miroirEssai) poser(numero int64, complete, delta []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.numero, m.lues, m.pieces["courante"] = numero, nil, complete
	if delta != nil {
		m.pieces[strconv.FormatInt(numero, 10)+"/delta"] = delta
	}
}

// veiller follows the list of one issuer at mirrors, believing its keys.
func veiller(t *testing.T, e *emetteurs, a *time.Time, miroirs ...*miroirEssai) *Veille {
	t.Helper()
	c, err := visiodroits.NouveauClasseur(nil)
	verifier(t, err)
	src := SourceLAR{Emetteur: amc(t, uneAMC)}
	for _, m := range miroirs {
		src.Adresses = append(src.Adresses, m.URL)
	}
	v, err := NouvelleVeille(OptionsVeille{Classeur: c, Magasin: ouvrirVite(t, filepath.Join(t.TempDir(), "x"), ""), HTTP: http.DefaultClient,
		Horloge: func() time.Time { return *a }, LAR: func(time.Time) ([]SourceLAR, error) { return []SourceLAR{src}, nil }})
	verifier(t, err)
	v.cles = e.cles
	return v
}

func lireUne(t *testing.T, v *Veille) visiodroits.Lecture {
	t.Helper()
	l, err := v.Actualiser(context.Background())
	if err != nil || len(l) != 1 {
		t.Fatalf("%+v, %v", l, err)
	}
	return l[0]
}

// That there is nothing new is signed by nobody: past the term of the list that is held, a
// mirror that says so is left for the next, and the reading fails when none has better.
func TestLARMiroirFige(t *testing.T) {
	e := nouveauxEmetteurs(t)
	ed := editeur(t, e)
	debut := instant.Add(-72 * time.Hour)
	c1, _ := complete(t, ed, 1, debut, entree(t, tirer(t, uneAMC, Normale)))
	c2, _ := complete(t, ed, 2, instant, entree(t, tirer(t, uneAMC, Normale)))
	fige, bon := nouveauMiroir(t), nouveauMiroir(t)
	fige.poser(1, c1, nil)
	bon.poser(1, c1, nil)
	a := debut.Add(time.Hour)
	v := veiller(t, e, &a, fige, bon)
	if r := lireUne(t, v); r.Erreur != nil || r.Miroir != fige.URL || len(r.Ecartes) != 0 {
		t.Fatalf("liste dans son terme : %+v", r)
	}
	a = debut.Add(2 * time.Hour)
	if r := lireUne(t, v); r.Erreur != nil || r.Miroir != fige.URL || len(r.Ecartes) != 0 {
		t.Errorf("rien de neuf, dans son terme : %+v", r)
	}
	a = instant.Add(-time.Hour)
	if r := lireUne(t, v); r.Erreur == nil || len(r.Ecartes) != 2 || !r.Prochain.Before(a.Add(5*time.Minute)) {
		t.Errorf("passé son terme, sans mieux : %+v", r)
	}
	bon.poser(2, c2, nil)
	a = instant.Add(time.Hour)
	if r := lireUne(t, v); r.Erreur != nil || r.Miroir != bon.URL || len(r.Ecartes) != 1 || !r.Change {
		t.Errorf("le suivant a mieux : %+v", r)
	}
	if l := v.LAR(amc(t, uneAMC)); l.Entete().Numero != 2 || l.Perimee(a) {
		t.Errorf("liste %d", l.Entete().Numero)
	}
}

// The changes kept beside a list are bounded: beyond, it is read whole, and they go.
func TestLARDeltasBornes(t *testing.T) {
	e := nouveauxEmetteurs(t)
	ed := editeur(t, e)
	a := instant
	c, l := complete(t, ed, 1, a, entree(t, tirer(t, uneAMC, Normale)))
	m := nouveauMiroir(t)
	m.poser(1, c, nil)
	v := veiller(t, e, &a, m)
	lireUne(t, v)
	entiere, pointe := 0, 0
	for n := int64(2); n <= 200; n++ {
		a = a.Add(2 * time.Hour)
		x := entree(t, tirer(t, uneAMC, Normale))
		d, suite, err := ed.Delta(l, a, []EntreeLAR{x}, nil)
		verifier(t, err)
		l = suite
		c, _ := complete(t, ed, n, a, x)
		m.poser(n, c, d)
		if r := lireUne(t, v); r.Erreur != nil || v.LAR(amc(t, uneAMC)).Entete().Numero != n {
			t.Fatalf("liste %d : %+v", n, r)
		}
		if slices.Contains(m.lues, "courante") {
			entiere++
			l = v.LAR(amc(t, uneAMC))
		}
		pointe = max(pointe, v.o.Magasin.piecesLAR(amc(t, uneAMC)))
	}
	if entiere != 3 || pointe > 65 {
		t.Errorf("lue entière %d fois, %d morceaux gardés", entiere, pointe)
	}
}

// Whoever holds a key may have signed any list, of a number that none would follow: once the
// key is said to be in other hands, the list that it signed is dropped, and the next of its
// issuer is taken.
func TestLARCleCompromise(t *testing.T) {
	e := nouveauxEmetteurs(t)
	bonne := tirer(t, uneAMC, Normale)
	fausse, _ := complete(t, editeur(t, e), 1<<40, instant, entree(t, bonne))
	r := &Revocations{}
	prendre := func(octets []byte, cles *Cles) error {
		_, err := r.Appliquer(bytes.NewReader(octets), OptionsLAR{Cles: cles, Emetteur: amc(t, uneAMC), Maintenant: instant})
		return err
	}
	verifier(t, prendre(fausse, e.cles))
	if l := r.ecarter(e.cles); len(l) != 0 || r.LAR(amc(t, uneAMC)) == nil {
		t.Errorf("clé encore crue : %v", l)
	}
	neuve := cle(t)
	cles, err := NouvellesCles([]Cle{{amc(t, uneAMC), "lar-2", PourLAR, &neuve.PublicKey, instant.AddDate(0, 0, -1), time.Time{}}}, nil)
	verifier(t, err)
	suite, _ := complete(t, &EditeurLAR{Emetteur: amc(t, uneAMC), Sel: Sel{1, 2, 3}, Kid: "lar-2", Cle: neuve}, 3, instant)
	if err := prendre(suite, cles); err == nil {
		t.Error("une liste remonte le temps")
	}
	if l := r.ecarter(cles); len(l) != 1 || r.LAR(amc(t, uneAMC)) != nil {
		t.Errorf("clé compromise : %v", l)
	}
	verifier(t, prendre(suite, cles))
	if m, err := r.Revoquee(bonne, jour(t, "2026-11-29")); err != nil || m != "" {
		t.Errorf("révoquée par la fausse liste : %q, %v", m, err)
	}
}
