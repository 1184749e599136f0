package cercle

import (
	"maps"
	"slices"
	"time"
)

// The snapshot is laid out for the reader, who meets a different partner at each
// message and finds nothing in the processor's caches: a key is its own bytes
// rather than a pointer to them, and a partner with one link and one state, the
// ordinary case, is one small object.

// maxNom bounds the names of tenants, structures and identifiers.
const maxNom = 31

// mot is a name of maxNom bytes at most, its length first.
type mot [maxNom + 1]byte

// motDe gives the mot of a name; a longer one is the mot of nobody.
func motDe(s string) (m mot) {
	if len(s) <= maxNom {
		m[0] = byte(len(s))
		copy(m[1:], s)
	}
	return m
}

func (m mot) String() string { return string(m[1 : 1+m[0]]) }

// codes are the words of the closed lists, by one byte.
var (
	codesRole = []Role{"", RoleEtablissement, RoleAMC, RoleOperateur, RoleRelais, RoleAnnuaire, RoleProfessionnel, RoleTiers}
	codesEtat = []Etat{"", EtatAdmis, EtatSuspendu, EtatRetire}
)

func codeRole(r Role) uint8 { return uint8(max(0, slices.Index(codesRole, r))) }
func codeEtat(e Etat) uint8 { return uint8(max(0, slices.Index(codesEtat, e))) }

// etape is a state from an instant on.
type etape struct {
	effet int64 // Unix milliseconds
	etat  uint8
}

// frise is the states of one link, in the order of their effect; of two with the
// same effect the one written last wins. The first is apart: it is often alone.
type frise struct {
	premiere etape
	suite    []etape
}

// a gives the state at an instant; "" before the first.
func (f *frise) a(t int64) Etat {
	for i := len(f.suite) - 1; i >= 0; i-- {
		if f.suite[i].effet <= t {
			return codesEtat[f.suite[i].etat]
		}
	}
	if f.premiere.effet <= t {
		return codesEtat[f.premiere.etat]
	}
	return ""
}

// etapes lists the states in order.
func (f *frise) etapes() []etape {
	if f.premiere.etat == 0 {
		return nil
	}
	return append([]etape{f.premiere}, f.suite...)
}

// avec gives the frise with one state more; the one given is left as it is.
func (f *frise) avec(e etape) frise {
	l := f.etapes()
	i := len(l)
	for i > 0 && l[i-1].effet > e.effet {
		i--
	}
	l = slices.Insert(l, i, e)
	return frise{l[0], l[1:]}
}

// futur says whether a link becomes good after an instant.
func (f *frise) futur(t int64) bool {
	return slices.ContainsFunc(f.etapes(), func(e etape) bool { return e.effet > t && codesEtat[e.etat] == EtatAdmis })
}

// lien is one link of a structure, with its history.
type lien struct {
	identifiant mot
	role        uint8
	frise       frise
}

// partenaire is the links of one structure.
type partenaire struct {
	premier lien
	suite   []lien
}

// lien finds a link, nil when there is none.
func (p *partenaire) lien(r uint8, id *mot) *lien {
	if p == nil {
		return nil
	}
	if p.premier.role == r && p.premier.identifiant == *id {
		return &p.premier
	}
	for i := range p.suite {
		if l := &p.suite[i]; l.role == r && l.identifiant == *id {
			return l
		}
	}
	return nil
}

// liens lists the links of a partner, none of nil.
func (p *partenaire) liens() []lien {
	if p == nil {
		return nil
	}
	return append([]lien{p.premier}, p.suite...)
}

// avec gives the partner with one state more for one link; p may be nil.
func (p *partenaire) avec(r uint8, id mot, e etape) *partenaire {
	l := p.liens()
	i := slices.IndexFunc(l, func(x lien) bool { return x.role == r && x.identifiant == id })
	if i < 0 {
		i = len(l)
		l = append(l, lien{identifiant: id, role: r})
	}
	l[i].frise = l[i].frise.avec(e)
	return &partenaire{l[0], l[1:]}
}

// actif gives the identifier under which the partner holds a role at an instant.
func (p *partenaire) actif(r uint8, t int64) (*mot, bool) {
	if p == nil {
		return nil, false
	}
	if p.premier.role == r && p.premier.frise.a(t) == EtatAdmis {
		return &p.premier.identifiant, true
	}
	for i := range p.suite {
		if l := &p.suite[i]; l.role == r && l.frise.a(t) == EtatAdmis {
			return &l.identifiant, true
		}
	}
	return nil, false
}

type cleIdentifiant struct {
	role        uint8
	identifiant mot
}

type clePortage struct{ relais, pour mot }

// locataire is the circle of one tenant.
type locataire struct {
	structures   map[mot]*partenaire
	identifiants map[cleIdentifiant][]mot // structures that ever held it
	portages     map[clePortage]frise
}

// vide is the circle of a tenant nobody spoke of.
var vide = &locataire{}

// vue is the whole circle at one version. It is never changed.
type vue struct {
	version    int64
	locataires map[string]*locataire
}

func (v *vue) de(tenant string) *locataire {
	if l := v.locataires[tenant]; l != nil {
		return l
	}
	return vide
}

// avec gives the view after some more facts; only the tenants they speak of are
// copied.
func (v *vue) avec(faits []Fait) *vue {
	n := &vue{version: v.version, locataires: make(map[string]*locataire, len(v.locataires)+1)}
	maps.Copy(n.locataires, v.locataires)
	copies := map[string]bool{}
	for _, f := range faits {
		tenant := f.Lien.Tenant + f.Portage.Tenant // one of the two is empty
		if !copies[tenant] {
			copies[tenant] = true
			n.locataires[tenant] = n.de(tenant).copie()
		}
		n.locataires[tenant].ajouter(f)
		n.version = max(n.version, f.Numero)
	}
	return n
}

func (l *locataire) copie() *locataire {
	n := &locataire{structures: map[mot]*partenaire{}, identifiants: map[cleIdentifiant][]mot{}, portages: map[clePortage]frise{}}
	maps.Copy(n.structures, l.structures)
	maps.Copy(n.identifiants, l.identifiants)
	maps.Copy(n.portages, l.portages)
	return n
}

func (l *locataire) ajouter(f Fait) {
	e := etape{f.Effet.UnixMilli(), codeEtat(f.Etat)}
	if f.portage() {
		k := clePortage{motDe(f.Portage.Relais), motDe(f.Portage.Pour)}
		avant := l.portages[k]
		l.portages[k] = avant.avec(e)
		return
	}
	s, r, id := motDe(f.Lien.Structure), codeRole(f.Lien.Role), motDe(f.Lien.Identifiant)
	l.structures[s] = l.structures[s].avec(r, id, e)
	k := cleIdentifiant{r, id}
	if tenu := l.identifiants[k]; !slices.Contains(tenu, s) {
		l.identifiants[k] = append(slices.Clone(tenu), s)
	}
}

// etat gives the state of one link at an instant, "" when it has none.
func (v *vue) etat(x Lien, a time.Time) Etat {
	id := motDe(x.Identifiant)
	l := v.de(x.Tenant).structures[motDe(x.Structure)].lien(codeRole(x.Role), &id)
	if l == nil {
		return ""
	}
	return l.frise.a(a.UnixMilli())
}

// titulaires lists the other structures that hold or will hold an identifier from
// an instant on.
func (v *vue) titulaires(x Lien, depuis time.Time) []string {
	if x.Role == RoleProfessionnel {
		return nil
	}
	loc, r, id, t := v.de(x.Tenant), codeRole(x.Role), motDe(x.Identifiant), depuis.UnixMilli()
	var autres []string
	for _, s := range loc.identifiants[cleIdentifiant{r, id}] {
		if s == motDe(x.Structure) {
			continue
		}
		l := loc.structures[s].lien(r, &id)
		if e := l.frise.a(t); e == EtatAdmis || e == EtatSuspendu || l.frise.futur(t) {
			autres = append(autres, s.String())
		}
	}
	return autres
}
