package annuaire

import (
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// Verificateur controls records one after the other. It allocates nothing in its
// regular work; each goroutine has its own, and they may share a Croisement.
type Verificateur struct {
	// References tells which records exist; nil when it is not known: then
	// D-REF-ORPHELINE is not said.
	References References
	// Croisement compares the records of a load with each other; nil to judge each
	// alone. Professionals come before the situations that hold their mailboxes.
	Croisement *Croisement

	jour      sante.Jour
	listes    *Listes
	communes  communes
	domaines  Domaines
	regles    [nombreConstats]Controle
	constats  []Constat
	courante  Constat // what the findings of this record have in common
	refusee   bool
	enMemoire [longueurDomaine]byte
}

// longueurDomaine is the longest name of a domain. ref: RFC 1035 §2.3.4
const longueurDomaine = 253

// Verificateur gives the controls as they stand on a day.
func (d *Donnees) Verificateur(jour sante.Jour) *Verificateur {
	v := &Verificateur{jour: jour, listes: d.Listes, communes: d.communes, domaines: d.Domaines, constats: make([]Constat, 0, 32)}
	for c := range v.regles {
		v.regles[c] = d.Controle(CodeConstat(c), jour)
	}
	return v
}

// Refusee tells whether the last record is to be left out.
func (v *Verificateur) Refusee() bool { return v.refusee }

func (v *Verificateur) commencer(n Nature, e *Entete) {
	v.constats, v.refusee = v.constats[:0], false
	v.courante = Constat{Nature: n, ID: e.ID, Autorite: e.Trace.Autorite.Code}
	if e.ID == "" {
		v.constater(DIDAbsent, "id", "")
	}
	v.ordre("periode", e.Du, e.Au)
	if n != Acces { // theirs are announced. ref: RASS §11
		v.passe("periode", e.Du)
	}
	v.passe("trace.maj", e.Trace.MajLe)
	v.code(ListeJ83, "trace.autorite", e.Trace.Autorite.Code)
}

func (v *Verificateur) constater(code CodeConstat, champ, valeur string) {
	r := &v.regles[code]
	if r.Gravite == Ignorer {
		return
	}
	v.refusee = v.refusee || r.Gravite == Refuser
	c := v.courante
	c.Code, c.Gravite, c.Champ, c.Valeur = code, r.Gravite, champ, valeur
	v.constats = append(v.constats, c)
}

func (v *Verificateur) code(l Liste, champ, code string) {
	if code != "" && !v.listes.Connu(l, code) {
		v.constater(DCodeInconnu, champ, code)
	}
}

// periode controls a beginning and an end; an end may be to come.
func (v *Verificateur) periode(champ string, du, au sante.Jour) {
	v.ordre(champ, du, au)
	v.passe(champ, du)
}

func (v *Verificateur) ordre(champ string, du, au sante.Jour) {
	if au != 0 && au < du {
		v.constater(DDate, champ, "fin avant le début")
	}
}

// passe controls a day that cannot be to come.
func (v *Verificateur) passe(champ string, j sante.Jour) {
	if j > v.jour {
		v.constater(DDate, champ, "date à venir")
	}
}

func (v *Verificateur) reference(champ string, n Nature, id string) {
	if id != "" && v.References != nil && !v.References.Existe(n, id) {
		v.constater(DRefOrpheline, champ, id)
	}
}

// coordonnees controls an address.
func (v *Verificateur) coordonnees(champ string, c *Coordonnees) {
	v.code(ListeJ103, champ, c.TypeVoie.Code)
	v.code(ListeJ256, champ, c.Pays.Code)
	v.code(ListeJ258, champ, c.Departement.Code)
	if !v.communes.vont(c.CodePostal, c.Commune.Code) {
		v.constater(DCPCommune, champ, c.CodePostal)
	}
}

// Source controls the age of a file by when it was made. ref: RASS §13
func (v *Verificateur) Source(nom string, faite, maintenant time.Time) []Constat {
	v.constats, v.refusee = v.constats[:0], false
	v.courante = Constat{}
	if maintenant.Sub(faite) > time.Duration(v.regles[DAge].Seuil)*time.Hour {
		v.constater(DAge, "source", nom)
	}
	return v.constats
}

// boites controls mailboxes. titulaire is the fingerprint of who holds them.
func (v *Verificateur) boites(l []BAL, titulaire uint64) {
	for i := range l {
		b := &l[i]
		v.code(ListeJ139, "bal.type", string(b.Type))
		arobase := strings.LastIndexByte(b.Adresse, '@')
		if arobase <= 0 || !domaineLisible(b.Adresse[arobase+1:]) {
			v.constater(DBALForme, "bal", b.Adresse)
			continue
		}
		if v.domaines != nil && !v.domaines.Admis(v.enMinuscules(b.Adresse[arobase+1:]), v.jour) {
			v.constater(DBALDomaine, "bal", b.Adresse)
		}
		if v.Croisement == nil {
			continue
		}
		cle := finir(ajouterBas(commencer(espaceBAL), b.Adresse))
		if premier, _ := v.Croisement.premier(cle, titulaire); premier != titulaire {
			v.constater(DBALDouble, "bal", b.Adresse)
		}
	}
}

func (v *Verificateur) enMinuscules(s string) []byte {
	for i := range len(s) {
		v.enMemoire[i] = minuscule(s[i])
	}
	return v.enMemoire[:len(s)]
}

// domaineLisible tells whether a text may be the name of a domain, with a dot.
func domaineLisible(s string) bool {
	if s == "" || len(s) > longueurDomaine || s[0] == '.' || s[0] == '-' || s[len(s)-1] == '.' {
		return false
	}
	point := false
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '.':
			if s[i-1] == '.' {
				return false
			}
			point = true
		case c <= ' ' || c == '@' || c == 0x7f || c == ',' || c == ';' || c == '<' || c == '>':
			return false
		}
	}
	return point
}
