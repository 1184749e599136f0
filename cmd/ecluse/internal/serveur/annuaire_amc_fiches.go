package serveur

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaireamc"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// systemeAMC is the source of the records that the directory of insurers publishes.
const systemeAMC = "AMC"

func idAcces(entree string) string { return annuaire.NouvelID(annuaire.Acces, entree) }

// An insurer and an operator are structures too, by their number: neither is in the
// feeds of structures. hyp: ANNUAIRE-AMC-FICHES
func idOrganisme(numero string) string {
	return annuaire.NouvelID(annuaire.Structures, "AMC|"+numero)
}

func idOperateur(id string) string { return annuaire.NouvelID(annuaire.Structures, "OTP|"+id) }

// ficheAcces is an entry as the national directory keeps it; entreeDe is the other way.
// Its version and its dates of change are of who writes it. ref: RASS §11
func ficheAcces(e *annuaireamc.Entree) annuaire.PointAcces {
	a := annuaire.PointAcces{
		Entete: annuaire.Entete{ID: idAcces(e.ID), Actif: true, Trace: annuaire.Trace{Systeme: systemeAMC}, Du: e.Debut, Au: e.Fin},
		Numero: e.ID, NumeroAMC: e.NumeroAMC.String(), Organisme: idOrganisme(e.NumeroAMC.String()), Convention: e.TypeConvention, CSR: e.CSR,
		Remplacante: e.Remplacante.String(), Libelle: e.Libelle, Signataire: e.OrganismeSignataire, Structure: e.Structure,
		CalculLocal: e.CalculLocal, Validite: int32(e.Validite), Tolerance: int32(e.JoursTolerance),
		Routage: e.CodeRoutage, Hote: e.IdentifiantHote, Domaine: e.NomDomaine, Aiguillage: e.CodeAiguillageSTS,
	}
	for _, d := range e.Domaines {
		a.Domaines = append(a.Domaines, string(d))
	}
	if m := e.Mandat; m != nil {
		a.Mandat = annuaire.Mandat{ID: m.ID, Libelle: m.Libelle, Structure: m.Structure, Du: m.Debut, Au: m.Fin}
	}
	for _, p := range e.Points {
		a.Services = append(a.Services, annuaire.ServiceAcces{Service: string(p.Service), Adresse: p.Adresse, Normes: vif(p.Normes), Du: p.Debut, Au: p.Fin,
			Empreintes: vif(p.Empreintes), Confidentiel: p.Confidentiel})
	}
	return a
}

// entreeDe is what the directory of insurers says of an access point. A mandate of which
// nothing is said is none.
func entreeDe(a *annuaire.PointAcces) (annuaireamc.Entree, error) {
	e := annuaireamc.Entree{
		ID: a.Numero, TypeConvention: a.Convention, CSR: a.CSR, Debut: a.Du, Fin: a.Au, Libelle: a.Libelle, OrganismeSignataire: a.Signataire,
		Structure: a.Structure, CalculLocal: a.CalculLocal, Validite: int(a.Validite), JoursTolerance: int(a.Tolerance),
		CodeRoutage: a.Routage, IdentifiantHote: a.Hote, NomDomaine: a.Domaine, CodeAiguillageSTS: a.Aiguillage,
	}
	var err error
	if e.NumeroAMC, err = sante.ParseNumeroAMC(a.NumeroAMC); err != nil {
		return e, fmt.Errorf("point d'accès %s : %w", a.Numero, err)
	}
	if a.Remplacante != "" {
		if e.Remplacante, err = sante.ParseNumeroAMC(a.Remplacante); err != nil {
			return e, fmt.Errorf("point d'accès %s, remplaçante : %w", a.Numero, err)
		}
	}
	for _, d := range a.Domaines {
		e.Domaines = append(e.Domaines, roc.Domaine(d))
	}
	if m := a.Mandat; m != (annuaire.Mandat{}) {
		e.Mandat = &annuaireamc.Mandat{ID: m.ID, Libelle: m.Libelle, Structure: m.Structure, Debut: m.Du, Fin: m.Au}
	}
	for i := range a.Services {
		s := &a.Services[i]
		e.Points = append(e.Points, annuaireamc.Point{Service: roc.Service(s.Service), Adresse: s.Adresse, Normes: vif(s.Normes), Debut: s.Du, Fin: s.Au,
			Empreintes: vif(s.Empreintes), Confidentiel: s.Confidentiel})
	}
	return e, nil
}

// vif is a list of its own, nil when it is empty.
func vif(l []string) []string {
	if len(l) == 0 {
		return nil
	}
	return slices.Clone(l)
}

// organisme is an insurer as its access points in service say it, nil when there is none:
// its name and its structure are those of the one that routes the most generally.
// hyp: ANNUAIRE-AMC-FICHES
func organisme(numero string, acces []*annuaire.PointAcces) *annuaire.Structure {
	var dit *annuaire.PointAcces
	s := annuaire.Structure{Entete: annuaire.Entete{ID: idOrganisme(numero), Actif: true, Trace: annuaire.Trace{Systeme: systemeAMC}},
		IDTechnique: numero, Sorte: annuaire.OrganismeComplementaire}
	for _, a := range acces {
		if !a.Actif || a.NumeroAMC != numero {
			continue
		}
		etendre(&s.Entete, dit == nil, a.Du, a.Au)
		if dit == nil || general(a, dit) {
			dit = a
		}
	}
	if dit == nil {
		return nil
	}
	s.RaisonSociale = dit.Libelle
	if dit.Structure != dit.Mandat.Structure {
		nommer(&s, dit.Structure)
	}
	return &s
}

// operateur is who answers for insurers, as the mandates in service say it, nil when
// there is none.
func operateur(id string, acces []*annuaire.PointAcces) *annuaire.Structure {
	var dit *annuaire.PointAcces
	s := annuaire.Structure{Entete: annuaire.Entete{ID: idOperateur(id), Actif: true, Trace: annuaire.Trace{Systeme: systemeAMC}},
		IDTechnique: id, Sorte: annuaire.OperateurTiers}
	for _, a := range acces {
		if !a.Actif || a.Mandat.ID != id {
			continue
		}
		etendre(&s.Entete, dit == nil, a.Mandat.Du, a.Mandat.Au)
		if dit == nil || a.Mandat.Du > dit.Mandat.Du {
			dit = a
		}
	}
	if dit == nil {
		return nil
	}
	s.RaisonSociale = dit.Mandat.Libelle
	if s.RaisonSociale == "" {
		s.RaisonSociale = id
	}
	nommer(&s, dit.Mandat.Structure)
	return &s
}

// general tells whether an access point routes more generally than another; of two that
// do not differ, the first by number.
func general(a, b *annuaire.PointAcces) bool {
	rang := func(a *annuaire.PointAcces) string {
		r := [...]byte{'0', '0', '0', '0'}
		for i, restreint := range [...]bool{a.Remplacante != "", a.Convention != "", a.CSR != "", len(a.Domaines) > 0} {
			if restreint {
				r[i] = '1'
			}
		}
		return string(r[:]) + a.Numero
	}
	return rang(a) < rang(b)
}

// nommer gives a structure its national identifier, and the number that it holds.
// ref: RASS §3.2
func nommer(s *annuaire.Structure, idNat string) {
	s.IDNat = idNat
	if n, ok := strings.CutPrefix(idNat, "2"); ok && len(n) == 9 {
		s.SIREN = n
	}
	if n, ok := strings.CutPrefix(idNat, "3"); ok && len(n) == 14 {
		s.SIRET = n
	}
}

// etendre makes a record true on the days of one more of those who say it.
func etendre(e *annuaire.Entete, premiere bool, du, au sante.Jour) {
	if premiere {
		e.Du, e.Au = du, au
		return
	}
	if e.Du = min(e.Du, du); au == 0 || e.Au == 0 {
		e.Au = 0
	} else {
		e.Au = max(e.Au, au)
	}
}
