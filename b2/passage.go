package b2

import (
	"strings"

	"github.com/ecluse-sante/ecluse/noemie/zone"
	"github.com/ecluse-sante/ecluse/sante"
)

// Each function here describes one record, for the writer and for the reader.

func (f *Fichier) passer(p zone.Passage) {
	p.Texte(&fEmType, &f.TypeEmetteur)
	p.Texte(&fEmetteur, &f.Emetteur)
	p.Texte(&fDestType, &f.TypeDestinataire)
	p.Texte(&fDest, &f.Destinataire)
	p.Texte(&fApplication, &f.Application)
	p.Texte(&fIdent, &f.Identification)
}

func (f *Fichier) passerSuite(p zone.Passage) {
	norme, version, lon := "CP", "B2", longueur // the variant of the hospitals
	p.Jour(&fCreation, &f.Creation)
	p.Texte(&fNorme, &norme)
	p.Texte(&fVersion, &version)
	p.Nombre(&fLongueur, &lon)
	p.Texte(&fMessage, &f.Message)
}

func (l *Lot) passer(p zone.Passage) {
	norme, code, monnaie := "B2", "CP", "U"
	p.Texte(&lEtab, &l.Etablissement)
	p.Texte(&lOrigine, &l.Origine)
	p.Texte(&lOrganisme, &l.Organisme)
	p.Nombre(&lNumero, &l.Numero)
	p.Texte(&lCategorie, &l.Categorie)
	p.Texte(&lStatut, &l.Statut)
	p.Texte(&lTarif, &l.ModeTarif)
	p.Texte(&lRaison, &l.RaisonSociale)
	p.Texte(&lNorme, &norme)
	p.Jour(&lCreation, &l.Creation)
	p.Texte(&lCode, &code)
	p.Texte(&lVersion, &l.Version)
	p.Texte(&lMonnaie, &monnaie)
	p.Texte(&lRegime, &l.RegimePivot)
	p.Texte(&lCaisse, &l.CaissePivot)
}

// identite is what every record of an invoice repeats.
type identite struct {
	etablissement, nir, rang, numero string
	complement                       string // second character of the type
	sequence                         int
}

// passer describes the identification of a record of a type.
func (i *identite) passer(p zone.Passage, t string) {
	p.Texte(&iEtab, &i.etablissement)
	p.Texte(&iNIR, &i.nir)
	switch {
	case len(t) == 1:
		p.Texte(&iRang, &i.rang)
		p.Texte(&iFacture, &i.numero)
	case t[1] == 'S':
		p.Texte(&iRang, &i.rang)
		p.Texte(&iFacture, &i.numero)
		p.Texte(&iComplement, &i.complement)
		p.Nombre(&iSequence, &i.sequence)
	default:
		p.Texte(&gFacture, &i.numero)
		p.Texte(&gComplement, &i.complement)
		p.Nombre(&gSequence, &i.sequence)
	}
}

// passer describes what the record 2 says besides the identification.
func (f *Facture) passer(p zone.Passage) {
	p.Texte(&tOperation, &f.NatureOperation)
	sansS(p, &tOperation, f.NatureOperation)
	p.Texte(&tEntree, &f.Entree)
	p.Texte(&tRegime, &f.Regime)
	p.Texte(&tCaisse, &f.Caisse)
	p.Texte(&tCentre, &f.Centre)
	p.Texte(&tPiece, &f.Piece)
	p.Texte(&tNature, &f.NatureAssurance)
	p.Texte(&tExoneration, &f.Exoneration)
	p.Texte(&tAccident, &f.Accident)
	p.Texte(&tNaissance, &f.Naissance)
	p.Texte(&tRangNaiss, &f.RangNaissance)
	p.Jour(&tDateEntree, &f.DateEntree)
	p.Jour(&tDateSortie, &f.DateSortie)
	p.Texte(&tHeure, &f.HeureSortie)
	p.Texte(&tContrat, &f.TypeContrat)
	p.Texte(&tAMC, &f.AMC)
}

// sansS refuses a value that would make of its record a 2S or a 3S: the letter
// stands at the same place.
func sansS(p zone.Passage, z *zone.Zone, v string) {
	if v = strings.TrimLeft(v, " "); v != "" && (v[0] == 'S' || v[0] == 's') {
		p.Refuser(z, zone.Chiffres, len(v))
	}
}

func (s *Suite) passer(p zone.Passage) {
	p.Texte(&sTitre, &s.ComplementTitre)
	p.Texte(&sReglement, &s.Reglement)
	p.Texte(&sNIR, &s.NIRIndividuel)
}

func (l *Prestation) passer(p zone.Passage) {
	p.Texte(&pMode, &l.ModeTraitement)
	sansS(p, &pMode, l.ModeTraitement)
	p.Texte(&pDiscipline, &l.Discipline)
	p.Jour(&pDebut, &l.Debut)
	p.Jour(&pFin, &l.Fin)
	p.Texte(&pCode, &l.Code)
	p.Nombre(&pQuantite, &l.Quantite)
	p.Texte(&pExo, &l.Exoneration)
	p.Nombre(&pCoef, &l.Coefficient)
	p.Texte(&pPecFJ, &l.PecFJ)
	p.Nombre(&pMCO, &l.CoefficientMCO)
	p.Montant(&pPrix, &l.PrixUnitaire)
	p.Montant(&pBase, &l.Base)
	p.Nombre(&pTaux, &l.Taux)
	p.Montant(&pAMO, &l.MontantAMO)
	p.Montant(&pDepense, &l.Depense)
	p.Texte(&pGHS, &l.GHS)
	p.Texte(&pQualif, &l.Qualificatif)
	p.Montant(&pAMC, &l.MontantAMC)
}

func (o *Prescription) passer(p zone.Passage) {
	p.Texte(&oPrescripteur, &o.Prescripteur)
	p.Texte(&oSpecialite, &o.Specialite)
	p.Jour(&oDate, &o.Date)
	p.Jour(&oDateAccord, &o.DateAccord)
	p.Texte(&oAccord, &o.Accord)
	p.Texte(&oLieu, &o.Lieu)
	p.Texte(&oFin, &o.FinSejour)
}

func (a *Article) passer(p zone.Passage) {
	p.Texte(&aCode, &a.Code)
	p.Texte(&aSIRET, &a.SIRET)
	p.Nombre(&aQuantite, &a.Quantite)
	p.Montant(&aPrix, &a.PrixUnitaire)
	p.Montant(&aMontant, &a.Montant)
}

// passer describes a medicine; the coefficient is only of the records 3H.
func (m *Medicament) passer(p zone.Passage, t string) {
	p.Texte(&mCode, &m.Code)
	p.Texte(&mTaux, &m.CodeTaux)
	if t == "3H" {
		p.Nombre(&mCoef, &m.Coefficient)
	} else if m.Coefficient != 0 {
		p.Refuser(&mCoef, zone.Debordement, 0)
	}
	p.Montant(&mAchat, &m.PrixAchat)
	p.Montant(&mEcart, &m.Ecart)
	p.Montant(&mUnitaire, &m.Unitaire)
	p.Nombre(&mQuantite, &m.Quantite)
	p.Montant(&mMontant, &m.Montant)
}

func (a *Acte) passer(p zone.Passage) {
	p.Texte(&hMode, &a.ModeTraitement)
	p.Texte(&hDiscipline, &a.Discipline)
	p.Texte(&hPrescripteur, &a.Prescripteur)
	p.Texte(&hExo, &a.Exoneration)
	p.Texte(&hSpecPrescr, &a.SpecPrescr)
	p.Texte(&hExecutant, &a.Executant)
	p.Texte(&hZoneTarif, &a.ZoneTarif)
	p.Texte(&hSpecialite, &a.Specialite)
	p.Jour(&hDate, &a.Date)
	p.Texte(&hCode, &a.Code)
	p.Nombre(&hQuantite, &a.Quantite)
	p.Nombre(&hCoef, &a.Coefficient)
	p.Nombre(&hDenombre, &a.Denombrement)
	p.Montant(&hPrix, &a.PrixUnitaire)
	p.Montant(&hBase, &a.Base)
	p.Nombre(&hTaux, &a.Taux)
	p.Montant(&hAMO, &a.MontantAMO)
	p.Montant(&hHonoraires, &a.Honoraires)
	p.Texte(&hQualif, &a.Qualificatif)
	p.Montant(&hAMC, &a.MontantAMC)
}

func (c *CCAM) passer(p zone.Passage) {
	p.Texte(&cCode, &c.Code)
	p.Texte(&cExtension, &c.Extension)
	p.Texte(&cActivite, &c.Activite)
	p.Texte(&cPhase, &c.Phase)
	p.Texte(&cModif, &c.Modificateurs)
	p.Texte(&cAssociation, &c.Association)
	p.Texte(&cException, &c.Exception)
	p.Jour(&cSeance, &c.Seance)
	p.Texte(&cDents, &c.Dents)
}

// passer describes the record 5. The participation is what remains of the
// whole after the compulsory part; it is computed, and checked when read.
func (t *Totaux) passer(p zone.Passage) (participation sante.Montant) {
	participation = t.Depense() - t.AMO()
	p.Nombre(&t5Lignes, &t.Lignes)
	p.Montant(&t5BasePH, &t.BasePH)
	p.Montant(&t5AMOPH, &t.AMOPH)
	p.Montant(&t5Honoraires, &t.Honoraires)
	p.Montant(&t5AMOHono, &t.AMOHono)
	p.Montant(&t5Participation, &participation)
	p.Montant(&t5AMCPH, &t.AMCPH)
	p.Montant(&t5AMCHono, &t.AMCHono)
	p.Montant(&t5TotPH, &t.TotPH)
	return participation
}

// finLot is what the record 6 says.
type finLot struct {
	etablissement             string
	factures, lignes, entetes int
	depense, amo, amc         sante.Montant
	numero                    int
}

func (f *finLot) passer(p zone.Passage) {
	p.Texte(&t6Etab, &f.etablissement)
	p.Nombre(&t6Factures, &f.factures)
	p.Nombre(&t6Lignes, &f.lignes)
	p.Nombre(&t6Types2, &f.entetes)
	p.Nombre(&t6Types5, &f.factures)
	p.Montant(&t6Depense, &f.depense)
	p.Montant(&t6AMO, &f.amo)
	p.Montant(&t6AMC, &f.amc)
	p.Nombre(&t6Numero, &f.numero)
}

// ajouter counts an invoice in its batch.
func (f *finLot) ajouter(t *Totaux) {
	f.factures++
	f.lignes += t.Lignes
	f.depense += t.Depense()
	f.amo += t.AMO()
	f.amc += t.AMC()
}
