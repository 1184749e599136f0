package bareme

import "strings"

// Keys of the tables. Those ending with a point take a suffix.
const (
	FJMCO = "fj.MCO" // daily charge in MCO, ODO and SMR
	FJPSY = "fj.PSY" // daily charge in psychiatry

	PASMontant     = "pas.montant"     // fixed participation for heavy acts
	PASSeuil       = "pas.seuil"       // tariff from which an act is heavy
	PASCoefficient = "pas.coefficient" // NGAP coefficient from which an act is heavy

	FPUNormal    = "fpu.NORMAL"     // emergency passage, ordinary amount
	FPUReduit    = "fpu.REDUIT"     // emergency passage, reduced amount
	FPUCategorie = "fpu.categorie." // situation → NORMAL, REDUIT or EXO

	AMO    = "amo."    // family[.profession[.HORS]] → rate of the compulsory insurer
	AMOFSV = "amo.FSV" // rate with exoTM 9
	AMOSEJ = "amo.SEJ" // rate of hospital stays

	LocalAmbulatoire = "local.ambulatoire" // total rate with the Alsace-Moselle scheme
	LocalHopital     = "local.hopital"     // share of the hospital TM and PAS that the local scheme pays

	PF               = "pf.montant" // participation withheld by the caisse on a consultation
	Franchise        = "franchise." // family → withheld by the caisse on each unit
	PMSS             = "pmss"       // monthly ceiling of social security
	TMJours          = "tm.jours"   // days with ticket modérateur over contiguous stays
	TNJP             = "tnjp."      // discipline.COMPLETE or JOUR → illustrative daily base
	Transition       = "tnjp.transition"
	Parcours         = "parcours."                  // code → DANS or HORS
	HorsOptamBase    = "responsable.horsOptam.base" // ceiling in % of the base above the TM
	HorsOptamEcart   = "responsable.horsOptam.ecart"
	ExitDayCompared  = "fj.exitDayInComparison"
	PASInsideTheStay = "pas.deductedFromStayTariff"
)

// Categories that a table may hold.
const (
	Normal = "NORMAL" // full amount of the FPU
	Reduit = "REDUIT" // reduced amount
	Exo    = "EXO"    // nothing due
	Dans   = "DANS"   // inside the coordinated care path
	Hors   = "HORS"   // outside
)

const (
	suffixeLibre       = '.'
	sourceReference    = "ref:"
	sourceHypothese    = "hyp:"
	enTeteDesTables    = "cle;debut;fin;valeur;source;incertain;note"
	tailleMaxFichier   = 1 << 20
	lignesMaxFichier   = 10_000
	fichiersMaxDossier = 64
)

type genre byte

const (
	genreMontant genre = iota + 1
	genreTaux
	genreEntier
	genreBooleen
	genreCategorie
)

// definition tells what values a key takes.
type definition struct {
	cle         string
	genre       genre
	obligatoire bool
	valeurs     string // allowed categories, separated by spaces
}

// definitions is the closed list of keys; the longest that matches is used.
func definitions() []definition {
	return []definition{
		{FJMCO, genreMontant, true, ""},
		{FJPSY, genreMontant, true, ""},
		{PASMontant, genreMontant, true, ""},
		{PASSeuil, genreMontant, true, ""},
		{PASCoefficient, genreEntier, true, ""},
		{FPUNormal, genreMontant, true, ""},
		{FPUReduit, genreMontant, true, ""},
		{FPUCategorie, genreCategorie, false, Normal + " " + Reduit + " " + Exo},
		{AMO, genreTaux, false, ""},
		{AMOSEJ, genreTaux, true, ""},
		{AMOFSV, genreTaux, true, ""},
		{LocalAmbulatoire, genreTaux, true, ""},
		{LocalHopital, genreTaux, true, ""},
		{PF, genreMontant, true, ""},
		{Franchise, genreMontant, false, ""},
		{PMSS, genreMontant, true, ""},
		{TMJours, genreEntier, true, ""},
		{TNJP, genreMontant, false, ""},
		{Transition, genreTaux, true, ""},
		{Parcours, genreCategorie, false, Dans + " " + Hors},
		{HorsOptamBase, genreTaux, true, ""},
		{HorsOptamEcart, genreTaux, true, ""},
		{ExitDayCompared, genreBooleen, true, ""},
		{PASInsideTheStay, genreBooleen, true, ""},
	}
}

// definitionDe finds what a key is, false for a key outside the list.
func definitionDe(cle string) (trouvee definition, ok bool) {
	for _, d := range definitions() {
		accepte := d.cle == cle
		if d.cle[len(d.cle)-1] == suffixeLibre {
			accepte = strings.HasPrefix(cle, d.cle) && len(cle) > len(d.cle)
		}
		if accepte && len(d.cle) > len(trouvee.cle) {
			trouvee, ok = d, true
		}
	}
	return trouvee, ok
}
