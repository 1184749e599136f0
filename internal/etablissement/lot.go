package etablissement

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// LotEmis is a batch on its way to an insurer.
type LotEmis struct {
	Numero  string
	AMC     sante.NumeroAMC
	Voie    string // as Voie.Code; empty for the exchange
	Nombre  int
	Total   sante.Montant
	Instant time.Time
	Accuse  time.Time // acknowledgement of reception; zero while awaited
	Code    roc.Code  // of the acknowledgement

	IDMessage roc.UUID // that carries it
}

// Bounds of a batch: how many invoices, and how many octets of them, so that an
// encrypted body still fits in a message. ref: the schemas of DRE and of a message
const (
	lotMax    = 250 // an ordinary invoice is of 1 or 2 KiB: more would be read for nothing
	lotOctets = 256 << 10
)

// lotDe is the part of the invoices that wait that a batch carries. A number serves
// once in a batch, even for two years: returns name an invoice by its number and
// its batch.
func lotDe(l []*FactureEmise) []*FactureEmise {
	octets, vus := 0, make(map[string]bool, len(l))
	for i, f := range l {
		if octets += len(f.Contenu); i > 0 && (octets > lotOctets || vus[f.Numero] || i == LotB2Max && f.EnB2()) {
			return l[:i]
		}
		vus[f.Numero] = true
	}
	return l
}

// FormerLots gathers the invoices that wait, by insurer, and posts their batches.
// Each batch is one transaction: its invoices, its number, its sealed message in
// the queue. It tells how many batches left. An insurer whose batch cannot be formed
// does not hold the others back; the error tells of all. ref: ROC §17.1, §17.2
func (s *Service) FormerLots(ctx context.Context) (n int, err error) {
	var sauf []sante.NumeroAMC
	var erreurs []error
	for {
		fait, de := false, sante.NumeroAMC{}
		err := s.Factures.Ensemble(ctx, func(ctx context.Context) error {
			fait = false
			amc, l, err := s.Factures.AEnvoyer(ctx, lotMax, sauf...)
			if de = amc; err != nil || len(l) == 0 {
				return err
			}
			fait = true
			if _, err := s.ouvrirLivre(ctx); err != nil {
				return err
			}
			return s.formerLot(ctx, amc, lotDe(l))
		})
		switch {
		case err != nil && !de.IsZero() && ctx.Err() == nil:
			sauf, erreurs = append(sauf, de), append(erreurs, fmt.Errorf("AMC %s : %w", de, err))
		case err != nil || !fait:
			return n, errors.Join(append(erreurs, err)...)
		default:
			n++
		}
	}
}

func (s *Service) formerLot(ctx context.Context, amc sante.NumeroAMC, l []*FactureEmise) error {
	m := s.maintenant()
	factures := make([]roc.Facture, len(l))
	for i, f := range l {
		if err := planFacture.DecodeJSON(f.Contenu, &factures[i]); err != nil {
			return fmt.Errorf("etablissement: facture gardée illisible: %w", err)
		}
	}
	if l[0].EnB2() {
		n := tiennentEnB2(factures)
		l, factures = l[:n], factures[:n]
	}
	numero, err := s.Factures.NumeroLot(ctx)
	if err != nil {
		return fmt.Errorf("etablissement: numéroter un lot: %w", err)
	}
	d := roc.NouveauLot(numero, sante.JourA(m, sante.Paris()), factures)
	d.Lot.AdresseRetour = s.AdresseRetour
	lot := &LotEmis{Numero: numero, AMC: amc, Voie: l[0].Voie, Nombre: len(l), Total: d.Lot.Total, Instant: m}
	voie, err := ParseVoie(lot.Voie)
	if err != nil {
		return err
	}
	if voie.Transport == TransportROC { // a file is no message
		lot.IDMessage = roc.NouvelUUID()
	}
	if err := s.Factures.MettreEnLot(ctx, lot, l); err != nil {
		return fmt.Errorf("etablissement: mettre en lot: %w", err)
	}
	if voie.Transport == TransportROC {
		// The invoices of a batch are of one insurer: the first tells the way.
		err = s.Depart.Poster(ctx, factures[0].Calcul.Routage(), lot, d)
	} else {
		err = s.posterFichier(ctx, lot, voie, d, l)
	}
	if err != nil {
		return fmt.Errorf("etablissement: poster un lot: %w", err)
	}
	if err := s.creances(ctx, lot, l, factures, lot.IDMessage); err != nil {
		return err
	}
	return s.noter(ctx, lot.emis(l, s.Maison.Etablissement.FinessJuridique)...)
}

// posterFichier sends a batch as a file, by a way of the table. ref: DEC 28
func (s *Service) posterFichier(ctx context.Context, lot *LotEmis, v *Voie, d *roc.DemandeDRE, l []*FactureEmise) error {
	contenu, err := planLot.AppendJSON(nil, d), error(nil)
	if v.Forme == FormeB2 {
		contenu, err = s.fichierB2(lot, d.Factures, l)
	}
	if err == nil {
		err = s.Depart.PosterFichier(ctx, lot, v, contenu)
	}
	if err != nil {
		return fmt.Errorf("par fichier: %w", err)
	}
	return nil
}

// RecevoirRemise files that a batch was handed over as a file. Nobody acknowledges
// it: its invoices stay as they are until a return tells of them, and the promise to
// pay runs from there. // hyp: REMISE-DELAI
func (s *Service) RecevoirRemise(ctx context.Context, numero string) error {
	return s.Factures.Ensemble(ctx, func(ctx context.Context) error {
		lot, l, err := s.Factures.Lot(ctx, numero)
		if err != nil || !lot.Accuse.IsZero() {
			return err
		}
		livre, err := s.ouvrirLivre(ctx)
		if err != nil {
			return err
		}
		m := s.maintenant()
		signaux := make([]*signal, len(l))
		for i, f := range l {
			signaux[i] = &signal{f: f, faire: func(c *Chantier, cv *Couverture) error {
				x := cv.nommee(f.Numero)
				if x == nil || !x.Remise.IsZero() {
					return errRien
				}
				x.Remise, x.Lot = m, f.Lot
				if x.Nature != roc.Annulative && x.Demande > 0 {
					c.tenir(f.Numero)
				}
				if x == cv.FactureAvant && cv.Facture.Notifiee == roc.FactureRejetee { // its annulation was refused before
					c.garder = true
					return c.maintenir(cv, Moment{Instant: m, Code: cv.Code}, cv.Facture.Precision)
				}
				c.porter(cv, Moment{Instant: m})
				return nil
			}}
		}
		if err := s.signaler(ctx, m, livre, signaux...); err != nil {
			return err
		}
		if err := livre.fermer(ctx); err != nil {
			return err
		}
		lot.Accuse = m
		return s.Factures.Accuser(ctx, lot)
	})
}

// RecevoirAccuse files what the insurer answered to a batch: it holds the
// invoices, but those that it refused at once. A batch refused whole rejects them
// all. It may be called again. ref: ROC §17.1
func (s *Service) RecevoirAccuse(ctx context.Context, numero string, r *roc.ReponseDRE) error {
	return s.Factures.Ensemble(ctx, func(ctx context.Context) error {
		lot, l, err := s.Factures.Lot(ctx, numero)
		if err != nil {
			return err
		}
		if !lot.Accuse.IsZero() {
			return nil
		}
		livre, err := s.ouvrirLivre(ctx)
		if err != nil {
			return err
		}
		m := s.maintenant()
		refusees := make(map[string]*roc.RetourFacture, len(r.Refusees))
		for i := range r.Refusees {
			refusees[r.Refusees[i].Numero] = &r.Refusees[i]
		}
		un := Jalon{Lot: lot.Numero, Etat: roc.FactureRecue, Auteur: lot.AMC.String(), Code: r.CodeRetour, Instant: m, IDMessage: lot.IDMessage}
		if r.CodeRetour == roc.PanneRelais { // given up here: nobody said anything
			un.Auteur = s.Maison.Etablissement.FinessJuridique.String()
		}
		if !r.CodeRetour.Accord() {
			un.Etat = roc.FactureRejetee
		}
		livre.id = lot.IDMessage
		jalons := []Jalon{un}
		signaux := make([]*signal, len(l))
		for i, f := range l {
			code, precision, refusee := r.CodeRetour, r.Precision, !r.CodeRetour.Accord()
			if x := refusees[f.Numero]; x != nil {
				code, precision, refusee = x.Code, x.Precision, true
			}
			signaux[i] = &signal{f: f, faire: func(c *Chantier, cv *Couverture) error {
				return c.accuser(cv, f.Numero, f.Lot, m, refusee, code, precision)
			}}
			une := un
			une.Facture, une.Annee, une.Code = f.Numero, f.Annee, code
			if refusee {
				une.Etat = roc.FactureRejetee
			}
			jalons = append(jalons, une)
		}
		if err := s.signaler(ctx, m, livre, signaux...); err != nil {
			return err
		}
		if err := s.noter(ctx, jalons...); err != nil {
			return err
		}
		lot.Accuse, lot.Code = m, r.CodeRetour
		if err := livre.fermer(ctx); err != nil {
			return err
		}
		return s.Factures.Accuser(ctx, lot)
	})
}

func (c *Chantier) accuser(cv *Couverture, numero, lot string, m time.Time, refusee bool, code roc.Code, precision string) error {
	if cv.FactureAvant != nil {
		return c.accuserAnnulation(cv, numero, lot, m, refusee, code, precision)
	}
	if !cv.Facture.Accusee.IsZero() {
		return errRien // a return overtook the acknowledgement
	}
	moment := Moment{Instant: m, Code: code}
	if refusee {
		cv.Code, cv.Facture.Precision, cv.Facture.Notifiee = code, precision, roc.FactureRejetee
		c.perdre(numero, ParRejet, lot)
		return c.passer(cv, Rejeter, moment)
	}
	cv.Facture.Accusee, cv.Facture.Notifiee, cv.Facture.Lot = m, roc.FactureRecue, lot
	c.tenir(numero)
	if cv.Etat == Rejetee { // its batch was given up, and had arrived
		c.rendre(numero, ParRejet, lot)
	}
	return c.passer(cv, Accuser, moment)
}
