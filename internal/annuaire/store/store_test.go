package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/annuairetest"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/sante"
)

var codec = Codec{Version: 1, Encoder: annuairetest.Encoder, Decoder: annuairetest.Decoder}

func moteurs(t *testing.T, f func(t *testing.T, s *Store)) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) { f(t, New(b, "T", codec)) }, Migrations)
}

func TestRegistreSQLite(t *testing.T) {
	annuairetest.Registre(t, func(t *testing.T) annuaire.Registre { return New(bddtest.Ouvrir(t, Migrations), "T", codec) })
}

func TestRegistrePostgres(t *testing.T) {
	bddtest.Adresse(t, bdd.PostgreSQL) // skips without a server
	annuairetest.Registre(t, func(t *testing.T) annuaire.Registre {
		return New(bddtest.OuvrirAdresse(t, bddtest.Adresse(t, bdd.PostgreSQL), bdd.Options{}, Migrations), "T", codec)
	})
}

// version is a professional at a version, known from so many days after the tests' instant.
func version(i int, v uint32, jours int, f func(*annuaire.Praticien)) *annuaire.Changement {
	p := annuairetest.Praticien(i)
	p.Version, p.Maj = v, annuairetest.Instant.AddDate(0, 0, jours).UnixMilli()
	if f != nil {
		f(p)
	}
	return &annuaire.Changement{Praticien: p}
}

func remplace(avant, apres *annuaire.Changement) annuaire.Remplacement {
	return annuaire.Remplacement{Avant: avant, Apres: apres}
}

func appliquer(t *testing.T, s *Store, avant, apres *annuaire.Changement, demande string) {
	t.Helper()
	if err := s.Appliquer(context.Background(), avant, apres, demande, annuairetest.Instant); err != nil {
		t.Fatal(err)
	}
}

// Another node sees the changes of owners in their order, each once, and those of feeds
// are no business of its image.
func TestDepuis(t *testing.T) {
	moteurs(t, func(t *testing.T, s *Store) {
		ctx := context.Background()
		for i := range 3 {
			appliquer(t, s, version(i, 1, 0, nil), version(i, 2, 1, nil), fmt.Sprint("D", i))
		}
		if err := s.Verser(ctx, []annuaire.Remplacement{remplace(version(5, 1, 0, nil), version(5, 2, 1, nil))}, "course", annuairetest.Instant); err != nil {
			t.Fatal(err)
		}
		appliquer(t, s, version(0, 2, 1, nil), version(0, 3, 2, nil), "D3")
		var vus []string
		for seq := int64(0); ; {
			l, err := s.Depuis(ctx, seq)
			if err != nil {
				t.Fatal(err)
			}
			if len(l) == 0 {
				break
			}
			for _, m := range l[:1] { // one at a time, as a node that stops between two
				vus = append(vus, m.Demande)
				seq = m.Seq
			}
		}
		if want := []string{"D0", "D1", "D2", "D3"}; !slices.Equal(vus, want) {
			t.Errorf("%v", vus)
		}
		if n, err := s.Dernier(ctx); err != nil || n != 5 {
			t.Errorf("%d, %v", n, err)
		}
		autre := New(s.b, "AUTRE", codec)
		if l, err := autre.Depuis(ctx, 0); err != nil || len(l) != 0 {
			t.Errorf("un autre annuaire voit %d changements, %v", len(l), err)
		}
	})
}

// Of a record that changed several times the last version is laid, in its first place.
func TestDernieres(t *testing.T) {
	l, seq := Dernieres([]Mouvement{{Seq: 3, Fiche: *version(1, 2, 0, nil)}, {Seq: 5, Fiche: *version(2, 2, 0, nil)}, {Seq: 9, Fiche: *version(1, 3, 0, nil)}})
	if seq != 9 || len(l) != 2 || l[0].Praticien.Version != 3 || l[1].Praticien.Version != 2 {
		t.Errorf("%d, %+v", seq, l)
	}
}

// A node picks up within a second what another writes; what it could not lay is given again.
func TestSuivre(t *testing.T) {
	moteurs(t, func(t *testing.T, s *Store) {
		ctx, fin := context.WithCancel(context.Background())
		recues, rates, dites := make(chan annuaire.Changement, 10), atomic.Int32{}, atomic.Int32{}
		arret := make(chan struct{})
		go func() {
			defer close(arret)
			s.Suivre(ctx, 0, 20*time.Millisecond, func(_ context.Context, l []annuaire.Changement, _ int64) error {
				if rates.Add(1) == 1 {
					return errors.New("image occupée")
				}
				for _, m := range l {
					recues <- m
				}
				return nil
			}, func(error) { dites.Add(1) })
		}()
		debut := time.Now()
		for i := range 3 {
			appliquer(t, s, nil, version(i, 1, 0, nil), fmt.Sprint("D", i))
		}
		for i := range 3 {
			select {
			case m := <-recues:
				if m.Praticien.Numero != annuairetest.Praticien(i).Numero {
					t.Errorf("%d : %s", i, m.Praticien.Numero)
				}
			case <-time.After(5 * time.Second):
				t.Fatal("rien reçu")
			}
		}
		if d := time.Since(debut); d > time.Second {
			t.Errorf("en %s", d)
		}
		fin()
		<-arret
		if dites.Load() != 1 {
			t.Errorf("%d erreurs dites", dites.Load())
		}
	})
}

// An owner's record that a feed changes is the feed's again, and one who writes over the
// version that a feed took is told to read again.
func TestVerserApresProprietaire(t *testing.T) {
	moteurs(t, func(t *testing.T, s *Store) {
		ctx := context.Background()
		id := annuairetest.Praticien(1).ID
		appliquer(t, s, version(1, 1, 0, nil), version(1, 2, 1, nil), "D1")
		lot := []annuaire.Remplacement{remplace(version(1, 2, 1, nil), version(1, 3, 2, nil)), remplace(nil, version(2, 1, 2, nil))}
		for range 2 { // a run that is taken up says the same again
			if err := s.Verser(ctx, lot, "course", annuairetest.Instant); err != nil {
				t.Fatal(err)
			}
		}
		if c, err := s.Verrouiller(ctx, annuaire.Praticiens, id); err != nil || c != nil {
			t.Errorf("%+v, %v", c, err)
		}
		for v, want := range map[uint32]error{3: annuaire.ErrAncienne, 4: nil} {
			if err := s.Appliquer(ctx, nil, version(1, v, 3, nil), "D2", annuairetest.Instant); !errors.Is(err, want) {
				t.Errorf("version %d : %v", v, err)
			}
		}
		if err := s.Appliquer(ctx, nil, version(2, 1, 3, nil), "D3", annuairetest.Instant); !errors.Is(err, annuaire.ErrAncienne) {
			t.Errorf("fiche que seul un flux a changée : %v", err)
		}
		l, err := s.Versions(ctx, annuaire.Praticiens, id, 100, 10)
		if err != nil || len(l) != 2 || l[0].Praticien.Version != 2 || l[1].Praticien.Version != 1 {
			t.Errorf("%d versions, %v", len(l), err)
		}
		if l, err = s.Versions(ctx, annuaire.Praticiens, id, 2, 10); err != nil || len(l) != 1 {
			t.Errorf("%d versions avant la 2, %v", len(l), err)
		}
	})
}

// What was true on a day, and what was known on a day.
func TestAuJour(t *testing.T) {
	moteurs(t, func(t *testing.T, s *Store) {
		ctx := context.Background()
		jour := sante.JourA(annuairetest.Instant, sante.Paris())
		nom := func(n string) func(*annuaire.Praticien) { return func(p *annuaire.Praticien) { p.Nom = n } }
		v1, v2 := version(1, 1, -30, nom("UN")), version(1, 2, -20, nom("DEUX"))
		v3 := version(1, 3, -10, func(p *annuaire.Praticien) { p.Nom, p.Au, p.Actif = "TROIS", jour-15, false })
		appliquer(t, s, v1, v2, "D1")
		appliquer(t, s, v2, v3, "D2")
		// another, whose beginning is corrected backwards
		w1 := version(2, 1, -30, func(p *annuaire.Praticien) { p.Nom, p.Du = "TARD", jour-100 })
		w2 := version(2, 2, -20, func(p *annuaire.Praticien) { p.Nom, p.Du = "TOT", jour-1000 })
		appliquer(t, s, w1, w2, "D3")
		// a third that ended, then began again
		x1 := version(3, 1, -30, func(p *annuaire.Praticien) { p.Nom, p.Du, p.Au = "AVANT", jour-900, jour-800 })
		x2 := version(3, 2, -20, func(p *annuaire.Praticien) { p.Nom, p.Du = "APRES", jour-20 })
		appliquer(t, s, x1, x2, "D4")
		for _, c := range []struct {
			courante *annuaire.Changement
			vrai     int // days from the present
			connu    int
			want     string
		}{
			{v3, -25, 0, "UN"},
			{v3, -18, 0, "DEUX"},
			{v3, -15, 0, "DEUX"},
			{v3, -14, 0, ""},       // it had ended, as is known now
			{v3, -14, -11, "DEUX"}, // not yet known
			{v3, 0, -25, "UN"},
			{v3, 0, -40, ""}, // nothing was known
			{w2, -50, 0, "TARD"},
			{w2, -500, 0, "TOT"},
			{w2, -500, -25, ""},
			{w2, -2000, 0, ""},
			{x2, -850, 0, "AVANT"},
			{x2, -500, 0, ""},
			{x2, -1, 0, "APRES"},
		} {
			got, err := annuaire.AuJour(ctx, s, c.courante, jour+sante.Jour(c.vrai), annuairetest.Instant.AddDate(0, 0, c.connu))
			nom := ""
			if got != nil {
				nom = got.Praticien.Nom
			}
			if nom != c.want || (c.want == "") != errors.Is(err, annuaire.ErrInconnu) {
				t.Errorf("%s, vrai %d, connu %d : %q, %v, attendu %q", c.courante.Praticien.Nom, c.vrai, c.connu, nom, err, c.want)
			}
		}
	})
}

// The history is purged by age; the last change of an owner stays.
func TestPurger(t *testing.T) {
	moteurs(t, func(t *testing.T, s *Store) {
		ctx := context.Background()
		var l []annuaire.Remplacement
		for i := range 10 {
			l = append(l, remplace(version(i, 1, -100, nil), version(i, 2, -50, nil)))
		}
		if err := s.Verser(ctx, l, "course", annuairetest.Instant); err != nil {
			t.Fatal(err)
		}
		appliquer(t, s, version(20, 1, -100, nil), version(20, 2, 0, nil), "D1")
		total := int64(0)
		for {
			n, err := s.Purger(ctx, annuairetest.Instant.AddDate(0, 0, 1), 4)
			if err != nil {
				t.Fatal(err)
			}
			if total += n; n == 0 {
				break
			}
		}
		if total != 10+10+1 {
			t.Errorf("%d lignes", total)
		}
		if c, err := s.Verrouiller(ctx, annuaire.Praticiens, annuairetest.Praticien(20).ID); err != nil || c == nil || c.Praticien.Version != 2 {
			t.Errorf("%+v, %v", c, err)
		}
	})
}

// A record written by another version of the program is read by what knows it, or said.
func TestCodec(t *testing.T) {
	s := New(bddtest.Ouvrir(t, Migrations), "T", codec)
	ctx := context.Background()
	appliquer(t, s, nil, version(1, 1, 0, nil), "D1")
	suivant := codec
	suivant.Version, suivant.Decoder = 2, nil
	if _, err := New(s.b, "T", suivant).Depuis(ctx, 0); !errors.Is(err, ErrCodec) {
		t.Error(err)
	}
	suivant.Anciens = map[int64]func([]byte) (annuaire.Changement, error){1: annuairetest.Decoder}
	if l, err := New(s.b, "T", suivant).Depuis(ctx, 0); err != nil || len(l) != 1 {
		t.Errorf("%d, %v", len(l), err)
	}
	etroit := codec
	etroit.FicheMax = 10
	if err := New(s.b, "T", etroit).Appliquer(ctx, nil, version(1, 2, 0, nil), "D2", annuairetest.Instant); !errors.Is(err, ErrFiche) {
		t.Error(err)
	}
}

// A run goes through its states, may be taken up, and is over once applied; the guard of
// the next one compares with the last that was applied.
func TestPassages(t *testing.T) {
	moteurs(t, func(t *testing.T, s *Store) {
		ctx := context.Background()
		noter := func(course string, e annuaire.EtatPassage, minute int, flux map[string]int64) error {
			return s.Noter(ctx, &annuaire.Passage{Course: course, Etat: e, Commence: annuairetest.Instant, Maj: annuairetest.Instant.Add(time.Duration(minute) * time.Minute),
				Flux: flux, Constats: map[string]int64{"D-RPPS-CLE": int64(minute)}, Rapport: []byte(fmt.Sprint(minute))})
		}
		for i, e := range []annuaire.EtatPassage{annuaire.PassageRecu, annuaire.PassageLu, annuaire.PassageRecu, annuaire.PassageLu, annuaire.PassageControle, annuaire.PassageCompare, annuaire.PassageApplique} {
			if err := noter("a", e, i, map[string]int64{"activites": 100, "diplomes": 7}); err != nil {
				t.Fatal(err)
			}
		}
		for _, e := range []annuaire.EtatPassage{annuaire.PassageRecu, annuaire.PassageRefuse, "AUTRE"} {
			if err := noter("a", e, 9, nil); !errors.Is(err, annuaire.ErrPassage) {
				t.Errorf("%s après APPLIQUE : %v", e, err)
			}
		}
		for course, e := range map[string]annuaire.EtatPassage{"b": annuaire.PassageRefuse, "c": annuaire.PassageLu} {
			if err := noter(course, e, 20, map[string]int64{"activites": 3}); err != nil {
				t.Fatal(err)
			}
		}
		if err := noter("d", annuaire.PassageApplique, 30, map[string]int64{"activites": 90}); err != nil {
			t.Fatal(err)
		}
		if m, err := s.DernieresLignes(ctx); err != nil || !maps.Equal(m, map[string]int64{"activites": 90, "diplomes": 7}) {
			t.Errorf("%v, %v", m, err)
		}
		p, err := s.Passage(ctx, "a")
		if err != nil || p.Etat != annuaire.PassageApplique || p.Duree() != 6*time.Minute || string(p.Rapport) != "6" || p.Constats["D-RPPS-CLE"] != 6 || p.Flux["diplomes"] != 7 {
			t.Errorf("%+v, %v", p, err)
		}
		if p, err := s.Passage(ctx, "absente"); p != nil || err != nil {
			t.Errorf("%+v, %v", p, err)
		}
		l, err := s.Passages(ctx, 2)
		if err != nil || len(l) != 2 || l[0].Course != "d" || l[1].Course != "b" {
			t.Errorf("%+v, %v", l, err)
		}
		if err := s.PurgerPassages(ctx, annuairetest.Instant.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if l, err = s.Passages(ctx, 10); err != nil || len(l) != 2 { // d, and a for its diplomas
			t.Errorf("%+v, %v", l, err)
		}
		if m, err := s.DernieresLignes(ctx); err != nil || len(m) != 2 {
			t.Errorf("après la purge : %v, %v", m, err)
		}
	})
}

// Nodes put together what they counted, a report is told once, and a node that starts
// again adds to what it counted.
func TestLectures(t *testing.T) {
	moteurs(t, func(t *testing.T, s *Store) {
		ctx := context.Background()
		q := annuaire.Quotas{"*": {Ralenti: 100, Refus: 300, DelaiMax: time.Second}}
		midi := annuairetest.Instant
		noeuds := map[string]*annuaire.Garde{"n1": annuaire.NouvelleGarde(q, 0), "n2": annuaire.NouvelleGarde(q, 0)}
		lire := func(noeud string, debut, n int) annuaire.Reponse {
			l := noeuds[noeud].Lecteur("aspirateur", "anonyme")
			r := l.Entrer(midi)
			for i := range n {
				l.Lire(fmt.Sprint(debut + i))
			}
			return r
		}
		lire("n1", 0, 200)
		lire("n2", 1000, 200)
		for _, n := range []string{"n1", "n2", "n1", "n2"} {
			if err := s.Compter(ctx, noeuds[n], n, midi.Add(time.Second)); err != nil {
				t.Fatal(err)
			}
		}
		for _, n := range []string{"n1", "n2"} {
			if r := lire(n, 0, 0); !r.Refuse {
				t.Errorf("%s : %+v", n, r)
			}
		}
		noeuds["n3"] = annuaire.NouvelleGarde(q, 0) // n1 starts again, under another name
		lire("n3", 2000, 1)
		if err := s.Compter(ctx, noeuds["n3"], "n3", midi.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if r := lire("n3", 0, 0); !r.Refuse {
			t.Errorf("redémarré : %+v", r)
		}
		l, err := s.Signalements(ctx, 10)
		if err != nil || len(l) != 1 || l[0].Lecteur != "aspirateur" || l[0].Famille != "anonyme" || l[0].Distinctes < 150 || l[0].Seuil != 100 {
			t.Fatalf("%+v, %v", l, err)
		}
		if err := s.Dit(ctx, l[0]); err != nil {
			t.Fatal(err)
		}
		if l, err = s.Signalements(ctx, 10); err != nil || len(l) != 0 {
			t.Errorf("%+v, %v", l, err)
		}
		if err := s.PurgerLectures(ctx, midi.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if l, err := s.Ailleurs(ctx, "", midi); err != nil || len(l) != 0 {
			t.Errorf("%d, %v", len(l), err)
		}
	})
}

// A subscriber is told of the records that he follows, in their order, whoever changed
// them, and of nothing that was before.
func TestAbonnements(t *testing.T) {
	moteurs(t, func(t *testing.T, s *Store) {
		ctx := context.Background()
		appliquer(t, s, nil, version(1, 1, 0, nil), "avant")
		suivis := []Suivi{{annuaire.Praticiens, annuairetest.Praticien(1).ID}, {annuaire.Praticiens, annuairetest.Praticien(2).ID}, {annuaire.Praticiens, annuairetest.Praticien(2).ID}}
		a := &Abonnement{Numero: "A1", Lecteur: "moi", Adresse: "https://exemple.invalid/avis", Cree: annuairetest.Instant}
		if err := s.Abonner(ctx, a, suivis); err != nil {
			t.Fatal(err)
		}
		for _, l := range [][]Suivi{nil, make([]Suivi, SuivisMax+1)} {
			if err := s.Abonner(ctx, &Abonnement{Numero: "A2"}, l); !errors.Is(err, ErrSuivis) {
				t.Error(err)
			}
		}
		if l, err := s.APrevenir(ctx, "", 10); err != nil || len(l) != 0 {
			t.Errorf("%+v, %v", l, err)
		}
		appliquer(t, s, nil, version(3, 1, 0, nil), "autre")
		if err := s.Verser(ctx, []annuaire.Remplacement{remplace(nil, version(2, 1, 0, nil)), remplace(nil, version(4, 1, 0, nil))}, "course", annuairetest.Instant); err != nil {
			t.Fatal(err)
		}
		appliquer(t, s, nil, version(1, 2, 0, nil), "D")
		l, err := s.APrevenir(ctx, "", 10)
		if err != nil || len(l) != 1 || l[0] != *a {
			t.Fatalf("%+v, %v", l, err)
		}
		c, err := s.Changees(ctx, "A1", a.Seq, 10)
		if err != nil || len(c) != 2 || c[0].ID != suivis[1].ID || c[1].ID != suivis[0].ID || c[1].Version != 2 || c[0].Seq >= c[1].Seq || c[0].Le != annuairetest.Instant {
			t.Fatalf("%+v, %v", c, err)
		}
		for _, seq := range []int64{c[1].Seq, a.Seq} { // it never goes back
			if err := s.Prevenu(ctx, "A1", seq); err != nil {
				t.Fatal(err)
			}
		}
		if l, err := s.APrevenir(ctx, "", 10); err != nil || len(l) != 0 {
			t.Errorf("%+v, %v", l, err)
		}
		if got, err := s.Abonnement(ctx, "A1", "moi"); err != nil || got.Seq != c[1].Seq {
			t.Errorf("%+v, %v", got, err)
		}
		if err := s.Desabonner(ctx, "A1", "un autre"); !errors.Is(err, ErrAbonnement) {
			t.Error(err)
		}
		if err := s.Desabonner(ctx, "A1", "moi"); err != nil {
			t.Error(err)
		}
		if _, err := s.Abonnement(ctx, "A1", "moi"); !errors.Is(err, ErrAbonnement) {
			t.Error(err)
		}
	})
}

// Requests are listed by what waits, by record and by who asked, page after page.
func TestListerDemandes(t *testing.T) {
	moteurs(t, func(t *testing.T, s *Store) {
		ctx := context.Background()
		for i := range 7 {
			d := &annuaire.Demande{Numero: fmt.Sprint("D", i), Nature: annuaire.Praticiens, ID: fmt.Sprint("p", i%2), Par: fmt.Sprint("qui", i%3), Etat: annuaire.Deposee,
				Deposee: annuairetest.Instant, Echeance: annuairetest.Instant.Add(time.Duration(7-i/2) * time.Hour), Preuve: "acte"}
			if err := s.Inscrire(ctx, d); err != nil {
				t.Fatal(err)
			}
			if i == 6 {
				d.Etat, d.Decideur, d.Motif, d.Decidee = annuaire.Refusee, "ordre", "double", annuairetest.Instant
				if err := s.Changer(ctx, d, annuaire.Deposee); err != nil {
					t.Fatal(err)
				}
			}
		}
		var vues []string
		for apres := (*annuaire.Demande)(nil); ; {
			l, err := s.EnAttente(ctx, apres, 2)
			if err != nil {
				t.Fatal(err)
			}
			if len(l) == 0 {
				break
			}
			for _, d := range l {
				vues, apres = append(vues, d.Numero), d
			}
		}
		if want := []string{"D4", "D5", "D2", "D3", "D0", "D1"}; !slices.Equal(vues, want) {
			t.Errorf("%v", vues)
		}
		if l, err := s.DeFiche(ctx, annuaire.Praticiens, "p0", "D0", 10); err != nil || len(l) != 3 || l[0].Numero != "D2" {
			t.Errorf("%d, %v", len(l), err)
		}
		if l, err := s.DeActeur(ctx, "qui0", "", 2); err != nil || len(l) != 2 || l[1].Numero != "D3" {
			t.Errorf("%d, %v", len(l), err)
		}
		tr, err := s.Traces(ctx, "D6")
		if err != nil || len(tr) != 2 || tr[0].Etat != annuaire.Deposee || tr[0].Motif != "acte" || tr[1].Acteur != "ordre" || tr[1].Motif != "double" {
			t.Errorf("%+v, %v", tr, err)
		}
	})
}

// A day of feed: 45 000 versions superseded.
func BenchmarkVerser(b *testing.B) {
	var l []annuaire.Remplacement
	for i := range 45_000 {
		l = append(l, remplace(version(i, 1, 0, nil), version(i, 2, 1, nil)))
	}
	for b.Loop() {
		b.StopTimer()
		s := New(bddtest.Ouvrir(b, Migrations), "T", Codec{Version: 1, Encoder: image.Encoder, Decoder: image.Decoder})
		b.StartTimer()
		if err := s.Verser(context.Background(), l, "course", annuairetest.Instant); err != nil {
			b.Fatal(err)
		}
	}
}

// Owners write while a feed does, on the same records and through two nodes: each write is
// kept or told to read again, and the numbers of the changes have no double.
func TestProprietairesPendantUnFlux(t *testing.T) {
	moteurs(t, func(t *testing.T, s *Store) {
		ctx := context.Background()
		const fiches = 40
		for i := range fiches {
			appliquer(t, s, nil, version(i, 1, 0, nil), "D")
		}
		var g sync.WaitGroup
		var gardees atomic.Int64
		for range 3 {
			g.Go(func() {
				for v := uint32(2); v < 12; v += 3 {
					for i := range fiches {
						err := s.Transaction(ctx, func(ctx context.Context) error {
							if _, err := s.Verrouiller(ctx, annuaire.Praticiens, annuairetest.Praticien(i).ID); err != nil {
								return err
							}
							return s.Appliquer(ctx, version(i, v-1, 0, nil), version(i, v, 1, nil), "D", annuairetest.Instant)
						})
						if err == nil {
							gardees.Add(1)
						} else if !errors.Is(err, annuaire.ErrAncienne) {
							t.Error(err)
						}
					}
				}
			})
		}
		g.Go(func() {
			for v := uint32(3); v < 13; v += 3 {
				var l []annuaire.Remplacement
				for i := range fiches {
					l = append(l, remplace(version(fiches-1-i, v-1, 0, nil), version(fiches-1-i, v, 1, nil)))
				}
				if err := s.Verser(ctx, l, "course", annuairetest.Instant); err != nil {
					t.Error(err)
				}
			}
		})
		g.Wait()
		for i := range fiches {
			appliquer(t, s, nil, version(i, 20, 2, nil), "D")
		}
		total := 2*fiches + int(gardees.Load())
		var vus int
		for seq := int64(0); ; {
			l, err := s.Depuis(ctx, seq)
			if err != nil {
				t.Fatal(err)
			}
			if len(l) == 0 {
				break
			}
			vus, seq = vus+len(l), l[len(l)-1].Seq
		}
		if vus != total {
			t.Errorf("%d changements lus, %d écrits", vus, total)
		}
		for i := range fiches {
			l, err := s.Versions(ctx, annuaire.Praticiens, annuairetest.Praticien(i).ID, 100, 100)
			if err != nil || !slices.IsSortedFunc(l, func(a, b annuaire.Changement) int { return int(b.Praticien.Version) - int(a.Praticien.Version) }) {
				t.Errorf("%d : %v", i, err)
			}
		}
	})
}

// What a run is about to change is kept once, and forgotten when it does not happen.
func TestAnnuler(t *testing.T) {
	moteurs(t, func(t *testing.T, s *Store) {
		ctx := context.Background()
		const n = lotVersements + 10
		l := make([]annuaire.Remplacement, n)
		for i := range l {
			l[i].Apres = version(i, 2, 1, nil)
			if i != 7 {
				l[i].Avant = version(i, 1, 0, nil)
			}
		}
		for range 2 { // a run that is taken up says the same again
			if err := s.Verser(ctx, l, "c1", annuairetest.Instant); err != nil {
				t.Fatal(err)
			}
		}
		for i, want := range map[int]int{0: 1, 7: 0, n - 1: 1} {
			if l, err := s.Versions(ctx, annuaire.Praticiens, annuairetest.Praticien(i).ID, 9, 9); err != nil || len(l) != want {
				t.Errorf("%d : %d versions, %v", i, len(l), err)
			}
		}
		if err := s.Appliquer(ctx, nil, version(3, 2, 1, nil), "D", annuairetest.Instant); !errors.Is(err, annuaire.ErrAncienne) {
			t.Error(err)
		}
		appliquer(t, s, version(3, 2, 1, nil), version(3, 3, 1, nil), "D")
		if err := s.Annuler(ctx, "c1"); err != nil {
			t.Fatal(err)
		}
		for i, want := range map[int]int{0: 0, 3: 1} {
			if l, err := s.Versions(ctx, annuaire.Praticiens, annuairetest.Praticien(i).ID, 9, 9); err != nil || len(l) != want {
				t.Errorf("annulée, %d : %d versions, %v", i, len(l), err)
			}
		}
		if l, err := s.Depuis(ctx, 0); err != nil || len(l) != 1 {
			t.Errorf("%d, %v", len(l), err)
		}
		appliquer(t, s, nil, version(4, 2, 1, nil), "D") // the owner may write again
	})
}
