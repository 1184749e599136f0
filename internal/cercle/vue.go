package cercle

import (
	"maps"
	"slices"
	"time"
)

// etape is a state from an instant on.
type etape struct {
	effet  int64 // Unix milliseconds
	numero int64
	etat   Etat
}

// frise is the states of one link, in the order of their effect; of two with the
// same effect the one written last wins.
type frise []etape

// a gives the state at an instant; "" before the first.
func (f frise) a(t int64) Etat {
	for i := len(f) - 1; i >= 0; i-- {
		if f[i].effet <= t {
			return f[i].etat
		}
	}
	return ""
}

// avec inserts a state; the frise given is left as it is.
func (f frise) avec(e etape) frise {
	i := len(f)
	for i > 0 && f[i-1].effet > e.effet {
		i--
	}
	return slices.Insert(slices.Clone(f), i, e)
}

// lien is one link of a structure, with its history.
type lien struct {
	role        Role
	identifiant string
	frise       frise
}

type cleStructure struct{ tenant, structure string }

type cleIdentifiant struct {
	tenant      string
	role        Role
	identifiant string
}

// vue is the whole circle at one version. It is never changed.
type vue struct {
	version      int64
	structures   map[cleStructure][]lien
	identifiants map[cleIdentifiant][]string // structures that ever held it
	portages     map[Portage]frise
}

// avec gives the view after some more facts.
func (v *vue) avec(faits []Fait) *vue {
	n := &vue{version: v.version, structures: maps.Clone(v.structures), identifiants: maps.Clone(v.identifiants), portages: maps.Clone(v.portages)}
	for _, f := range faits {
		e := etape{f.Effet.UnixMilli(), f.Numero, f.Etat}
		if f.portage() {
			n.portages[f.Portage] = n.portages[f.Portage].avec(e)
		} else {
			n.ajouterLien(f.Lien, e)
		}
		n.version = max(n.version, f.Numero)
	}
	return n
}

func (v *vue) ajouterLien(l Lien, e etape) {
	k := cleStructure{l.Tenant, l.Structure}
	liens := slices.Clone(v.structures[k])
	i := slices.IndexFunc(liens, func(x lien) bool { return x.role == l.Role && x.identifiant == l.Identifiant })
	if i < 0 {
		i = len(liens)
		liens = append(liens, lien{role: l.Role, identifiant: l.Identifiant})
	}
	liens[i].frise = liens[i].frise.avec(e)
	v.structures[k] = liens
	ki := cleIdentifiant{l.Tenant, l.Role, l.Identifiant}
	if s := v.identifiants[ki]; !slices.Contains(s, l.Structure) {
		v.identifiants[ki] = append(slices.Clone(s), l.Structure)
	}
}

// chercher gives the history of one link, nil when there is none.
func (v *vue) chercher(tenant, structure string, r Role, id string) frise {
	for i, l := range v.structures[cleStructure{tenant, structure}] {
		if l.role == r && l.identifiant == id {
			return v.structures[cleStructure{tenant, structure}][i].frise
		}
	}
	return nil
}

// actif gives the identifier under which a structure holds a role at an instant.
func (v *vue) actif(tenant, structure string, r Role, t int64) (string, bool) {
	for _, l := range v.structures[cleStructure{tenant, structure}] {
		if l.role == r && l.frise.a(t) == EtatAdmis {
			return l.identifiant, true
		}
	}
	return "", false
}

// titulaires lists the other structures that hold or will hold an identifier from
// an instant on.
func (v *vue) titulaires(l Lien, depuis time.Time) []string {
	var autres []string
	for _, s := range v.identifiants[cleIdentifiant{l.Tenant, l.Role, l.Identifiant}] {
		if s == l.Structure {
			continue
		}
		f := v.chercher(l.Tenant, s, l.Role, l.Identifiant)
		if e := f.a(depuis.UnixMilli()); e == EtatAdmis || e == EtatSuspendu || f.futur(depuis.UnixMilli()) {
			autres = append(autres, s)
		}
	}
	return autres
}

// futur says whether a link becomes good after an instant.
func (f frise) futur(t int64) bool {
	return slices.ContainsFunc(f, func(e etape) bool { return e.effet > t && e.etat == EtatAdmis })
}
