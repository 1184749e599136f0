package annuaireamc

import (
	"slices"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Tableau is an immutable picture of the directory.
type Tableau struct{ parNumero map[sante.NumeroAMC][]*Entree }

// NewTableau arranges entries.
func NewTableau(entrees []Entree) *Tableau {
	t := &Tableau{parNumero: make(map[sante.NumeroAMC][]*Entree, len(entrees))}
	for i := range entrees {
		e := &entrees[i]
		t.parNumero[e.NumeroAMC] = append(t.parNumero[e.NumeroAMC], e)
	}
	return t
}

// precision ranks how closely an entry matches: convention then criterion, more
// literal first; ok is false when it does not match. ref: ROC §6.2
// hyp: ANNUAIRE-PREFIXE the digest ranks wildcards by their literal prefix; two
// with the same prefix are of equal rank.
func (e *Entree) precision(d *roc.DemandeAnnuaire) (rang int, ok bool) {
	if e.TypeConvention != "" && e.TypeConvention != d.TypeConvention || e.CSR != "" && !conforme(e.CSR, d.CSR) {
		return 0, false
	}
	switch {
	case e.TypeConvention == "":
		return 0, true
	case e.CSR == "":
		return 1, true
	case e.CSR == d.CSR:
		return 1000, true
	}
	return 2 + prefixe(e.CSR), true
}

// conforme matches a criterion with ? for one character.
func conforme(motif, csr string) bool {
	if len(motif) != len(csr) {
		return false
	}
	for i := range len(motif) {
		if motif[i] != '?' && motif[i] != csr[i] {
			return false
		}
	}
	return true
}

// prefixe is the length of the literal beginning of a pattern.
func prefixe(motif string) int {
	for i := range len(motif) {
		if motif[i] == '?' {
			return i
		}
	}
	return len(motif)
}

// chercher gives the entry of the highest rank, and false when two share it.
func (t *Tableau) chercher(d *roc.DemandeAnnuaire) (trouvee *Entree, seule bool) {
	meilleur := -1
	for _, e := range t.parNumero[d.NumeroAMC] {
		if !e.Concerne(d.Domaine, d.DateReference) {
			continue
		}
		switch rang, ok := e.precision(d); {
		case !ok || rang < meilleur:
		case rang == meilleur:
			seule = false
		default:
			trouvee, seule, meilleur = e, true, rang
		}
	}
	return trouvee, seule
}

// remplacementsMax bounds a chain of replacements.
const remplacementsMax = 8

// Resoudre answers a question to the directory. ref: ROC §6
func (t *Tableau) Resoudre(d *roc.DemandeAnnuaire) *roc.ReponseAnnuaire {
	if len(t.parNumero[d.NumeroAMC]) == 0 {
		return &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.AMCInconnue, "")}
	}
	e, seule := t.chercher(d)
	switch {
	case e == nil:
		return &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.AucunService, "")}
	case !seule:
		return &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.RoutageAmbigu, "")}
	case !e.Remplacante.IsZero():
		return t.remplacee(d, e)
	}
	points := e.points(d)
	if len(points) == 0 {
		return &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.AucunService, "")}
	}
	local, tolerance := e.CalculLocal, e.JoursTolerance
	r := &roc.ReponseAnnuaire{
		Retour: roc.RetourDe(roc.Accepte, ""), NumeroAMCCible: e.NumeroAMC, LibelleAMC: e.Libelle,
		NumeroOrganismeSignataire: e.OrganismeSignataire, Structure: e.Structure, Points: points,
		CodeRoutage: e.CodeRoutage, IdentifiantHote: e.IdentifiantHote, NomDomaine: e.NomDomaine, CodeAiguillageSTS: e.CodeAiguillageSTS,
		CalculLocalAutorise: &local, DureeValiditeReponse: e.Validite, NbJoursTolerance: &tolerance,
	}
	if m := e.Mandat; m != nil {
		r.Operateur = &roc.Operateur{ID: m.ID, Libelle: m.Libelle, Structure: m.Structure, MandatDebut: m.Debut, MandatFin: m.Fin}
	}
	return r
}

// remplacee follows a chain of replacements to the insurer that answers today.
func (t *Tableau) remplacee(d *roc.DemandeAnnuaire, e *Entree) *roc.ReponseAnnuaire {
	vus := []sante.NumeroAMC{d.NumeroAMC}
	for !e.Remplacante.IsZero() {
		if slices.Contains(vus, e.Remplacante) || len(vus) > remplacementsMax {
			return &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.RoutageAmbigu, "remplacements en boucle")}
		}
		vus = append(vus, e.Remplacante)
		suite := *d
		suite.NumeroAMC = e.Remplacante
		s, seule := t.chercher(&suite)
		if s == nil || !seule {
			break
		}
		e = s
	}
	return &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.AMCRemplacee, "nouveau numéro : "+vus[len(vus)-1].String()),
		NumeroAMCCible: vus[len(vus)-1]}
}

// points are the doors open at the day of reference, for the services asked.
func (e *Entree) points(d *roc.DemandeAnnuaire) []roc.Point {
	var l []roc.Point
	for _, p := range e.Points {
		ouvert := d.DateReference >= p.Debut && (p.Fin == 0 || d.DateReference <= p.Fin)
		if !ouvert || len(d.Services) > 0 && !slices.Contains(d.Services, p.Service) {
			continue
		}
		l = append(l, roc.Point{Service: p.Service, Adresse: p.Adresse, NormesAcceptees: p.Normes, OuvertureDebut: p.Debut,
			OuvertureFin: p.Fin, CertificatEmpreinte: p.Empreintes, CleConfidentialite: p.Confidentiel})
	}
	return l
}

// Mandate tells whether an operator, named by its structure or by its identifier,
// may seal for an insurer at a day, in any of its entries. ref: DEC 14
func (t *Tableau) Mandate(operateur string, amc sante.NumeroAMC, j sante.Jour) bool {
	for _, e := range t.parNumero[amc] {
		if m := e.Mandat; m != nil && (m.Structure == operateur || m.ID == operateur) && j >= e.Debut && (e.Fin == 0 || j <= e.Fin) &&
			j >= m.Debut && (m.Fin == 0 || j <= m.Fin) {
			return true
		}
	}
	return false
}
