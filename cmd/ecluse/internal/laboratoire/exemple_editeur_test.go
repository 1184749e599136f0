package laboratoire

// The page of an editor, whole, with the shelf alone: docs/editeurs.md shows it as it is, and
// TestPageDUnEditeur runs it against a laboratory.

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// clientDeCarte asks with the card of a person, all day: the card is asked for one handshake.
func clientDeCarte(env roc.Environnement, ps droits.Professionnel, cachet *sceau.Cachet, canal *tls.Certificate, confiance sceau.Juge) *roc.Client {
	return &roc.Client{
		Moi:           roc.Partie{Type: roc.PS, ID: ps.NumeroFacturation.String()},
		Environnement: env, // roc.Production; roc.Test in a laboratory
		Cachet:        func() *sceau.Cachet { return cachet },
		Juge:          confiance, // the same as the workstation's
		Transport:     roc.NewTransport(func() *tls.Certificate { return canal }, confiance, time.Now),
		Registre:      roc.SansRegistre{}, // a price whose answer is lost is asked anew
		Horloge:       time.Now,
	} // behind a concentrator: Relais, and Confidentialite to read the answers
}

// logiciel is what the software of a pharmacy makes once, when it starts.
type logiciel struct {
	poste    *droits.Poste         // rights and invoices, under the seal of the pharmacy
	classeur *visiodroits.Classeur // the signed lists that poste keeps up to date
	carte    *roc.Client           // seals, and opens its connection, with the card of the pharmacist
	ps       droits.Professionnel
	conf     string         // certificate of confidentiality of the third party, that it gives apart: asked behind a concentrator
	dire     func(a ...any) // to the person at the counter
}

// delivrer asks the rights of a patient, has what is delivered priced, and bills it. It says
// what to do, and gives no invoice, when the prestations cannot be priced on line now. An
// invoice with an error exists, and waits in the file of the workstation: see envoyer.
func (l *logiciel) delivrer(ctx context.Context, numero droits.NumeroFacture, patient droits.Patient, carte droits.Carte, lignes []tarif.Ligne) (*droits.FactureOfficine, error) {
	// DLD: the rights, on the identity side. Nothing of what is delivered is said.
	v, err := l.poste.DroitsEtDossier(ctx, patient, carte, 0) // of today
	if err != nil {
		return nil, err
	}
	l.dire(v.Code, v.Phrase)
	if !v.TiersPayant || v.JetonDossier == "" {
		l.dire(v.QuiAgit, v.AFaire)
		return nil, nil
	}

	// DOS: a file number, on the fine side. From here on, nothing says who the patient is.
	acces, err := tarif.AccesDe(l.classeur, carte.NumeroAMC, time.Now())
	if err != nil {
		return nil, err
	}
	tiers := acces.Cible()
	tiers.CleConf = l.conf
	dossier, err := roc.Envoyer(ctx, l.carte, tarif.EchangeDossier, tiers, "-", &tarif.DemandeDossier{Jeton: tarif.Chiffre(v.JetonDossier)}, roc.Suivi{})
	if err != nil {
		return nil, err
	}
	if !dossier.Corps.Accord() {
		return nil, &tarif.Refuse{Retour: dossier.Corps.Retour}
	}

	// TAR: an estimate to show, then, if the patient agrees, the commitment to bill.
	tarifer := func(sens tarif.Sens) (*tarif.Prix, error) {
		q, err := tarif.Poste{Tiers: acces.Cle}.Preparer(dossier.Corps.NumeroDossier, v.DateReference, sens, lignes)
		if err != nil {
			return nil, err
		}
		r, err := roc.Envoyer(ctx, l.carte, tarif.EchangeTarification, tiers, "-", q.Demande, roc.Suivi{})
		if err != nil {
			return nil, err
		}
		return q.Lire(r.Corps)
	}
	devis, err := tarifer(tarif.Devis)
	if err != nil {
		return nil, err
	}
	l.dire("devis : reste à payer", devis.Patient.Euros())
	prix, err := tarifer(tarif.Engagement)
	if err != nil {
		return nil, err
	}

	// FAO: accreditation, commitment, amounts by family. Only the pharmacy joins the two sides, here.
	f := &droits.FactureOfficine{Numero: numero, DateFacture: v.DateReference, PS: l.ps, Patient: patient,
		Tarification: &droits.FactureTarification{Numero: prix.Numero.String()}}
	for _, m := range prix.Familles {
		f.Tarification.Montants = append(f.Tarification.Montants, droits.PartsFamille{Famille: m.Famille,
			PartsOfficine: droits.PartsOfficine{Depense: m.Depense, AMO: m.AMO, AMC: m.AMC, Patient: m.Depense - m.AMO - m.AMC}})
	}
	v.Facturer(f)
	f.Totaux = f.Sommes()
	if d, err := l.poste.AvantFacture(v); err != nil || !d.Permis {
		l.dire(d.Phrase)
		return nil, err
	}
	lot := droits.NouveauLot("L"+numero, v.DateReference, *f)
	if err := l.poste.GarderLot(carte, lot); err != nil {
		return nil, err
	}
	if err := l.poste.NoterFacture(v, true); err != nil { // v.Recu is printed, and stored with the invoice
		return f, err
	}
	return f, l.envoyer(ctx, lot.Numero)
}

// envoyer sends a batch that the workstation keeps. Without answer it is called again, and for
// each of poste.LotsGardes() when the software starts: never delivrer, which would bill anew.
func (l *logiciel) envoyer(ctx context.Context, lot droits.NumeroFacture) error {
	r, err := l.poste.EnvoyerLot(ctx, lot)
	if err != nil {
		return err
	}
	for _, x := range r.Factures {
		l.dire(x.Numero, x.Libelle, x.AFaire)
		if x.Etat == droits.FactureRefusee {
			err = errors.Join(err, fmt.Errorf("facture %s refusée : %s %s", x.Numero, x.Code, x.Libelle))
		}
	}
	return err
}
