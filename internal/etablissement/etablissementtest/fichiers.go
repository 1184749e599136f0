package etablissementtest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/google/go-cmp/cmp"
)

// fichiersRecus has its own lock: a rule asks it while it changes a visit.
type fichiersRecus struct {
	mu      sync.Mutex
	l       []*etablissement.FichierRecu
	marques []etablissement.MarqueRetour
}

func (f *fichiersRecus) copie() ([]*etablissement.FichierRecu, []etablissement.MarqueRetour) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.l), slices.Clone(f.marques)
}

func (f *fichiersRecus) rendre(l []*etablissement.FichierRecu, marques []etablissement.MarqueRetour) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.l, f.marques = l, marques
}

// ParReference implements etablissement.Factures.
func (m *Memoire) ParReference(_ context.Context, amc string, references []string) (par []*etablissement.FactureEmise, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.factures {
		r := f.Reference
		if r == "" {
			r = f.Numero
		}
		if slices.Contains(references, r) && f.AMC.String() == amc && f.Lot != "" {
			c := *f
			par = append(par, &c)
		}
	}
	return par, nil
}

// Ouvrir implements etablissement.Fichiers.
func (m *Memoire) Ouvrir(_ context.Context, f *etablissement.FichierRecu) (*etablissement.FichierRecu, error) {
	m.recus.mu.Lock()
	defer m.recus.mu.Unlock()
	for _, x := range m.recus.l {
		if x.Empreinte == f.Empreinte {
			c := *x
			return &c, nil
		}
	}
	c := *f
	m.recus.l = append(m.recus.l, &c)
	d := c
	return &d, nil
}

// Avancer implements etablissement.Fichiers.
func (m *Memoire) Avancer(_ context.Context, f *etablissement.FichierRecu) error {
	m.recus.mu.Lock()
	defer m.recus.mu.Unlock()
	for i, x := range m.recus.l {
		if x.Empreinte == f.Empreinte && x.Etat != etablissement.FichierLu {
			c := *f
			m.recus.l[i] = &c
			return nil
		}
	}
	return &etablissement.Erreur{Sorte: etablissement.ErrDoublon}
}

func meme(a, b etablissement.MarqueRetour) bool {
	a.Fichier, a.Instant = b.Fichier, b.Instant
	return a == b
}

// Dite implements etablissement.Fichiers.
func (m *Memoire) Dite(_ context.Context, x *etablissement.MarqueRetour) (bool, error) {
	m.recus.mu.Lock()
	defer m.recus.mu.Unlock()
	return slices.ContainsFunc(m.recus.marques, func(y etablissement.MarqueRetour) bool { return meme(*x, y) }), nil
}

// Retenir implements etablissement.Fichiers.
func (m *Memoire) Retenir(ctx context.Context, x *etablissement.MarqueRetour) error {
	if deja, _ := m.Dite(ctx, x); deja {
		return &etablissement.Erreur{Sorte: etablissement.ErrDoublon}
	}
	m.recus.mu.Lock()
	defer m.recus.mu.Unlock()
	m.recus.marques = append(m.recus.marques, *x)
	return nil
}

// Sceller implements etablissement.Fichiers.
func (m *Memoire) Sceller(_ context.Context, l []etablissement.MarqueRetour) ([]bool, error) {
	m.recus.mu.Lock()
	defer m.recus.mu.Unlock()
	dites := make([]bool, len(l))
	for i, x := range l {
		j := slices.IndexFunc(m.recus.marques, func(y etablissement.MarqueRetour) bool { return meme(x, y) })
		if j < 0 {
			m.recus.marques = append(m.recus.marques, x)
			continue
		}
		dites[i] = m.recus.marques[j].Fichier != [32]byte{}
	}
	return dites, nil
}

// ListerFichiers implements etablissement.Fichiers.
func (m *Memoire) ListerFichiers(_ context.Context, amc string, max int) (l []*etablissement.FichierRecu, err error) {
	m.recus.mu.Lock()
	defer m.recus.mu.Unlock()
	for _, f := range slices.Backward(m.recus.l) {
		if (amc == "" || f.AMC == amc) && len(l) < max {
			c := *f
			l = append(l, &c)
		}
	}
	return l, nil
}

// voies is invoices of one insurer that leave by two ways.
func voies(t *testing.T, m, autre Magasin) {
	ctx := context.Background()
	amc := Carte(t, "775671993").NumeroAMC
	for i, voie := range []string{"", "depot:B2:mutuelle", "depot:B2:mutuelle"} {
		id := "vo" + string(rune('0'+i))
		creer(t, m, id, "VO-"+id)
		if _, err := m.Changer(ctx, id, func(c *etablissement.Chantier) error {
			c.Emettre = &etablissement.FactureEmise{Place: etablissement.Place{Venue: id, Rang: 1}, Numero: "V" + id, Annee: 2026, AMC: amc, Voie: voie,
				Instant: Midi.Add(time.Duration(i) * time.Second), Contenu: []byte("{}")}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	var references []string
	for _, n := range []int{1, 2} {
		if err := m.Ensemble(ctx, func(ctx context.Context) error {
			amc, l, err := m.AEnvoyer(ctx, 9)
			if err != nil || len(l) != n {
				t.Fatalf("%d factures, %v, want %d", len(l), err, n)
			}
			numero, err := m.NumeroLot(ctx)
			if err != nil {
				return err
			}
			for _, f := range l {
				if (f.Voie == "") != (f.Reference == "") || f.Voie != l[0].Voie {
					t.Errorf("voie %q, référence %q", f.Voie, f.Reference)
				}
				if f.Reference != "" {
					references = append(references, f.Reference)
				}
			}
			return m.MettreEnLot(ctx, &etablissement.LotEmis{Numero: numero, AMC: amc, Voie: l[0].Voie, Nombre: n, Instant: Midi}, l)
		}); err != nil {
			t.Fatal(err)
		}
	}
	if len(references) != 2 || references[0] == references[1] {
		t.Fatalf("références %v", references)
	}
	par, err := m.ParReference(ctx, amc.String(), append(references, "Vvo0", "Vvo1"))
	if err != nil || len(par) != 3 { // vo1 has a reference: its own number does not name it
		t.Errorf("%d factures, %v", len(par), err)
	}
	lot, _, err := m.Lot(ctx, par[0].Lot)
	if err != nil || lot.Voie != par[0].Voie {
		t.Errorf("%+v, %v", lot, err)
	}
	if l, err := autre.ParReference(ctx, amc.String(), references); err != nil || len(l) != 0 {
		t.Errorf("vues par un autre : %d, %v", len(l), err)
	}
}

// fichiers is the reading of a file, cut short and taken up.
func fichiers(t *testing.T, m, autre Magasin) {
	ctx := context.Background()
	f := &etablissement.FichierRecu{Empreinte: [32]byte{1}, Nom: "r.noe", Remis: "dossier", AMC: "775671993", Reference: "578R", Taille: 9,
		Instant: Midi, Etat: etablissement.FichierEnCours}
	lu, err := m.Ouvrir(ctx, f)
	if err != nil || lu.Faites != 0 || lu.Etat != etablissement.FichierEnCours {
		t.Fatalf("%+v, %v", lu, err)
	}
	lu.Faites, lu.Chargees, lu.Montant, lu.Refusees = 3, 2, 4550, 1
	lu.Refus = []etablissement.RefusFichier{{Ligne: 4, Numero: 7, Entite: "100", Code: "FIC-10", Motif: "inconnue"}}
	avancer := func(ctx context.Context) error { return m.Avancer(ctx, lu) }
	if err := m.Ensemble(ctx, avancer); err != nil {
		t.Fatal(err)
	}
	repris, err := m.Ouvrir(ctx, f)
	if d := cmp.Diff(lu, repris); err != nil || d != "" {
		t.Errorf("%v %s", err, d)
	}
	lu.Etat = etablissement.FichierLu
	if err := m.Ensemble(ctx, avancer); err != nil {
		t.Fatal(err)
	}
	if err := m.Ensemble(ctx, avancer); !errors.Is(err, etablissement.ErrDoublon) {
		t.Errorf("un fichier lu avance encore : %v", err)
	}
	x := &etablissement.MarqueRetour{AMC: f.AMC, Facture: "F-1", Lot: "000000001", Nature: roc.RetourPaiement, Jour: Jour(t, "2026-05-06"),
		Virement: "VIR", Montant: 4550, Fichier: f.Empreinte, Instant: Midi}
	if deja, err := m.Dite(ctx, x); err != nil || deja {
		t.Errorf("déjà dite : %v, %v", deja, err)
	}
	if err := m.Ensemble(ctx, func(ctx context.Context) error { return m.Retenir(ctx, x) }); err != nil {
		t.Fatal(err)
	}
	encore := *x
	encore.Fichier = [32]byte{2}
	if deja, err := m.Dite(ctx, &encore); err != nil || !deja {
		t.Errorf("dite par un autre fichier : %v, %v", deja, err)
	}
	if err := m.Ensemble(ctx, func(ctx context.Context) error { return m.Retenir(ctx, &encore) }); !errors.Is(err, etablissement.ErrDoublon) {
		t.Errorf("retenue deux fois : %v", err)
	}
	scelle := *x
	scelle.Fichier, scelle.Facture = [32]byte{}, "F-2"
	encore.Fichier = [32]byte{}
	for range 2 { // a return may be sealed twice
		dites, err := m.Sceller(ctx, []etablissement.MarqueRetour{scelle, encore})
		if err != nil || len(dites) != 2 || dites[0] || !dites[1] {
			t.Errorf("dites par un fichier : %v, %v", dites, err)
		}
	}
	scelle.Fichier = [32]byte{3}
	if deja, err := m.Dite(ctx, &scelle); err != nil || !deja {
		t.Errorf("scellée, puis dite par un fichier : %v, %v", deja, err)
	}
	if l, err := m.ListerFichiers(ctx, f.AMC, 10); err != nil || len(l) != 1 || l[0].Jeton() != f.Jeton() {
		t.Errorf("%v, %v", l, err)
	}
	if l, err := autre.ListerFichiers(ctx, "", 10); err != nil || len(l) != 0 {
		t.Errorf("vu par un autre : %v, %v", l, err)
	}
}
