package tierstest_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/tarif"
	tarifstore "github.com/ecluse-sante/ecluse/internal/tarif/store"
	"github.com/ecluse-sante/ecluse/internal/tiers"
	tiersstore "github.com/ecluse-sante/ecluse/internal/tiers/store"
	"github.com/ecluse-sante/ecluse/internal/tiers/tierstest"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// k is the threshold of these worlds: small, so that an attacker who does a little
// better than chance is seen on a few thousand deliveries.
const k = 10

// dossierAMC is all that an insurer has of a delivery, drawn, then read again from its tables: whom it
// gave rights to, when to the second, where, and the invoice that came. It never had
// the products.
type dossierAMC struct {
	personne      int
	officine      string
	grille        string
	adherent      string
	accreditation string
	lien          vd.Lien
	demandeA      time.Time // of the rights
	jour          sante.Jour
	facture       bool // false: the grid is not priced on line
	tarification  vd.NumeroTarification
	montants      []vd.MontantFamille
	factureA      time.Time
}

// appel is what truly happened: the attacker never reads it.
type appel struct {
	reference, pseudonyme, grille string
	jour                          sante.Jour
	personne                      int
}

// partie is a world once played: what the insurer holds, what the pricing service
// holds, and the truth.
type partie struct {
	amc    []dossierAMC
	prix   *bdd.Base // of the pricing service
	appels []appel
	rares  int // deliveries under a grid that too few share

	fichiers [2]string // of the pricing service, of the third party
	secrets  []string  // that neither may keep readable
}

// fuite is a pricing service, or a third party, that keeps or says too much.
type fuite struct {
	nom   string
	table string
	// avant changes what the third party sends.
	avant func(d *vd.DemandeGrille, x *dossierAMC)
	// apres is kept by the pricing service.
	apres func(ctx context.Context, b *bdd.Base, d *vd.DemandeGrille, r *vd.ReponseGrille, x *dossierAMC, a time.Time) error
	seuil int // in the place of k
}

// tables are the grids of a world: each pays a percentage of the expense.
type tables struct{ grilles map[vd.IDGrille]tarif.Grille }

func (t tables) Grille(id vd.IDGrille, _ sante.Jour) (tarif.Grille, bool) {
	g, ok := t.grilles[id]
	return g, ok
}
func (tables) Produit(vd.CodeProduit, sante.Jour) (tarif.Produit, bool) {
	return tarif.Produit{}, false
}
func (tables) Convenu(string, vd.CodeProduit, sante.Jour) (sante.Montant, bool) {
	return 0, false
}

// guichet is the pricing service as the third party joins it, with what leaks.
type guichet struct {
	service *tarif.Service
	base    *bdd.Base
	fuite   *fuite
	courant *dossierAMC // the delivery under way: the harness's, for the truth
	horloge func() time.Time
	appels  []appel
}

func (g *guichet) Tarifer(ctx context.Context, d *vd.DemandeGrille) (*vd.ReponseGrille, error) {
	if g.fuite != nil && g.fuite.avant != nil {
		g.fuite.avant(d, g.courant)
	}
	r, err := g.service.Tarifer(ctx, d)
	if err != nil || !r.Accord() {
		return r, err
	}
	g.appels = append(g.appels, appel{d.Reference.String(), d.Pseudonyme.String(), d.Grille.String(), d.Jour, g.courant.personne})
	if g.fuite != nil && g.fuite.apres != nil {
		err = g.fuite.apres(ctx, g.base, d, r, g.courant, g.horloge())
	}
	return r, err
}

// jouer plays a world: persons share grids, some of which too few share; each day, k of
// each large grid at least come to a pharmacy, ask for rights, have a delivery priced
// and invoiced, and the invoice is controlled.
func jouer(t *testing.T, graine uint64, moteur calcul.Moteur, f *fuite, durable bool) *partie {
	t.Helper()
	alea := rand.New(rand.NewPCG(graine, 1))
	adressePrix, adresseTiers := bddtest.Adresse(t, bdd.SQLite), bddtest.Adresse(t, bdd.SQLite)
	base := bddtest.OuvrirAdresse(t, adressePrix, bdd.Options{}, tarifstore.Migrations)
	if f != nil && f.table != "" {
		if _, err := base.Ecrivain(context.Background()).ExecContext(context.Background(), f.table); err != nil {
			t.Fatal(err)
		}
	}
	g := &guichet{base: base, fuite: f}
	baseTiers := bddtest.OuvrirAdresse(t, adresseTiers, bdd.Options{}, tiersstore.Migrations)
	p := tierstest.NouvellePartie(t, tiersstore.New(baseTiers, "tiers"), g)
	p.Service.Parametres.Seuil = k
	if f != nil && f.seuil > 0 {
		p.Service.Parametres.Seuil = f.seuil
	}
	g.horloge = p.Instant
	a := nouvelAssureur(t, p, moteur)
	m := &partie{prix: base, fichiers: [2]string{strings.TrimPrefix(adressePrix, "sqlite:"), strings.TrimPrefix(adresseTiers, "sqlite:")}}
	m.amc = passages(t, alea)
	effectifs := map[string]map[int]bool{}
	for _, x := range m.amc {
		if effectifs[x.grille] == nil {
			effectifs[x.grille] = map[int]bool{}
		}
		effectifs[x.grille][x.personne] = true
	}
	grilles := tables{map[vd.IDGrille]tarif.Grille{}}
	for nom, l := range effectifs {
		id := tierstest.Grille(t, nom)
		q := calcul.Garantie{Code: "G", Famille: calcul.FamilleDMI, Formule: calcul.Simple(calcul.Regle{Numero: calcul.F06, P: sante.Pourcent(40 + len(nom)*7)})}
		h := q
		h.Famille = calcul.FamilleMED
		grilles.grilles[id] = tarif.Grille{ID: id, Effectif: len(l), Garanties: []tarif.Garantie{{Garantie: q}, {Garantie: h}}}
	}
	g.service = &tarif.Service{Tables: func() tarif.Tables { return grilles }, Compteurs: tarifstore.New(base, "tarif"), Moteur: moteur, Seuil: p.Service.Parametres.Seuil}
	tout := func(ctx context.Context) error {
		for i := range m.amc {
			g.courant = &m.amc[i]
			secrets := delivrer(ctx, t, alea, p, a, &m.amc[i], len(effectifs[m.amc[i].grille]))
			if secrets == nil {
				m.rares++
			}
			m.secrets = append(m.secrets, secrets...)
		}
		return nil
	}
	ensemble := tout
	if !durable {
		ensemble = func(ctx context.Context) error {
			return baseTiers.EnTransaction(ctx, func(ctx context.Context) error { return base.EnTransaction(ctx, tout) })
		}
	}
	if err := ensemble(context.Background()); err != nil {
		t.Fatal(err)
	}
	m.appels = g.appels
	lus := a.lire(t)
	verifierLu(t, m.amc, lus)
	m.amc = lus
	return m
}

// passages draws who comes, where and when, in the order of time.
func passages(t *testing.T, alea *rand.Rand) (l []dossierAMC) {
	t.Helper()
	officines := make([]string, 5+alea.IntN(4))
	for i := range officines {
		officines[i] = fmt.Sprintf("7520%05d", i+1)
	}
	personne, amc := 0, lu(t, sante.ParseNumeroAMC, "99000001")
	grille := func(nom string, membres, jours int) {
		ids, habituelles := make([]int, membres), make([]string, membres)
		for i := range ids {
			ids[i] = personne
			personne++
			// A few pharmacies have most of the customers.
			habituelles[i] = officines[min(int(alea.ExpFloat64()*1.5), len(officines)-1)]
		}
		for j := range jours {
			venus := membres
			if membres > k {
				venus = k + alea.IntN(membres-k+1)
			}
			for _, i := range alea.Perm(membres)[:venus] {
				lien, err := vd.TirerLien(source{alea})
				if err != nil {
					t.Fatal(err)
				}
				accreditation, err := droits.TirerNumeroAccreditation(amc, droits.Normale, source{alea})
				if err != nil {
					t.Fatal(err)
				}
				jour := tierstest.Jour + sante.Jour(j)
				l = append(l, dossierAMC{personne: ids[i], officine: habituelles[i], grille: nom, adherent: fmt.Sprintf("%08d", 41000000+ids[i]*7),
					accreditation: accreditation.String(), lien: lien, jour: jour,
					demandeA: jour.Debut(sante.Paris()).Add(9*time.Hour + time.Duration(alea.IntN(10*3600))*time.Second)})
			}
		}
	}
	for i := range 3 {
		grille("GRANDE-"+strings.Repeat("X", i+1), k+alea.IntN(k), 2)
	}
	for i := range 1 + alea.IntN(2) {
		grille("RARE-"+strings.Repeat("Y", i+1), 1+alea.IntN(k/2), 2) // a very small firm
	}
	slices.SortFunc(l, func(a, b dossierAMC) int {
		return cmp.Or(a.demandeA.Compare(b.demandeA), cmp.Compare(a.personne, b.personne))
	})
	return l
}

// source makes bytes of a seeded draw.
type source struct{ r *rand.Rand }

func (s source) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(s.r.Uint32())
	}
	return len(b), nil
}

// panier draws products at prices that a pharmacy sets: what is left in the memory of
// an invoice is nearly always of one person.
func panier(t *testing.T, alea *rand.Rand) (l []vd.Ligne) {
	t.Helper()
	for i := range 1 + alea.IntN(4) {
		famille := calcul.FamilleDMI
		if alea.IntN(3) == 0 {
			famille = calcul.FamilleMED
		}
		prix := sante.Montant(500+alea.IntN(30000))/10*10 - sante.Montant(alea.IntN(2))
		l = append(l, tierstest.Ligne(t, i+1, famille, fmt.Sprintf("99%05d", 1+alea.IntN(400)), prix))
	}
	return l
}

// delivrer plays one passage, with the shelf client of the workstation and the rooms;
// and gives what nobody but it may read of it again; nil when the third party grants no
// file.
func delivrer(ctx context.Context, t *testing.T, alea *rand.Rand, p *tierstest.Partie, a *assureur, x *dossierAMC, effectif int) (secrets []string) {
	t.Helper()
	p.Regler(x.demandeA)
	a.accrediter(ctx, t, x)
	jeton := p.Jeton(t, func(j *vd.Jeton) {
		j.Grille, j.Effectif, j.Lien = tierstest.Grille(t, x.grille), effectif, x.lien
		j.Debut, j.Fin, j.Expiration = x.jour-100, x.jour+100, x.jour+1
	})
	p.Regler(x.demandeA.Add(time.Duration(5+alea.IntN(20)) * time.Second))
	d, err := p.Service.Ouvrir(ctx, p.Carte(x.officine), &vd.DemandeDossier{Jeton: jeton})
	if err != nil {
		t.Fatal(err)
	}
	if effectif < p.Service.Parametres.Seuil {
		if d.CodeRetour != vd.SansDossier {
			t.Fatalf("une grille de %d personnes se tarife : %+v", effectif, d)
		}
		return nil
	}
	l := panier(t, alea)
	p.Regler(p.Instant().Add(time.Duration(20+alea.IntN(220)) * time.Second))
	tarifer := func(s vd.Sens) *vd.Prix {
		q, err := vd.Poste{Tiers: p.Courante}.Preparer(d.NumeroDossier, x.jour, s, l)
		if err != nil {
			t.Fatal(err)
		}
		r, err := p.Service.Tarifer(ctx, p.Carte(x.officine), q.Demande)
		if err != nil {
			t.Fatal(err)
		}
		prix, err := q.Lire(r)
		if err != nil {
			t.Fatal(err)
		}
		return prix
	}
	if alea.IntN(4) == 0 {
		tarifer(vd.Devis)
		p.Regler(p.Instant().Add(30 * time.Second))
	}
	prix := tarifer(vd.Engagement)
	x.facture, x.tarification, x.montants = true, prix.Numero, prix.Familles
	p.Regler(p.Instant().Add(time.Duration(alea.IntN(3600)) * time.Second))
	a.facturer(ctx, t, x)
	secrets = []string{d.NumeroDossier.String(), x.lien.String(), x.tarification.String(), x.officine}
	for _, y := range l {
		secrets = append(secrets, y.CodeProduit.String())
	}
	return secrets
}

var _ tiers.Tarificateur = (*guichet)(nil)
