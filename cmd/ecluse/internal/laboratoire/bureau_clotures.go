package laboratoire

import (
	"context"
	"errors"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// clotures is the pupitre.Clotures of a laboratory: the books of its hospitals.
type clotures struct{ *temoin }

// Choix lists the hospitals.
func (x clotures) Choix() (l []pupitre.ChoixCloture) {
	for _, cle := range cles(x.hopitaux) {
		l = append(l, pupitre.ChoixCloture{Cle: cle, Nom: x.hopitaux[cle].nom})
	}
	return l
}

func (x clotures) service(cle string) (*etablissement.Service, error) {
	h := x.hopitaux[cle]
	if h == nil || h.e.Service.Comptes == nil {
		return nil, pupitre.ErrClotureInconnue
	}
	return h.e.Service, nil
}

// dire turns a refusal into what a visitor reads.
func dire(err error) error {
	var e *etablissement.Erreur
	switch {
	case errors.Is(err, etablissement.ErrInconnue):
		return pupitre.ErrClotureInconnue
	case errors.As(err, &e) && e.Detail != "":
		return errors.New(e.Detail)
	}
	return err
}

func somme(m etablissement.Montants) pupitre.Somme { return pupitre.Somme(m) }

// Journee is the close of a day.
func (x clotures) Journee(ctx context.Context, cle string, jour sante.Jour) (*pupitre.ClotureJour, error) {
	s, err := x.service(cle)
	if err != nil {
		return nil, err
	}
	j, err := s.CloreJournee(ctx, jour)
	if err != nil {
		return nil, dire(err)
	}
	c := &pupitre.ClotureJour{Jour: j.Jour, Provisoire: j.Provisoire, Delai: j.Delai, ARouvrir: j.ARouvrir, Controle: j.Controle.Instant, Ecarts: j.Controle.Differences}
	_, postes := j.Equilibre(sante.NumeroAMC{})
	engage, sans := j.Origines(sante.NumeroAMC{})
	c.Engage, c.Sans, c.Postes = somme(engage), somme(sans), somme(postes)
	noms, err := s.NomsAMC(ctx, j)
	if err != nil {
		return nil, dire(err)
	}
	if c.EnReserve = j.Reserves; c.EnReserve > 0 {
		l, err := s.ListerReserves(ctx, etablissement.FiltreReserves{Max: reservesBureau})
		if err != nil {
			return nil, dire(err)
		}
		c.Reserves = reservesMontrees(l)
	}
	for _, amc := range j.AMCs() {
		a := pupitre.ClotureAMC{Numero: amc.String(), Nom: noms[amc]}
		for _, k := range j.Chiffres(amc) {
			v := pupitre.ClotureChiffre{Cle: k.Cle, Libelle: k.Libelle, Flux: somme(k.Flux), Stock: somme(k.Stock)}
			for _, m := range k.Motifs {
				v.Motifs = append(v.Motifs, pupitre.ClotureMotif{Code: string(m.Motif), Libelle: m.Motif.Libelle(), Flux: somme(m.Flux), Stock: somme(m.Stock)})
			}
			a.Chiffres = append(a.Chiffres, v)
		}
		c.AMCs = append(c.AMCs, a)
	}
	return c, nil
}

// reservesBureau is how many reserves the page of a day shows.
const reservesBureau = 20

func reservesMontrees(l []etablissement.Reserve) (m []pupitre.ClotureReserve) {
	for i := range l {
		r, k := &l[i], l[i].Consigne()
		x := pupitre.ClotureReserve{Cle: r.Cle(), Recue: r.Instant, AMC: r.AMC, Retour: r.Retour, Facture: r.Facture, Montant: r.Montant,
			Constat: k.Constat, QuiAgit: k.QuiAgit, AFaire: k.AFaire}
		if r.Levee != nil {
			x.LeveePar, x.LeveeMotif = r.Levee.Par, r.Levee.Motif
		}
		m = append(m, x)
	}
	return m
}

// pageBureau is how many invoices a page of the desk shows.
const pageBureau = 50

// Factures is a page of the invoices behind a figure.
func (x clotures) Factures(ctx context.Context, cle string, q pupitre.QuestionCloture) ([]pupitre.ClotureFacture, string, error) {
	s, err := x.service(cle)
	if err != nil {
		return nil, "", err
	}
	f := etablissement.FiltreFactures{Jour: q.Jour, Chiffre: q.Chiffre, Motif: roc.Code(q.Motif), Sens: etablissement.EnStock, Apres: q.Apres, Max: pageBureau}
	if q.Flux {
		f.Sens = etablissement.DansLeJour
	}
	if f.AMC, err = sante.ParseNumeroAMC(q.AMC); err != nil {
		return nil, "", pupitre.ErrClotureInconnue
	}
	l, suite, err := s.FacturesDe(ctx, f, false)
	if err != nil {
		return nil, "", dire(err)
	}
	var r []pupitre.ClotureFacture
	for i := range l {
		e := &l[i]
		x := pupitre.ClotureFacture{Venue: e.Venue, Rang: e.Rang, Dossier: e.Dossier, Numero: e.Facture, Poste: e.Poste.Libelle(),
			Motif: string(e.Motif), Entree: e.Jour, Montant: e.Montant, Part: e.Nombre == 0, Mention: e.Mention()}
		if k := e.Consigne; k != nil {
			x.QuiAgit, x.AFaire = k.QuiAgit, k.AFaire
		}
		r = append(r, x)
	}
	return r, suite, nil
}

// Facture is one invoice and its story.
func (x clotures) Facture(ctx context.Context, cle, venue string, rang int) (*pupitre.HistoireFacture, error) {
	s, err := x.service(cle)
	if err != nil {
		return nil, err
	}
	k, err := s.Raconter(ctx, etablissement.Place{Venue: venue, Rang: rang})
	if err != nil {
		return nil, dire(err)
	}
	cv := k.Venue.Couverture(rang)
	f := &pupitre.HistoireFacture{Dossier: k.Venue.Dossier.Numero, AMC: cv.AMC.Numero.String(), Etat: cv.Etat.Libelle()}
	if cv.Convention != nil {
		f.Mention = etablissement.SansGarantie
	}
	if cv.Calcul != nil {
		f.Engagement = cv.Calcul.Reponse.NumeroEngagement.String()
	}
	if i := cv.Facture; i != nil {
		f.Numero, f.Lot, f.Demande, f.Paye, f.Precision = i.Numero, i.Lot, i.Demande, i.Paye, i.Precision
	}
	if cv.Compte != nil {
		f.Poste = cv.Compte.Poste.Libelle()
	}
	for _, c := range s.Consignes(k.Venue) {
		if c.Rang == rang {
			f.Consignes = append(f.Consignes, pupitre.ConsigneFacture{Constat: c.Constat, QuiAgit: c.QuiAgit, AFaire: c.AFaire})
		}
	}
	f.Reserves = reservesMontrees(k.Reserves)
	for _, m := range k.Moments {
		v := pupitre.MomentFacture{Instant: m.Instant, Avant: m.Avant.Libelle(), Apres: m.Apres.Libelle(), Code: string(m.Code), Libelle: m.Code.Libelle()}
		if !m.IDMessage.IsZero() {
			v.Message = m.IDMessage.String()
		}
		f.Moments = append(f.Moments, v)
	}
	for _, m := range k.Messages {
		f.Messages = append(f.Messages, pupitre.MessageFacture{ID: m.IDMessage.String(), Service: string(m.Service), Code: string(m.Code), Verdict: m.Verdict, Instant: m.Posee})
	}
	return f, nil
}
