package tierstest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/tiers"
	"github.com/ecluse-sante/ecluse/sante"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// Partie is a third party for tests, with its keys and a clock that the test moves.
type Partie struct {
	Service   *tiers.Service
	Courante  vd.Destinataire
	Suivante  vd.Destinataire
	Trousseau vd.Trousseau
	Memoire   *Memoire // nil when a store was given

	mu      sync.Mutex
	instant time.Time
}

// NouvellePartie makes a third party, on a store in memory when d is nil.
func NouvellePartie(t testing.TB, d tiers.Depot, tarificateur tiers.Tarificateur) *Partie {
	t.Helper()
	p := &Partie{Trousseau: vd.Trousseau{}, instant: Jour.Debut(sante.Paris()).Add(9 * time.Hour)}
	p.Courante, p.Suivante = Cle(t, "courante", p.Trousseau), Cle(t, "suivante", p.Trousseau)
	if d == nil {
		p.Memoire = NouvelleMemoire()
		d = p.Memoire
	}
	secret := sha256.Sum256([]byte("secret d'essai"))
	cles, err := tiers.NouvellesCles(secret[:])
	if err != nil {
		t.Fatal(err)
	}
	p.Service = &tiers.Service{Cles: cles, Trousseau: func() vd.Trousseau { return p.Trousseau }, Tarificateur: tarificateur, Depot: d,
		Leurre: Grille(t, "LEURRE"), Horloge: p.Instant}
	return p
}

// Instant is the clock of the party.
func (p *Partie) Instant() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.instant
}

// Regler moves the clock.
func (p *Partie) Regler(a time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.instant = a
}

// Carte is a good card of a structure, judged now.
func (p *Partie) Carte(structure string) tiers.Carte {
	return tiers.Carte{Structure: structure, RPPS: "99900000001", Categorie: vd.Pharmacie, VerifieeA: p.Instant(), ListeDu: p.Instant().Add(-time.Hour)}
}

// Jeton is a good token of rights that began yesterday, before the changes of f.
func (p *Partie) Jeton(t testing.TB, f func(j *vd.Jeton)) vd.Chiffre {
	t.Helper()
	amc, err := sante.ParseNumeroAMC("99000001")
	if err != nil {
		t.Fatal(err)
	}
	lien, err := vd.TirerLien(nil)
	if err != nil {
		t.Fatal(err)
	}
	j := vd.Jeton{AMC: amc, Grille: Grille(t, "OPTIQUE-A"), Effectif: 20, Lien: lien, Debut: Jour - 1, Fin: Jour + 365, Expiration: Jour + 1}
	if f != nil {
		f(&j)
	}
	c, err := j.Chiffrer(p.Courante)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Dossier opens a file for a structure.
func (p *Partie) Dossier(t testing.TB, structure string, f func(j *vd.Jeton)) vd.NumeroDossier {
	t.Helper()
	r, err := p.Service.Ouvrir(context.Background(), p.Carte(structure), &vd.DemandeDossier{Jeton: p.Jeton(t, f)})
	if err != nil || !r.Accord() {
		t.Fatalf("ouvrir un dossier : %+v, %v", r, err)
	}
	return r.NumeroDossier
}

// Cle makes a key and puts it in a set.
func Cle(t testing.TB, nom string, trousseau vd.Trousseau) vd.Destinataire {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	accord, err := k.ECDH()
	if err != nil {
		t.Fatal(err)
	}
	d := sha256.Sum256([]byte(nom))
	kid := hex.EncodeToString(d[:])
	trousseau[kid] = accord
	return vd.Destinataire{Cle: &k.PublicKey, Kid: kid}
}

// Grille reads the name of a grid.
func Grille(t testing.TB, s string) vd.IDGrille {
	t.Helper()
	g, err := vd.ParseIDGrille(s)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// Ligne is a line of one product that the AMO does not reimburse.
func Ligne(t testing.TB, rang int, f calcul.Famille, produit string, prix sante.Montant) vd.Ligne {
	t.Helper()
	c, err := vd.ParseCodeProduit(produit)
	if err != nil {
		t.Fatal(err)
	}
	return vd.Ligne{Rang: rang, Famille: f, CodePrestation: "VER", CodeProduit: c, Quantite: 1, PrixUnitaire: prix, MontantDepense: prix}
}

// Moitie is a pricing service that pays half of each line, and remembers what it saw.
type Moitie struct {
	mu    sync.Mutex
	Vues  []vd.DemandeGrille
	Panne error                   // when set, answered instead
	Dire  func(*vd.ReponseGrille) // when set, changes each answer
}

// Tarifer is tiers.Tarificateur.
func (m *Moitie) Tarifer(_ context.Context, d *vd.DemandeGrille) (*vd.ReponseGrille, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Vues = append(m.Vues, *d)
	if m.Panne != nil {
		return nil, m.Panne
	}
	r := &vd.ReponseGrille{Retour: vd.RetourDe(vd.Accepte, ""), Reference: d.Reference}
	for _, l := range d.Lignes {
		r.Lignes = append(r.Lignes, vd.LigneTarifee{Rang: l.Rang, MontantAMC: (l.MontantDepense - l.MontantAMO) / 2, Regle: "F06", Motif: "la moitié"})
	}
	if m.Dire != nil {
		m.Dire(r)
	}
	return r, nil
}
