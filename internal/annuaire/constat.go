package annuaire

import (
	"log/slog"
	"strconv"

	"github.com/ecluse-sante/ecluse/sante"
)

// CodeConstat is what a control of quality finds. ref: RASS §13
type CodeConstat uint8

// The controls. Those after DAge are ours. hyp: CONTROLES-AJOUTES
const (
	DRPPSCle CodeConstat = 1 + iota
	DFINESSCle
	DSIRENCle
	DSIRETCle
	DIDPrefixe
	DRefOrpheline
	DDoublon
	DBALDomaine
	DBALDouble
	DBALInactif
	DEGSansEJ
	DCPCommune
	DCodeInconnu
	DDate
	DAge
	DIDAbsent
	DIDForme
	DADELI
	DBALForme
	DCoordonnees
	nombreConstats
)

var nomsConstats = [nombreConstats]string{"",
	"D-RPPS-CLE", "D-FINESS-CLE", "D-SIREN-CLE", "D-SIRET-CLE", "D-ID-PREFIXE", "D-REF-ORPHELINE", "D-DOUBLON", "D-BAL-DOMAINE",
	"D-BAL-DOUBLE", "D-BAL-INACTIF", "D-EG-SANS-EJ", "D-CP-COMMUNE", "D-CODE-INCONNU", "D-DATE", "D-AGE",
	"D-ID-ABSENT", "D-ID-FORME", "D-ADELI", "D-BAL-FORME", "D-COORDONNEES",
}

// String is the code as reports write it.
func (c CodeConstat) String() string {
	if c < nombreConstats {
		return nomsConstats[c]
	}
	return "D-" + strconv.Itoa(int(c))
}

// ParseCodeConstat reads a code as reports write it.
func ParseCodeConstat(s string) (CodeConstat, bool) {
	for c := DRPPSCle; c < nombreConstats; c++ {
		if nomsConstats[c] == s {
			return c, true
		}
	}
	return 0, false
}

// CodesConstat are all the codes, in their order.
func CodesConstat() []CodeConstat {
	l := make([]CodeConstat, 0, nombreConstats)
	for c := DRPPSCle; c < nombreConstats; c++ {
		l = append(l, c)
	}
	return l
}

// Gravite is what becomes of a record with a finding.
type Gravite uint8

// The severities: a control that is ignored says nothing, a record with a warning is
// kept, a refused one is not.
const (
	Ignorer Gravite = iota
	Avertir
	Refuser
)

var gravites = [...]string{"ignorer", "avertir", "refuser"}

// String is the word of the tables.
func (g Gravite) String() string { return gravites[min(g, Refuser)] }

// Controle is a control as the tables describe it.
type Controle struct {
	Code        CodeConstat
	Gravite     Gravite
	Responsable string // who can correct: autorite, finess, operateur-mssante, structure, exploitant
	Seuil       int32  // hours for DAge, 0 elsewhere
	Texte       string // what is wrong and what to do
	Source      string
}

type periodeControle struct {
	Controle
	periode
}

func lireControles(s *sources) (l []periodeControle) {
	vus := [nombreConstats]bool{}
	for _, r := range s.lire("controles.csv", "code", "gravite", "debut", "fin", "responsable", "seuil", "texte", "source") {
		c, ok := ParseCodeConstat(r.champs[0])
		g := -1
		for i, nom := range gravites {
			if nom == r.champs[1] {
				g = i
			}
		}
		if !ok || g < 0 || r.champs[4] == "" || r.champs[6] == "" {
			r.faute("contrôle illisible : code connu, gravité (ignorer, avertir, refuser), responsable et texte attendus")
			continue
		}
		seuil := 0
		if r.champs[5] != "" {
			n, err := strconv.Atoi(r.champs[5])
			if err != nil || n < 0 || n > 1<<20 {
				r.faute("seuil attendu : un nombre entier")
			}
			seuil = n
		}
		vus[c] = true
		l = append(l, periodeControle{Controle{c, Gravite(g), r.champs[4], int32(seuil), r.champs[6], r.champs[7]}, r.jours(r.champs[2], r.champs[3])})
	}
	for c := DRPPSCle; c < nombreConstats; c++ {
		if !vus[c] {
			s.fautes = append(s.fautes, &ErreurDonnees{"controles.csv", 0, "contrôle absent : " + c.String()})
		}
	}
	return l
}

// Controle is a control as it stands on a day; its severity is Ignorer when no row
// holds on that day.
func (d *Donnees) Controle(c CodeConstat, jour sante.Jour) Controle {
	for i := range d.controles {
		if p := &d.controles[i]; p.Code == c && p.contient(jour) {
			return p.Controle
		}
	}
	return Controle{Code: c}
}

// Constat is one finding on one record. Its texts alias the record: who keeps it
// copies them.
type Constat struct {
	Code     CodeConstat
	Gravite  Gravite
	Nature   Nature
	ID       string // of the record
	Autorite string // code of the authority that keeps it
	Champ    string // which field, a constant
	Valeur   string // what it holds
}

// LogValue tells what was found and hides on whom. ref: house-style §13
func (c Constat) LogValue() slog.Value {
	return slog.GroupValue(slog.String("code", c.Code.String()), slog.String("gravite", c.Gravite.String()),
		slog.String("nature", c.Nature.String()), slog.String("champ", c.Champ))
}
