package laboratoire

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/b2"
	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/internal/acheminement/depot"
	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/internal/comptable/releve"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/noemie"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// amcHorsLigne is a fictitious insurer that no directory knows: the hospitals of the
// laboratory have it in their table of conventions. ref: DEC 28
const amcHorsLigne = "99000909"

// conventions writes the table of the hospitals of the laboratory: that of the
// example, from the year before on.
func (l *Laboratoire) conventions() []byte {
	return []byte(strings.NewReplacer(`"2026-01-01"`, `"`+(l.Monde.Jour-366).String()+`"`, `"2026-12-31"`, `"`+(l.Monde.Jour+366).String()+`"`).Replace(ExempleConventions))
}

// histoireConvention is the title of the story of the transitional phase.
const histoireConvention = "Une AMC qui n'est pas encore en ligne : par convention, sans garantie"

// convenir plays a visit whose insurer is not on line: the convention, the share
// computed here without guarantee, the B2 file, the NOEMIE return read back.
func (r *Recit) convenir(ctx context.Context) error {
	e := r.parties[monde.CleHopital].Etablissements[0]
	debut := len(r.etapes)
	place, err := r.venueHorsLigne(ctx, e)
	if err != nil {
		return err
	}
	ordre := etablissement.Ordre{Agent: agent}
	r.observes[monde.CleHopital].prendre()
	_, err = e.Service.DemanderDroits(ctx, place, ordre)
	x := r.etapeConvention(roc.ANN, "L'Annuaire ne connaît pas cette AMC : personne à qui demander les droits", roc.AMCInconnue)
	x.Ok = err != nil && strings.Contains(err.Error(), string(roc.AMCInconnue))
	r.observes[monde.CleHopital].prendre()
	r.ajouter(x)

	if _, err = e.Service.ParConvention(ctx, place, ordre); err != nil {
		return err
	}
	v, err := e.Service.Calculer(ctx, place, ordre, visiteHorsLigne(sante.JourA(r.temoin.horloge(), sante.Paris())), "")
	if err != nil {
		return err
	}
	r.ajouter(r.calculHorsLigne(e, v))

	if _, err = e.Service.Facturer(ctx, place, ordre, etablissement.Facturation{Numero: "F-CONV-1"}); err != nil {
		return err
	}
	if err := r.envoyerLots(ctx); err != nil {
		return err
	}
	chemin, err := r.fichierB2(e)
	if err != nil {
		return err
	}
	retour, x, err := r.payerParFichier(chemin)
	if err != nil {
		return err
	}
	r.ajouter(x)
	if err := r.lireRetour(ctx, e, place, retour); err != nil {
		return err
	}
	if err := r.virementHorsLigne(ctx, e, place); err != nil {
		return err
	}
	return r.prouver(ctx, monde.CleHopital, debut)
}

// virementHorsLigne goes to the bank: the transfer that the file announced comes in, and
// the comptable's book agrees with the hospital's.
func (r *Recit) virementHorsLigne(ctx context.Context, e *serveur.PartieEtablissement, place etablissement.Place) error {
	v, err := e.Service.Venue(ctx, place.Venue)
	if err != nil {
		return err
	}
	cv := v.Couverture(1)
	jour := sante.JourA(r.temoin.horloge(), sante.Paris())
	b, err := imprimerReleve([]virement{{es: e, payeur: cv.Convention.Libelle, reference: cv.Facture.Virement, montant: cv.Facture.Paye, jour: jour}}, 0, jour)
	if err != nil {
		return err
	}
	if _, err := e.Livres.Importer(ctx, comptable.Fichier{Nom: "releve-2.xml", Format: "camt", Agent: agent, Source: bytes.NewReader(b), Lire: releve.Camt{}.Lire}); err != nil {
		return err
	}
	if _, err := e.Livres.RapprocherTout(ctx); err != nil {
		return err
	}
	balance, err := e.Livres.Balance(ctx, jour, comptable.SansFin)
	if err != nil {
		return err
	}
	x := r.etapeConvention(roc.RET, "Le virement arrive à la banque : le comptable et l'établissement disent la même chose", roc.Accepte)
	x.Attendu = "la même somme payée, et plus rien de dû"
	x.Ok = false
	for _, d := range balance.Debiteurs {
		if d.AMC == cv.AMC.Numero {
			x.Ok = d.Paye == cv.Facture.Paye && d.Reste == 0
			x.Recit = []string{fmt.Sprintf("%s : %s payés selon l'établissement et le comptable, %s dus.", cv.Convention.Libelle, d.Paye.Euros(), d.Reste.Euros())}
		}
	}
	if !x.Ok {
		x.Constate = "le livre du comptable dit autre chose que l'établissement"
	}
	r.ajouter(x)
	return nil
}

func (r *Recit) etapeConvention(s roc.Service, titre string, code roc.Code) pupitre.Etape {
	return pupitre.Etape{Histoire: histoireConvention, Titre: titre, Service: s, Code: code, Debut: r.temoin.horloge(), Attendu: titre, Ok: true,
		Demandeur: r.parties[monde.CleHopital].Etablissements[0].Nom}
}

// venueHorsLigne opens the visit of a patient who shows the card of the convention.
func (r *Recit) venueHorsLigne(ctx context.Context, e *serveur.PartieEtablissement) (etablissement.Place, error) {
	m := r.temoin.monde
	p := m.Patient("solene")
	jour := sante.JourA(r.temoin.horloge(), sante.Paris())
	amc, err := sante.ParseNumeroAMC(amcHorsLigne)
	if err != nil {
		return etablissement.Place{}, err
	}
	adherent, err := sante.ParseNumeroAdherent("GUE-000417")
	if err != nil {
		return etablissement.Place{}, err
	}
	v, err := e.Service.OuvrirVenue(ctx, etablissement.Dossier{Numero: "D-CONV-1", Contexte: roc.ContexteACE, DateReference: jour, Discipline: calcul.MCO,
		AMO: p.AMO, Information: true, Patient: etablissement.Patient{IPP: p.IPP, NIRAssure: p.NIRAssure, NIRBeneficiaire: p.NIR,
			NomNaissance: p.NomNaissance, Prenom: p.Prenom, DateNaissance: p.DateNaissance, RangGemellaire: p.RangGemellaire}})
	if err == nil {
		v, err = e.Service.AjouterCouverture(ctx, v.ID, etablissement.Ordre{Agent: agent}, 1, etablissement.Attestation{NumeroAMC: amc, TypeConvention: "CM",
			CSR: "661", NumeroAdherent: adherent, ValiditeDebut: jour - 100, ValiditeFin: jour + 100, ModeAcquisition: roc.Saisie})
	}
	if err != nil {
		return etablissement.Place{}, err
	}
	return etablissement.Place{Venue: v.ID, Rang: 1}, nil
}

func visiteHorsLigne(jour sante.Jour) etablissement.Passage {
	return etablissement.Passage{TypeFacture: roc.FactureACE, ParcoursSoins: "T", NumeroFactureES: "F-CONV-1",
		Faits: &etablissement.Faits{Externe: &etablissement.FaitsExterne{Actes: []etablissement.FaitActe{
			{Famille: calcul.FamilleCONS, CodePrestation: "CS", Date: jour, Base: 2650, Depense: 2650},
			{Famille: calcul.FamilleACTE, CodePrestation: "ADE", Date: jour, Base: 5760, Depense: 5760}}}}}
}

// calculHorsLigne tells the share computed from the table, with its honest label.
func (r *Recit) calculHorsLigne(e *serveur.PartieEtablissement, v *etablissement.Venue) pupitre.Etape {
	x := r.etapeConvention(roc.CLC, "La part est calculée d'après la convention, sans garantie", roc.Accepte)
	x.Repondant, x.Indicatif = "calculé sur place, "+etablissement.SansGarantie, true
	cv := v.Couverture(1)
	k := cv.Calcul
	x.Lignes, x.Totaux = pupitre.Lignes(&k.Demande, &k.Reponse), pupitre.Totaux(&k.Reponse, &k.Demande)
	recu, err := e.Service.Recu(v)
	x.Ok = err == nil && recu.Indicatif && strings.Contains(recu.Texte(), etablissement.SansGarantie) && k.Reponse.NumeroEngagement.IsZero() &&
		cv.Etat == etablissement.SansEngagement && *k.Reponse.TotalAMC == 2523 && *k.Reponse.TotalPatient == 0
	x.Attendu = "AMC 25,23 €, sans numéro d'engagement, et l'étiquette sur le reçu"
	x.Recit = []string{fmt.Sprintf("Convention %s : part de l'AMC %s, %s ; aucun numéro d'engagement.", cv.Convention.ID, k.Reponse.TotalAMC.Euros(), etablissement.SansGarantie)}
	if !x.Ok {
		x.Constate = fmt.Sprintf("%s, AMC %s, %v", cv.Etat.Libelle(), k.Reponse.TotalAMC.Euros(), err)
	}
	return x
}

// fichierB2 waits for the file to be dropped for the partner.
func (r *Recit) fichierB2(e *serveur.PartieEtablissement) (string, error) {
	for fin := time.Now().Add(delaiFlux); time.Now().Before(fin); time.Sleep(10 * time.Millisecond) {
		l, err := filepath.Glob(filepath.Join(e.Guichet.Dossier, serveur.DossierEnvois, amcHorsLigne, "*."+serveur.GenreB2))
		if err != nil {
			return "", err
		}
		if len(l) > 0 {
			return l[0], nil
		}
	}
	return "", fmt.Errorf("aucun fichier B2 déposé pour %s", amcHorsLigne)
}

// payerParFichier is the partner, who is not on line: he reads the B2 file and writes
// what he pays as a NOEMIE file.
func (r *Recit) payerParFichier(chemin string) ([]byte, pupitre.Etape, error) {
	x := r.etapeConvention(roc.DRE, "La facture part en fichier B2, dans le dossier de l'AMC", roc.Accepte)
	f, err := os.Open(chemin)
	if err != nil {
		return nil, x, err
	}
	defer f.Close() // read only
	l, err := b2.Lire(f)
	if err != nil {
		return nil, x, err
	}
	entete := l.Fichier()
	jour := sante.JourA(r.temoin.horloge(), sante.Paris())
	var retour bytes.Buffer
	w, err := noemie.Ecrire(&retour, noemie.Entete{TypeEmetteur: "OC", Emetteur: amcHorsLigne, TypeDestinataire: "TE", Destinataire: entete.Emetteur,
		Fichier: "000417", Creation: jour, Reference: "578R"})
	if err != nil {
		return nil, x, err
	}
	n, total := 0, sante.Montant(0)
	for ; ; n++ {
		facture, err := l.Suivante()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, x, err
		}
		t := facture.Totaux()
		paye := &noemie.Facture{Numero: facture.Numero, Montant: t.AMC(), Origine: noemie.Origine{Forme: "B", Lot: noemie.Lot{Date: l.Lot().Creation, Numero: l.Lot().Numero}}}
		paye.Destinataire, paye.Journee = entete.Emetteur, noemie.Journee{Date: jour, Virement: "VIR-GUE-417"}
		if err := w.Facture(paye); err != nil {
			return nil, x, err
		}
		total += t.AMC()
	}
	x.Ok = n == 1 && total == 2523
	x.Recit = []string{fmt.Sprintf("Fichier %s : %d facture, part AMC %s ; aucun accusé de réception n'est attendu d'un fichier.", filepath.Base(chemin)[:12]+"…", n, total.Euros())}
	err = w.Fermer()
	return retour.Bytes(), x, err
}

// lireRetour drops the return where the hospital looks, twice under two names: it is
// paid once.
func (r *Recit) lireRetour(ctx context.Context, e *serveur.PartieEtablissement, place etablissement.Place, retour []byte) error {
	racine := filepath.Join(e.Guichet.Dossier, serveur.DossierRecus)
	if err := os.MkdirAll(filepath.Join(racine, amcHorsLigne), 0o750); err != nil {
		return err
	}
	for _, cle := range []string{"retour-417", "retour-417-bis"} {
		envoi := &acheminement.Envoi{Adresse: amcHorsLigne, Genre: serveur.GenreNoemie, Cle: cle, Taille: int64(len(retour)), Empreinte: sha256.Sum256(retour)}
		if _, err := (&depot.Depot{Racine: racine}).Livrer(ctx, envoi, bytes.NewReader(retour)); err != nil {
			return err
		}
		if err := e.Guichet.Relever(ctx); err != nil {
			return err
		}
	}
	v, err := e.Service.Venue(ctx, place.Venue)
	if err != nil {
		return err
	}
	cv := v.Couverture(1)
	x := r.etapeConvention(roc.RET, "Le retour NOEMIE est lu dans le dossier : payée, une seule fois", roc.Accepte)
	x.Repondant = cv.Convention.Libelle
	x.Ok = cv.Etat == etablissement.Payee && cv.Facture.Paye == 2523 && strings.HasPrefix(cv.Facture.Preuve, etablissement.NonScelle)
	x.Attendu = "payée au centime, la preuve dite non scellée"
	x.Recit = []string{fmt.Sprintf("Facture %s : %s demandés, %s payés. Preuve : %s.", cv.Facture.Numero, cv.Facture.Demande.Euros(), cv.Facture.Paye.Euros(), cv.Facture.Preuve)}
	if !x.Ok {
		x.Constate = fmt.Sprintf("%s, %s payés, preuve %q", cv.Etat.Libelle(), cv.Facture.Paye.Euros(), cv.Facture.Preuve)
	}
	r.ajouter(x)
	return nil
}
