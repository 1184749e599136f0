package etablissement

import (
	"context"
	"fmt"
	"strings"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// retard is an invoice that its insurer holds and has not paid on the day promised.
// ref: DEC 30
type retard struct {
	facture, lot string
	engagement   roc.NumeroEngagement
	poste        Poste
	virement     string   // of what was paid
	code         roc.Code // why the rest waits
	reste        sante.Montant
	tenue        sante.Jour // held by the insurer since
	jour         sante.Jour // today
	delai        int
	comptable    bool // the hospital has a comptable public
	sansGarantie bool
}

// relanceMax is how many days a late payment is asked for before it is recovered.
// hyp: RETARD-RELANCE
const relanceMax = 30

// jours is how late it is; zero or less when it is not.
func (r *retard) jours() int { return int(r.jour-r.tenue) - r.delai }

// consigne tells who must act and what to do, nil when nothing is late.
func (r *retard) consigne() *Consigne {
	if !r.poste.Attend() || r.tenue.IsZero() || r.jours() <= 0 {
		return nil
	}
	k := &Consigne{QuiAgit: facturation, Constat: r.constat()}
	switch {
	case r.jours() > relanceMax && r.comptable:
		k.QuiAgit, k.AFaire = "le comptable public", "Poursuivre le recouvrement du titre auprès de l'AMC : le délai de relance est passé. « ecluse comptable titres » et « ecluse comptable delais » donnent le titre et le retard ; ce qui ne sera pas payé s'admet en non-valeur."
	case r.jours() > relanceMax:
		k.AFaire = "Recouvrer : mettre l'AMC en demeure de payer, preuves à l'appui (« ecluse envois suivre » donne la feuille du journal de son accusé). Ce qu'elle ne paiera pas se clôt en perte, avec un motif (/clotures)."
	case r.poste == PosteRemis:
		k.AFaire = "Demander à l'AMC si le fichier de ce lot lui est parvenu, sous quelle référence, et quand elle paie. S'il s'est perdu : « ecluse fichiers ecrire --lot » l'écrit de nouveau, le même, à lui remettre. Ne pas facturer sous un autre numéro."
	case r.poste == PosteReste:
		k.AFaire = "Demander à l'AMC quand elle paie le reste, avec la référence du premier virement."
		if s := gestes[r.code]; s != "" && !r.code.Accord() {
			k.AFaire += " Elle avait dit pourquoi (" + string(r.code) + ") : " + s
		}
	default:
		k.AFaire = "Demander à l'AMC où en est cette facture, avec ces références, et si un retour lui reste à envoyer (chez elle : « ecluse factures lister », « ecluse factures retours »). Ne pas la renvoyer : elle la tient, une seconde serait rejetée (F603)."
	}
	if r.sansGarantie && r.jours() > relanceMax {
		k.AFaire += " Rien n'était garanti : la part que l'AMC ne paie pas est demandée au patient."
	}
	return k
}

func (r *retard) constat() string {
	var b strings.Builder
	b.WriteString("Paiement en retard de " + accorderJours(r.jours()) + " : facture " + r.facture)
	if r.lot != "" {
		b.WriteString(", lot " + r.lot)
	}
	if !r.engagement.IsZero() {
		b.WriteString(", engagement " + r.engagement.String())
	}
	tenue := "reçue par l'AMC le "
	if r.poste == PosteRemis {
		tenue = "remise par fichier le "
	}
	fmt.Fprintf(&b, ", %s%s, promise le %s, %s attendus", tenue, r.tenue.Francais(), (r.tenue + sante.Jour(r.delai)).Francais(), r.reste.Euros())
	if r.poste == PosteReste && r.virement != "" {
		b.WriteString(" ; déjà payé en partie par le virement " + r.virement)
	}
	return b.String() + "."
}

func accorderJours(n int) string {
	if n < 2 {
		return fmt.Sprintf("%d jour", n)
	}
	return fmt.Sprintf("%d jours", n)
}

// enRetard is the instruction of a coverage whose payment is late, nil when it is not.
func (s *Service) enRetard(v *Venue, cv *Couverture) *Consigne {
	f := cv.suivie()
	poste, dit := cv.poste()
	if !dit || f == nil || f.promesse().IsZero() {
		return nil
	}
	r := retard{facture: f.Numero, lot: f.Lot, poste: poste, virement: f.Virement, code: cv.Code, reste: f.reste(), tenue: sante.JourA(f.promesse(), v.fuseau()),
		jour: sante.JourA(s.maintenant(), v.fuseau()), delai: s.delaiPaiement(), comptable: s.Comptable != nil, sansGarantie: cv.Convention != nil}
	if r.engagement = cv.numeroEngagement(); r.sansGarantie {
		r.engagement = roc.NumeroEngagement{}
	}
	return r.consigne()
}

// Consignes lists what is to be done on a visit now, by rank: late payments too.
func (s *Service) Consignes(v *Venue) []Consigne {
	l := v.Consignes()
	for _, cv := range v.Couvertures {
		if k := s.enRetard(v, cv); k != nil {
			k.Rang = cv.Rang
			l = append(l, *k)
		}
	}
	return l
}

// dire gives a line behind a figure the instruction of its late payment, if it is late
// on that day and has not moved since.
func (s *Service) dire(x *FactureVue, jour sante.Jour) {
	if x.Partie || x.Nombre == 0 {
		return
	}
	r := retard{facture: x.Facture, poste: x.Poste, reste: x.Montant, tenue: x.Accuse, jour: jour, delai: s.delaiPaiement(),
		comptable: s.Comptable != nil, sansGarantie: x.SansGarantie}
	if cv := x.Couverture; cv != nil {
		if p, _ := cv.poste(); p != x.Poste {
			return
		}
		if f := cv.suivie(); f != nil {
			r.lot, r.virement, r.code = f.Lot, f.Virement, cv.Code
		}
	}
	x.Consigne = r.consigne()
}

// EnRetard gives the instructions of the invoices of a number that are late.
func (s *Service) EnRetard(ctx context.Context, numero string) (l []Consigne, err error) {
	emises, err := s.Factures.DeNumero(ctx, numero)
	if err != nil {
		return nil, err
	}
	for _, f := range emises {
		v, err := s.Depot.Venue(ctx, f.Venue)
		if err != nil {
			return nil, err
		}
		if cv := v.Couverture(f.Rang); cv != nil && cv.suivie().est(numero) {
			if k := s.enRetard(v, cv); k != nil {
				k.Rang = cv.Rang
				l = append(l, *k)
			}
		}
	}
	return l, nil
}
