package monde

import (
	"slices"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Contrat is what an insurer promises, in the JSON form of its imports.
type Contrat struct {
	Numero               string             `json:"numero"`
	Debut                sante.Jour         `json:"debut"`
	Fin                  sante.Jour         `json:"fin,omitzero"`
	Libelle              string             `json:"libelle,omitempty"`
	Type                 roc.TypeContrat    `json:"type"`
	Responsable          bool               `json:"responsable"`
	ModeCalcul           roc.ModeCalcul     `json:"modeCalcul"`
	GarantieLocale       bool               `json:"garantieLocale,omitempty"`
	MontantMaxLocal      *sante.Montant     `json:"montantMaxLocal,omitempty"`
	CSSParLaCaisse       bool               `json:"cssParLaCaisse,omitempty"`
	EtablissementsExclus []sante.FINESS     `json:"etablissementsExclus,omitempty"`
	Perimetre            []Domaine          `json:"perimetre"`
	Garanties            []calcul.Garantie  `json:"garanties"`
	Exclusions           []calcul.Exclusion `json:"exclusions,omitempty"`
	MessageAgent         string             `json:"messageAgent,omitempty"`
	MessagePatient       string             `json:"messagePatient,omitempty"`
}

// Domaine is a domain that a contract covers or not. ref: ROC §7.2
type Domaine struct {
	Domaine string `json:"domaine"`
	Couvert bool   `json:"couvert"`
	Motif   string `json:"motif,omitempty"`
}

// Calcul is the contract as the engine reads it.
func (c *Contrat) Calcul() calcul.Contrat {
	return calcul.Contrat{
		Reference: c.Numero, Type: calcul.TypeContrat(c.Type), Responsable: c.Responsable, Debut: c.Debut, Fin: c.Fin,
		Garanties: c.Garanties, Exclusions: c.Exclusions,
	}
}

// ville are the domains outside the hospital that every contract covers but those for
// stays alone.
var ville = []string{"PHAR", "LABO", "OPTI", "AUDIO", "AUXM"}

// couvre covers these domains of the hospital, and what is done outside when it covers
// outpatient care.
func couvre(domaines ...string) (l []Domaine) {
	if slices.Contains(domaines, "ACE") {
		domaines = append(domaines, ville...)
	}
	for _, d := range domaines {
		l = append(l, Domaine{Domaine: d, Couvert: true})
	}
	return l
}

func (a *atelier) montant(s string) sante.Montant { return lire(a, s, sante.ParseMontant) }

// avec is the base of the worked examples (100 % TM, FJ, PAS, FPU), where the
// guarantees given take the place of those of their families. ref: ROC §19
func avec(garanties ...calcul.Garantie) []calcul.Garantie {
	l := slices.DeleteFunc(calcul.Responsable100().Garanties, func(g calcul.Garantie) bool {
		return slices.ContainsFunc(garanties, func(h calcul.Garantie) bool { return h.Famille == g.Famille && len(h.Codes) == 0 })
	})
	return append(l, garanties...)
}

func garantie(code string, f calcul.Famille, r calcul.Regle) calcul.Garantie {
	return calcul.Garantie{Code: code, Famille: f, Formule: calcul.Simple(r)}
}

// contratsMoulin: a responsible contract with a private room counted by the year,
// a plain one, and neither local calculation nor network. ref: ROC §12 F08
func (a *atelier) contratsMoulin() []Contrat {
	debut := a.janvier(-3)
	cp := garantie("CP", calcul.FamilleCP, calcul.Regle{Numero: calcul.F08, M: a.montant("50.00"), N: 30, Fenetre: calcul.ParAnnee})
	acc := garantie("ACC", calcul.FamilleACC, calcul.Regle{Numero: calcul.F07, M: a.montant("25.00")})
	acc.PlafondPeriode, acc.Fenetre = a.montant("250.00"), calcul.ParSejour
	quinze := sante.Pourcent(15)
	sansQuinze := []calcul.Exclusion{{Famille: calcul.FamilleMED, TauxAMO: &quinze}} // ref: ROC §13.10
	return []Contrat{
		{Numero: "MB-TRANQUILLE", Libelle: "Tranquille (fictif)", Debut: debut, Type: roc.ContratIndividuel, Responsable: true, ModeCalcul: roc.CalculCLC,
			Perimetre: couvre("ACE", "SEJOUR", "CP", "ACCOMPAGNANT", "HAD"), Garanties: avec(cp, acc), Exclusions: sansQuinze,
			MessageAgent: "Chambre particulière : 50,00 € par jour, 30 jours par an. Demande écrite du patient à conserver."},
		{Numero: "MB-ESSENTIEL", Libelle: "Essentiel (fictif)", Debut: debut, Type: roc.ContratIndividuel, Responsable: true, ModeCalcul: roc.CalculCLC,
			Perimetre: append(couvre("ACE", "SEJOUR", "HAD"), Domaine{Domaine: "CP", Motif: "chambre particulière non garantie"}),
			Garanties: avec(), Exclusions: sansQuinze},
	}
}

// contratsMarees: two collective contracts, with percentages of the base, network
// tariffs and ceilings of the year. ref: ROC §12 F03, F10, F11, F12
func (a *atelier) contratsMarees() []Contrat {
	pourcent := func(code string, f calcul.Famille, p int) calcul.Garantie {
		return garantie(code, f, calcul.Regle{Numero: calcul.F03, P: sante.Pourcent(p)})
	}
	dispositifs := pourcent("DMI", calcul.FamilleDMI, 200)
	dispositifs.PlafondPeriode, dispositifs.Fenetre = a.montant("1500.00"), calcul.ParAnnee
	reseau := garantie("LANTERNES", calcul.FamilleDMI, calcul.Regle{Numero: calcul.F11, Reseau: "RES-LANTERNES",
		Tarifs: []calcul.TarifConvenu{{Code: "AUDIO", Montant: a.montant("950.00")}, {Code: "OPTIQ", Montant: a.montant("320.00")}}})
	reseau.Codes = []string{"AUDIO", "OPTIQ"}
	cp := garantie("CP-AN", calcul.FamilleCP, calcul.Regle{Numero: calcul.F07, M: a.montant("60.00")})
	cp.PlafondPeriode, cp.Fenetre = a.montant("1200.00"), calcul.ParAnnee
	acc := garantie("ACC-AN", calcul.FamilleACC, calcul.Regle{Numero: calcul.F05})
	acc.PlafondPeriode, acc.Fenetre = a.montant("300.00"), calcul.ParAnnee
	parJour := calcul.Regle{Numero: calcul.F07, M: a.montant("100.00")}
	parAn := calcul.Regle{Numero: calcul.F10, P: sante.Pourcent(30)}
	cadres := calcul.Garantie{Code: "CP-PMSS", Famille: calcul.FamilleCP,
		Formule: calcul.Formule{Regle: calcul.Regle{Numero: calcul.F12}, Op: calcul.Min, F: &parJour, G: &parAn}}
	hors := calcul.Simple(calcul.Regle{Numero: calcul.F03, P: sante.Pourcent(180)})
	acteCadres := pourcent("ACTE-200", calcul.FamilleACTE, 200)
	acteCadres.HorsOptam = &hors
	domaines := couvre("ACE", "SEJOUR", "CP", "ACCOMPAGNANT", "HAD")
	debut := a.janvier(-3)
	return []Contrat{
		{Numero: "ML-SOCLE", Libelle: "Socle collectif (fictif)", Debut: debut, Type: roc.ContratCollectif, Responsable: true, ModeCalcul: roc.CalculCLC, Perimetre: domaines,
			Garanties: avec(pourcent("CONS-150", calcul.FamilleCONS, 150), pourcent("ACTE-150", calcul.FamilleACTE, 150), dispositifs, reseau, cp, acc)},
		{Numero: "ML-CADRES", Libelle: "Cadres (fictif)", Debut: debut, Type: roc.ContratCollectif, Responsable: true, ModeCalcul: roc.CalculCLC, Perimetre: domaines,
			Garanties:      avec(pourcent("CONS-200", calcul.FamilleCONS, 200), acteCadres, dispositifs, reseau, cadres, acc),
			MessagePatient: "Votre contrat est celui de votre employeur (fictif)."},
	}
}

// contratsPhare: a contract at the lowest price, a supplement of second rank, one
// for stays only, one that a clinic refuses, the CSS, and the CSS of a caisse.
func (a *atelier) contratsPhare() []Contrat {
	debut := a.janvier(-3)
	fj := garantie("FJ-10", calcul.FamilleFJ, calcul.Regle{Numero: calcul.F08, M: a.montant("15.00"), N: 10, Fenetre: calcul.ParSejour})
	sur := garantie("CP-SUR", calcul.FamilleCP, calcul.Regle{Numero: calcul.F07, M: a.montant("30.00")})
	consultation := garantie("CONS-50", calcul.FamilleCONS, calcul.Regle{Numero: calcul.F02, P: sante.Pourcent(50)})
	clinique := lire(a, "990003014", sante.ParseFINESS)
	return []Contrat{
		{Numero: "PE-PREMIER-PRIX", Libelle: "Premier prix (fictif)", Debut: debut, Type: roc.ContratIndividuel, ModeCalcul: roc.CalculCLC,
			Perimetre: append(couvre("ACE", "SEJOUR"), Domaine{Domaine: "CP", Motif: "chambre particulière non garantie"}), Garanties: avec(fj, consultation)},
		{Numero: "PE-SUR", Libelle: "Surcomplémentaire (fictif)", Debut: debut, Type: roc.ContratIndividuel, ModeCalcul: roc.CalculCLC,
			Perimetre: couvre("ACE", "SEJOUR", "CP"), Garanties: avec(sur)},
		{Numero: "PE-HOSPI", Libelle: "Hospitalisation seule (fictif)", Debut: debut, Type: roc.ContratIndividuel, ModeCalcul: roc.CalculCLC,
			Perimetre: append(couvre("SEJOUR"), Domaine{Domaine: "ACE", Motif: "contrat d'hospitalisation"}), Garanties: avec()},
		{Numero: "PE-SANS-CLINIQUE", Libelle: "Réseau choisi (fictif)", Debut: debut, Type: roc.ContratIndividuel, Responsable: true, ModeCalcul: roc.CalculCLC,
			EtablissementsExclus: []sante.FINESS{clinique}, Perimetre: couvre("ACE", "SEJOUR"), Garanties: avec()},
		{Numero: "PE-CSS", Libelle: "Complémentaire santé solidaire (fictif)", Debut: debut, Type: roc.ContratCSS, Responsable: true, ModeCalcul: roc.CalculCLC,
			Perimetre: couvre("ACE", "SEJOUR", "HAD"), Garanties: calcul.CSS().Garanties},
		{Numero: "PE-CSS-CAISSE", Libelle: "CSS gérée par la caisse (fictif)", Debut: debut, Type: roc.ContratCSS, Responsable: true, ModeCalcul: roc.CalculCLC,
			CSSParLaCaisse: true, Perimetre: couvre("ACE", "SEJOUR", "HAD"), Garanties: calcul.CSS().Garanties},
	}
}

// contratsVerger: the hospital may compute, or must; the insurer guarantees what
// it finds up to an amount. A private room is counted by the stay, which the
// hospital knows. ref: DEC 24
func (a *atelier) contratsVerger() []Contrat {
	debut, max := a.janvier(-3), a.montant("3000.00")
	cp := garantie("CP-SEJOUR", calcul.FamilleCP, calcul.Regle{Numero: calcul.F07, M: a.montant("45.00")})
	cp.PlafondPeriode, cp.Fenetre = a.montant("450.00"), calcul.ParSejour
	return []Contrat{
		{Numero: "VA-RECOLTE", Libelle: "Récolte (fictif)", Debut: debut, Type: roc.ContratIndividuel, Responsable: true, ModeCalcul: roc.CalculLocalOuCLC,
			GarantieLocale: true, MontantMaxLocal: &max, Perimetre: couvre("ACE", "SEJOUR", "CP", "HAD"), Garanties: avec(cp)},
		{Numero: "VA-SEMIS", Libelle: "Semis (fictif)", Debut: debut, Type: roc.ContratIndividuel, Responsable: true, ModeCalcul: roc.CalculLocal,
			GarantieLocale: true, Perimetre: couvre("ACE", "SEJOUR"), Garanties: avec()},
	}
}
