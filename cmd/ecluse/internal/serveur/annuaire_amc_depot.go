package serveur

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	rassstore "github.com/ecluse-sante/ecluse/internal/annuaire/store"
	"github.com/ecluse-sante/ecluse/internal/annuaireamc"
	"github.com/ecluse-sante/ecluse/sante"
)

// DepotAMC is the directory of insurers as a view of the national directory, which alone
// keeps it: an entry is an access point, an insurer and an operator are structures. What
// it writes is a change of an owner, so that the image of the national directory, its
// FHIR and LDAP doors, its history and its subscribers have it as they have the others.
// ref: RASS §11
type DepotAMC struct {
	registre *rassstore.Store
	horloge  sante.Horloge
	log      *slog.Logger

	mu      sync.Mutex
	vu      int64 // last change of any record, when the version was read
	version int64
}

var (
	_ annuaireamc.Depot      = (*DepotAMC)(nil)
	_ annuaireamc.Historique = (*DepotAMC)(nil)
)

// NewDepotAMC makes the view of what a directory keeps.
func NewDepotAMC(r *rassstore.Store, h sante.Horloge, log *slog.Logger) *DepotAMC {
	return &DepotAMC{registre: r, horloge: h, log: log}
}

// Version is annuaireamc.Depot: the number of the last change of an access point. It is
// asked each second, so that it costs one row while nothing changes at all.
func (d *DepotAMC) Version(ctx context.Context) (int64, error) {
	dernier, err := d.registre.Dernier(ctx)
	if err != nil {
		return 0, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if dernier == d.vu {
		return d.version, nil
	}
	n, err := d.registre.DernierDe(ctx, annuaire.Acces)
	if err != nil {
		return 0, err
	}
	d.vu, d.version = dernier, n
	return n, nil
}

// Entrees is annuaireamc.Depot.
func (d *DepotAMC) Entrees(ctx context.Context) ([]annuaireamc.Entree, int64, error) {
	fiches, version, err := d.registre.Courantes(ctx, annuaire.Acces)
	if err != nil {
		return nil, 0, err
	}
	var l []annuaireamc.Entree
	for i := range fiches {
		a := fiches[i].Fiche.Acces
		if !a.Actif {
			continue
		}
		e, err := d.lisible(ctx, a)
		if err != nil {
			return nil, 0, err
		}
		if e != nil {
			l = append(l, *e)
		}
	}
	trier(l)
	return l, version, nil
}

func trier(l []annuaireamc.Entree) {
	slices.SortFunc(l, func(a, b annuaireamc.Entree) int { return strings.Compare(a.ID, b.ID) })
}

// versionsLues bounds how far back a good version is looked for.
const versionsLues = 20

// lisible is the entry of an access point. One that its owner changed, at another door, so
// that it cannot be served, stays as it last was good: a mistake of one insurer sends
// nobody to another address, and stops no other.
func (d *DepotAMC) lisible(ctx context.Context, a *annuaire.PointAcces) (*annuaireamc.Entree, error) {
	e, faute := bonne(a)
	if faute == nil {
		return e, nil
	}
	avant, err := d.registre.Versions(ctx, annuaire.Acces, a.ID, a.Version, versionsLues)
	if err != nil {
		return nil, err
	}
	for i := range avant {
		if x := avant[i].Acces; x.Actif {
			if e, err := bonne(x); err == nil {
				d.log.Error("point d'accès refusé : son dernier bon état est servi ; son AMC doit le corriger", "entree", a.Numero, "version", a.Version, "servie", x.Version, "erreur", faute)
				return e, nil
			}
		}
	}
	d.log.Error("point d'accès refusé : il n'est pas servi ; son AMC doit le corriger", "entree", a.Numero, "version", a.Version, "erreur", faute)
	return nil, nil
}

func bonne(a *annuaire.PointAcces) (*annuaireamc.Entree, error) {
	e, err := entreeDe(a)
	if err == nil {
		err = e.Valider()
	}
	return &e, err
}

// EntreesAu is annuaireamc.Historique.
func (d *DepotAMC) EntreesAu(ctx context.Context, le sante.Jour, connu time.Time) ([]annuaireamc.Entree, error) {
	fiches, _, err := d.registre.Courantes(ctx, annuaire.Acces)
	if err != nil {
		return nil, err
	}
	var l []annuaireamc.Entree
	for i := range fiches {
		c, err := annuaire.AuJour(ctx, d.registre, &fiches[i].Fiche, le, connu)
		if errors.Is(err, annuaire.ErrInconnu) || err == nil && !c.Acces.Actif {
			continue
		}
		if err != nil {
			return nil, err
		}
		e, err := d.lisible(ctx, c.Acces)
		if err != nil {
			return nil, err
		}
		if e != nil {
			l = append(l, *e)
		}
	}
	trier(l)
	return l, nil
}

// Origines of the changes, as the journal of the registry keeps them.
const (
	parPublication = "annuaire-amc:publier"
	parRetrait     = "annuaire-amc:retirer"
	parReprise     = "annuaire-amc:reprise"
)

// Publier is annuaireamc.Depot. An entry that is there already, as it is, does not change.
func (d *DepotAMC) Publier(ctx context.Context, entrees []annuaireamc.Entree) error {
	return d.publier(ctx, entrees, parPublication)
}

func (d *DepotAMC) publier(ctx context.Context, entrees []annuaireamc.Entree, origine string) error {
	voulus := map[string]annuaire.PointAcces{} // the last of each
	for i := range entrees {
		a := ficheAcces(&entrees[i])
		voulus[a.ID] = a
	}
	return d.registre.Transaction(ctx, func(ctx context.Context) error {
		return d.ecrire(ctx, slices.Sorted(maps.Keys(voulus)), origine, func(id string, _ *annuaire.PointAcces) (annuaire.PointAcces, error) {
			return voulus[id], nil
		})
	})
}

// Retirer is annuaireamc.Depot: the access point is no more in service, and stays with its
// number and its history. ref: RASS §4
func (d *DepotAMC) Retirer(ctx context.Context, id string) error {
	return d.registre.Transaction(ctx, func(ctx context.Context) error {
		return d.ecrire(ctx, []string{idAcces(id)}, parRetrait, func(_ string, courante *annuaire.PointAcces) (annuaire.PointAcces, error) {
			if courante == nil || !courante.Actif {
				return annuaire.PointAcces{}, annuaireamc.ErrAbsente
			}
			a := *courante
			a.Actif = false
			return a, nil
		})
	})
}

// ecrire changes access points, then the insurers and the operators that they say. All
// records are locked before the first is written, in one order on every node.
func (d *DepotAMC) ecrire(ctx context.Context, ids []string, origine string, vouloir func(id string, courante *annuaire.PointAcces) (annuaire.PointAcces, error)) error {
	var l []annuaire.Remplacement
	structures := map[string]func([]*annuaire.PointAcces) *annuaire.Structure{}
	concerner := func(a *annuaire.PointAcces) {
		numero, otp := a.NumeroAMC, a.Mandat.ID
		structures[idOrganisme(numero)] = func(t []*annuaire.PointAcces) *annuaire.Structure { return organisme(numero, t) }
		if otp != "" {
			structures[idOperateur(otp)] = func(t []*annuaire.PointAcces) *annuaire.Structure { return operateur(otp, t) }
		}
	}
	for _, id := range ids {
		avant, err := d.registre.Verrouiller(ctx, annuaire.Acces, id)
		if err != nil {
			return err
		}
		var courante *annuaire.PointAcces
		if avant != nil {
			courante = avant.Acces
			concerner(courante)
		}
		a, err := vouloir(id, courante)
		if err != nil {
			return err
		}
		concerner(&a)
		l = append(l, annuaire.Remplacement{Avant: avant, Apres: &annuaire.Changement{Acces: &a}})
	}
	tenues := map[string]*annuaire.Changement{}
	for _, id := range slices.Sorted(maps.Keys(structures)) {
		avant, err := d.registre.Verrouiller(ctx, annuaire.Structures, id)
		if err != nil {
			return err
		}
		tenues[id] = avant
	}
	if err := d.appliquer(ctx, l, origine); err != nil {
		return err
	}
	tous, err := d.tous(ctx)
	if err != nil {
		return err
	}
	l = l[:0]
	for _, id := range slices.Sorted(maps.Keys(structures)) {
		if s := structureDe(structures[id](tous), tenues[id]); s != nil {
			l = append(l, annuaire.Remplacement{Avant: tenues[id], Apres: &annuaire.Changement{Structure: s}})
		}
	}
	return d.appliquer(ctx, l, origine)
}

func (d *DepotAMC) tous(ctx context.Context) (l []*annuaire.PointAcces, err error) {
	fiches, _, err := d.registre.Courantes(ctx, annuaire.Acces)
	for i := range fiches {
		l = append(l, fiches[i].Fiche.Acces)
	}
	return l, err
}

// structureDe is the record of an insurer or an operator: what access points say, and what
// its director changed himself; no more in service when no access point says it.
func structureDe(dite *annuaire.Structure, avant *annuaire.Changement) *annuaire.Structure {
	switch {
	case avant == nil:
		return dite
	case dite == nil:
		s := *avant.Structure
		s.Actif = false
		return &s
	}
	q := avant.Cloner()
	s := q.Structure
	s.Actif, s.Du, s.Au, s.Sorte, s.IDNat, s.SIREN, s.SIRET = dite.Actif, dite.Du, dite.Au, dite.Sorte, dite.IDNat, dite.SIREN, dite.SIRET
	if !slices.ContainsFunc(s.Provenances, func(p annuaire.Provenance) bool { return p.Groupe == annuaire.Lieu && p.Demande != "" }) {
		s.RaisonSociale = dite.RaisonSociale
	}
	return s
}

// appliquer keeps those that change something, each under its next version.
func (d *DepotAMC) appliquer(ctx context.Context, l []annuaire.Remplacement, origine string) error {
	maintenant := d.horloge()
	changent := l[:0]
	for _, r := range l {
		_, e := r.Apres.Entete()
		e.Maj, e.Version, e.Trace.MajLe = maintenant.UnixMilli(), 1, sante.JourA(maintenant, sante.Paris())
		if r.Avant != nil {
			if pareilles(r) {
				continue
			}
			_, avant := r.Avant.Entete()
			e.Maj, e.Version = max(e.Maj, avant.Maj+1), avant.Version+1 // a clock that went back hides no change
		}
		changent = append(changent, r)
	}
	if err := d.registre.AppliquerTous(ctx, changent, origine, maintenant); err != nil {
		return fmt.Errorf("publier des points d'accès: %w", err)
	}
	return nil
}

// pareilles tells whether a change says what is there.
func pareilles(r annuaire.Remplacement) bool {
	a, b := r.Avant.Cloner(), r.Apres.Cloner()
	_, x := a.Entete()
	_, y := b.Entete()
	x.Maj, x.Version, x.Trace.MajLe = y.Maj, y.Version, y.Trace.MajLe
	return reflect.DeepEqual(a, b)
}
