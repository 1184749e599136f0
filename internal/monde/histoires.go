package monde

import (
	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
)

// consultation: an outpatient visit at the public hospital, where two digits of an
// amount were swapped.
func (c *conteur) consultation() Histoire {
	h := c.ouvrir("consultation", "Une consultation externe à l'hôpital public", "solene", CleHopital, 0)
	visite := func(facture, echographie string) *Fait {
		return &Fait{Facture: facture, Externe: h.externe(
			par(c.acte(calcul.FamilleCONS, "CS", "26.50", "26.50"), rppsSpecialiste, calcul.Secteur1),
			c.acte(calcul.FamilleACTE, "ADE", echographie, echographie), c.acte(calcul.FamilleBIO, "B", "21.60", "21.60"))}
	}
	h.Etapes = []Etape{
		droits(1),
		{Service: roc.CLC, Rang: 1, Titre: "La visite est calculée et garantie", Fait: visite("F-CONS-1", "75.60"), Attendu: c.parts("123.70", "84.43", "0.00", "0.00", "39.27", "0.00")},
		annuler("L'échographie coûte 57,60 € et non 75,60 € : deux chiffres inversés", roc.ErreurSaisie),
		{Service: roc.CLC, Rang: 1, Titre: "La visite est calculée de nouveau", Fait: visite("F-CONS-2", "57.60"), Attendu: c.parts("105.70", "71.83", "0.00", "0.00", "33.87", "0.00")},
	}
	return h
}

// sejourPublic: a stay with a private room at the public hospital; the exit was
// typed two days late. Of the thirty days of the year, five are left.
func (c *conteur) sejourPublic() Histoire {
	h := c.ouvrirSejour("sejour-public", "Un séjour à l'hôpital public, avec chambre particulière", "marcel", CleHopital, 8)
	sejour := func(facture string, nuits int) *Fait {
		return &Fait{Facture: facture, Sejour: c.confort(c.sejour(&h, nuits, "4500.00", "900.00"), calcul.FamilleCP, nuits, "70.00")}
	}
	h.Etapes = []Etape{
		droits(1),
		{Service: roc.SIM, Rang: 1, Titre: "Sept nuits sont prévues", Fait: sejour("", 7), Attendu: c.parts("5373.00", "3600.00", "0.00", "0.00", "1533.00", "240.00")},
		{Service: roc.CLC, Rang: 1, Titre: "Huit nuits ont été saisies", Fait: sejour("F-SEJ-1", 8), Attendu: c.parts("5623.00", "3600.00", "0.00", "0.00", "1713.00", "310.00")},
		annuler("La date de sortie était fausse : le patient est parti deux jours plus tôt", roc.ChangementSejour),
		{Service: roc.CLC, Rang: 1, Titre: "Six nuits : le vrai séjour", Fait: sejour("F-SEJ-2", 6), Attendu: c.parts("5123.00", "3600.00", "0.00", "0.00", "1353.00", "170.00")},
	}
	return h
}

// sejourClinique: a stay at the clinic, through the relay, with the fees of two
// practitioners beside; the base of one was typed wrong.
func (c *conteur) sejourClinique() Histoire {
	h := c.ouvrirSejour("sejour-clinique", "Un séjour en clinique, par le concentrateur", "monique", CleClinique, 3)
	sejour := func(facture string, nuits int, base string) *Fait {
		d := c.confort(c.sejour(&h, nuits, "2400.00", ""), calcul.FamilleCP, nuits, "85.00")
		d.Honoraires = []calcul.Acte{
			par(c.acte(calcul.FamilleACTE, "ADC", "110.00", "260.00"), rppsChirurgien, calcul.Secteur2OPTAM),
			par(c.acte(calcul.FamilleACTE, "ADA", base, "110.00"), rppsAnesthesiste, calcul.Secteur2),
		}
		for i := range d.Honoraires {
			d.Honoraires[i].Date = h.Entree + 1
		}
		return &Fait{Facture: facture, Sejour: d}
	}
	h.Etapes = []Etape{
		droits(1),
		{Service: roc.SIM, Rang: 1, Titre: "Deux nuits sont prévues", Fait: sejour("", 2, "65.00"), Attendu: c.parts("2963.00", "2060.00", "0.00", "0.00", "530.00", "373.00")},
		{Service: roc.CLC, Rang: 1, Titre: "Trois nuits, et les honoraires", Fait: sejour("F-CLI-1", 3, "56.00"), Attendu: c.parts("3048.00", "2052.80", "0.00", "0.00", "528.20", "467.00")},
		annuler("La base de l'anesthésie est de 65,00 € et non de 56,00 €", roc.ErreurSaisie),
		{Service: roc.CLC, Rang: 1, Titre: "Le séjour est calculé de nouveau", Fait: sejour("F-CLI-2", 3, "65.00"), Attendu: c.parts("3048.00", "2060.00", "0.00", "0.00", "530.00", "458.00")},
	}
	return h
}

// chirurgie: a heavy act at the non-profit hospital, for the insurer that an
// operator represents and that wants a simulation first; the ceiling of the year
// is nearly reached. The mode of exit was typed wrong.
func (c *conteur) chirurgie() Histoire {
	h := c.ouvrirSejour("chirurgie", "Une chirurgie lourde, par l'opérateur de l'AMC", "aicha", CleNonLucratif, 4)
	sejour := func(facture string, sortie calcul.ModeSortie) *Fait {
		d := c.confort(c.sejour(&h, 4, "3000.00", "850.00"), calcul.FamilleCP, 4, "95.00")
		d.ActeLourd, d.DateActeLourd, d.ModeSortie = true, h.Entree+1, sortie
		return &Fait{Facture: facture, Sejour: d}
	}
	h.Etapes = []Etape{
		droits(1),
		{Service: roc.SIM, Rang: 1, Titre: "L'AMC demande une simulation avant le calcul", Fait: sejour("", calcul.SortieDomicile), Attendu: c.parts("3495.00", "2968.00", "0.00", "0.00", "267.00", "260.00")},
		{Service: roc.CLC, Rang: 1, Titre: "Un transfert a été saisi : le jour de sortie n'est pas dû", Fait: sejour("F-CHI-1", calcul.SortieTransfert), Attendu: c.parts("3472.00", "2968.00", "0.00", "0.00", "244.00", "260.00")},
		annuler("La patiente est rentrée chez elle", roc.ErreurSaisie),
		{Service: roc.CLC, Rang: 1, Titre: "Retour à domicile", Fait: sejour("F-CHI-2", calcul.SortieDomicile), Attendu: c.parts("3495.00", "2968.00", "0.00", "0.00", "267.00", "260.00")},
	}
	return h
}

// depassements: fees above the base; the sector of a practitioner was typed wrong.
func (c *conteur) depassements() Histoire {
	h := c.ouvrir("depassements", "Des dépassements d'honoraires, dans et hors OPTAM", "thierry", CleHopital, 1)
	visite := func(facture string, s calcul.Secteur) *Fait {
		return &Fait{Facture: facture, Externe: h.externe(
			par(c.acte(calcul.FamilleCONS, "CS", "30.00", "60.00"), rppsSpecialiste, calcul.Secteur2OPTAM),
			par(c.acte(calcul.FamilleACTE, "ATM", "80.00", "150.00"), rppsHorsOptam, s))}
	}
	h.Etapes = []Etape{
		droits(1),
		{Service: roc.CLC, Rang: 1, Titre: "Les deux praticiens sont saisis dans l'OPTAM", Fait: visite("F-DEP-1", calcul.Secteur2OPTAM), Attendu: c.parts("210.00", "77.00", "0.00", "0.00", "88.00", "45.00")},
		annuler("Le second praticien n'a pas signé l'OPTAM", roc.ErreurSaisie),
		{Service: roc.CLC, Rang: 1, Titre: "Hors OPTAM, un contrat responsable paie moins", Fait: visite("F-DEP-2", calcul.Secteur2), Attendu: c.parts("210.00", "77.00", "0.00", "0.00", "72.00", "61.00")},
	}
	return h
}

// calculLocal: the hospital computes from the formulas of the answer on rights,
// and the insurer guarantees the result. ref: DEC 24
func (c *conteur) calculLocal() Histoire {
	h := c.ouvrirSejour("calcul-local", "Un calcul fait par l'établissement, garanti par l'AMC", "baptiste", CleNonLucratif, 2)
	d := c.confort(c.sejour(&h, 2, "1500.00", "850.00"), calcul.FamilleCP, 2, "60.00")
	h.Etapes = []Etape{
		droits(1),
		{Service: roc.CLC, Local: true, Rang: 1, Titre: "L'établissement calcule sur les formules de l'AMC", Fait: &Fait{Facture: "F-LOC-1", Sejour: d},
			Attendu: c.parts("1683.00", "1200.00", "0.00", "0.00", "453.00", "30.00")},
	}
	return h
}

// deuxAMC: the second insurer pays on what the first leaves. ref: ROC §13.8
func (c *conteur) deuxAMC() Histoire {
	h := c.ouvrirSejour("deux-amc", "Deux AMC, l'une après l'autre", "genevieve", CleHopital, 5)
	fait := &Fait{Facture: "F-DEUX-1", Sejour: c.confort(c.sejour(&h, 5, "2800.00", "900.00"), calcul.FamilleCP, 5, "90.00")}
	h.Etapes = []Etape{
		droits(1), droits(2),
		{Service: roc.CLC, Rang: 1, Titre: "Le premier rang s'engage", Fait: fait, Attendu: c.parts("3613.00", "2240.00", "0.00", "0.00", "1173.00", "200.00")},
		{Service: roc.CLC, Rang: 2, Titre: "Le second paie sur ce qui reste", Fait: fait, Attendu: c.parts("3613.00", "2240.00", "0.00", "1173.00", "150.00", "50.00")},
	}
	return h
}

// urgences: a passage without admission, at the reduced charge. ref: ROC §13.7
func (c *conteur) urgences() Histoire {
	h := c.ouvrir("urgences", "Un passage aux urgences, affection de longue durée", "odile", CleHopital, 0)
	d := h.externe(c.acte(calcul.FamilleCONS, "G", "26.50", "26.50"))
	d.Urgences, d.SituationFPU = true, calcul.EnALD
	h.Etapes = []Etape{droits(1), {Service: roc.CLC, Rang: 1, Titre: "Le forfait réduit remplace le ticket modérateur", Fait: &Fait{Facture: "F-URG-1", Externe: d},
		Attendu: c.parts("36.46", "26.50", "0.00", "0.00", "9.96", "0.00")}}
	return h
}

// maternite: neither ticket modérateur nor daily charge; comfort only.
func (c *conteur) maternite() Histoire {
	h := c.ouvrirSejour("maternite", "Une naissance, chambre particulière et lit d'accompagnant", "camille", CleNonLucratif, 3)
	d := c.confort(c.confort(c.sejour(&h, 3, "2600.00", "900.00"), calcul.FamilleCP, 3, "70.00"), calcul.FamilleACC, 3, "40.00")
	h.Etapes = []Etape{droits(1), {Service: roc.CLC, Rang: 1, Titre: "Seul le confort reste à partager", Fait: &Fait{Facture: "F-MAT-1", Sejour: d},
		Attendu: c.parts("2930.00", "2600.00", "0.00", "0.00", "225.00", "105.00")}}
	return h
}

// alsace: the local scheme pays the ticket modérateur and the daily charge.
func (c *conteur) alsace() Histoire {
	h := c.ouvrirSejour("alsace-moselle", "Un séjour au régime local d'Alsace-Moselle", "jeanluc", CleHopital, 3)
	d := c.confort(c.sejour(&h, 3, "1800.00", "900.00"), calcul.FamilleCP, 3, "65.00")
	h.Etapes = []Etape{droits(1), {Service: roc.CLC, Rang: 1, Titre: "Le régime local paie avant l'AMC", Fait: &Fait{Facture: "F-ALS-1", Sejour: d},
		Attendu: c.parts("2198.00", "1440.00", "563.00", "0.00", "150.00", "45.00")}}
	return h
}
