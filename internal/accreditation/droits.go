package accreditation

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// Droits answers a question of rights, sealed or not: what an unsealed one says of who
// asks is not proved, and decides nothing but the trade. ref: VISIO §5, §9.1
func (s *Service) Droits(ctx context.Context, q sceau.Lue[roc.Message[droits.DemandeDroits]]) (*droits.FournitDroits, error) {
	m := q.Message()
	d, aujourdhui, err := s.recevoir(m)
	if err != nil {
		return nil, err
	}
	switch {
	case d.PorteDelivrance():
		return Detaillee(), nil
	case !s.r.sert(d.PS.Categorie):
		return refuser(visiodroits.TiersPayantRefuse, ""), nil
	case d.DateReference < aujourdhui-sante.Jour(s.r.Passe) || d.DateReference > aujourdhui+sante.Jour(s.r.Futur):
		return refuser(visiodroits.DroitsFermes, "date de délivrance trop ancienne ou trop lointaine"), nil
	}
	situation, code, err := s.Portefeuille.Droits(ctx, s.Demandeur(ctx), d)
	switch {
	case errors.Is(err, ErrIndisponible):
		return refuser(visiodroits.ServiceIndisponible, "l'AMC ne joint pas son système de gestion"), nil
	case err != nil:
		return nil, fmt.Errorf("droits: %w", err)
	case !code.Accord():
		return refuser(code, ""), nil
	}
	s.borner(situation)
	conditions := conditionsDe(&situation.Etendue)
	if r, err := s.inchanges(ctx, d, situation, conditions); r != nil || err != nil {
		return r, err
	}
	_, scellee := q.Ouverte()
	return s.accrediter(ctx, d, situation, conditions, scellee)
}

// recevoir checks that the envelope and the body say the same.
func (s *Service) recevoir(m *roc.Message[droits.DemandeDroits]) (*droits.DemandeDroits, sante.Jour, error) {
	d := m.Corps
	switch {
	case d == nil:
		return nil, 0, roc.Refuser(roc.Illisible, "corps absent")
	case m.Enveloppe.Emetteur.Type != roc.PS || m.Enveloppe.Emetteur.ID != d.PS.NumeroFacturation.String():
		return nil, 0, roc.Refuser(roc.AutreIdentifiant, "l'émetteur n'est pas le professionnel qui demande")
	case !s.r.repond(d.Carte.NumeroAMC):
		return nil, 0, roc.Refuser(roc.Illisible, "l'AMC de la carte n'est pas le destinataire du message : le logiciel adresse la demande à l'AMC de la carte")
	}
	return d, sante.JourA(s.Horloge(), sante.Paris()), nil
}

func refuser(c visiodroits.Code, precision string) *droits.FournitDroits {
	return &droits.FournitDroits{Retour: visiodroits.RetourDe(c, precision), Etat: etatDe(c)}
}

// NonOuvert is the answer of an insurer that does not open the service. ref: VISIO §14
func NonOuvert() *droits.FournitDroits { return refuser(visiodroits.ServiceNonOuvert, "") }

// Detaillee is the answer to a question that speaks of what is dispensed. ref: T621
func Detaillee() *droits.FournitDroits { return refuser(visiodroits.DetailInterdit, "") }

// etatDe is the state that a code tells. The service is said not open by its code alone.
// ref: VISIO §5.2, §14
func etatDe(c visiodroits.Code) droits.Etat {
	switch {
	case c == visiodroits.Fournis || c == visiodroits.DossierRefuse:
		return droits.Ouvert
	case c == visiodroits.Inchanges:
		return droits.NonModifie
	case c == visiodroits.ServiceNonOuvert:
		return droits.ServiceNonOuvert
	case c.Degrade():
		return droits.Indisponible
	case c == visiodroits.DetailInterdit || c == visiodroits.BeneficiaireInconnu || c == visiodroits.PlusieursTrouves || c == visiodroits.IdentiteDiscordante:
		return droits.Inconnu
	}
	return droits.Ferme
}

// borner sets what the issuer adds to the rights: who answers, and the life of what an
// operator gives, short for a dépannage. ref: VISIO §8.3
func (s *Service) borner(x *Situation) {
	e := &x.Etendue
	e.NumeroAMC, e.Operateur, e.Convention = s.r.AMC, s.r.Operateur, s.r.Convention
	var dernier sante.Jour
	switch {
	case s.r.Depannage:
		dernier = droits.FinDepannage(s.Horloge())
	case s.r.Operateur != "":
		dernier = droits.FinNormale(s.Horloge(), s.r.VieNormale)
	default:
		return
	}
	if e.Fin.IsZero() || e.Fin > dernier {
		e.Fin = max(dernier, e.Debut)
	}
}

// sansJours stands for the days that conditions leave out: one that can be read again.
var sansJours = sante.JourDe(1900, time.January, 1)

// conditionsDe is the extent without its days: what moves when rights move, and what an
// invoice is computed from once its days are set again.
func conditionsDe(e *droits.Etendue) []byte {
	nu := *e
	nu.Debut, nu.Fin = sansJours, sansJours
	return nu.JSON()
}

// inchanges answers that nothing moved since the rights that the workstation holds, or
// nil. ref: VISIO §5.1
func (s *Service) inchanges(ctx context.Context, d *droits.DemandeDroits, x *Situation, conditions []byte) (*droits.FournitDroits, error) {
	k := d.DroitsConnus
	if k == nil || d.PrestationsSpecifiques || s.r.Depannage {
		return nil, nil
	}
	e, err := s.Registre.Emise(ctx, k.NumeroAccreditation)
	if errors.Is(err, ErrInconnue) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("droits: relire une accréditation: %w", err)
	}
	if e.Emission.Before(s.Cle().Apres) || e.Beneficiaire != x.Beneficiaire || e.Categorie != d.PS.Categorie || e.Revocation != nil || !e.Emission.Equal(k.DateMAJ) ||
		!bytes.Equal(e.Conditions, conditions) || d.DateReference < e.Debut || d.DateReference+sante.Jour(s.r.Renouveler) > e.Fin && e.Fin < x.Etendue.Fin ||
		d.DateReference > e.Fin {
		return nil, nil
	}
	return &droits.FournitDroits{Retour: visiodroits.RetourDe(visiodroits.Inchanges, ""), Etat: droits.NonModifie, DateMAJ: e.Emission}, nil
}

// parJour is how many accreditations that say the same a person is given on a day, one for
// each professional, before one is given to several; and how many files without a seal. A
// list of revocations is then never much longer than there are persons, whoever asks, and
// under whatever name. hyp: VISIO-DU-JOUR
const parJour = 20

// accrediter signs an accreditation of the rights: one that says the same and was given on
// the day, or a new one, which it keeps.
func (s *Service) accrediter(ctx context.Context, d *droits.DemandeDroits, x *Situation, conditions []byte, scellee bool) (*droits.FournitDroits, error) {
	cle := s.Cle()
	if fin := new(CleFinie); errors.As(cle.Signe(s.Horloge()), &fin) {
		return refuser(visiodroits.ServiceIndisponible, fin.Precision()), nil
	}
	e := &Emise{Beneficiaire: x.Beneficiaire, Categorie: d.PS.Categorie, Convention: s.r.Convention, PS: d.PS.NumeroFacturation,
		Conditions: conditions, Debut: x.Etendue.Debut, Fin: x.Etendue.Fin, Emission: s.Horloge().UTC().Truncate(time.Millisecond)}
	jeton, err := s.ouvrirDossier(ctx, e, d, x, scellee)
	if err != nil {
		return nil, err
	}
	neuve, err := s.numeroter(ctx, e, d)
	if err != nil {
		return nil, err
	}
	a, err := droits.SignerAccreditation(droits.Accreditation{
		Numero: e.Numero, AMC: s.r.AMC, DroitsDebut: e.Debut, DroitsFin: e.Fin, Emission: e.Emission,
		Perimetre:    droits.Perimetre{Categorie: string(e.Categorie), Convention: e.Convention},
		Beneficiaire: e.Personne, Garanties: droits.EmpreinteGaranties(x.Etendue.JSON()),
	}, cle.Kid, cle.Cle)
	if err != nil {
		return nil, err
	}
	code := visiodroits.Fournis
	if d.PrestationsSpecifiques && jeton == "" {
		code = visiodroits.DossierRefuse
	}
	if neuve {
		if err := s.Registre.Garder(ctx, e); err != nil {
			return nil, fmt.Errorf("droits: garder l'accréditation: %w", err)
		}
	}
	return &droits.FournitDroits{Retour: visiodroits.RetourDe(code, ""), Etat: droits.Ouvert, Accreditation: a.Jeton(),
		DateMAJ: e.Emission, Etendue: &x.Etendue, JetonDossier: jeton, DureeConservation: s.r.Conservation}, nil
}

// duJour is when the day of an instant began.
func duJour(a time.Time) time.Time { return sante.JourA(a, sante.Paris()).Debut(sante.Paris()) }

// numeroter gives e the number and the instant of one of the day that says the same of the
// same person, or a number of its own: true then. One with a file is always new.
func (s *Service) numeroter(ctx context.Context, e *Emise, d *droits.DemandeDroits) (bool, error) {
	personne := droits.Personne{NumeroAdherent: d.Patient.NumeroAdherent, DateNaissance: d.Patient.DateNaissance, RangGemellaire: d.Patient.RangGemellaire}
	if e.Lien == "" {
		l, err := s.Registre.Semblables(ctx, e, duJour(e.Emission), parJour)
		if err != nil {
			return false, fmt.Errorf("droits: relire celles du jour: %w", err)
		}
		comble := len(l) >= parJour
		for _, x := range l {
			if (x.PS == e.PS || comble) && x.Numero.Type() == s.r.typeEmis() && droits.MemeEmetteur(x.Numero.Emetteur(), s.r.Emetteur) && personne.Empreinte(x.Numero) == x.Personne {
				e.Numero, e.Personne, e.Emission = x.Numero, x.Personne, x.Emission
				return false, nil
			}
		}
	}
	numero, err := droits.TirerNumeroAccreditation(s.r.Emetteur, s.r.typeEmis(), s.Alea)
	if err != nil {
		return false, err
	}
	e.Numero, e.Personne = numero, personne.Empreinte(numero)
	return true, nil
}

// ouvrirDossier gives the workstation what opens a file at the third party, or "" when
// there will be none: the rights stand all the same. ref: VISIO §5.2, §14 (300)
func (s *Service) ouvrirDossier(ctx context.Context, e *Emise, d *droits.DemandeDroits, x *Situation, scellee bool) (jeton string, err error) {
	if !d.PrestationsSpecifiques || s.Dossiers == nil || d.NiveauService != droits.Valorisation || len(x.Etendue.Specifiques) == 0 {
		return "", nil
	}
	if !scellee {
		if n, err := s.Registre.Dossiers(ctx, x.Beneficiaire, duJour(e.Emission)); err != nil || n >= parJour {
			return "", err
		}
	}
	if jeton, e.Lien, err = s.Dossiers.Jeton(ctx, x, e.Conditions); err != nil {
		return "", fmt.Errorf("droits: jeton de dossier: %w", err)
	}
	if jeton == "" {
		e.Lien = ""
	}
	return jeton, nil
}
