package laboratoire

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/preuve"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// hopital is a hospital of the laboratory, as a witness sees it.
type hopital struct {
	cle, nom string
	p        *serveur.Processus
	e        *serveur.PartieEtablissement
	o        *observateur
}

// temoin tells the exchanges of the hospitals of a laboratory: what was asked, who
// answered, what each seal is worth, what the journals prove.
type temoin struct {
	monde    *monde.Monde
	horloge  sante.Horloge
	hopitaux map[string]*hopital
	tous     []*serveur.Processus // whose journals are shown

	garde  sync.Mutex
	etapes []pupitre.Etape
}

// exchange tells one exchange of a hospital.
func (r *temoin) exchange(cle, histoire string, a *roc.Arrivee) *pupitre.Etape {
	return r.exchangeLu(cle, histoire, a, time.Time{})
}

// exchangePasse tells an exchange of the past, whose revocation lists are no more.
func (r *temoin) exchangePasse(cle, histoire string, a *roc.Arrivee) *pupitre.Etape {
	return r.exchangeLu(cle, histoire, a, r.horloge())
}

func (r *temoin) exchangeLu(cle, histoire string, a *roc.Arrivee, lu time.Time) *pupitre.Etape {
	h := r.hopitaux[cle]
	x := &pupitre.Etape{Histoire: histoire, Demandeur: h.nom, Repondant: r.repond(a)}
	loupe := &pupitre.Loupe{Magasin: h.p.Magasin, Lu: lu}
	if c := h.e.Client.Confidentialite; c != nil {
		loupe.Cles = c.Cles
	}
	x.DeArrivee(loupe, a, a.Depart.Corps)
	for i, id := range x.Relais {
		if id == r.monde.Relais.Identifiant {
			x.Relais[i] = r.monde.Relais.Nom
		}
	}
	x.Ok = a.Refus == nil && x.Code.Accord()
	x.Attendu = "un accord"
	x.Recit = raconter(h.nom, x.Reponse.Corps())
	return x
}

// raconter tells in a few sentences what was asked and what was answered.
func raconter(qui string, reponse any) []string {
	switch r := reponse.(type) {
	case *roc.ReponseAnnuaire:
		l := []string{qui + " demande à l'annuaire où sont les services de l'AMC de la carte."}
		if r.CodeRetour.Accord() {
			l = append(l, fmt.Sprintf("Il répond %d points d'accès, et quelle structure scellera les réponses.", len(r.Points)))
		}
		if r.Operateur != nil {
			l = append(l, "Un opérateur mandaté répond pour cette AMC : "+r.Operateur.Libelle+".")
		}
		return l
	case *roc.ReponseIDB:
		l := []string{qui + " demande à l'AMC si le patient est connu et couvert, sans rien apprendre de plus."}
		switch {
		case r.StatutDroits == roc.DroitsOuverts && !r.CodeRetour.Accord():
			l = append(l, "Le contrat est ouvert, mais il ne peut pas servir ici : "+minuscule(r.CodeRetour.Libelle())+".")
		case r.StatutDroits == roc.DroitsOuverts:
			l = append(l, "Droits ouverts, certains du "+r.DroitsDebut.Francais()+" au "+r.DroitsFin.Francais()+" ; "+modes[r.ModeCalcul]+".")
		}
		return l
	case *roc.ReponseCalcul:
		if r.Caractere == roc.Indicatif {
			return []string{qui + " demande une estimation : elle n'engage personne et ne consomme aucun plafond."}
		}
		if !r.NumeroEngagement.IsZero() {
			return []string{qui + " demande la part exacte. L'AMC la calcule ligne par ligne et s'engage à la payer, si la facture lui est égale et arrive à temps."}
		}
	case *roc.ReponseDEL:
		return []string{qui + " annule l'engagement : les plafonds consommés sont rendus, une seule fois."}
	}
	return nil
}

// minuscule puts a label in the middle of a sentence; an acronym stays as it is.
func minuscule(s string) string {
	if premier, _, _ := strings.Cut(s, " "); len(premier) > 1 && premier == strings.ToUpper(premier) {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

var modes = map[roc.ModeCalcul]string{
	roc.CalculLocal: "l'établissement calcule lui-même, sur les formules reçues", roc.CalculCLC: "le calcul se demande en ligne",
	roc.CalculLocalOuCLC: "le calcul se fait sur place ou se demande en ligne",
}

// repond is who an exchange was with.
func (r *temoin) repond(a *roc.Arrivee) string {
	if a.Depart.Destinataire.Type == roc.Annuaire {
		return r.monde.Gestionnaire.Nom
	}
	for i := range r.monde.AMC {
		x := &r.monde.AMC[i]
		if x.Numero.String() == a.Depart.Destinataire.ID {
			if x.Operateur != "" {
				return x.Nom + ", par " + r.monde.Operateur.Nom
			}
			return x.Nom
		}
	}
	return a.Depart.Destinataire.ID
}

func (r *temoin) ajouter(x pupitre.Etape) {
	r.garde.Lock()
	defer r.garde.Unlock()
	x.Numero = len(r.etapes) + 1
	r.etapes = append(r.etapes, x)
}

// journalDe finds the journal of who answered a step, or nil.
func (r *temoin) journalDe(x *pupitre.Etape) (*serveur.Processus, *journal.Journal) {
	env := x.Question.Enveloppe()
	if env == nil {
		return nil, nil
	}
	tenant := serveur.TenantAnnuaire
	switch env.Destinataire.Type {
	case roc.AMC:
		tenant = serveur.TenantAMC(env.Destinataire.ID)
	case roc.Tiers:
		tenant = serveur.TenantTiers
	}
	for _, p := range r.tous {
		if j := p.Journaux()[tenant]; j != nil {
			return p, j
		}
	}
	return nil, nil
}

func (r *temoin) journalDuDemandeur(cle string) (*serveur.Processus, *journal.Journal) {
	h := r.hopitaux[cle]
	return h.p, h.p.Journaux()[h.e.Tenant]
}

// prouverUne looks for the leaf of an exchange with who answered it, or with who
// asked when the other could not read it or is not believed.
func (r *temoin) prouverUne(ctx context.Context, cle string, x *pupitre.Etape) error {
	env := x.Question.Enveloppe()
	if env == nil {
		return nil
	}
	c := journal.Critere{IDMessage: env.IDMessage.String()}
	p, j := r.journalDe(x)
	var l []journal.Element
	var err error
	if j != nil {
		l, err = j.Trouver(ctx, c)
	}
	if err == nil && len(l) == 0 && r.hopitaux[cle] != nil {
		p, j = r.journalDuDemandeur(cle)
		l, err = j.Trouver(ctx, c)
	}
	if err != nil || len(l) == 0 {
		x.Preuve = &pupitre.Preuve{Journal: j.Tenant(), Echec: "aucune feuille de cet échange"}
		return err
	}
	e := l[len(l)-1]
	if err := p.Sequenceur.Attendre(ctx, j, e.ID); err != nil {
		return err
	}
	if l, err = j.Trouver(ctx, journal.Critere{ID: e.ID}); err != nil || len(l) == 0 {
		return err
	}
	var i preuve.Inclusion
	if i, err = j.Inclusion(ctx, l[0]); err != nil {
		return err
	}
	x.Preuve = pupitre.PreuveDe(i, j.Cle(), l[0].Sel, l[0].Record)
	return nil
}

// Etapes gives the steps played so far. It makes a Recit a pupitre.Source.
func (r *temoin) Etapes() []pupitre.Etape {
	r.garde.Lock()
	defer r.garde.Unlock()
	return slices.Clone(r.etapes)
}

// Etape gives a step by its number.
func (r *temoin) Etape(n int) (pupitre.Etape, bool) {
	r.garde.Lock()
	defer r.garde.Unlock()
	if n < 1 || n > len(r.etapes) {
		return pupitre.Etape{}, false
	}
	return r.etapes[n-1], true
}

// observateur keeps what a hospital was told of its exchanges, to tell it.
type observateur struct {
	roc.Registre
	mu       sync.Mutex
	arrivees []roc.Arrivee
}

// arriveesMax bounds what waits to be told.
const arriveesMax = 256

// Reponse writes the answer, and keeps it.
func (o *observateur) Reponse(ctx context.Context, a *roc.Arrivee) error {
	err := o.Registre.Reponse(ctx, a)
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.arrivees) < arriveesMax {
		o.arrivees = append(o.arrivees, *a)
	}
	return err
}

// prendre gives what came since the last time.
func (o *observateur) prendre() []roc.Arrivee {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.arrivees
	o.arrivees = nil
	return l
}

func lireReponse(r io.Reader) ([]byte, error) { return io.ReadAll(io.LimitReader(r, 1<<20)) }
