package roc_test

import (
	"context"
	"crypto"
	"crypto/tls"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// carnet is the smallest Registre: a question is written down before it leaves,
// so that a lost answer can be asked again with the same idMessage. A real one
// writes on disk before it returns.
type carnet struct {
	mu sync.Mutex
	l  map[roc.UUID]string
}

func (c *carnet) Question(_ context.Context, d *roc.Depart) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.l[d.IDMessage] = fmt.Sprintf("%s, dossier %s : partie", d.Service, d.Dossier)
	return nil
}

func (c *carnet) Reponse(_ context.Context, a *roc.Arrivee) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.l[a.Depart.IDMessage] = fmt.Sprintf("%s, dossier %s : %s", a.Depart.Service, a.Depart.Dossier, a.Code)
	return nil
}

// nouveauClient makes the client of a hospital from its files: the authorities it
// trusts, its certificate of authentication for TLS, its cachet for the seals.
func nouveauClient(dir, annuaire, structureAnnuaire string) (*roc.Client, error) {
	juge := certificat.NouveauMagasin(certificat.Options{})
	if _, err := juge.ChargerRepertoire(filepath.Join(dir, "confiance")); err != nil {
		return nil, err
	}
	auth, err := tls.LoadX509KeyPair(filepath.Join(dir, "authentification.pem"), filepath.Join(dir, "authentification.cle"))
	if err != nil {
		return nil, err
	}
	scelle, err := tls.LoadX509KeyPair(filepath.Join(dir, "cachet.pem"), filepath.Join(dir, "cachet.cle"))
	if err != nil {
		return nil, err
	}
	cachet, err := sceau.NewCachet(scelle.Certificate[0], scelle.Certificate[1:], scelle.PrivateKey.(crypto.Signer))
	if err != nil {
		return nil, err
	}
	c := &roc.Client{
		Moi: roc.Partie{Type: roc.ES, ID: "990001018"}, Environnement: roc.Test, Cachet: func() *sceau.Cachet { return cachet },
		Juge: juge, Transport: roc.NewTransport(func() *tls.Certificate { return &auth }, juge, time.Now), Registre: &carnet{l: map[roc.UUID]string{}}, Horloge: time.Now,
		Annuaires: roc.AccesAnnuaire{Adresse: annuaire, Partie: roc.Partie{Type: roc.Annuaire, ID: "ANNUAIRE"}, Structure: structureAnnuaire},
	}
	c.Resolveur = c.NewResolveur(nil) // addresses of insurers, kept in memory
	return c, nil
}

// client is nouveauClient in the laboratory of the examples.
func client() *roc.Client {
	l := laboDesExemples()
	return doit(nouveauClient(l.dir, l.adresse, structureMutuelle))
}

// aujourdhui is the day of care of the examples.
func aujourdhui() sante.Jour { return sante.JourA(time.Now(), sante.Paris()) }

// Asking the directory where the services of an insurer are. The other calls do it
// by themselves and keep the answer; this one always asks.
func ExampleClient_Annuaire() {
	d := &roc.DemandeAnnuaire{NumeroAMC: amc("99000101"), DateReference: aujourdhui(), Domaine: roc.HospitalACE}
	rendu, err := client().Annuaire(context.Background(), "V2026030042", d)
	if err != nil {
		fmt.Println(err)
		return
	}
	r := rendu.Corps
	fmt.Println(r.CodeRetour, "— réponses scellées par la structure", r.Structure)
	fmt.Println(len(r.Points), "services, dont CLC :", r.Le(roc.CLC) != nil)
	// Output:
	// 000 — réponses scellées par la structure 2999100803
	// 6 services, dont CLC : true
}

// Asking an insurer whether its services are open, before a day of admissions.
func ExampleClient_Etat() {
	ou := roc.Routage{NumeroAMC: amc("99000101"), DateReference: aujourdhui(), Domaine: roc.HospitalACE}
	rendu, err := client().Etat(context.Background(), "V2026030042", ou, &roc.DemandeEtat{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rendu.Corps.Etat)
	for _, s := range rendu.Corps.Services {
		fmt.Println(s.Service, s.Etat)
	}
	// Output:
	// OPERATIONNEL
	// IDB OPERATIONNEL
	// CLC OPERATIONNEL
}

// Asking the rights of a patient: the client finds the insurer through the
// directory, seals, sends, and gives an answer only when its seal is good.
func ExampleClient_IDB() {
	c := client()
	rendu, err := c.IDB(context.Background(), "V2026030042", &roc.DemandeIDB{Entete: entete(roc.ContexteACE, aujourdhui())})
	var refus *roc.Refus
	switch {
	case errors.As(err, &refus):
		fmt.Println("refus technique :", refus) // T or S code: the answer is not about the patient
		return
	case err != nil:
		fmt.Println("pas de réponse :", err) // roc.ErrSansReponse: ask again with the same idMessage
		return
	}
	r := rendu.Corps
	fmt.Println(r.CodeRetour, r.Libelle, "— droits", r.StatutDroits)
	fmt.Println("référence à citer :", r.IDReponseIDB)
	fmt.Println("scellé par la structure", rendu.Repondant)
	// Output:
	// 000 Accepté — droits OUVERT
	// référence à citer : IK7Q2MZ4WX8T
	// scellé par la structure 2999100803
}

// Simulating a stay that is only foreseen: what is missing is supposed, and said.
func ExampleClient_SIM() {
	e := entete(roc.ContextePreadmission, aujourdhui())
	d := &roc.DemandeCalcul{Entete: e, TypeFacture: roc.FactureSejour,
		Sejour: &roc.Sejour{DateEntree: e.DateReference, DateSortie: e.DateReference + 3, NbNuitees: 3}}
	d.PeriodeDebut, d.PeriodeFin = d.Sejour.DateEntree, d.Sejour.DateSortie
	rendu, err := client().SIM(context.Background(), "V2026030042", d)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rendu.Corps.Caractere, "— reste au patient", rendu.Corps.TotalPatient.Euros())
	for _, h := range rendu.Corps.Hypotheses[:2] {
		fmt.Println("supposé —", h)
	}
	// Output:
	// INDICATIF — reste au patient 0,00 €
	// supposé — codePecFJ : code attendu pour la nature d'assurance (A)
	// supposé — modeSortie : sortie à domicile (8)
}

// calculerConsultation asks the exact share of a consultation and the guarantee of payment.
func calculerConsultation(c *roc.Client) (*roc.Rendu[roc.ReponseCalcul], error) {
	moteur, err := calcul.New(nil)
	if err != nil {
		return nil, err
	}
	facture, _, err := moteur.FactureACE(calcul.DossierACE{
		ExoTM: calcul.ExoAucune, Nature: calcul.NatureMaladie, Parcours: "T",
		Actes: []calcul.Acte{{Famille: calcul.FamilleCONS, CodePrestation: "CS", Date: aujourdhui(), Base: 3150, Depense: 3150}}, // cents
	})
	if err != nil {
		return nil, err
	}
	d, err := roc.DemandeDe(entete(roc.ContexteACE, aujourdhui()), facture)
	if err != nil {
		return nil, err
	}
	d.IDReponseIDB, d.NumeroFactureES = "IK7Q2MZ4WX8T", "F2026000417"
	return c.CLC(context.Background(), "V2026030042", d)
}

// Calculating: the engine writes the lines, the insurer answers its share of each
// and a number to quote in the invoice.
func ExampleClient_CLC() {
	rendu, err := calculerConsultation(client())
	if err != nil {
		fmt.Println(err)
		return
	}
	r := rendu.Corps
	if !r.CodeRetour.Accord() {
		fmt.Println(r.CodeRetour, r.Precision, "—", r.QuiAgit)
		return
	}
	fmt.Println("AMO", r.TotalAMO, "AMC", r.TotalAMC, "patient", r.TotalPatient, "garantie", r.Garantie)
	fmt.Println(r.Lignes[0].Explication)
	_, err = roc.ParseNumeroEngagement(r.NumeroEngagement.String())
	fmt.Println("numéro d'engagement bien formé :", err == nil)
	// Output:
	// AMO 22.05 AMC 9.45 patient 0.00 garantie TOTALE
	// Consultation : sur 31,50 €, l'assurance maladie paie 22,05 €, votre complémentaire paie 9,45 € ; il ne vous reste rien à payer.
	// numéro d'engagement bien formé : true
}

// Cancelling an engagement, then again: cancelling twice is no fault.
func ExampleClient_DEL() {
	c := client()
	clc, err := calculerConsultation(c)
	if err != nil {
		fmt.Println(err)
		return
	}
	ou := roc.Routage{NumeroAMC: amc("99000101"), DateReference: aujourdhui(), Domaine: roc.HospitalACE}
	for range 2 {
		rendu, err := c.DEL(context.Background(), "V2026030042", ou, &roc.DemandeDEL{NumeroEngagement: clc.Corps.NumeroEngagement, Motif: roc.ErreurSaisie})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(rendu.Corps.CodeRetour, rendu.Corps.EtatEngagement)
	}
	// Output:
	// 000 ANNULE
	// 000 DEJA_ANNULE
}

// Consulting an engagement.
func ExampleClient_Engagement() {
	c := client()
	clc, err := calculerConsultation(c)
	if err != nil {
		fmt.Println(err)
		return
	}
	ou := roc.Routage{NumeroAMC: amc("99000101"), DateReference: aujourdhui(), Domaine: roc.HospitalACE}
	rendu, err := c.Engagement(context.Background(), "V2026030042", ou, &roc.DemandeEngagement{NumeroEngagement: clc.Corps.NumeroEngagement})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rendu.Corps.EtatEngagement)
	// Output: ENGAGE
}

// A lost answer: the question is asked again under its idMessage, which the
// Registre kept, and the insurer gives the same result. ref: DEC 13
func ExampleReprendre() {
	c := client()
	d := &roc.DemandeIDB{Entete: entete(roc.ContexteACE, aujourdhui())}
	suivi := roc.Suivi{IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(), Sujet: d.Sujet()} // from the Registre
	rendu, err := roc.Reprendre[roc.DemandeIDB, roc.ReponseIDB](context.Background(), c, roc.EchangeIDB, d.Entete.Routage(), "V2026030042", d, suivi)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rendu.IDMessage == suivi.IDMessage, rendu.Corps.CodeRetour)
	// Output: true 000
}

// Calculating without the network, from the formulas of a signed IDB answer.
// ref: DEC 24
func ExampleRepartir() {
	rendu, err := client().IDB(context.Background(), "V2026030042", &roc.DemandeIDB{Entete: entete(roc.ContexteACE, aujourdhui())})
	if err != nil {
		fmt.Println(err)
		return
	}
	moteur, err := calcul.New(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	facture, _, err := moteur.FactureACE(calcul.DossierACE{ExoTM: calcul.ExoAucune, Nature: calcul.NatureMaladie, Parcours: "T",
		Actes: []calcul.Acte{{Famille: calcul.FamilleBIO, CodePrestation: "B", Date: aujourdhui(), Base: 5400, Depense: 5400}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := roc.DemandeDe(entete(roc.ContexteACE, aujourdhui()), facture)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, _, err := roc.Repartir(moteur, rendu.Corps.Contrat(), d, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("AMO", r.TotalAMO, "AMC", r.TotalAMC, "patient", r.TotalPatient)
	// Output: AMO 32.40 AMC 21.60 patient 0.00
}

// What to tell an agent about a code.
func ExampleCode() {
	s := roc.IdentiteDiscordante.Signification()
	fmt.Printf("%s : %s — à faire par %s\n", s.Code, s.Libelle, s.Qui)
	// Output: I103 : Identité discordante — à faire par l'agent
}

// A number that somebody reads over the telephone is checked before it is used.
func ExampleParseNumeroEngagement() {
	for _, s := range []string{"E00990001017Q2MZ4WX8T3C5", "E00990001017Q2MZ4WX8T3C6"} {
		n, err := roc.ParseNumeroEngagement(s)
		if err != nil {
			fmt.Println(s, err)
			continue
		}
		fmt.Println(n, "de l'AMC", n.AMC())
	}
	// Output:
	// E00990001017Q2MZ4WX8T3C5 de l'AMC 99000101
	// E00990001017Q2MZ4WX8T3C6 numéro d'engagement attendu : 24 caractères, clé exacte
}
