package serveur

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/accreditation"
	accrfront "github.com/ecluse-sante/ecluse/internal/accreditation/front"
	accrstore "github.com/ecluse-sante/ecluse/internal/accreditation/store"
	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// EmetteurDroits is a number under which the process publishes: an insurer's, for what it
// opens, or that of who gives accreditations, for one or several insurers. Both are one
// when the insurer gives its own.
type EmetteurDroits struct {
	Numero    sante.NumeroAMC
	tenant    string                   // under which its lists and keys are kept
	Parutions *accrstore.Parutions     // what it published
	Editeur   *accreditation.Editeur   // nil when no accreditation is given under this number
	Annonceur *accreditation.Annonceur // publishes its lists
	services  []func() []visiodroits.EntreeService
	etats     []func(a time.Time) []visiodroits.EtatService
	signent   clesEmetteur

	enPanne atomic.Bool // its lists are not published, as of the last turn
	dite    string      // why, as the operator was last told
	quand   time.Time   // when
}

// Emetteur gives the one of a number.
func (p *Processus) Emetteur(numero sante.NumeroAMC) *EmetteurDroits {
	for _, e := range p.Emetteurs {
		if droits.MemeEmetteur(e.Numero, numero) {
			return e
		}
	}
	tenant := "emetteur-" + numero.String()
	if slices.ContainsFunc(p.Fichier.AMC, func(a config.AMC) bool { return a.Numero == numero.String() }) {
		tenant = TenantAMC(numero.String())
	}
	e := &EmetteurDroits{Numero: numero, tenant: tenant, Parutions: accrstore.NewParutions(p.Base, tenant, numero)}
	e.Annonceur = &accreditation.Annonceur{Emetteur: visiodroits.Emetteur(numero.String()), Editions: e.Parutions, Kiosque: p.Kiosque, Horloge: p.Horloge,
		Services: func() (l []visiodroits.EntreeService) {
			for _, f := range e.services {
				l = append(l, f()...)
			}
			return l
		},
		Etats: func(a time.Time) (l []visiodroits.EtatService) {
			for _, f := range e.etats {
				l = append(l, f(a)...)
			}
			return l
		}}
	p.Emetteurs = append(p.Emetteurs, e)
	return e
}

// annoncer publishes the lists of the process before anybody may ask for them, and follows
// them. Each is under the seal of the first door that speaks under its number.
func (p *Processus) annoncer(ctx context.Context) {
	for _, e := range p.Emetteurs {
		p.surveillerCles(e)
	}
	if p.Kiosque == nil || len(p.Emetteurs) == 0 {
		return
	}
	publier := func(ctx context.Context) {
		for _, e := range p.Emetteurs {
			p.PublierListes(ctx, e)
		}
	}
	publier(ctx)
	p.tache(suivreListes, publier)
}

// rediteListes is after how long the operator is told again that lists are not published.
const rediteListes = time.Hour

// PublierListes publishes what an issuer must. Readers go on with the lists that they have,
// then believe nobody: that is an error to act upon, told at once, then each hour, and counted
// among the measures until it is over.
func (p *Processus) PublierListes(ctx context.Context, e *EmetteurDroits) {
	err := errors.Join(e.relireFins(ctx), e.Annonceur.Publier(ctx)) // a key in other hands signs nothing more
	if e.Editeur != nil {
		fait, lar := e.Editeur.Publier(ctx, false)
		if fait && lar != nil {
			p.Log.Error("liste de révocation publiée, avec un défaut", "emetteur", e.Numero.String(), "erreur", lar)
		} else {
			err = errors.Join(err, lar)
		}
	}
	if ctx.Err() != nil {
		return
	}
	e.enPanne.Store(err != nil)
	if err == nil {
		e.dite = ""
		return
	}
	if a := p.Horloge(); e.dite != err.Error() || a.Sub(e.quand) >= rediteListes {
		e.dite, e.quand = err.Error(), a
		p.Log.Error("listes non publiées", "emetteur", e.Numero.String(), "erreur", err)
	}
}

// signerListes lets a door seal what is published under numbers that no other does.
func signerListes(l []*EmetteurDroits, cachet func() *sceau.Cachet) {
	for _, e := range l {
		if e.Annonceur.Cachet == nil {
			e.Annonceur.Cachet = cachet
		}
	}
}

// Cles are all the public keys that the issuer ever had, to read back its own lists: the
// last one may be of a key that is over, and the next must follow it.
func (e *EmetteurDroits) Cles() func() *droits.Cles {
	return func() *droits.Cles {
		l, err := e.Parutions.Cles(context.Background(), time.Time{})
		if err != nil {
			return nil // the list is then refused, and the task says so
		}
		var k []droits.Cle
		for _, c := range l {
			k = append(k, droits.Cle{Emetteur: e.Numero, Kid: c.Kid, Usage: c.Usage, Publique: c.Publique, Debut: c.Debut, Fin: c.Fin})
		}
		cles, err := droits.NouvellesCles(k, nil)
		if err != nil {
			return nil
		}
		return cles
	}
}

// entreesDroits is what an insurer says of its rights on line, or of their absence.
func (p *Processus) entreesDroits(c *config.AMC) (func() []visiodroits.EntreeService, error) {
	if p.Kiosque == nil {
		return func() []visiodroits.EntreeService { return nil }, nil // nothing is published here
	}
	numero, err := sante.ParseNumeroAMC(c.Numero)
	if err != nil {
		return nil, err
	}
	e := visiodroits.EntreeService{NumeroAMC: numero, Libelle: c.Libelle, Service: visiodroits.DLD, Statut: visiodroits.NonOuvert, Debut: debutListes}
	if !c.Droits.Ouvert() {
		return func() []visiodroits.EntreeService { return []visiodroits.EntreeService{e} }, nil
	}
	e.Statut, e.Version, e.NiveauService = visiodroits.Ouvert, droits.Norme.Profil, visiodroits.NiveauBase
	e.Adresse, e.NbJoursTolerance, e.ModeDroits, e.DelaiPaiementJours = cmp.Or(c.Droits.Adresse, p.Fichier.PorteOuverte()), c.Droits.Tolerance, visiodroits.NonHeberge, c.DelaiPaye
	e.Structures = []visiodroits.Structure{visiodroits.Structure(c.Identite.Structure)}
	if c.Droits.Emetteur != "" {
		e.Operateur = visiodroits.Emetteur(c.Droits.Emetteur)
		if c.Portefeuille == "local" {
			e.ModeDroits = visiodroits.Heberge
		}
	}
	mandats, err := mandatsDe(c.Droits.Mandats)
	if err != nil {
		return nil, fmt.Errorf("droits : %w", err)
	}
	sta := e // whoever answers of rights takes the counters of the workstations
	sta.Service = visiodroits.STA
	l := []visiodroits.EntreeService{e, sta}
	if c.Droits.Factures.Ouvert {
		fao := e
		fao.Service = visiodroits.FAO
		fao.Adresse = cmp.Or(c.Droits.Factures.Adresse, "https://"+p.Fichier.Ecoute.Adresse)
		l = append(l, fao)
	}
	for i := range l {
		if err := l[i].Valider(); err != nil {
			return nil, fmt.Errorf("droits : %w", err)
		}
	}
	return func() []visiodroits.EntreeService {
		l := slices.Clone(l)
		jour := sante.JourA(p.Horloge(), sante.Paris())
		m := mandatDuJour(mandats, jour)
		l[0].DepannageMandat = m
		if m != nil && m.Debut <= jour && (m.Fin == 0 || jour <= m.Fin) && c.Droits.Mandats[slices.Index(mandats, *m)].Normales {
			l[0].Operateur, l[0].Structures = m.Operateur, []visiodroits.Structure{visiodroits.Structure(c.Identite.Structure), m.Structure}
		}
		return l
	}, nil
}

// debutListes is the first day of the entries that a configuration makes: it does not
// say since when.
var debutListes = sante.JourDe(2000, 1, 1)

// termes are the codes that our answers use. hyp: VISIO-CODES
func termes() (l []visiodroits.Terme) {
	ajouter := func(t visiodroits.Table, code, libelle string) {
		l = append(l, visiodroits.Terme{Table: t, Code: visiodroits.CodeTerme(code), Libelle: libelle, Debut: debutListes})
	}
	for _, c := range calcul.Famille("").Codes() {
		ajouter(visiodroits.TableFamilles, c, calcul.Famille(c).Libelle())
	}
	for _, c := range calcul.NumeroFormule("").Codes() {
		ajouter(visiodroits.TableFormules, c, calcul.NumeroFormule(c).Libelle())
	}
	for _, s := range visiodroits.Significations() {
		if strings.HasPrefix(string(s.Code), "F") {
			ajouter(visiodroits.TableRejets, string(s.Code), s.Libelle)
		}
	}
	return l
}

// etatsDe is the state of an insurer's service, and the closures that it announces.
func etatsDe(numero sante.NumeroAMC, s *amc.Service) func(time.Time) []visiodroits.EtatService {
	return func(a time.Time) []visiodroits.EtatService {
		e := visiodroits.EtatService{NumeroAMC: numero, Service: visiodroits.DLD, Etat: visiodroits.Operationnel}
		if d, ok := s.Portefeuille.(amc.Disponible); ok && !d.Disponible() {
			e.Etat = visiodroits.Ralenti // the question is answered 201: the software goes on as it may
		}
		for _, f := range s.Reglages().Fermetures {
			if len(f.Services) == 0 && f.Fin.After(a) && len(e.Fermetures) < 20 {
				e.Fermetures = append(e.Fermetures, visiodroits.Fermeture{Debut: f.Debut, Fin: f.Fin})
			}
		}
		return []visiodroits.EtatService{e}
	}
}

// larDuProcessus gives the lists of the issuers of the process.
type larDuProcessus struct{ p *Processus }

func (x larDuProcessus) parutions(emetteur string) (*accrstore.Parutions, error) {
	for _, e := range x.p.Emetteurs {
		if e.Editeur != nil && e.Numero.String() == emetteur {
			return e.Parutions, nil
		}
	}
	return nil, visiodroits.ErrNonParue
}

// Dernier implements accrfront.Revocations.
func (x larDuProcessus) Dernier(ctx context.Context, emetteur string) (int64, error) {
	r, err := x.parutions(emetteur)
	if err != nil {
		return 0, err
	}
	n, _, err := r.Parution(ctx)
	if err == nil && n == 0 {
		err = visiodroits.ErrNonParue
	}
	return n, err
}

// Octets implements accrfront.Revocations.
func (x larDuProcessus) Octets(ctx context.Context, emetteur string, n int64, f accreditation.Forme) ([]byte, error) {
	r, err := x.parutions(emetteur)
	if err != nil {
		return nil, err
	}
	b, err := r.Octets(ctx, n, f)
	return b, nonParue(err)
}

// Taille implements accrfront.Revocations.
func (x larDuProcessus) Taille(ctx context.Context, emetteur string, n int64, f accreditation.Forme) (int, error) {
	r, err := x.parutions(emetteur)
	if err != nil {
		return 0, err
	}
	taille, err := r.Taille(ctx, n, f)
	return taille, nonParue(err)
}

func nonParue(err error) error {
	if errors.Is(err, accreditation.ErrInconnue) {
		return visiodroits.ErrNonParue
	}
	return err
}

// miroir gives again the lists of the issuers that the relay of the process follows.
func (p *Processus) miroir(h http.Handler) (http.Handler, error) {
	var sources []accrfront.Source
	for _, r := range p.Fichier.Relais {
		for _, s := range r.Sources {
			sources = append(sources, accrfront.Source{Emetteur: s.Emetteur, Adresse: s.Adresse})
		}
	}
	if len(sources) == 0 {
		return h, nil
	}
	t := roc.NewTransport(nil, p.Magasin, p.Horloge)
	p.raccrocher = append(p.raccrocher, t.Fermer)
	return accrfront.Miroir(h, droits.Norme.Racine, sources, t, p.Log, p.Horloge)
}
