package annuairetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// Registre is the suite that every registry passes; ouvrir gives an empty one.
func Registre(t *testing.T, ouvrir func(t *testing.T) annuaire.Registre) {
	for nom, f := range map[string]func(*testing.T, *banc){
		"proprietaire": proprietaire, "proposition": proposition, "refus": refus, "perimee": perimee, "creation": creation,
		"interdits": interdits, "concurrence": concurrence, "defaite": defaite, "registre nu": registreNu,
	} {
		t.Run(nom, func(t *testing.T) { f(t, monter(t, ouvrir(t))) })
	}
}

// banc is a small directory with a service of requests.
type banc struct {
	s         *annuaire.Demandes
	image     *Image
	courrier  *Courrier
	d         *annuaire.Donnees
	p         *annuaire.Praticien
	h         *annuaire.Structure
	horloge   time.Time
	numero    int
	verrouNum sync.Mutex
}

func monter(t *testing.T, r annuaire.Registre) *banc {
	t.Helper()
	d, err := annuaire.Charger(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &banc{d: d, image: new(Image), courrier: new(Courrier), p: Praticien(1), h: Structure(1), horloge: Instant}
	b.image.Poser(annuaire.Changement{Praticien: b.p}, annuaire.Changement{Structure: b.h}, annuaire.Changement{Situation: Situation(b.p, b.h)})
	b.s = &annuaire.Demandes{Donnees: d, Fiches: b.image, Registre: r, Avertisseur: b.courrier, Horloge: func() time.Time { return b.horloge },
		Numeroter: func() (string, error) {
			b.verrouNum.Lock()
			defer b.verrouNum.Unlock()
			b.numero++
			return fmt.Sprint("D", b.numero), nil
		}}
	return b
}

func (b *banc) soi() *annuaire.Acteur {
	return &annuaire.Acteur{ID: "ps-1", Famille: "professionnel", Praticiens: []string{b.p.ID}}
}

func (b *banc) directeur() *annuaire.Acteur {
	return &annuaire.Acteur{ID: "dir-1", Famille: "etablissement", Structures: []string{b.h.ID}}
}

func (b *banc) ordre() *annuaire.Acteur {
	return &annuaire.Acteur{ID: "ordre", Famille: "autorite", Autorites: []string{"ORDRE-ESSAI"}}
}

func (b *banc) operateur() *annuaire.Acteur {
	return &annuaire.Acteur{ID: "op", Famille: "operateur-mssante", Domaines: []string{"medecin.invalid"}}
}

func (b *banc) deposer(a *annuaire.Acteur, d annuaire.Demande) (*annuaire.Demande, error) {
	v, err := b.d.Regards.Vision(a)
	if err != nil {
		return nil, err
	}
	f, _, err := b.s.Deposer(context.Background(), a, v, d)
	return f, err
}

// surPraticien is a request on the professional of the bench.
func (b *banc) surPraticien(preuve string, l ...annuaire.Modification) annuaire.Demande {
	return annuaire.Demande{Nature: annuaire.Praticiens, ID: b.p.ID, Preuve: preuve, Modifications: l}
}

// tenue is the record that the registry keeps.
func (b *banc) tenue(t *testing.T, n annuaire.Nature, id string) (c *annuaire.Changement) {
	t.Helper()
	err := b.s.Registre.Transaction(context.Background(), func(ctx context.Context) (err error) {
		c, err = b.s.Registre.Verrouiller(ctx, n, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Who keeps a field writes it: at once, a version later, with its provenance.
func proprietaire(t *testing.T, b *banc) {
	d, err := b.deposer(b.soi(), b.surPraticien("", annuaire.Modification{Rubrique: "contact.telephone", Nouveau: "0199000001"}))
	if err != nil || d.Etat != annuaire.Appliquee || d.Version != 2 || !d.Proprietaire || !d.Echeance.IsZero() {
		t.Fatalf("%+v, %v", d, err)
	}
	c := b.tenue(t, annuaire.Praticiens, b.p.ID)
	if p := c.Praticien; p.Contact.Telephone != "0199000001" || p.Version != 2 || p.Maj != Instant.UnixMilli() || len(p.Provenances) != 1 || p.Provenances[0].Demande != d.Numero {
		t.Errorf("%+v", p)
	}
	if len(b.courrier.Avis) != 1 || !slices.Equal(b.courrier.Avis[0].A, []string{"ps-1"}) {
		t.Errorf("%+v", b.courrier.Avis)
	}
	b.horloge = Instant.Add(-time.Hour) // the clock goes back: the change is still later
	if d, err = b.deposer(b.operateur(), b.surPraticien("", annuaire.Modification{Rubrique: "bal.liste-rouge", Cle: b.p.BAL[0].Adresse, Nouveau: "oui"})); err != nil || d.Version != 3 {
		t.Fatalf("%+v, %v", d, err)
	}
	if p := b.tenue(t, annuaire.Praticiens, b.p.ID).Praticien; !p.BAL[0].ListeRouge || p.Contact.Telephone != "0199000001" || p.Maj <= Instant.UnixMilli() || len(p.Provenances) != 2 {
		t.Errorf("%+v", p)
	}
}

// Who does not keep it proposes; the owner sees it, and accepts.
func proposition(t *testing.T, b *banc) {
	m := annuaire.Modification{Rubrique: "nom", Ancien: b.p.Nom, Nouveau: "FICTIF CORRIGE"}
	if _, err := b.deposer(b.soi(), b.surPraticien("", m)); !errors.Is(err, annuaire.ErrPreuve) {
		t.Fatal(err)
	}
	d, err := b.deposer(b.soi(), b.surPraticien("acte 12", m))
	if err != nil || d.Etat != annuaire.Deposee || d.Proprietaire || d.Echeance.Sub(Instant) != 30*24*time.Hour {
		t.Fatalf("%+v, %v", d, err)
	}
	if d.Reste(Instant.AddDate(0, 0, 29)) != 24*time.Hour || d.Reste(Instant.AddDate(0, 0, 31)) != -24*time.Hour {
		t.Error("délai")
	}
	if c := b.tenue(t, annuaire.Praticiens, b.p.ID); c != nil {
		t.Fatal("appliquée avant d'être acceptée")
	}
	ctx := context.Background()
	for _, a := range []*annuaire.Acteur{b.soi(), b.directeur(), b.operateur(), {ID: "x", Famille: "autorite", Autorites: []string{"AUTRE"}}, {ID: "a", Famille: "anonyme"}} {
		if _, _, err := b.s.Accepter(ctx, a, d.Numero); !errors.Is(err, annuaire.ErrPasAVous) {
			t.Errorf("%s accepte : %v", a.Famille, err)
		}
	}
	got, _, err := b.s.Accepter(ctx, b.ordre(), d.Numero)
	if err != nil || got.Etat != annuaire.Appliquee || got.Decideur != "ordre" || !got.Echeance.IsZero() {
		t.Fatalf("%+v, %v", got, err)
	}
	if p := b.tenue(t, annuaire.Praticiens, b.p.ID).Praticien; p.Nom != "FICTIF CORRIGE" || p.Version != 2 {
		t.Errorf("%+v", p)
	}
	if _, _, err := b.s.Accepter(ctx, b.ordre(), d.Numero); !errors.Is(err, annuaire.ErrDejaDecidee) {
		t.Error(err)
	}
	if l := b.courrier.Avis; len(l) != 2 || !slices.Equal(l[0].A, []string{"autorite"}) || !slices.Equal(l[1].A, []string{"ps-1"}) {
		t.Errorf("%+v", l)
	}
}

// A refusal says why; who asked may take his request back without a reason.
func refus(t *testing.T, b *banc) {
	ctx := context.Background()
	m := annuaire.Modification{Rubrique: "nom", Nouveau: "AUTRE NOM"}
	for _, c := range []struct {
		a     *annuaire.Acteur
		motif string
		want  annuaire.EtatDemande
		err   error
	}{
		{b.ordre(), " ", "", annuaire.ErrMotifRefus},
		{b.directeur(), "non", "", annuaire.ErrPasAVous},
		{b.ordre(), "preuve illisible", annuaire.Refusee, nil},
		{b.soi(), "", annuaire.Retiree, nil},
	} {
		d, err := b.deposer(b.soi(), b.surPraticien("acte", m))
		if err != nil {
			t.Fatal(err)
		}
		got, err := b.s.Refuser(ctx, c.a, d.Numero, c.motif)
		if !errors.Is(err, c.err) || err == nil && got.Etat != c.want {
			t.Errorf("%s : %+v, %v", c.a.ID, got, err)
		}
	}
	if _, err := b.s.Refuser(ctx, b.ordre(), "inconnue", "x"); !errors.Is(err, annuaire.ErrSansDemande) {
		t.Error(err)
	}
	if c := b.tenue(t, annuaire.Praticiens, b.p.ID); c != nil {
		t.Error("une demande refusée a changé la fiche")
	}
}

// A request on a field that changed meanwhile is out of date, and says so.
func perimee(t *testing.T, b *banc) {
	m := annuaire.Modification{Rubrique: "nom", Nouveau: "UN"}
	d, err := b.deposer(b.soi(), b.surPraticien("acte", m))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.deposer(b.ordre(), b.surPraticien("", annuaire.Modification{Rubrique: "nom", Nouveau: "DEUX"})); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.s.Accepter(context.Background(), b.ordre(), d.Numero); !errors.Is(err, annuaire.ErrAncienne) {
		t.Fatal(err)
	}
	if _, _, err := b.s.Accepter(context.Background(), b.ordre(), d.Numero); !errors.Is(err, annuaire.ErrDejaDecidee) {
		t.Error(err)
	}
	if p := b.tenue(t, annuaire.Praticiens, b.p.ID).Praticien; p.Nom != "DEUX" || p.Version != 2 {
		t.Errorf("%+v", p)
	}
	if _, err := b.deposer(b.ordre(), b.surPraticien("", annuaire.Modification{Rubrique: "nom", Ancien: b.p.Nom, Nouveau: "TROIS"})); !errors.Is(err, annuaire.ErrAncienne) {
		t.Error(err)
	}
	if _, err := b.deposer(b.ordre(), b.surPraticien("", annuaire.Modification{Rubrique: "nom", Nouveau: "DEUX"})); !errors.Is(err, annuaire.ErrSansEffet) {
		t.Error(err)
	}
}

// A director enters his agents, an ordre registers and strikes off; each makes what he
// keeps and nothing else.
func creation(t *testing.T, b *banc) {
	s := Situation(b.p, b.h)
	s.ID, s.Fonction = "s-nouvelle", annuaire.Code{Code: "FON-01"}
	d := annuaire.Demande{Nature: annuaire.Situations, ID: s.ID, Fiche: &annuaire.Changement{Situation: s}}
	if _, err := b.deposer(&annuaire.Acteur{ID: "dir-2", Famille: "etablissement", Structures: []string{"ailleurs"}}, d); !errors.Is(err, annuaire.ErrPasAVous) {
		t.Error(err)
	}
	s.Version, s.Maj = 40, 1<<50 // what the asker says of them is not believed
	if f, err := b.deposer(b.directeur(), d); err != nil || f.Version != 1 {
		t.Fatal(err)
	}
	if c := b.tenue(t, annuaire.Situations, s.ID); c.Situation.Fonction.Code != "FON-01" || c.Situation.Maj != Instant.UnixMilli() {
		t.Errorf("%+v", c.Situation)
	}
	if _, err := b.deposer(b.directeur(), d); !errors.Is(err, annuaire.ErrDejaLa) {
		t.Error(err)
	}
	orpheline := *s
	orpheline.ID, orpheline.Praticien = "s-orpheline", "personne"
	if _, err := b.deposer(b.directeur(), annuaire.Demande{Nature: annuaire.Situations, ID: orpheline.ID, Fiche: &annuaire.Changement{Situation: &orpheline}}); !errors.Is(err, annuaire.ErrFicheRefusee) {
		t.Error(err)
	}
	inscrit := Praticien(2)
	d = annuaire.Demande{Nature: annuaire.Praticiens, ID: inscrit.ID, Fiche: &annuaire.Changement{Praticien: inscrit}}
	if _, err := b.deposer(b.ordre(), d); !errors.Is(err, annuaire.ErrPasAVous) {
		t.Errorf("inscrit avec une boîte : %v", err)
	}
	inscrit.BAL = nil
	if _, err := b.deposer(b.ordre(), d); err != nil {
		t.Fatal(err)
	}
	radie := annuaire.Demande{Nature: annuaire.Praticiens, ID: inscrit.ID, Modifications: []annuaire.Modification{{Rubrique: "actif", Nouveau: "non"}, {Rubrique: "au", Nouveau: "2026-11-23"}}}
	if f, err := b.deposer(b.ordre(), radie); err != nil || f.Version != 2 {
		t.Fatal(err)
	}
	if p := b.tenue(t, annuaire.Praticiens, inscrit.ID).Praticien; p.Actif || p.Au.String() != "2026-11-23" || p.Numero != inscrit.Numero {
		t.Errorf("%+v", p)
	}
}

// Nobody learns by asking, nor asks for fields of several owners at once.
func interdits(t *testing.T, b *banc) {
	boite := func(adresse, nouveau string) annuaire.Modification {
		return annuaire.Modification{Rubrique: "bal", Cle: adresse, Nouveau: nouveau}
	}
	for nom, c := range map[string]struct {
		a    *annuaire.Acteur
		d    annuaire.Demande
		want error
	}{
		"contact d'un autre":        {b.directeur(), b.surPraticien("acte", annuaire.Modification{Rubrique: "contact.telephone", Nouveau: "1"}), annuaire.ErrInterdit},
		"deux propriétaires":        {b.soi(), b.surPraticien("acte", annuaire.Modification{Rubrique: "contact.telephone", Nouveau: "1"}, annuaire.Modification{Rubrique: "nom", Nouveau: "X"}), annuaire.ErrDemande},
		"rien":                      {b.soi(), b.surPraticien("acte"), annuaire.ErrDemande},
		"trop":                      {b.soi(), b.surPraticien("acte", make([]annuaire.Modification, 100)...), annuaire.ErrDemande},
		"rubrique inconnue":         {b.soi(), b.surPraticien("acte", annuaire.Modification{Rubrique: "numero", Nouveau: "1"}), annuaire.ErrRubrique},
		"clé absente":               {b.operateur(), b.surPraticien("", boite("", "PER")), annuaire.ErrDemande},
		"boîte d'un autre domaine":  {b.operateur(), b.surPraticien("", boite("a@autre.invalid", "PER")), annuaire.ErrPreuve},
		"boîte illisible":           {b.operateur(), b.surPraticien("", boite("medecin.invalid", "PER")), annuaire.ErrValeur},
		"fiche inconnue":            {b.soi(), annuaire.Demande{Nature: annuaire.Praticiens, ID: "personne", Modifications: []annuaire.Modification{{Rubrique: "nom", Nouveau: "X"}}}, annuaire.ErrInconnu},
		"création d'un autre nom":   {b.ordre(), annuaire.Demande{Nature: annuaire.Praticiens, ID: "x", Fiche: &annuaire.Changement{Praticien: Praticien(9)}}, annuaire.ErrDemande},
		"preuve de plusieurs pages": {b.soi(), b.surPraticien(strings.Repeat("x", 1001), annuaire.Modification{Rubrique: "nom", Nouveau: "X"}), annuaire.ErrValeur},
	} {
		if f, err := b.deposer(c.a, c.d); !errors.Is(err, c.want) {
			t.Errorf("%s : %+v, %v", nom, f, err)
		}
	}
	if b.numero == 0 || len(b.courrier.Avis) != 0 {
		t.Errorf("%d avis", len(b.courrier.Avis))
	}
}

// Many owners write at once: no change is lost, and versions follow one another.
func concurrence(t *testing.T, b *banc) {
	const n = 12
	var g sync.WaitGroup
	erreurs := make([]error, n)
	for i := range n {
		g.Go(func() {
			_, erreurs[i] = b.deposer(b.operateur(), b.surPraticien("", annuaire.Modification{Rubrique: "bal", Cle: fmt.Sprintf("n%d@medecin.invalid", i), Nouveau: "PER"}))
		})
	}
	g.Wait()
	if err := errors.Join(erreurs...); err != nil {
		t.Fatal(err)
	}
	if p := b.tenue(t, annuaire.Praticiens, b.p.ID).Praticien; len(p.BAL) != n+1 || p.Version != n+1 {
		t.Errorf("%d boîtes, version %d", len(p.BAL), p.Version)
	}
}

// What a transaction wrote is undone with it.
func defaite(t *testing.T, b *banc) {
	ctx, fin := context.Background(), errors.New("fin")
	apres := annuaire.Changement{Praticien: Praticien(1)}
	apres.Praticien.Version = 2
	d := &annuaire.Demande{Numero: "T1", Nature: annuaire.Praticiens, ID: b.p.ID, Etat: annuaire.Deposee, Deposee: Instant}
	err := b.s.Registre.Transaction(ctx, func(ctx context.Context) error {
		return errors.Join(b.s.Registre.Inscrire(ctx, d), b.s.Registre.Appliquer(ctx, &annuaire.Changement{Praticien: b.p}, &apres, "T1", Instant), fin)
	})
	if !errors.Is(err, fin) {
		t.Fatal(err)
	}
	if c := b.tenue(t, annuaire.Praticiens, b.p.ID); c != nil {
		t.Error("fiche gardée")
	}
	if _, err := b.s.Refuser(ctx, b.ordre(), "T1", "x"); !errors.Is(err, annuaire.ErrSansDemande) {
		t.Error(err)
	}
}

// A registry gives back what it was given, and refuses a version that comes late.
func registreNu(t *testing.T, b *banc) {
	want := annuaire.Demande{Numero: "N1", Nature: annuaire.Structures, ID: "s", Groupe: annuaire.Lieu, Par: "p", Famille: "f", Preuve: "é",
		Modifications: []annuaire.Modification{{Rubrique: "r", Cle: "k", Ancien: "a", Nouveau: "n"}, {Rubrique: "q"}},
		Deposee:       Instant, Echeance: Instant.Add(time.Hour), Etat: annuaire.Deposee}
	r := b.s.Registre
	err := r.Transaction(context.Background(), func(ctx context.Context) error {
		if err := r.Inscrire(ctx, &want); err != nil {
			return err
		}
		got, err := r.Demande(ctx, "N1")
		if err != nil || fmt.Sprintf("%+v", *got) != fmt.Sprintf("%+v", want) {
			t.Errorf("%+v\n%+v, %v", got, want, err)
		}
		fini := *got
		fini.Etat, fini.Motif, fini.Decideur, fini.Decidee, fini.Echeance, fini.Version = annuaire.Refusee, "m", "d", Instant.Add(time.Second), time.Time{}, 3
		if err := r.Changer(ctx, &fini, annuaire.Deposee); err != nil {
			return err
		}
		if got, err = r.Demande(ctx, "N1"); err != nil || fmt.Sprintf("%+v", *got) != fmt.Sprintf("%+v", fini) {
			t.Errorf("%+v\n%+v, %v", got, fini, err)
		}
		if err := r.Changer(ctx, &fini, annuaire.Deposee); !errors.Is(err, annuaire.ErrDejaDecidee) {
			t.Error(err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, version := range []uint32{2, 2, 1, 3} {
		apres := annuaire.Changement{Structure: Structure(1)}
		apres.Structure.Version = version
		err := r.Transaction(context.Background(), func(ctx context.Context) error {
			return r.Appliquer(ctx, &annuaire.Changement{Structure: b.h}, &apres, "", Instant)
		})
		if errors.Is(err, annuaire.ErrAncienne) != (i == 1 || i == 2) {
			t.Errorf("version %d : %v", version, err)
		}
	}
}
