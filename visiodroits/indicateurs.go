package visiodroits

import (
	"github.com/ecluse-sante/ecluse/sante"
)

// NomIndicateur names an indicator. ref: VISIO §15
type NomIndicateur string

// The indicators.
const (
	TauxReussite     NomIndicateur = "TAUX_REUSSITE"
	FauxNegatifs     NomIndicateur = "FAUX_NEGATIFS"
	FauxNonOuvert    NomIndicateur = "FAUX_NON_OUVERT"
	DureeMediane     NomIndicateur = "DUREE_MEDIANE"
	DureeP95         NomIndicateur = "DUREE_P95"
	PartDegrade      NomIndicateur = "PART_DEGRADE"
	PartDepannage    NomIndicateur = "PART_DEPANNAGE"
	AgeLARMedian     NomIndicateur = "AGE_LAR_MEDIAN"
	AgeLARP95        NomIndicateur = "AGE_LAR_P95"
	RejetsAccredites NomIndicateur = "REJETS_ACCREDITES"
	DelaiMedian      NomIndicateur = "DELAI_PAIEMENT_MEDIAN"
	DelaiP95         NomIndicateur = "DELAI_PAIEMENT_P95"
	FraicheurCRL     NomIndicateur = "FRAICHEUR_CRL"
	FraicheurLAR     NomIndicateur = "FRAICHEUR_LAR"
	TraceVisible     NomIndicateur = "TRACE_VISIBLE"
)

// Unite is what an indicator is counted in.
type Unite string

// The units.
const (
	EnTaux   Unite = "%" // hundredths of a percent
	EnNombre Unite = "nombre"
	EnMS     Unite = "ms"
	EnH      Unite = "h"
	EnJ      Unite = "j"
)

// Verdict is whether a target is met. The zero value is "not said".
type Verdict string

// The verdicts.
const (
	SansCible    Verdict = "SANS_CIBLE"
	SansMesure   Verdict = "SANS_MESURE" // nothing was counted: neither good nor bad
	Tenue        Verdict = "TENUE"
	Manquee      Verdict = "MANQUEE"
	Indeterminee Verdict = "INDETERMINEE" // the target lies inside a box of the histogram
)

// Indicateur is one figure to publish.
type Indicateur struct {
	Nom     NomIndicateur
	Libelle string
	Unite   Unite
	Valeur  int64 // upper bound of a quantile; meaningless without Sur
	AuDela  bool  // the quantile is beyond the last bound, which Valeur is
	Nombre  int64 // what a rate counts
	Sur     int64 // among how many; 0: nothing to measure
	Cible   *Cible
	Verdict Verdict
}

// Taux is the value of a rate.
func (i *Indicateur) Taux() sante.Taux { return sante.Taux(i.Valeur) }

// definition is how an indicator is computed: a rate, a count, or a quantile.
type definition struct {
	nom      NomIndicateur
	libelle  string
	unite    Unite
	part     func(*Totaux) (nombre, sur int64)
	serie    func(*Totaux) *Histogramme
	pourcent int
}

// definitions are the indicators of the reference, in its order. // hyp: VISIO-INDICATEURS
var definitions = []definition{
	{nom: TauxReussite, libelle: "Demandes de droits qui ont eu une réponse sur les droits", unite: EnTaux, part: func(t *Totaux) (int64, int64) {
		return compte(t.Codes, repondu), somme(t.Codes) - compte(t.Codes, est(ServiceNonOuvert))
	}},
	{nom: FauxNegatifs, libelle: "Demandes refusées 201 ou 202, puis droits ouverts le même jour", unite: EnTaux, part: func(t *Totaux) (int64, int64) {
		return compte(t.Dementis, est(ServiceIndisponible, OperateurInjoignable)), somme(t.Codes)
	}},
	{nom: FauxNonOuvert, libelle: "« Service non ouvert » démenti le même jour par des droits ouverts", unite: EnTaux, part: func(t *Totaux) (int64, int64) {
		return compte(t.Dementis, est(ServiceNonOuvert)), compte(t.Codes, est(ServiceNonOuvert))
	}},
	{nom: DureeMediane, libelle: "Durée d'une demande de droits, médiane", unite: EnMS, serie: func(t *Totaux) *Histogramme { return t.Durees }, pourcent: 50},
	{nom: DureeP95, libelle: "Durée d'une demande de droits, 95e centile", unite: EnMS, serie: func(t *Totaux) *Histogramme { return t.Durees }, pourcent: 95},
	{nom: PartDegrade, libelle: "Factures en mode dégradé", unite: EnTaux, part: func(t *Totaux) (int64, int64) { return t.FacturesDegradees, t.Factures }},
	{nom: PartDepannage, libelle: "Accréditations de dépannage", unite: EnTaux, part: func(t *Totaux) (int64, int64) { return t.Depannages, t.Accreditations }},
	{nom: AgeLARMedian, libelle: "Âge de la liste des accréditations révoquées, médiane", unite: EnH, serie: func(t *Totaux) *Histogramme { return t.AgesLAR }, pourcent: 50},
	{nom: AgeLARP95, libelle: "Âge de la liste des accréditations révoquées, 95e centile", unite: EnH, serie: func(t *Totaux) *Histogramme { return t.AgesLAR }, pourcent: 95},
	{nom: RejetsAccredites, libelle: "Factures accréditées rejetées", unite: EnNombre, part: func(t *Totaux) (int64, int64) { return t.RejetsAccredites, t.FacturesAccreditees }},
	{nom: DelaiMedian, libelle: "Délai de paiement, médiane", unite: EnJ, serie: func(t *Totaux) *Histogramme { return t.DelaisPaiement }, pourcent: 50},
	{nom: DelaiP95, libelle: "Délai de paiement, 95e centile", unite: EnJ, serie: func(t *Totaux) *Histogramme { return t.DelaisPaiement }, pourcent: 95},
	{nom: FraicheurCRL, libelle: "Certificats contrôlés dans une liste de révocation fraîche", unite: EnTaux, part: func(t *Totaux) (int64, int64) { return t.CRLFraiches, t.CRLControles }},
	{nom: FraicheurLAR, libelle: "Accréditations contrôlées dans une liste fraîche", unite: EnTaux, part: func(t *Totaux) (int64, int64) { return t.LARFraiches, t.LARControles }},
	{nom: TraceVisible, libelle: "Factures accréditées dont le logiciel garde la trace de la garantie", unite: EnTaux, part: func(t *Totaux) (int64, int64) { return t.FacturesAvecTrace, t.FacturesAccreditees }},
}

func est(codes ...Code) func(CodeVu) bool {
	return func(c CodeVu) bool {
		for _, x := range codes {
			if string(x) == string(c) {
				return true
			}
		}
		return false
	}
}

// repondu tells an answer on the rights of somebody, good or bad, from a failure.
func repondu(c CodeVu) bool { return len(c) == 3 && (c[0] == '0' || c[0] == '1') }

// Calculer makes the indicators of a sum, with the targets of its last day.
// ref: VISIO §15
func Calculer(s *Somme, cibles Cibles) []Indicateur {
	l := make([]Indicateur, len(definitions))
	for i := range definitions {
		d := &definitions[i]
		l[i] = Indicateur{Nom: d.nom, Libelle: d.libelle, Unite: d.unite, Cible: cibles.A(d.nom, s.Fin)}
		if d.part != nil {
			l[i].compter(d.part(&s.Totaux))
		} else {
			l[i].situer(d.serie(&s.Totaux), d.pourcent)
		}
	}
	return l
}

// compter sets a count or a rate, rounded to the nearest; the verdict is on the
// exact figures.
func (i *Indicateur) compter(nombre, sur int64) {
	i.Nombre, i.Sur = nombre, sur
	if i.Unite == EnNombre {
		// A reject may come days after its invoice: it counts even alone.
		i.Sur, i.Valeur = max(sur, nombre), nombre
		i.Verdict = i.Cible.juger(i.Sur, nombre, nombre)
		return
	}
	if sur > 0 {
		i.Valeur = (nombre*10_000*2 + sur) / (2 * sur)
	}
	if i.Cible == nil || sur == 0 {
		i.Verdict = i.Cible.juger(sur, 0, 0)
		return
	}
	ecart := nombre*10_000 - i.Cible.Valeur*sur
	i.Verdict = verdict(i.Cible.Sens == AuMoins && ecart >= 0 || i.Cible.Sens == AuPlus && ecart <= 0)
}

// situer sets a quantile, known between two bounds.
func (i *Indicateur) situer(h *Histogramme, pourcent int) {
	if h == nil {
		h = &Histogramme{}
	}
	i.Sur = h.Nombre()
	q, ok := h.Quantile(pourcent)
	if !ok {
		i.Verdict = i.Cible.juger(0, 0, 0)
		return
	}
	haut := q.Plafond
	if i.AuDela = q.AuDela; q.AuDela {
		i.Valeur, haut = q.Plancher, 1<<62
	} else {
		i.Valeur = q.Plafond
	}
	i.Verdict = i.Cible.juger(i.Sur, q.Plancher+1, haut)
}
