package monde

import (
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// baremesConnus is the first day from which the tables are those that the shares
// were worked out with: FJ 23.00, PAS 32.00, FPU 23.00 and 9.96.
// ref: ROC §§13.4, 13.6, 13.7
var baremesConnus = sante.JourDe(2026, time.April, 22)

// conteur writes stories.
type conteur struct {
	*Monde
	*atelier
	numero int
}

// Histoires are the stories of the world, those that every demonstration plays
// first: an outpatient visit, a public stay, a clinic stay.
func (m *Monde) Histoires() ([]Histoire, error) {
	c := &conteur{Monde: m, atelier: &atelier{jour: m.Jour}}
	l := []Histoire{
		c.consultation(), c.sejourPublic(), c.sejourClinique(),
		c.chirurgie(), c.depassements(), c.calculLocal(), c.deuxAMC(), c.urgences(), c.maternite(), c.alsace(),
	}
	if len(c.fautes) > 0 {
		return nil, c.fautes[0]
	}
	return l, nil
}

// ouvrir begins a story. The number of a dossier is of the day and of the story.
func (c *conteur) ouvrir(cle, titre, patient, etablissement string, avant int) Histoire {
	c.numero++
	h := Histoire{
		Cle: cle, Titre: titre, Patient: c.Patient(patient), Etablissement: c.Etablissement(etablissement), Contexte: roc.ContexteACE,
		Entree: c.Monde.Jour - sante.Jour(avant), DMT: "900", MT: "07",
	}
	h.Dossier = "D" + compact(c.Monde.Jour) + string(rune('A'+c.numero-1))
	return h
}

// ouvrirSejour begins the story of a stay.
func (c *conteur) ouvrirSejour(cle, titre, patient, etablissement string, avant int) Histoire {
	h := c.ouvrir(cle, titre, patient, etablissement, avant)
	h.Contexte, h.DMT, h.MT = roc.ContexteAdmission, "181", "03"
	return h
}

func compact(j sante.Jour) string {
	s := j.String()
	return s[:4] + s[5:7] + s[8:]
}

// parts are shares worked out by hand, in euros; nil before the tables are those.
func (c *conteur) parts(depense, amo, autre, inferieurs, amc, patient string) *Parts {
	if c.Monde.Jour-30 < baremesConnus {
		return nil
	}
	return &Parts{c.montant(depense), c.montant(amo), c.montant(autre), c.montant(inferieurs), c.montant(amc), c.montant(patient)}
}

// droits is the question on rights that opens a story.
func droits(rang int) Etape {
	return Etape{Service: roc.IDB, Rang: rang, Titre: "Le patient est-il connu et couvert ?"}
}

// annuler is what happens when an error is found.
func annuler(titre string, motif roc.MotifAnnulation) Etape {
	return Etape{Service: roc.DEL, Rang: 1, Titre: titre, Motif: motif}
}

// sejour is the stay of a patient, at the bases given; an empty tnjp is a clinic.
func (c *conteur) sejour(h *Histoire, nuits int, tarif, tnjp string) *calcul.DossierSejour {
	base, p := c.montant(tarif), h.Patient
	d := &calcul.DossierSejour{Sejour: calcul.Sejour{
		Entree: h.Entree, Sortie: h.Entree + sante.Jour(nuits), ModeSortie: calcul.SortieDomicile, Discipline: calcul.MCO,
		Categorie: h.Etablissement.Categorie, Hospitalisation: calcul.Complete, Tarif: &base,
		ExoTM: p.AMO.ExoTM, Nature: p.AMO.NatureAssurance, PecFJ: p.PecFJ,
	}}
	if s := p.Situation; s != nil {
		d.CSS, d.AME = s.CSS, s.AME
	}
	if tnjp != "" {
		jour := c.montant(tnjp)
		d.TNJP = &jour
	}
	return d
}

// confort adds a comfort for a number of days of the stay.
func (c *conteur) confort(d *calcul.DossierSejour, f calcul.Famille, jours int, prix string) *calcul.DossierSejour {
	d.Confort = append(d.Confort, calcul.Confort{Famille: f, Code: string(f), Debut: d.Entree, Fin: d.Sortie, Quantite: calcul.Unites(jours), Prix: c.montant(prix)})
	return d
}

// externe is an outpatient visit in the care path.
func (h *Histoire) externe(actes ...calcul.Acte) *calcul.DossierACE {
	d := &calcul.DossierACE{ExoTM: h.Patient.AMO.ExoTM, Nature: h.Patient.AMO.NatureAssurance, Parcours: "T", Actes: actes}
	if s := h.Patient.Situation; s != nil {
		d.CSS, d.AME = s.CSS, s.AME
	}
	for i := range d.Actes {
		d.Actes[i].Date = h.Entree
	}
	return d
}

// acte is an act of a family charged at its base, or above it.
func (c *conteur) acte(f calcul.Famille, code, base, depense string) calcul.Acte {
	return calcul.Acte{Famille: f, CodePrestation: code, Base: c.montant(base), Depense: c.montant(depense)}
}

// par tells who did an act. ref: ROC §9.1
func par(a calcul.Acte, rpps string, s calcul.Secteur) calcul.Acte {
	a.Executant, a.Secteur = rpps, s
	return a
}

// Invented practitioners. ref: PKI §3
const (
	rppsSpecialiste  = "99900113012"
	rppsChirurgien   = "99900113020"
	rppsAnesthesiste = "99900113038"
	rppsHorsOptam    = "99900113046"
)
