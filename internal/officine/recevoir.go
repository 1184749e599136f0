package officine

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// Recevoir answers a professional: it controls the batch that he sends and tells what
// moved. With a batch the answer commits who pays: what it gives to engager runs in the
// transaction of the exchange, perhaps more than once. ref: VISIO §13
func (s *Service) Recevoir(ctx context.Context, q sceau.Opened[roc.Message[droits.DemandeFactures]]) (*droits.ReponseFactures, func(context.Context) (*droits.ReponseFactures, error), error) {
	d, ps, err := s.lire(q.Message())
	if err != nil {
		return nil, nil, err
	}
	if d.Lot == nil {
		r := accuser("Factures suivies")
		return r, nil, s.suivre(ctx, ps, d.Suivi, r)
	}
	if d.porteDelivrance() {
		return Detaillees(), nil, nil
	}
	lot := &Lot{PS: ps, Numero: d.Lot.Numero, Empreinte: sha256.Sum256(droits.EchangeFactures.CorpsDemande.AppendJSON(nil, &droits.DemandeFactures{Lot: d.Lot})),
		IDMessage: q.Message().Enveloppe.IDMessage, Nombre: d.Lot.Nombre, Total: d.Lot.Total}
	canal := canalDe(q.Piece())
	avis, err := s.interroger(ctx, ps, d.Lot.Factures)
	if err != nil {
		return nil, nil, err
	}
	return nil, func(ctx context.Context) (*droits.ReponseFactures, error) {
		r := accuser("Factures reçues")
		lot.Recu = s.maintenant()
		if err := s.garder(ctx, lot, d.Lot, avis, canal, r); err != nil || d.Suivi == nil {
			return r, err
		}
		return r, s.suivre(ctx, ps, d.Suivi, r)
	}, nil
}

// Detaillees is the answer to invoices that tell a product that was dispensed. ref: T621
func Detaillees() *droits.ReponseFactures {
	return &droits.ReponseFactures{Retour: visiodroits.RetourDe(visiodroits.DetailInterdit, "")}
}

// demande is the body of a question, checked.
type demande struct{ *droits.DemandeFactures }

// lire checks that the envelope and the body say the same, and the batch what it says of
// itself.
func (s *Service) lire(m *roc.Message[droits.DemandeFactures]) (demande, sante.NumeroFacturation, error) {
	var aucun sante.NumeroFacturation
	refuser := func(c roc.Code, detail string) (demande, sante.NumeroFacturation, error) {
		return demande{}, aucun, roc.Refuser(c, detail)
	}
	d, env := m.Corps, &m.Enveloppe
	ps, err := sante.ParseNumeroFacturation(env.Emetteur.ID)
	amc, errAMC := sante.ParseNumeroAMC(env.Destinataire.ID)
	switch {
	case d == nil || d.Lot == nil && d.Suivi == nil:
		return refuser(roc.Illisible, "ni lot, ni demande de suivi")
	case env.Emetteur.Type != roc.PS || err != nil:
		return refuser(roc.AutreIdentifiant, "numéro de facturation du professionnel attendu")
	case errAMC != nil || !s.p.repond(amc):
		return refuser(roc.PanneRelais, "lot pour une autre AMC")
	case d.Lot == nil:
		return demande{d}, ps, nil
	}
	if err := d.Lot.Coherence(); err != nil {
		return refuser(roc.Illisible, err.Error())
	}
	for i := range d.Lot.Factures {
		if d.Lot.Factures[i].PS.NumeroFacturation != ps {
			return refuser(roc.AutreIdentifiant, "facture d'un autre professionnel que celui qui envoie le lot")
		}
	}
	return demande{d}, ps, nil
}

func (d demande) porteDelivrance() bool {
	for i := range d.Lot.Factures {
		if d.Lot.Factures[i].PorteDelivrance() {
			return true
		}
	}
	return false
}

// accuser is the beginning of a good answer.
func accuser(libelle string) *droits.ReponseFactures {
	return &droits.ReponseFactures{Retour: visiodroits.Retour{CodeRetour: visiodroits.Fournis, Libelle: libelle}}
}

// canalDe tells how a batch came.
func canalDe(p *sceau.Piece) string {
	canal := "REST"
	if p.Face() == sceau.SOAP {
		canal = "SOAP"
	}
	if len(p.Chaine()) > 0 {
		canal += " par relais"
	}
	return canal
}

// interroger asks the third party about the invoices that quote a pricing and that nothing
// else refuses, one at a time, outside of any transaction: a yes ties the pricing to the
// invoice. It has DelaiTiers for them all; those that it did not answer wait.
func (s *Service) interroger(ctx context.Context, ps sante.NumeroFacturation, l []droits.FactureOfficine) ([]Avis, error) {
	avis := make([]Avis, len(l))
	if !slices.ContainsFunc(l, func(f droits.FactureOfficine) bool { return f.Tarification != nil }) {
		return avis, nil
	}
	delai, fin := context.WithTimeout(ctx, s.p.DelaiTiers)
	defer fin()
	t, recue := &tour{s: s}, jour(s.maintenant())
	k := s.nouveauCarnet(ps, recue)
	for i := range l {
		x, err := s.piece(ctx, &l[i], recue)
		if err != nil {
			return nil, err
		}
		if err := k.completer(ctx, x); err != nil {
			return nil, err
		}
		if avis[i], err = t.demander(delai, x); err != nil {
			return nil, err
		}
		x.Avis = avis[i]
		k.compter(x.Facture, s.p.Controler(s.Moteur, x))
	}
	return avis, nil
}

// tour is a turn of questions to the third party: its first silence is not waited for again.
type tour struct {
	s    *Service
	muet bool
}

// demander asks about an invoice, unless it quotes no pricing, cannot be judged yet or is
// refused whatever the answer.
func (t *tour) demander(ctx context.Context, x *Piece) (Avis, error) {
	f, s := x.Facture, t.s
	if f.Tarification == nil || x.Attente != "" {
		return PasDemande, nil
	}
	x.Avis = Oui
	c := s.p.Controler(s.Moteur, x)
	x.Avis = PasDemande
	switch {
	case !c.Accord():
		return PasDemande, nil
	case s.Tarifications == nil:
		return Non, nil
	case t.muet:
		return Muet, nil
	}
	oui, err := s.Tarifications.Controler(ctx, &ControleTarification{Numero: f.Tarification.Numero, Lien: x.Accreditation.Lien, Facture: s.empreinteControle(f), Montants: f.Tarification.Montants})
	switch {
	case errors.Is(err, ErrMuet), err != nil && ctx.Err() != nil:
		t.muet = true
		return Muet, nil
	case err != nil:
		return PasDemande, fmt.Errorf("officine: contrôler une tarification: %w", err)
	case oui:
		return Oui, nil
	}
	return Non, nil
}

// piece gathers what an invoice is judged on, but what the books say.
func (s *Service) piece(ctx context.Context, f *droits.FactureOfficine, recue sante.Jour) (*Piece, error) {
	x := &Piece{Facture: f, Recue: recue}
	n, err := droits.ParseNumeroAccreditation(f.NumeroAccreditation)
	if err != nil {
		return x, nil // F701 says it
	}
	a, err := s.Accreditations.Accreditation(ctx, n)
	if errors.Is(err, ErrInconnue) {
		a, err = s.signee(ctx, n, f, recue)
	}
	switch {
	case errors.Is(err, ErrSansListe):
		x.Attente = "les listes de l'opérateur qui a accrédité ne sont pas encore connues de l'AMC"
	case errors.Is(err, ErrCleAncienne):
		x.Motif = ErrCleAncienne.Error()
	case err != nil && !errors.Is(err, ErrInconnue):
		return nil, fmt.Errorf("officine: lire une accréditation: %w", err)
	}
	x.Accreditation = a
	return x, nil
}

// signee is an accreditation that an operator signed for this insurer, as the invoice
// brings it: the extent of the rights is the one of which it carries the digest.
// ref: VISIO §6, §8.2 // hyp: OFFICINE-DEPANNAGE
func (s *Service) signee(ctx context.Context, n droits.NumeroAccreditation, f *droits.FactureOfficine, recue sante.Jour) (*Accreditation, error) {
	if s.Emetteurs == nil || f.Jeton == "" || f.Etendue == nil {
		return nil, ErrInconnue
	}
	signee, revocation, err := s.Emetteurs.Verifier(ctx, &Signee{Numero: n, Jeton: f.Jeton, Soins: f.DateSoins, Recue: recue})
	if err != nil {
		return nil, err
	}
	x, e := signee.Accreditation(), f.Etendue
	if x.Numero != n || x.Garanties != droits.EmpreinteGaranties(e.JSON()) || x.DroitsDebut != e.Debut || x.DroitsFin != e.Fin {
		return nil, ErrInconnue
	}
	if err := s.recente(ctx, signee, recue); err != nil {
		return nil, err
	}
	a := &Accreditation{Numero: n, AMC: x.AMC, Personne: x.Beneficiaire, Categorie: droits.Categorie(x.Perimetre.Categorie), Convention: x.Perimetre.Convention,
		Etendue: *e, Revocation: revocation, DeListe: true}
	// Whatever was promised, it lives no longer. ref: VISIO §8.3
	if x.Type == droits.Depannage {
		a.Etendue.Fin = min(e.Fin, droits.FinDepannage(x.Emission))
	} else {
		a.Etendue.Fin = min(e.Fin, droits.FinNormale(x.Emission, s.p.VieNormale))
	}
	return a, nil
}

// recente refuses what is signed by a key that is over: when invoices on it would be late,
// and sooner when none quoted it yet. Who holds an old key writes the date that he wants, and
// no register here tells that nothing was given then. // hyp: OFFICINE-SANS-REGISTRE
func (s *Service) recente(ctx context.Context, a droits.Accreditee, recue sante.Jour) error {
	if a.FinCle().IsZero() {
		return nil
	}
	fin := jour(a.FinCle())
	switch depuis := int(recue - fin); {
	case depuis > s.p.Delai:
		return ErrCleAncienne
	case depuis <= s.p.premiereVue(fin):
		return nil
	}
	vue, err := s.Livre.Vue(ctx, a.Accreditation().Numero)
	if err == nil && !vue {
		err = ErrCleAncienne
	}
	return err
}

// voir notes the accreditations that no register here knows, of invoices that are accepted.
func (s *Service) voir(ctx context.Context, recue sante.Jour, l ...*Piece) error {
	var numeros []droits.NumeroAccreditation
	for _, x := range l {
		if a := x.Accreditation; a != nil && a.DeListe {
			numeros = append(numeros, a.Numero)
		}
	}
	if err := s.Livre.Voir(ctx, numeros, recue); err != nil {
		return fmt.Errorf("officine: noter des accréditations vues: %w", err)
	}
	return nil
}

// garder controls and keeps a batch, in the transaction of the exchange.
func (s *Service) garder(ctx context.Context, lot *Lot, l *droits.LotOfficine, avis []Avis, canal string, r *droits.ReponseFactures) error {
	connu, err := s.Livre.Ouvrir(ctx, lot)
	if errors.Is(err, ErrAutreLot) {
		r.Retour = visiodroits.RetourDe(visiodroits.FactureEnDouble, "un autre lot a déjà été reçu sous ce numéro : ce que le suivi n'en montre pas part sous un autre")
		return nil
	}
	if err != nil {
		return fmt.Errorf("officine: ouvrir un lot: %w", err)
	}
	r.NumeroLot = lot.Numero
	var factures []*Facture
	if connu { // its acknowledgement was lost: it is told where its invoices are now
		if factures, err = s.Livre.DuLot(ctx, lot.PS, lot.Numero); err != nil {
			return fmt.Errorf("officine: relire un lot: %w", err)
		}
	} else if factures, err = s.juger(ctx, lot, l.Factures, avis, canal); err != nil {
		return err
	}
	for _, f := range factures {
		r.Factures = append(r.Factures, f.suivi())
	}
	return nil
}

func (s *Service) juger(ctx context.Context, lot *Lot, l []droits.FactureOfficine, avis []Avis, canal string) ([]*Facture, error) {
	factures := make([]*Facture, len(l))
	carnet := s.nouveauCarnet(lot.PS, jour(lot.Recu))
	var acceptees []*Piece
	for i := range l {
		f := nouvelle(lot, &l[i])
		f.Echeance = jour(lot.Recu) + sante.Jour(s.p.DelaiPaiement)
		x, err := s.piece(ctx, &l[i], jour(lot.Recu))
		if err != nil {
			return nil, err
		}
		x.Avis = avis[i]
		if err := carnet.completer(ctx, x); err != nil {
			return nil, err
		}
		c := s.p.Controler(s.Moteur, x)
		if err := f.conclure(c, x, canal); err != nil {
			return nil, err
		}
		if f.Etat == droits.FactureAcceptee {
			acceptees = append(acceptees, x)
		}
		carnet.compter(&l[i], c)
		if err := carnet.alerter(ctx, &l[i], c); err != nil {
			return nil, err
		}
		factures[i] = f
	}
	if err := s.Livre.Inserer(ctx, factures); err != nil {
		return nil, fmt.Errorf("officine: écrire des factures: %w", err)
	}
	return factures, s.voir(ctx, jour(lot.Recu), acceptees...)
}

// nouvelle is an invoice as it comes. One that asks less than nothing is refused (F707), and
// asks nothing in the books.
func nouvelle(lot *Lot, f *droits.FactureOfficine) *Facture {
	original := f.JSON()
	return &Facture{PS: lot.PS, Numero: f.Numero, DateFacture: f.DateFacture, DateSoins: f.DateSoins, Lot: lot.Numero, Recue: lot.Recu, Etat: droits.FactureRecue,
		Degradee: f.Degrade != nil, Demande: max(0, f.Totaux.AMC), Original: original, Empreinte: sha256.Sum256(original)}
}

// conclure moves an invoice by what its controls say, and enriches it when it is not
// refused. ref: VISIO §13
func (f *Facture) conclure(c Constat, x *Piece, canal string) error {
	f.Code, f.Precision, f.Ecarts, f.Accreditee = c.Code, c.Precision, c.Ecarts, c.Accreditee
	e := Refuser
	switch {
	case c.Accord() && c.EnAttente:
		e = Attendre
	case c.Accord():
		e = Accepter
	}
	var err error
	if f.Etat, err = suivant(f.Etat, e); err != nil {
		return err
	}
	if c.Accord() {
		f.enrichir(x.Accreditation, canal)
	}
	return nil
}

// enrichir adds what is known beside: how it came at its reception, and what was promised
// as soon as the accreditation is judged.
func (f *Facture) enrichir(a *Accreditation, canal string) {
	if f.Enrichissement == nil {
		f.Enrichissement = &Enrichissement{Degradee: f.Degradee, Canal: canal}
	}
	if e := f.Enrichissement; e.Type == "" && a != nil {
		e.Contrat, e.Type, e.DroitsDeb, e.DroitsFin = a.Contrat, a.Numero.Type(), a.Etendue.Debut, a.Etendue.Fin
	}
}

// carnet is what the books and the batch under control say of a professional.
type carnet struct {
	s     *Service
	ps    sante.NumeroFacturation
	recue sante.Jour
	recus *Mois                // of the month of reception; nil while not read
	mois  map[sante.Jour]*Mois // by the first day of the month of the invoices
	vives map[Cle]bool         // of this batch
}

func (s *Service) nouveauCarnet(ps sante.NumeroFacturation, recue sante.Jour) *carnet {
	return &carnet{s: s, ps: ps, recue: recue, mois: make(map[sante.Jour]*Mois), vives: make(map[Cle]bool)}
}

// premier is the first day of the month of a day.
func premier(j sante.Jour) sante.Jour { return j - sante.Jour(j.Debut(time.UTC).Day()-1) }

func (k *carnet) completer(ctx context.Context, x *Piece) error {
	c := Cle{x.Facture.Numero, x.Facture.DateFacture}
	x.Double = k.vives[c]
	if !x.Double {
		var err error
		if x.Double, err = k.s.Livre.Vive(ctx, k.ps, c); err != nil {
			return fmt.Errorf("officine: chercher un double: %w", err)
		}
	}
	m := k.mois[premier(c.Date)]
	if m == nil {
		lu, err := k.s.Livre.Mois(ctx, k.ps, c.Date)
		if err != nil {
			return fmt.Errorf("officine: compter un mois: %w", err)
		}
		m = &lu
		k.mois[premier(c.Date)] = m
	}
	if k.recus == nil {
		lus, err := k.s.Livre.Recus(ctx, k.ps, k.recue)
		if err != nil {
			return fmt.Errorf("officine: compter un mois de réception: %w", err)
		}
		k.recus = &lus
	}
	x.Mois, x.Recus = *m, *k.recus
	return nil
}

// compter counts an invoice for those that follow in its batch.
func (k *carnet) compter(f *droits.FactureOfficine, c Constat) {
	if !c.Accord() {
		return
	}
	k.vives[Cle{f.Numero, f.DateFacture}] = true
	for _, m := range []*Mois{k.mois[premier(f.DateFacture)], k.recus} {
		m.Factures++
		if f.Degrade != nil {
			m.Degradees++
		}
	}
}

// alerter notes the months of which the quota is passed.
func (k *carnet) alerter(ctx context.Context, f *droits.FactureOfficine, c Constat) error {
	var err error
	if c.Alerte {
		err = k.s.Livre.Alerter(ctx, k.ps, f.DateFacture, *k.mois[premier(f.DateFacture)])
	}
	if err == nil && c.AlerteRecus && !(c.Alerte && premier(f.DateFacture) == premier(k.recue)) {
		err = k.s.Livre.Alerter(ctx, k.ps, k.recue, *k.recus)
	}
	if err != nil {
		return fmt.Errorf("officine: noter une alerte: %w", err)
	}
	return nil
}
