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
	"github.com/ecluse-sante/ecluse/visiodroits"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// Partie is a third party for tests, with its keys and a clock that the test moves.
type Partie struct {
	Service   *tiers.Service
	Courante  vd.Destinataire
	Suivante  vd.Destinataire
	Trousseau vd.Trousseau
	Memoire   *Memoire // nil when a store was given
	Emetteur  Emetteur // signs the tokens of AMC

	mu      sync.Mutex
	instant time.Time
}

// NouvellePartie makes a third party, on a store in memory when d is nil.
func NouvellePartie(t testing.TB, d tiers.Depot, tarificateur tiers.Tarificateur) *Partie {
	t.Helper()
	p := &Partie{Trousseau: vd.Trousseau{}, Emetteur: NouvelEmetteur(t), instant: Jour.Debut(sante.Paris()).Add(9 * time.Hour)}
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
	p.Service = &tiers.Service{Cles: cles, Emetteurs: p.Emetteur, Trousseau: func() vd.Trousseau { return p.Trousseau }, Tarificateur: tarificateur, Depot: d,
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

// AMC is the insurer of the tokens of tests.
const AMC = "99000001"

// Emetteur signs tokens, and is who the third party believes.
type Emetteur struct {
	Privee    *ecdsa.PrivateKey
	Kid       string
	Publiques map[string]*ecdsa.PublicKey // of AMC
}

// NouvelEmetteur makes a key and publishes it.
func NouvelEmetteur(t testing.TB) Emetteur {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	j, err := visiodroits.JWKDe(&k.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	kid := string(j.Empreinte())
	return Emetteur{k, kid, map[string]*ecdsa.PublicKey{kid: &k.PublicKey}}
}

// Cle is tiers.Emetteurs.
func (e Emetteur) Cle(_ context.Context, amc sante.NumeroAMC, kid string) (*ecdsa.PublicKey, error) {
	if k := e.Publiques[kid]; k != nil && amc.String() == AMC {
		return k, nil
	}
	return nil, vd.ErrJeton
}

// Jeton is a good token of rights that began yesterday, before the changes of f.
func (p *Partie) Jeton(t testing.TB, f func(j *vd.Jeton)) vd.Chiffre {
	t.Helper()
	j := JetonDe(t)
	if f != nil {
		f(&j)
	}
	c, err := j.Sceller(p.Courante, p.Emetteur.Kid, p.Emetteur.Privee)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// JetonDe is what a good token says.
func JetonDe(t testing.TB) vd.Jeton {
	t.Helper()
	amc, err := sante.ParseNumeroAMC(AMC)
	if err != nil {
		t.Fatal(err)
	}
	lien, err := vd.TirerLien(nil)
	if err != nil {
		t.Fatal(err)
	}
	return vd.Jeton{AMC: amc, Grille: Grille(t, "OPTIQUE-A"), Effectif: 20, Lien: lien, Debut: Jour - 1, Fin: Jour + 365, Expiration: Jour + 1}
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
