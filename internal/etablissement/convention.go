package etablissement

import (
	"context"
	"errors"
	"reflect"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// SansGarantie is the label of what is done by convention: wherever a share of an
// insurer that is not on line is shown, it stands beside it. ref: DEC 28
const SansGarantie = "par convention, sans garantie"

// AccordConvention is under which convention a coverage was recorded, and why the
// insurer was not asked.
type AccordConvention struct {
	ID      string    `fil:"id,max=40" doc:"Convention de la table de l'établissement"`
	Libelle string    `fil:"libelle,max=60" doc:"Son libellé"`
	Voie    string    `fil:"voie,max=300" doc:"Par où part la facture électronique : transport:forme:adresse"`
	Motif   roc.Code  `fil:"motif,opt" doc:"Réponse de l'Annuaire qui l'a permis ; absent quand la table le dit"`
	Mention string    `fil:"mention,max=60" doc:"Ce que vaut la part calculée"`
	Retenue time.Time `fil:"retenue" doc:"Instant où l'agent y a recouru"`
}

// ParConvention records a coverage by the table of conventions: no question on
// rights is put. It is for an insurer that the Annuaire does not know, or for which
// it opens nothing, or of which the table says so. ref: DEC 28, ROC §6
func (s *Service) ParConvention(ctx context.Context, p Place, o Ordre) (*Venue, error) {
	v, err := s.Depot.Venue(ctx, p.Venue)
	if err != nil {
		return nil, err
	}
	cv := v.Couverture(p.Rang)
	if cv == nil {
		return nil, refuser(ErrInconnue, "", "Aucune couverture à ce rang.")
	}
	if _, err := suivant(cv.Etat, RecourirConvention); err != nil {
		return nil, cv.modifiableOu(RecourirConvention, err)
	}
	if cv.Etat == DroitsRefuses && cv.Code.Famille() != 'A' {
		// The insurer is on line, and refused.
		return nil, refuser(ErrDroits, cv.Code, "L'AMC a répondu qu'elle ne couvre pas : une convention n'y change rien.")
	}
	k, err := s.convention(v, cv)
	if err != nil {
		return nil, err
	}
	motif, err := s.horsLigne(ctx, v, cv, k)
	if err != nil {
		return nil, err
	}
	return s.changer(ctx, p.Venue, o, func(c *Chantier) error {
		cv, err := c.couverture(p.Rang)
		if err != nil {
			return err
		}
		if err := c.Venue.Dossier.Patient.nommable(s.table().voie(k)); err != nil {
			return err
		}
		m := s.maintenant()
		cv.Convention = &AccordConvention{ID: k.ID, Libelle: k.Libelle, Voie: s.table().voie(k).Code(), Motif: motif, Mention: SansGarantie, Retenue: m}
		cv.AMC = Assureur{Numero: cv.Attestation.NumeroAMC, Libelle: k.Libelle, DateReference: c.Venue.Dossier.DateReference}
		cv.Droits, cv.Simulation, cv.Calcul, cv.Code = nil, nil, nil, ""
		return c.passer(cv, RecourirConvention, Moment{Instant: m, Code: motif, Agent: o.Agent})
	})
}

// convention finds the convention of a coverage at the day of care.
func (s *Service) convention(v *Venue, cv *Couverture) (*Convention, error) {
	k, seule := s.table().chercher(&cv.Attestation, domaineDe(&v.Dossier), v.Dossier.DateReference)
	switch {
	case k == nil:
		return nil, refuser(ErrDroits, roc.AucunService, "Aucune convention de la table ne vaut pour cette carte à la date des soins.")
	case !seule:
		return nil, refuser(ErrDroits, roc.RoutageAmbigu, "Deux conventions de la table valent pour cette carte : la corriger.")
	}
	return k, nil
}

func domaineDe(d *Dossier) roc.Domaine {
	if d.Contexte.Sejour() {
		return roc.HospitalSejour
	}
	return roc.HospitalACE
}

// horsLigne makes sure that the insurer cannot be asked, and gives the word of the
// Annuaire that says so.
func (s *Service) horsLigne(ctx context.Context, v *Venue, cv *Couverture, k *Convention) (roc.Code, error) {
	if k.Prioritaire {
		return "", nil
	}
	e := s.entete(v, cv)
	d := e.Routage()
	d.NumeroAMC = cv.Attestation.NumeroAMC
	r, err := s.Exchange.Annuaire(ctx, d)
	code := roc.Code("")
	var refus *roc.Refus
	switch {
	case errors.As(err, &refus):
		code = refus.Code
	case err == nil:
		code = r.CodeRetour
	}
	switch {
	case code == roc.AMCInconnue || code == roc.AucunService:
		return code, nil
	case err != nil:
		return "", consultationEnEchec(err, "L'Annuaire des AMC ne répond pas : on ne sait pas si l'AMC est en ligne.")
	case !code.Accord():
		return "", refuser(ErrRefus, code, r.Precision)
	case r.Le(roc.IDB) != nil:
		return "", &Erreur{Sorte: ErrTransition, QuiAgit: agent, Detail: "Cette AMC est en ligne : la convention n'est pas pour elle.",
			AFaire: "Demander les droits."}
	}
	return roc.AucunService, nil // it is known, and does not answer on rights
}

// calculerParConvention computes the share of an insurer from the table: it binds
// nobody. ref: DEC 28
func (s *Service) calculerParConvention(ctx context.Context, p Place, o Ordre, k Passage) (*Venue, error) {
	return s.changer(ctx, p.Venue, o, func(c *Chantier) error {
		cv, err := c.couverture(p.Rang)
		if err != nil {
			return err
		}
		if _, err := suivant(cv.Etat, CalculerSansGarantie); err != nil || cv.Convention == nil {
			return cv.modifiableOu(CalculerSansGarantie, errors.Join(ErrTransition, err))
		}
		if cv.FactureAvant != nil && cv.Facture.Notifiee == "" && cv.Facture.Remise.IsZero() {
			return refuser(ErrTransition, roc.EngagementFacture, "L'annulation de la facture n'est pas encore partie : patienter.")
		}
		if cv.FactureAvant != nil && cv.Facture.Notifiee == roc.FactureRejetee && cv.FactureAvant.Notifiee != roc.FactureRejetee {
			return refuser(ErrTransition, roc.EngagementFacture, "L'AMC a refusé l'annulation de la facture, qu'elle va peut-être recevoir : patienter.")
		}
		x, err := s.convention(c.Venue, cv)
		if err != nil {
			return err
		}
		if err := c.Venue.Dossier.Patient.nommable(s.table().voie(x)); err != nil {
			return err
		}
		d, err := s.demandeDuRang(c.Venue, cv, &k)
		if err != nil {
			return err
		}
		r, err := repartir(s.Moteur, d, x.contrat())
		if err != nil {
			return err
		}
		if err := verifierParts(d, r); err != nil {
			return &Erreur{Sorte: ErrDonnees, Code: roc.TotalFaux, Detail: "Les parts calculées ne font pas la dépense.", Cause: err}
		}
		m := s.maintenant()
		r.Caractere, r.Garantie, r.NumeroEngagement = roc.Indicatif, roc.GarantieAucune, roc.NumeroEngagement{}
		cv.Convention.ID, cv.Convention.Libelle, cv.Convention.Voie = x.ID, x.Libelle, s.table().voie(x).Code()
		cv.Calcul, cv.Code, cv.FactureAvant = &Calcul{Fait: m, Local: true, Demande: *d, Reponse: *r}, roc.Accepte, nil
		return c.passer(cv, CalculerSansGarantie, Moment{Instant: m, Code: cv.Code, Agent: o.Agent})
	})
}

// nommable tells whether a way can say who is cared for: asked before the share is
// computed, while the patient is there, rather than when it is invoiced.
// ref: ROC §17.5 // hyp: B2-NIR
func (p *Patient) nommable(v *Voie) error {
	if v.Forme != FormeB2 || !p.NIRAssure.IsZero() || !p.NIRBeneficiaire.IsZero() {
		return nil
	}
	return errSansNIR
}

var errSansNIR = &Erreur{Sorte: ErrDonnees, Code: roc.Illisible, QuiAgit: agent,
	Detail: "La facture de cette AMC partira dans un fichier B2, qui désigne l'assuré par son NIR : il manque au dossier.",
	AFaire: "Compléter le NIR de l'assuré (patient.nirAssure) ou du patient (nirBeneficiaire) dans la venue, puis recommencer : ce qui est déjà calculé reste."}

// complete tells whether a file only adds to another the NIR that it lacked.
func (d *Dossier) complete(avant *Dossier) bool {
	x := *avant
	for _, n := range []struct{ ici, la *sante.NIR }{{&x.Patient.NIRAssure, &d.Patient.NIRAssure}, {&x.Patient.NIRBeneficiaire, &d.Patient.NIRBeneficiaire}} {
		if n.ici.IsZero() {
			*n.ici = *n.la
		}
	}
	return !reflect.DeepEqual(avant, d) && reflect.DeepEqual(&x, d)
}

// nommer gives the NIR to what was computed by convention: no amount depends on it.
func (c *Couverture) nommer(p *Patient) {
	if c.Convention == nil || c.Calcul == nil || c.Etat == Close {
		return
	}
	k := *c.Calcul
	k.Demande.Beneficiaire.NIRAssure, k.Demande.Beneficiaire.NIRBeneficiaire = p.NIRAssure, p.NIRBeneficiaire
	c.Calcul = &k
}

// oublierCalcul drops a calculation without guarantee whose facts have changed.
func (c *Chantier) oublierCalcul(cv *Couverture, m Moment) error {
	if cv.Etat != SansEngagement {
		return nil
	}
	cv.Calcul, cv.Code = nil, ""
	return c.passer(cv, OublierCalcul, m)
}

// contrat is what the engine computes a convention from.
func (k *Convention) contrat() calcul.Contrat {
	return calcul.Contrat{Reference: k.ID, Type: k.TypeContrat, Responsable: k.Responsable, Debut: k.Debut, Fin: k.Fin,
		Garanties: k.Garanties, Exclusions: k.Exclusions}
}

// formules are those that a calculation of a coverage reads.
func (s *Service) formules(v *Venue, cv *Couverture) []roc.Formule {
	switch {
	case cv.Droits != nil:
		return cv.Droits.Reponse.Formules
	case cv.Convention != nil:
		if k, err := s.convention(v, cv); err == nil {
			return k.Garanties
		}
	}
	return nil
}

// finDeConvention bounds a period that has no end.
const finDeConvention = sante.Jour(1 << 30)
