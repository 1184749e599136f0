package serveur

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/accreditation"
	"github.com/ecluse-sante/ecluse/internal/amc"
	amcstore "github.com/ecluse-sante/ecluse/internal/amc/store"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// dossiersVille is accreditation.Dossiers: it makes the token of a file, in which the third
// party reads a grid that many share, and nobody. ref: DEC 32
type dossiersVille struct {
	c         *config.Specifiques
	amc       sante.NumeroAMC
	tiers     func(a time.Time) (*tarif.Acces, error)
	cle       func() accreditation.Cle // signs
	effectifs *actuel[map[tarif.IDGrille]int]
	horloge   sante.Horloge
}

// Jeton implements accreditation.Dossiers.
func (x *dossiersVille) Jeton(_ context.Context, s *accreditation.Situation, _ []byte) (jeton, lien string, err error) {
	g, ok := GrilleDe(x.c.Prestations, s.Etendue.Garanties)
	n := x.effectifs.lire()[g]
	if !ok || n < x.c.Seuil {
		return "", "", nil
	}
	l, err := tarif.TirerLien(nil)
	if err != nil {
		return "", "", err
	}
	tiers, err := x.tiers(x.horloge())
	if errors.Is(err, tarif.ErrAcces) { // what follows its lists says which is not read: no file meanwhile, and the rights stand
		return "", "", nil
	}
	if err != nil {
		return "", "", err
	}
	j := tarif.Jeton{AMC: x.amc, Grille: g, Effectif: n, Lien: l, Debut: s.Etendue.Debut, Fin: s.Etendue.Fin,
		Expiration: sante.JourA(x.horloge(), sante.Paris()) + sante.Jour(x.c.Validite)}
	cle := x.cle()
	c, err := j.Sceller(tiers.Cle, cle.Kid, cle.Cle)
	return string(c), l.String(), err
}

// lettresGrille write a digest in the name of a grid, which holds no long run of digits.
const lettresGrille = "ABCDEFGHIJKLMNOP"

// GrilleDe names the grid of those who have the same guarantees for some prestations: the
// digest of these guarantees, whatever the contract. False without any.
// hyp: GRILLE-EMPREINTE
func GrilleDe(prestations []string, garanties []calcul.Garantie) (tarif.IDGrille, bool) {
	h := sha256.New()
	e := json.NewEncoder(h)
	aucune := true
	for _, g := range garanties {
		if len(g.Codes) == 0 || slices.ContainsFunc(g.Codes, func(c string) bool { return slices.Contains(prestations, c) }) {
			aucune = false
			if err := e.Encode(g); err != nil {
				return tarif.IDGrille{}, false
			}
		}
	}
	if aucune || len(prestations) == 0 {
		return tarif.IDGrille{}, false
	}
	nom := []byte("G-")
	for _, o := range h.Sum(nil)[:12] {
		nom = append(nom, lettresGrille[o>>4], lettresGrille[o&15])
	}
	g, err := tarif.ParseIDGrille(string(nom))
	return g, err == nil
}

// ouvrirSpecifiques prepares the tokens of an insurer, which the key of its accreditations
// signs; nil when it has no prestation priced on line.
func (p *Processus) ouvrirSpecifiques(ctx context.Context, c *config.AMC, numero sante.NumeroAMC, tenant string, suivies *listesSuivies, cle func() accreditation.Cle) (accreditation.Dossiers, error) {
	s := &c.Droits.Specifiques
	if len(s.Prestations) == 0 || suivies == nil || suivies.tiers == nil {
		return nil, nil
	}
	x := &dossiersVille{c: s, amc: numero, tiers: suivies.acces, cle: cle, effectifs: &actuel[map[tarif.IDGrille]int]{}, horloge: p.Horloge}
	st := amcstore.New(p.Base, tenant)
	compter := func(ctx context.Context) error {
		m, err := effectifsDe(ctx, st, s.Prestations, sante.JourA(p.Horloge(), sante.Paris()))
		if err == nil {
			x.effectifs.poser(m)
		}
		return err
	}
	p.tache(time.Hour, func(ctx context.Context) {
		if err := compter(ctx); err != nil {
			p.Log.Error("grilles non recomptées, les anciens comptes restent", "locataire", tenant, "erreur", err)
		}
	})
	if err := compter(ctx); err != nil {
		return nil, err
	}
	// The pricing service needs these names in its tables.
	m := x.effectifs.lire()
	for _, g := range slices.SortedFunc(maps.Keys(m), func(a, b tarif.IDGrille) int { return cmp.Compare(a.String(), b.String()) }) {
		p.Log.Info("grille des prestations spécifiques", "locataire", tenant, "grille", g.String(), "effectif", m[g])
	}
	return x, nil
}

// effectifsDe counts the beneficiaries of each grid, at a day.
func effectifsDe(ctx context.Context, st *amcstore.Store, prestations []string, jour sante.Jour) (map[tarif.IDGrille]int, error) {
	contrats, err := st.Portefeuille.ContratsEnVigueur(ctx)
	if err != nil {
		return nil, err
	}
	par, err := st.Portefeuille.Effectifs(ctx, jour)
	if err != nil {
		return nil, err
	}
	m := map[tarif.IDGrille]int{}
	for i := range contrats {
		k := &contrats[i]
		if jour < k.Debut || !k.Fin.IsZero() && jour > k.Fin {
			continue
		}
		for _, g := range grillesDuContrat(prestations, k) {
			m[g] += par[k.Numero]
		}
	}
	return m, nil
}

// grillesDuContrat are the grids of a contract, one for each trade at most, each once.
func grillesDuContrat(prestations []string, k *amc.Contrat) (l []tarif.IDGrille) {
	for _, c := range droits.Categorie("").Codes() {
		g, ok := GrilleDe(prestations, GarantiesVille(droits.Categorie(c), k.Garanties))
		if ok && !slices.Contains(l, g) {
			l = append(l, g)
		}
	}
	return l
}
