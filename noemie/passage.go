package noemie

import (
	"github.com/ecluse-sante/ecluse/noemie/zone"
	"github.com/ecluse-sante/ecluse/sante"
)

// Each function here describes one entity, for the reader and for the writer.

func (e *Entete) passer(p zone.Passage) {
	p.Texte(&entEmetteurType, &e.TypeEmetteur)
	p.Texte(&entEmetteur, &e.Emetteur)
	p.Texte(&entDestType, &e.TypeDestinataire)
	p.Texte(&entDest, &e.Destinataire)
	p.Texte(&entApplication, &e.Application)
	p.Texte(&entFichier, &e.Fichier)
	p.Jour(&entCreation, &e.Creation)
	p.Texte(&entReference, &e.Reference)
	p.Texte(&entFlux, &e.Flux)
	p.Texte(&entMessage, &e.Message)
}

func (j *Journee) passer(p zone.Passage, t Type) {
	if t == TypeJournee {
		passerDate(p, &jrnDate, &j.Date)
		return
	}
	passerDate(p, &virDate, &j.Date)
	p.Texte(&virLigne1, &j.Virement)
	p.Texte(&virLigne2, &j.VirementSuite)
	p.Texte(&virPayeur, &j.Payeur)
}

// passerDate passes a day that must be said.
func passerDate(p zone.Passage, z *zone.Zone, v *sante.Jour) {
	if p.Jour(z, v); v.IsZero() {
		p.Refuser(z, zone.Vide, 0)
	}
}

func (l *Lot) passer(p zone.Passage) {
	p.Jour(&lotDate, &l.Date)
	p.Nombre(&lotNumero, &l.Numero)
}

// passer describes the entities of an invoice that appear once in it.
func (f *Facture) passer(p zone.Passage, t Type) {
	switch t {
	case TypeFacture:
		p.Texte(&facNumero, &f.Numero)
	case TypeFactureLong:
		o := &f.Origine
		p.Texte(&falNumero, &f.Numero)
		p.Nombre(&falLot, &o.Lot.Numero)
		p.Jour(&falLotDate, &o.Lot.Date)
		p.Texte(&falForme, &o.Forme)
		p.Jour(&falDate, &o.Date)
		p.Texte(&falTraitement, &o.Traitement)
		p.Texte(&falNature, &o.Nature)
	case TypeTitre:
		p.Texte(&titNumero, &f.Titre)
	case TypeOrganisme:
		p.Texte(&orgNumero, &f.Organisme)
	case TypeNature:
		p.Texte(&natAssurance, &f.Nature)
	case TypeArchivage:
		p.Texte(&arcNumero, &f.Archivage)
	default:
		f.passerPersonnes(p, t)
	}
}

func (f *Facture) passerPersonnes(p zone.Passage, t Type) {
	a, m := &f.Assure, &f.Malade
	switch t {
	case TypeAssure:
		p.Texte(&assNIR, &a.NIR)
		p.Texte(&assNature, &a.NatureNom)
		p.Texte(&assNom, &a.Nom)
		p.Texte(&assPrenom, &a.Prenom)
	case TypeMalade:
		p.Texte(&malNaissance, &m.Naissance)
		p.Texte(&malRang, &m.Rang)
		p.Texte(&malNom, &m.Nom)
		p.Texte(&malPrenom, &m.Prenom)
	case TypePersonnes:
		p.Texte(&perNIR, &a.NIR)
		p.Texte(&perNom, &a.Nom)
		p.Texte(&perPrenom, &a.Prenom)
		p.Texte(&perNaissance, &m.Naissance)
		p.Texte(&perRang, &m.Rang)
		p.Texte(&perMalade, &m.Nom)
		p.Texte(&perMaladeP, &m.Prenom)
	}
}

// passer describes a line; the amounts have the sign of the entity.
func (l *Ligne) passer(p zone.Passage, t Type) {
	p.Nombre(&ligNumero, &l.Numero)
	p.Texte(&ligExoneration, &l.Exoneration)
	p.Texte(&ligMode, &l.ModeTraitement)
	p.Texte(&ligDiscipline, &l.Discipline)
	p.Jour(&ligPrescription, &l.Prescription)
	p.Jour(&ligDebut, &l.Debut)
	p.Jour(&ligFin, &l.Fin)
	p.Montant(&ligPrix, &l.PrixUnitaire)
	p.Nombre(&ligTaux, &l.Taux)
	p.Texte(&ligNature, &l.Nature)
	p.Texte(&ligComplement, &l.Complement)
	p.Nombre(&ligQuantite, &l.Quantite)
	p.Nombre(&ligCoefficient, &l.Coefficient)
	p.Nombre(&ligDenombrement, &l.Denombrement)
	p.Texte(&ligQualificatif, &l.Qualificatif)
	p.Nombre(&ligTauxLocal, &l.TauxLocal)
	p.Nombre(&ligTauxAMC, &l.TauxAMC)
	signer(p, &ligSigne, []*zone.Zone{&ligRembourse, &ligBase, &ligDepense, &ligPartLocale, &ligPartAMC, &ligBaseAMC},
		&l.Rembourse, &l.Base, &l.Depense, &l.PartLocale, &l.PartAMC, &l.BaseAMC)
	if t == TypeActeExecute || t == TypeActePrescrit {
		p.Texte(&ligExecutant, &l.Executant)
	}
	if t == TypeActePrescrit {
		p.Texte(&ligPrescripteur, &l.Prescripteur)
	}
}

// entite is the number of the entity that holds a line.
func (l *Ligne) entite() Type {
	switch {
	case l.Prescripteur != "":
		return TypeActePrescrit
	case l.Executant != "":
		return TypeActeExecute
	case l.Frais:
		return TypeFrais // hyp: NOEMIE-FRAIS
	}
	return TypeActe
}

func (m *Mouvement) passer(p zone.Passage) {
	p.Nombre(&mvtLigne, &m.Ligne)
	p.Texte(&mvtReference, &m.Reference)
	p.Jour(&mvtDate, &m.Date)
	p.Texte(&mvtNature, &m.Nature)
	p.Texte(&mvtOperation, &m.Operation)
	p.Montant(&mvtSolde, &m.Solde)
	signer(p, &mvtSigne, []*zone.Zone{&mvtMontant}, &m.Montant)
}

func (r *Rejet) passer(p zone.Passage, t Type) {
	if t == TypeRejet {
		p.Nombre(&rejLigne, &r.Ligne)
		p.Texte(&rejCode, &r.Code)
		p.Texte(&rejLibelle, &r.Libelle)
		return
	}
	p.Texte(&rjdCode, &r.Code)
	p.Texte(&rjdLibelle, &r.Libelle)
	p.Texte(&rjdPortee, &r.Portee)
	p.Texte(&rjdPart, &r.Part)
	p.Texte(&rjdPrestation, &r.Prestation)
	p.Jour(&rjdDate, &r.Date)
	p.Texte(&rjdExecutant, &r.Executant)
	p.Nombre(&rjdLigne, &r.Ligne)
	p.Nombre(&rjdRang, &r.Rang)
	p.Texte(&rjdComplement, &r.Complement)
}

// entite is the number of the entity that holds a rejection.
func (r *Rejet) entite() Type {
	if r.Portee != "" {
		return TypeRejetDetail
	}
	return TypeRejet
}

// controle is what an entity 990 says.
type controle struct {
	compte  int
	montant sante.Montant
}

func (c *controle) passer(p zone.Passage) {
	p.Nombre(&ctlCompte, &c.compte)
	signer(p, &ctlSigne, []*zone.Zone{&ctlMontant}, &c.montant)
}

// cloture is what the entity 999 says.
type cloture struct {
	entites, lots int
	montant       sante.Montant
}

func (c *cloture) passer(p zone.Passage) {
	p.Nombre(&finEntites, &c.entites)
	p.Nombre(&finLots, &c.lots)
	signer(p, &finSigne, []*zone.Zone{&finMontant}, &c.montant)
}

// signer passes amounts whose sign, P or N, stands in its own field. A sign
// that is not said is P.
func signer(p zone.Passage, s *zone.Zone, z []*zone.Zone, v ...*sante.Montant) {
	if l, ok := p.(*zone.Lecture); ok {
		lireSignes(l, s, z, v)
		return
	}
	neg, signe := false, "P"
	for _, m := range v {
		neg = neg || *m < 0
	}
	if neg {
		signe = "N"
	}
	p.Texte(s, &signe)
	for i, m := range v {
		x := *m
		if neg {
			x = -x
		}
		p.Montant(z[i], &x)
	}
}

// lireSignes is signer when reading: nothing is set aside.
func lireSignes(l *zone.Lecture, s *zone.Zone, z []*zone.Zone, v []*sante.Montant) {
	signe := ""
	l.Texte(s, &signe)
	for i, m := range v {
		if l.Montant(z[i], m); signe == "N" {
			*m = -*m
		}
	}
	if signe != "P" && signe != "N" && signe != "" {
		l.Refuser(s, zone.Signe, len(signe))
	}
}
