package roc_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/roc/roctest"
	"github.com/ecluse-sante/ecluse/sante"
)

// situations are all the golden messages, by service.
func situations(t testing.TB) (l []roctest.Dore) {
	t.Helper()
	for _, f := range []func(testing.TB) []roctest.Dore{situationsAnnuaire, situationsIDB, situationsSIM, situationsCLC, situationsDEL, situationsENG, situationsEtat, situationsRefus} {
		l = append(l, f(t)...)
	}
	return l
}

func situationsAnnuaire(t testing.TB) (l []roctest.Dore) {
	question := func(numero string) *roc.DemandeAnnuaire {
		return &roc.DemandeAnnuaire{NumeroAMC: amc(numero), TypeConvention: "CM", CSR: "990000101", DateReference: le(2, time.March), Domaine: roc.HospitalACE}
	}
	ajouter := func(nom, numero string, r *roc.ReponseAnnuaire) {
		l = append(l, paire("annuaire/"+nom, roc.EchangeAnnuaire, versAnnuaire, question(numero), r)...)
	}
	bonne := func(numero, libelle, structure, adresse string) *roc.ReponseAnnuaire {
		jours := 3
		r := &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.Accepte, ""), NumeroAMCCible: amc(numero), LibelleAMC: libelle, Structure: structure,
			CalculLocalAutorise: new(bool), DureeValiditeReponse: 86400, NbJoursTolerance: &jours}
		for _, s := range []roc.Service{roc.IDB, roc.SIM, roc.CLC, roc.DEL, roc.ENG, roc.ETAT} {
			r.Points = append(r.Points, roc.Point{Service: s, Adresse: adresse, NormesAcceptees: []string{roc.Profil}, OuvertureDebut: le(1, time.January),
				CertificatEmpreinte: []string{"6f1c0b7e9d2a4835a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718"}})
		}
		return r
	}
	ajouter("ok-mutuelle", "99000101", bonne("99000101", "MUTUELLE DU MOULIN-AUX-BRUMES (fictive)", "2999100803", "https://moulin.labo.invalid"))
	operateur := bonne("99000202", "PRÉVOYANCE DES MARÉES-LENTES (fictive)", "", "https://gue.labo.invalid")
	operateur.NumeroOrganismeSignataire = "99000202"
	operateur.Operateur = &roc.Operateur{ID: "OTPGUE", Libelle: "OPÉRATEUR DU GUÉ-QUI-CHANTE (fictif)", Structure: "2999100209", MandatDebut: sante.JourDe(2024, 1, 1), MandatFin: sante.JourDe(2027, 12, 31)}
	ajouter("ok-operateur-mandate", "99000202", operateur)
	local := bonne("99000404", "MUTUELLE DU VERGER-D'AUTOMNE (fictive)", "2999101207", "https://verger.labo.invalid")
	local.CalculLocalAutorise = vrai()
	ajouter("ok-calcul-local", "99000404", local)
	ajouter("A001-amc-inconnue", "99999999", &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.AMCInconnue, "")})
	ajouter("A002-aucun-service-a-cette-date", "99000101", &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.AucunService, "")})
	ajouter("A003-amc-remplacee", "99000109", &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.AMCRemplacee, "nouveau numéro : 99000101"), NumeroAMCCible: amc("99000101")})
	ajouter("A004-routage-ambigu", "99000101", &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.RoutageAmbigu, "")})
	return l
}

// droits is the answer of an insurer that knows and covers.
func droits() *roc.ReponseIDB {
	return &roc.ReponseIDB{
		Retour: roc.RetourDe(roc.Accepte, ""), StatutDroits: roc.DroitsOuverts, IDReponseIDB: "IK7Q2MZ4WX8T", DroitsDebut: le(1, time.January), DroitsFin: le(31, time.March),
		TiersPayantAutorise: vrai(), ContratResponsable: vrai(), TypeContrat: roc.ContratIndividuel, ModeCalcul: roc.CalculCLC,
		Perimetre: []roc.Perimetre{{Domaine: "ACE", Couvert: true}, {Domaine: "SEJOUR", Couvert: true}, {Domaine: "CP", Couvert: true}, {Domaine: "ACCOMPAGNANT", Motif: "non garanti par ce contrat"}},
	}
}

func situationsIDB(t testing.TB) (l []roctest.Dore) {
	ajouter := func(nom string, changer func(*roc.Entete), r *roc.ReponseIDB) {
		d := &roc.DemandeIDB{Entete: entete(roc.ContexteACE, le(2, time.March))}
		if changer != nil {
			changer(&d.Entete)
		}
		l = append(l, paire("idb/"+nom, roc.EchangeIDB, versMutuelle, d, r)...)
	}
	ajouter("ok-adulte", nil, droits())
	sejour := droits()
	sejour.MessageAgent = "Chambre particulière : 50,00 € par jour, cinq jours par séjour. Demande écrite du patient à conserver."
	ajouter("ok-sejour", func(e *roc.Entete) {
		e.Contexte, e.PeriodeFin, e.DMT, e.MT = roc.ContextePreadmission, le(8, time.March), "104", "03"
	}, sejour)
	ajouter("ok-jumelle-de-rang-2", func(e *roc.Entete) {
		b := &e.Beneficiaire
		b.NomNaissance, b.NomUsage, b.Prenom, b.DateNaissance, b.RangGemellaire, b.Qualite = "LE GALL", "", "INES", naissance("20160911"), 2, "6"
	}, droits())
	ajouter("ok-date-de-naissance-lunaire", func(e *roc.Entete) { e.Beneficiaire.DateNaissance = naissance("19721901") }, droits())
	css := droits()
	css.TypeContrat, css.MessagePatient = roc.ContratCSS, "Vous n'avez rien à payer sur les tarifs de l'assurance maladie."
	ajouter("ok-css", nil, css)
	deux := droits()
	deux.AutresAMC = []roc.AutreAMC{{NumeroAMC: amc("99000303"), Rang: 2}}
	ajouter("ok-deux-amc", nil, deux)
	corrigee := droits()
	corrigee.IdentiteCorrigee = &roc.IdentiteCorrigee{Nom: "LE GALL-KERBRIANT", Prenom: "SOLENE", DateNaissance: naissance("19910417"), RangGemellaire: 1}
	ajouter("ok-identite-a-confirmer", func(e *roc.Entete) { e.Beneficiaire.NomNaissance = "LE GAL KERBRIANT" }, corrigee)
	local := droits()
	local.ModeCalcul, local.Formules = roc.CalculLocalOuCLC, contrat().Garanties
	quinze, max := sante.Pourcent(15), euros("3000.00")
	local.Exclusions = []roc.Exclusion{{Famille: calcul.FamilleMED, TauxAMO: &quinze}}
	local.GarantieLocale = &roc.GarantieLocale{Numero: engagement(t, "99000101"), Debut: le(2, time.March), Fin: le(31, time.March), MontantMax: &max}
	ajouter("ok-calcul-local", nil, local)
	for _, x := range []struct {
		nom    string
		code   roc.Code
		statut roc.StatutDroits
	}{
		{"I101-inconnu", roc.BeneficiaireInconnu, roc.DroitInconnu}, {"I102-plusieurs", roc.PlusieursTrouves, roc.DroitInconnu},
		{"I103-identite-discordante", roc.IdentiteDiscordante, roc.DroitInconnu}, {"I104-rang-de-naissance-necessaire", roc.RangRequis, roc.DroitInconnu},
		{"D201-droits-fermes", roc.DroitsFermes, roc.DroitsClos}, {"D202-droits-suspendus", roc.DroitsSuspendus, roc.DroitSuspendu},
		{"D203-pas-encore-ouverts", roc.DroitsFuturs, roc.DroitsClos}, {"D204-domaine-non-couvert", roc.DomaineNonCouvert, roc.DroitsOuverts},
		{"D205-tiers-payant-refuse", roc.TiersPayantRefuse, roc.DroitsOuverts}, {"D206-autre-amc-d-abord", roc.AutreAMCDAbord, roc.DroitsOuverts},
		{"D207-css-par-la-caisse", roc.CSSParLaCaisse, roc.DroitsOuverts},
	} {
		r := &roc.ReponseIDB{StatutDroits: x.statut}
		if x.statut == roc.DroitsOuverts { // known and covered, but not for this
			r = droits()
		}
		r.Retour = roc.RetourDe(x.code, "")
		switch x.code {
		case roc.DomaineNonCouvert:
			r.Perimetre[0] = roc.Perimetre{Domaine: "ACE", Motif: "contrat d'hospitalisation"}
		case roc.TiersPayantRefuse:
			r.TiersPayantAutorise = new(bool)
		case roc.AutreAMCDAbord:
			r.AutresAMC = []roc.AutreAMC{{NumeroAMC: amc("99000303"), Rang: 1}}
		case roc.CSSParLaCaisse:
			r.TypeContrat = roc.ContratCSS
		}
		ajouter(x.nom, nil, r)
	}
	return l
}

func situationsSIM(t testing.TB) (l []roctest.Dore) {
	m := moteur(t)
	ajouter := func(nom string, d *roc.DemandeCalcul) {
		r, err := roc.Estimer(m, contrat(), d, calcul.Compteurs{})
		if err != nil {
			t.Fatalf("sim/%s : %v", nom, err)
		}
		r.Caractere, r.Garantie, r.IDSimulation, r.DateFinIndicative = roc.Indicatif, roc.GarantieAucune, "SHX2V9QKT4MB", le(1, time.April)
		l = append(l, paire("sim/"+nom, roc.EchangeSIM, versMutuelle, d, r)...)
	}
	ajouter("ok-sejour", sejour(t))
	maigre := sejour(t)
	maigre.IDReponseIDB, maigre.NumeroFactureES, maigre.Lignes, maigre.Totaux, maigre.TauxAMO, maigre.CodePecFJ = "", "", nil, nil, nil, ""
	maigre.Sejour.ModeSortie = ""
	ajouter("ok-dates-seules-hypotheses-dites", maigre)
	l = append(l, paire("sim/A002-service-non-rendu", roc.EchangeSIM, versMutuelle, sejour(t),
		&roc.ReponseCalcul{Retour: roc.RetourDe(roc.AucunService, "cette AMC ne rend pas la simulation"), Caractere: roc.Indicatif, Garantie: roc.GarantieAucune})...)
	return l
}

// calculer is the answer of the engine to a CLC, its number included, or the
// refusal that the question deserves.
func calculer(t testing.TB, c calcul.Contrat, d *roc.DemandeCalcul) *roc.ReponseCalcul {
	t.Helper()
	r, _, err := roc.Repartir(moteur(t), c, d, calcul.Compteurs{})
	var rejet *calcul.Rejet
	switch {
	case errors.As(err, &rejet):
		return refuse(roc.Code(rejet.Code), rejet.Detail)
	case err != nil:
		t.Fatal(err)
	case *r.TotalAMC > 0:
		r.NumeroEngagement, r.EngagementDebut, r.EngagementFin = engagement(t, d.Carte.NumeroAMC.String()), le(2, time.March), le(31, time.May)
	}
	r.Caractere = roc.Engagement
	return r
}

func refuse(c roc.Code, detail string) *roc.ReponseCalcul {
	return &roc.ReponseCalcul{Retour: roc.RetourDe(c, detail), Caractere: roc.Engagement, Garantie: roc.GarantieAucune}
}

func situationsCLC(t testing.TB) (l []roctest.Dore) {
	repondu := func(nom string, d *roc.DemandeCalcul, r *roc.ReponseCalcul) {
		a := versMutuelle
		if n := d.Carte.NumeroAMC.String(); n != a.a.ID {
			a.a = roc.Partie{Type: roc.AMC, ID: n, Libelle: "ASSURANCES DU PHARE-ENDORMI (fictives)"}
		}
		l = append(l, paire("clc/"+nom, roc.EchangeCLC, a, d, r)...)
	}
	ajouter := func(nom string, d *roc.DemandeCalcul, attendu roc.Code) {
		t.Helper()
		r := calculer(t, contrat(), d)
		if r.CodeRetour != attendu {
			t.Fatalf("clc/%s : code %s (%s), %s attendu", nom, r.CodeRetour, r.Precision, attendu)
		}
		repondu(nom, d, r)
	}
	ajouter("ok-consultation", consultation(t), roc.Accepte)
	lourd := calcul.Acte{Famille: calcul.FamilleACTE, CodePrestation: "ADC", CodeActe: "ZZZZ001", Date: le(2, time.March), Base: euros("145.20"), Depense: euros("145.20")}
	ajouter("ok-acte-lourd", consultation(t, lourd), roc.Accepte)
	ajouter("010-sejour-chambre-particuliere-P421", sejour(t), roc.AvecReserve)
	depassement := calcul.Acte{Famille: calcul.FamilleCONS, CodePrestation: "CS", Date: le(2, time.March), Base: euros("31.50"), Depense: euros("50.00"), Secteur: calcul.Secteur2}
	ajouter("010-depassement-au-patient", consultation(t, depassement), roc.AvecReserve)
	situationsCLCAutres(t, repondu)
	refusCLC(t, ajouter)
	for code, nom := range map[roc.Code]string{roc.IDBInconnue: "reference-idb-inconnue", roc.SimulationRequise: "simulation-requise", roc.DroitsFermes: "droits-fermes", roc.EngagementExistant: "engagement-existant"} {
		r := refuse(code, "")
		if code == roc.EngagementExistant { // its owner is given the number. ref: DEC 21
			r.NumeroEngagement, r.EngagementDebut, r.EngagementFin = engagement(t, "99000101"), le(27, time.February), le(28, time.May)
		}
		repondu(string(code)+"-"+nom, sejour(t), r)
	}
	return l
}

// situationsCLCAutres are answers of other contracts than the usual one.
func situationsCLCAutres(t testing.TB, repondu func(string, *roc.DemandeCalcul, *roc.ReponseCalcul)) {
	t.Helper()
	second := sejour(t)
	premier := calculer(t, contrat(), second)
	second.RangAMC, second.Carte.NumeroAMC = 2, amc("99000303")
	inferieur := roc.RangInferieur{Rang: 1, NumeroAMC: amc("99000101")}
	for _, x := range premier.Lignes {
		inferieur.Montants = append(inferieur.Montants, roc.MontantDeLigne{Rang: x.Rang, Montant: x.MontantAMC})
	}
	second.RangsInferieurs = []roc.RangInferieur{inferieur}
	sur := calcul.Contrat{Reference: "PE-SUR", Garanties: []calcul.Garantie{{Code: "CP", Famille: calcul.FamilleCP, Formule: calcul.Simple(calcul.Regle{Numero: calcul.F07, M: euros("30.00")})}}}
	repondu("ok-rang-2-chambre-particuliere", second, calculer(t, sur, second))
	hors := consultation(t)
	repondu("010-hors-garantie-P420", hors, calculer(t, sur, hors))
	detourne := horsParcours(t)
	repondu("010-hors-parcours-P422", detourne, calculer(t, contrat(), detourne))
	urgences := consultation(t)
	f, _, err := moteur(t).FactureACE(calcul.DossierACE{ExoTM: calcul.ExoAucune, Nature: calcul.NatureMaladie, Parcours: "U", Urgences: true,
		Actes: []calcul.Acte{{Famille: calcul.FamilleCONS, CodePrestation: "G", Date: le(2, time.March), Base: euros("30.00"), Depense: euros("30.00")}}})
	if err != nil {
		t.Fatal(err)
	}
	passage, err := roc.DemandeDe(urgences.Entete, f)
	if err != nil {
		t.Fatal(err)
	}
	passage.IDReponseIDB, passage.NumeroFactureES = urgences.IDReponseIDB, "F2026000419"
	repondu("ok-urgences-fpu", passage, calculer(t, contrat(), passage))
}

func horsParcours(t testing.TB) *roc.DemandeCalcul {
	t.Helper()
	f, _, err := moteur(t).FactureACE(calcul.DossierACE{ExoTM: calcul.ExoAucune, Nature: calcul.NatureMaladie, HorsParcours: true,
		Actes: []calcul.Acte{{Famille: calcul.FamilleCONS, CodePrestation: "CS", Date: le(2, time.March), Base: euros("31.50"), Depense: euros("31.50")}}})
	if err != nil {
		t.Fatal(err)
	}
	d, err := roc.DemandeDe(entete(roc.ContexteACE, le(2, time.March)), f)
	if err != nil {
		t.Fatal(err)
	}
	d.IDReponseIDB = "IK7Q2MZ4WX8T"
	return d
}

// refusCLC are questions that the engine refuses.
func refusCLC(t testing.TB, ajouter func(string, *roc.DemandeCalcul, roc.Code)) {
	t.Helper()
	for _, x := range []struct {
		nom     string
		code    roc.Code
		abimer  func(*roc.DemandeCalcul)
		externe bool
	}{
		{"P401-total-faux", roc.TotalFaux, func(d *roc.DemandeCalcul) { d.Totaux.Depense += 1000 }, true},
		{"P402-dates-incoherentes", roc.DatesIncoherentes, func(d *roc.DemandeCalcul) { d.PeriodeFin = d.PeriodeDebut - 1 }, false},
		{"P403-nuits-fausses", roc.NuitsFausses, func(d *roc.DemandeCalcul) { d.Sejour.NbNuitees++ }, false},
		{"P410-prestation-inconnue", roc.PrestationInconnue, func(d *roc.DemandeCalcul) { d.Lignes[0].CodePrestation = "ZZZ" }, false},
		{"P411-forfait-en-double", roc.ForfaitEnDouble, doublerFJ, false},
		{"P412-taux-indeterminable", roc.TauxIndetermine, func(d *roc.DemandeCalcul) { d.AMO.ExoTM = "" }, false},
		{"P413-taux-incoherent", roc.TauxIncoherent, func(d *roc.DemandeCalcul) { d.AMO.ExoTM = calcul.ExoALD }, false},
		{"P414-forfait-incoherent", roc.FJIncoherent, func(d *roc.DemandeCalcul) { d.CodePecFJ = calcul.FJRegime }, false},
		{"P415-participation-sans-acte-lourd", roc.PASIncoherente, ajouterPAS, true},
		{"P430-rang-incoherent", roc.RangIncoherent, func(d *roc.DemandeCalcul) { d.RangAMC = 2 }, true},
	} {
		d := sejour(t)
		if x.externe {
			d = consultation(t)
		}
		x.abimer(d)
		ajouter(x.nom, d, x.code)
	}
}

func doublerFJ(d *roc.DemandeCalcul) {
	for _, l := range d.Lignes {
		if l.Famille == calcul.FamilleFJ {
			l.Rang = len(d.Lignes) + 1
			d.Lignes = append(d.Lignes, l)
			break
		}
	}
	retotaliser(d)
}

func ajouterPAS(d *roc.DemandeCalcul) {
	j := d.PeriodeDebut
	d.Lignes = append(d.Lignes, roc.Ligne{Rang: len(d.Lignes) + 1, Famille: calcul.FamillePAS, CodePrestation: "PAS", DateDebut: j, DateFin: j, Quantite: 1,
		PrixUnitaire: euros("24.00"), MontantDepense: euros("24.00")})
	retotaliser(d)
}

// retotaliser makes the totals those of the lines again.
func retotaliser(d *roc.DemandeCalcul) {
	f := doit(d.Facture())
	t := calcul.Totaliser(f.Lignes)
	d.Totaux = &roc.Totaux{Depense: t.Depense, AMO: t.AMO, BaseAMC: t.BaseAMC, PatientAvantAMC: t.PatientAvantAMC}
}

func situationsDEL(t testing.TB) (l []roctest.Dore) {
	for _, x := range []struct {
		nom  string
		code roc.Code
		etat roc.EtatEngagement
		jour sante.Jour
		sim  string
	}{
		{"ok-annule", roc.Accepte, roc.EtatAnnule, le(2, time.March), ""},
		{"deja-annule", roc.Accepte, roc.EtatDejaAnnule, le(27, time.February), ""},
		{"ok-simulation-oubliee", roc.Accepte, roc.EtatAnnule, le(2, time.March), "SHX2V9QKT4MB"},
		{"C302-engagement-inconnu", roc.EngagementInconnu, roc.EngagementPasTrouve, 0, ""},
		{"C303-engagement-expire", roc.EngagementExpire, roc.EtatExpire, 0, ""},
		{"C305-deja-facture", roc.EngagementFacture, roc.EtatDejaFacture, 0, ""},
		{"C305-deja-paye", roc.EngagementFacture, roc.EtatDejaPaye, 0, ""},
	} {
		d := &roc.DemandeDEL{NumeroEngagement: engagement(t, "99000101"), Motif: roc.ErreurSaisie, NumeroFactureES: "F2026000418"}
		if x.sim != "" {
			d = &roc.DemandeDEL{IDSimulation: x.sim, Motif: roc.ChangementSejour}
		}
		r := &roc.ReponseDEL{Retour: roc.RetourDe(x.code, ""), EtatEngagement: x.etat, DateAnnulation: x.jour}
		l = append(l, paire("del/"+x.nom, roc.EchangeDEL, versMutuelle, d, r)...)
	}
	return l
}

func situationsENG(t testing.TB) (l []roctest.Dore) {
	d := &roc.DemandeEngagement{NumeroEngagement: engagement(t, "99000101")}
	c := calculer(t, contrat(), sejour(t))
	ajouter := func(nom string, code roc.Code, etat roc.EtatEngagement, annule sante.Jour) {
		r := &roc.ReponseEngagement{Retour: roc.RetourDe(code, ""), EtatEngagement: etat}
		if code != roc.EngagementInconnu {
			r.IDDossier, r.EngagementDebut, r.EngagementFin, r.DateAnnulation = "V2026030042", le(2, time.March), le(31, time.May), annule
			r.TotalAMC, r.Lignes = c.TotalAMC, c.Lignes
		}
		l = append(l, paire("eng/"+nom, roc.EchangeEngagement, versMutuelle, d, r)...)
	}
	ajouter("ok-en-cours", roc.Accepte, roc.EngagementEnCours, 0)
	ajouter("ok-annule", roc.Accepte, roc.EtatAnnule, le(2, time.March))
	ajouter("ok-expire", roc.Accepte, roc.EtatExpire, 0)
	ajouter("C302-inconnu", roc.EngagementInconnu, roc.EngagementPasTrouve, 0)
	ajouter("C304-annule", roc.EngagementAnnule, roc.EtatAnnule, le(2, time.March))
	return l
}

func situationsEtat(testing.TB) (l []roctest.Dore) {
	ajouter := func(nom string, ensemble roc.Etat, services ...roc.EtatService) {
		d := &roc.DemandeEtat{Services: []roc.Service{roc.IDB, roc.CLC}}
		r := &roc.ReponseEtat{Retour: roc.RetourDe(roc.Accepte, ""), Etat: ensemble, Services: services}
		l = append(l, paire("etat/"+nom, roc.EchangeEtat, versMutuelle, d, r)...)
	}
	un := func(s roc.Service, e roc.Etat, prochaine string) roc.EtatService {
		return roc.EtatService{Service: s, Etat: e, ProchaineOuverture: prochaine}
	}
	ajouter("ok-operationnel", roc.Operationnel, un(roc.IDB, roc.Operationnel, ""), un(roc.CLC, roc.Operationnel, ""))
	ajouter("ok-degrade", roc.Degrade, un(roc.IDB, roc.Degrade, ""), un(roc.CLC, roc.Operationnel, ""))
	ajouter("ok-ferme", roc.EtatFerme, un(roc.IDB, roc.EtatFerme, "2026-03-03T06:00:00Z"), un(roc.CLC, roc.EtatFerme, "2026-03-03T06:00:00Z"))
	return l
}

// situationsRefus are the technical and security refusals: faults.
func situationsRefus(testing.TB) (l []roctest.Dore) {
	precisions := map[roc.Code]roc.CorpsRefus{
		roc.Illisible:        {Retour: roc.Retour{Precision: "corps/rangAMC : entier de 1 à 3 attendu"}},
		roc.Version:          {Retour: roc.Retour{Precision: "ecluse-roc/1 attendu"}},
		roc.Ferme:            {ReprendreApres: 3600},
		roc.Saturation:       {ReprendreApres: 2},
		roc.CertificatRefuse: {Retour: roc.Retour{Precision: "certificat révoqué le 1er mars 2026 : clé compromise"}},
		roc.Quota:            {ReprendreApres: 900},
		roc.Interne:          {NumeroDemande: "7Q2MZ4WX8T3C"},
	}
	for _, s := range roc.Significations() {
		if !s.Code.Technique() {
			continue
		}
		c := precisions[s.Code]
		c.Retour = roc.RetourDe(s.Code, c.Precision)
		if c.NumeroDemande == "" {
			c.NumeroDemande = "5KX1PRWMB04Z"
		}
		l = append(l, roctest.Refus("refus/"+string(s.Code), enveloppe(versMutuelle), &c))
	}
	return l
}
