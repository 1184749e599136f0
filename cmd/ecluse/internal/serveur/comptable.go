package serveur

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/internal/comptable"
	cptstore "github.com/ecluse-sante/ecluse/internal/comptable/store"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// LivresES is the comptable public of a hospital.
type LivresES struct {
	*comptable.Service
	store *cptstore.Store
}

// comptable opens the book of a hospital's comptable public, nil when it has none.
// ref: DEC 27
func (p *Processus) comptable(c *config.Etablissement) (*LivresES, error) {
	if c.Retours == "" || !c.Comptable.Tient(c.Categorie) {
		return nil, nil
	}
	k := &c.Comptable
	geo, err := sante.ParseFINESS(c.FinessGeo)
	if err != nil {
		return nil, err
	}
	x := comptable.Parametres{DelaiPaiement: c.DelaiPaye, Fenetre: k.Fenetre, Proximite: k.Proximite, LignesMax: k.LignesMax, OctetsMax: int64(k.OctetsMax),
		Comptes: k.Siens(), Fuseau: geo.Fuseau()}
	if x.Penalite, err = sante.ParseTaux(k.Penalite); err != nil {
		return nil, err
	}
	if k.Ouverture != "" {
		if x.Ouverture, err = sante.ParseJour(k.Ouverture); err != nil {
			return nil, err
		}
	}
	st := cptstore.New(p.Base, TenantEtablissement(c.Finess))
	return &LivresES{&comptable.Service{Parametres: x, Titres: st, Annonces: st, Releves: st, Lignes: st, Journal: st, Soldes: st,
		Horloge: p.Horloge, Transaction: st.Transaction}, st}, nil
}

// lotRapprochement bounds the lines that one transaction matches.
const lotRapprochement = 200

// RapprocherTout matches until nothing is left to examine. Each transaction is
// whole: what was matched stays when the next one fails.
func (l *LivresES) RapprocherTout(ctx context.Context) (tout comptable.Bilan, err error) {
	for {
		b, err := l.Rapprocher(ctx, lotRapprochement)
		if err != nil || b.Examinees == 0 {
			return tout, err
		}
		tout.Examinees += b.Examinees
		tout.Matchees += b.Matchees
		tout.Pieces += b.Pieces
		tout.Montant += b.Montant
	}
}

// tenirComptable gives a hospital its comptable: it is told of what is invoiced, and
// matches the lines of the bank by itself.
func (p *Processus) tenirComptable(c *config.Etablissement, e *PartieEtablissement) error {
	l, err := p.comptable(c)
	if err != nil || l == nil {
		return err
	}
	e.Livres, e.Service.Comptable = l, versComptable{l.Service}
	p.tache(c.Comptable.Rapprocher.Duration(), func(ctx context.Context) {
		b, err := l.RapprocherTout(ctx)
		if err != nil {
			p.Log.Warn("rapprochement interrompu", "locataire", e.Tenant, "erreur", err)
		}
		if b.Pieces > 0 {
			p.Log.Info("relevés rapprochés", "locataire", e.Tenant, "lignes", b.Matchees)
		}
	})
	return nil
}

// versComptable is etablissement.Comptable over the comptable's room. An invoice
// that has no titre asks for nothing, or left before the book was opened: nothing is
// written of it, and its money will wait for a person. hyp: TITRE-D-AVANT-LE-LIVRE
type versComptable struct{ s *comptable.Service }

func (v versComptable) Prendre(ctx context.Context) error { return v.s.Journal.Prendre(ctx) }

func (v versComptable) Emettre(ctx context.Context, l []etablissement.Creance) error {
	emis := make([]comptable.Emis, len(l))
	for i, c := range l {
		emis[i] = comptable.Emis{Facture: comptable.CleFacture(c.Facture), AMC: c.AMC, Libelle: TexteSimple(c.Libelle, 200), Lot: c.Lot, Montant: c.Montant,
			Jour: c.Jour, Preuve: comptable.Preuve{Message: texteID(c.IDMessage)}}
	}
	_, err := v.s.Emettre(ctx, emis)
	return err
}

func (v versComptable) Accuser(ctx context.Context, l []etablissement.CleFacture, jour sante.Jour) error {
	cles := make([]comptable.CleFacture, len(l))
	for i, c := range l {
		cles[i] = comptable.CleFacture(c)
	}
	connus, err := v.s.Titres.ParFacture(ctx, cles)
	if err != nil {
		return err
	}
	var accuses []comptable.AccuseFacture
	for _, c := range cles {
		if connus[c] != nil {
			accuses = append(accuses, comptable.AccuseFacture{Facture: c, Jour: jour})
		}
	}
	if len(accuses) == 0 {
		return nil
	}
	return v.s.Accuser(ctx, accuses)
}

func reductionDe(x etablissement.Extinction) comptable.ReductionTitre {
	r := comptable.ReductionTitre{Facture: comptable.CleFacture(x.Facture), Cause: comptable.Rejet, Origine: x.Origine, Jour: x.Jour, Message: texteID(x.IDMessage)}
	if x.Cause == etablissement.ParAnnulation {
		r.Cause = comptable.Annulation
	}
	return r
}

func (v versComptable) Eteindre(ctx context.Context, x etablissement.Extinction) error {
	_, err := v.s.Reduire(ctx, reductionDe(x))
	return sansTitre(err)
}

func (v versComptable) Retablir(ctx context.Context, x etablissement.Extinction) error {
	return sansTitre(v.s.Retablir(ctx, reductionDe(x)))
}

func sansTitre(err error) error {
	if errors.Is(err, comptable.ErrInconnu) {
		return nil
	}
	return err
}

func (v versComptable) Annoncer(ctx context.Context, x *etablissement.Versement) error {
	p := x.Retour.Paiement
	a := comptable.Annonce{Cle: comptable.CleAnnonce{Payeur: x.AMC, Retour: x.Retour.Numero}, Reference: TexteSimple(p.ReferenceVirement, 35), Compte: p.Compte,
		Comptable: p.DateComptable, Mandatement: p.DateMandatement, Contact: TexteSimple(p.Contact, 400), Total: p.Total,
		Preuve: comptable.Preuve{Message: texteID(x.IDMessage)}}
	for i := range x.Retour.Factures {
		f := &x.Retour.Factures[i]
		a.Factures = append(a.Factures, comptable.FactureAnnoncee{Numero: f.Numero, Lot: f.Lot, Montant: f.MontantPaye})
	}
	err := v.s.AnnoncerPaiement(ctx, a)
	var d *comptable.Defaut
	if errors.As(err, &d) && (d.Sorte == comptable.ErrDonnees || d.Sorte == comptable.ErrDifferent) {
		return &roc.Refus{Code: roc.Illisible, Detail: d.Detail, Cause: err}
	}
	return err
}

// TexteSimple is a text as the book keeps it: without control characters, cut.
func TexteSimple(s string, max int) string {
	r := []rune(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s))
	return string(r[:min(len(r), max)])
}

// livresDe finds the book of the hospital that a command names.
func (p *Processus) livresDe(finess string) (*config.Etablissement, *LivresES, error) {
	var tenus []string
	var trouve *config.Etablissement
	for i := range p.Fichier.Etablissements {
		c := &p.Fichier.Etablissements[i]
		tient := c.Retours != "" && c.Comptable.Tient(c.Categorie)
		if tient {
			tenus = append(tenus, c.Finess)
		}
		switch {
		case c.Finess == finess && !tient:
			return nil, nil, pasDeComptable(c)
		case c.Finess == finess || finess == "" && tient:
			trouve = c
		}
	}
	switch {
	case finess != "" && trouve == nil:
		return nil, nil, fmt.Errorf("--finess : %s n'est pas un établissement de cette configuration", finess)
	case finess == "" && len(tenus) > 1:
		return nil, nil, francais.Conseiller(errors.New("--finess : dire duquel des établissements de cette configuration"), "ceux qui ont un comptable : %s", strings.Join(tenus, ", "))
	case trouve == nil && len(p.Fichier.Etablissements) == 1:
		return nil, nil, pasDeComptable(&p.Fichier.Etablissements[0])
	case trouve == nil:
		return nil, nil, errors.New("aucun établissement de cette configuration n'a de comptable public")
	}
	l, err := p.comptable(trouve)
	return trouve, l, err
}

// pasDeComptable says why a hospital has no book.
func pasDeComptable(c *config.Etablissement) error {
	switch {
	case !ParmiCategories(c.Categorie):
		return fmt.Errorf("%s est de catégorie %s : seuls les établissements EPS et HIA ont un comptable public", c.Finess, c.Categorie)
	case c.Comptable.Tenu == "non":
		return francais.Conseiller(fmt.Errorf("%s : sa configuration dit que son comptable n'est pas tenu ici", c.Finess), "clé « tenu » de la table [etablissement.comptable]")
	}
	return francais.Conseiller(fmt.Errorf("%s ne facture pas par ce serveur : il n'a pas de titres", c.Finess), "clé « retours » de sa table [[etablissement]]")
}

// ParmiCategories tells whether a hospital of a category has a public comptable.
func ParmiCategories(categorie string) bool {
	return (&config.Comptable{}).Tient(categorie)
}
