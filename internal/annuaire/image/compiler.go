package image

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/lexique"
)

// compilation turns a criterion into what walks the records of one segment.
type compilation struct {
	v     *Vue
	i     int // of the segment
	s     *segment
	n     annuaire.Nature
	r     *rayon
	reste *int // see [filtre]
}

// epreuvesMax is how many records one search may test one by one in vain.
const epreuvesMax = 200_000

// profondeurMax is how deep criteria may be in one another.
const profondeurMax = 16

func (c *compilation) tout() tout { return tout{uint32(c.r.nombre())} }

func (c *compilation) compiler(k *annuaire.Critere, profondeur int) (parcours, error) {
	if k == nil {
		return c.tout(), nil
	}
	if profondeur > profondeurMax {
		return nil, annuaire.ErrTropLarge
	}
	switch k.Op {
	case annuaire.Et:
		return c.et(k.Fils, profondeur)
	case annuaire.Ou:
		return c.ou(k.Fils, profondeur)
	case annuaire.Non:
		if len(k.Fils) != 1 {
			return nil, annuaire.ErrOperateur
		}
		p, err := c.compiler(&k.Fils[0], profondeur+1)
		return sauf{c.tout(), p}, err
	case annuaire.Vers, annuaire.Depuis:
		return c.chaine(k, profondeur)
	}
	if k.Champ == 0 || k.Champ >= annuaire.NombreChamps {
		return nil, annuaire.ErrOperateur
	}
	switch genres[k.Champ] {
	case parMots:
		return c.mots(k)
	case parCle:
		return c.cle(k)
	case parHachage:
		return c.hachage(k)
	case parInstant:
		return c.instant(k)
	case parLieu:
		return c.lieu(k)
	}
	return nil, annuaire.ErrOperateur
}

func (c *compilation) et(fils []annuaire.Critere, profondeur int) (parcours, error) {
	if len(fils) == 0 {
		return c.tout(), nil
	}
	l := make(et, 0, len(fils))
	for i := range fils {
		p, err := c.compiler(&fils[i], profondeur+1)
		if err != nil {
			return nil, err
		}
		l = append(l, p)
	}
	return tous(l), nil
}

// tous gives what all of l have; the rarest leads.
func tous(l et) parcours {
	if len(l) == 1 {
		return l[0]
	}
	sort.SliceStable(l, func(i, j int) bool { return l[i].borne() < l[j].borne() })
	return l
}

func (c *compilation) ou(fils []annuaire.Critere, profondeur int) (parcours, error) {
	l := make(ou, 0, len(fils))
	for i := range fils {
		p, err := c.compiler(&fils[i], profondeur+1)
		if err != nil {
			return nil, err
		}
		l = append(l, p)
	}
	return l, nil
}

// vide is a parcours of nothing.
func vide() parcours { return &liste{} }

func (c *compilation) cle(k *annuaire.Critere) (parcours, error) {
	d := c.r.dicos[k.Champ]
	if d == nil {
		return vide(), nil
	}
	v := k.Valeur
	if k.Champ == annuaire.ParBAL || k.Champ == annuaire.ParDomaineBAL {
		v = strings.ToLower(v)
	}
	return c.terme(k, d, v)
}

func (c *compilation) terme(k *annuaire.Critere, d *dictionnaire, v string) (parcours, error) {
	switch k.Op {
	case annuaire.Egal, annuaire.Exact:
		return &liste{l: d.chercher(v)}, nil
	case annuaire.Prefixe:
		de, a := d.prefixe(v)
		return c.union(k, v, d, de, a), nil
	case annuaire.Contient:
		return c.contient(k, v, d), nil
	case annuaire.Present:
		return c.union(k, "", d, 0, d.nombre()), nil
	}
	return nil, annuaire.ErrOperateur
}

// reunionMax is how many lists are walked together; more are gathered first.
const reunionMax = 24

// union gives the records of the terms [de, a).
func (c *compilation) union(k *annuaire.Critere, v string, d *dictionnaire, de, a int) parcours {
	if a-de == 1 {
		return &liste{l: d.liste(de)}
	}
	if a-de <= reunionMax {
		l := make(ou, 0, max(0, a-de))
		for i := de; i < a; i++ {
			l = append(l, &liste{l: d.liste(i)})
		}
		return l
	}
	return c.memoire(k, v, func() *ensemble {
		e := nouvelEnsemble(c.r.nombre())
		if d.debuts[de] <= d.debuts[a] && int(d.debuts[a]) <= len(d.postes) {
			e.ajouter(d.postes[d.debuts[de]:d.debuts[a]])
		}
		return e
	})
}

// contient gives the records of the terms that hold v inside.
func (c *compilation) contient(k *annuaire.Critere, v string, d *dictionnaire) parcours {
	return c.memoire(k, v, func() *ensemble {
		e := nouvelEnsemble(c.r.nombre())
		if l := c.r.lexiques[k.Champ]; l != nil {
			var t lexique.Travail
			for _, rang := range l.Contient(&t, nil, []byte(v), 0) {
				e.ajouter(d.liste(int(rang)))
			}
			return e
		}
		for i := range d.nombre() {
			if strings.Contains(d.terme(i), v) {
				e.ajouter(d.liste(i))
			}
		}
		return e
	})
}

// memoire gathers a set once for the life of the Vue.
func (c *compilation) memoire(k *annuaire.Critere, v string, faire func() *ensemble) parcours {
	b := append(make([]byte, 0, 64), byte(c.n), byte(k.Op), byte(k.Champ))
	b = binary.AppendUvarint(b, uint64(c.i))
	cle := string(append(b, v...))
	if e, ok := c.v.memoire.chercher(cle); ok {
		return e.(*ensemble)
	}
	e := faire().compter()
	c.v.memoire.garder(cle, e, 8*len(e.mots))
	return e
}

// mots compares words: each word of the value is a word of the field; the last one
// is its beginning, or is inside, when the operator says so.
func (c *compilation) mots(k *annuaire.Critere) (parcours, error) {
	d := c.r.dicos[k.Champ]
	if d == nil {
		return vide(), nil
	}
	mots := strings.Fields(texte(plier(k.Valeur)))
	if k.Op == annuaire.Present {
		return c.terme(k, d, "")
	}
	if len(mots) == 0 {
		return vide(), nil
	}
	if len(mots) == 1 && k.Op != annuaire.Exact {
		return c.terme(k, d, mots[0])
	}
	l := make(et, 0, len(mots))
	for i, m := range mots {
		u := annuaire.Critere{Op: annuaire.Egal, Champ: k.Champ}
		switch {
		case k.Op == annuaire.Contient && i == 0, k.Op == annuaire.Contient && i == len(mots)-1:
			u.Op = annuaire.Contient
		case k.Op == annuaire.Prefixe && i == len(mots)-1:
			u.Op = annuaire.Prefixe
		}
		p, err := c.terme(&u, d, m)
		if err != nil {
			return nil, err
		}
		l = append(l, p)
	}
	return c.verifier(k, strings.Join(mots, " "), tous(l)), nil
}

// verifier reads the records that have the words, since their order counts too.
func (c *compilation) verifier(k *annuaire.Critere, plie string, p parcours) parcours {
	g := &gabarit{}
	return filtre{p, func(o uint32) bool {
		lu := codage{b: c.r.fiche(o), codes: &c.s.codes}
		return slices.ContainsFunc(textes(g.lire(c.n, &lu), k.Champ), func(s string) bool {
			switch k.Op {
			case annuaire.Exact:
				return s == k.Valeur
			case annuaire.Contient:
				return strings.Contains(texte(plier(s)), plie)
			}
			s = texte(plier(s))
			return strings.HasPrefix(s, plie) || strings.Contains(s, " "+plie)
		})
	}, c.reste}
}

// textes are the values of a field of words, as written.
func textes(k *annuaire.Changement, ch annuaire.Champ) []string {
	switch p, s, e := k.Praticien, k.Structure, k.Equipement; {
	case p != nil && ch == annuaire.ParNom:
		return []string{p.Nom}
	case p != nil && ch == annuaire.ParPrenom:
		return []string{p.Prenom}
	case p != nil && ch == annuaire.ParMetier:
		l := []string{p.Profession.Libelle}
		for i := range p.SavoirFaire {
			l = append(l, p.SavoirFaire[i].Savoir.Libelle)
		}
		return l
	case p != nil && ch == annuaire.ParCommune:
		l := make([]string, len(p.Exerce))
		for i := range l {
			l[i] = p.Exerce[i].Commune
		}
		return l
	case s != nil && ch == annuaire.ParNom:
		return []string{s.RaisonSociale, s.Enseigne}
	case s != nil && ch == annuaire.ParMetier:
		return []string{s.Secteur.Libelle, s.Categorie.Libelle}
	case s != nil && ch == annuaire.ParCommune:
		return []string{s.Adresse.Commune.Libelle}
	case s != nil && ch == annuaire.ParVoie:
		return []string{s.Adresse.LibelleVoie, s.Adresse.TypeVoie.Libelle}
	case e != nil && ch == annuaire.ParFabricant:
		return []string{e.Fabricant}
	case e != nil && ch == annuaire.ParModele:
		return []string{e.Modele}
	}
	return nil
}

func (c *compilation) hachage(k *annuaire.Critere) (parcours, error) {
	t := c.r.haches[k.Champ]
	if t == nil {
		return vide(), nil
	}
	switch k.Op {
	case annuaire.Egal, annuaire.Exact:
		return &liste{l: t.liste(hacher(k.Valeur))}, nil
	case annuaire.Present:
		return c.memoire(k, "", func() *ensemble {
			e := nouvelEnsemble(c.r.nombre())
			e.ajouter(t.ords)
			return e
		}), nil
	}
	return nil, annuaire.ErrOperateur
}

// instant finds the bounds in the order of changes; few records are sorted, many are
// tested.
func (c *compilation) instant(k *annuaire.Critere) (parcours, error) {
	if k.Op != annuaire.Entre {
		return nil, annuaire.ErrOperateur
	}
	a := k.A
	if a == 0 {
		a = math.MaxInt64
	}
	cherche := func(t int64) int {
		i, _ := slices.BinarySearchFunc(c.r.majOrdre, t, func(o uint32, t int64) int {
			if c.r.maj[o] < t {
				return -1
			}
			return 1
		})
		return i
	}
	l := c.r.majOrdre[cherche(k.De):]
	l = l[:max(0, cherche(a)-(len(c.r.majOrdre)-len(l)))]
	if len(l) <= listeTriee {
		return &liste{l: slices.Sorted(slices.Values(l))}, nil
	}
	bornes := binary.AppendVarint(binary.AppendVarint(nil, k.De), a)
	return c.memoire(k, string(bornes), func() *ensemble {
		e := nouvelEnsemble(c.r.nombre())
		e.ajouter(l)
		return e
	}), nil
}

// listeTriee is how many records are sorted rather than given a bit each.
const listeTriee = 2048

// rayonMax is how far a place may be asked for, in metres.
const rayonMax = 300_000

func (c *compilation) lieu(k *annuaire.Critere) (parcours, error) {
	d := c.r.dicos[k.Champ]
	if d == nil {
		return vide(), nil
	}
	if k.Op == annuaire.Present {
		return c.terme(k, d, "")
	}
	if k.Op != annuaire.Pres {
		return nil, annuaire.ErrOperateur
	}
	if k.Rayon <= 0 || k.Rayon > rayonMax {
		return nil, fmt.Errorf("%w : le rayon va de 1 m à %d km", annuaire.ErrTropLarge, rayonMax/1000)
	}
	e := nouvelEnsemble(c.r.nombre())
	z := zoneDe(k.Latitude, k.Longitude, k.Rayon)
	for y := z.sud; y <= z.nord; y++ {
		ouest, est := bornesCarre(y, z.ouest), bornesCarre(y, z.est+1)
		for i := d.depuis(ouest); i < d.nombre() && d.terme(i) < est; i++ {
			e.ajouter(d.liste(i))
		}
	}
	var s annuaire.Structure
	return filtre{e.compter(), func(o uint32) bool {
		lu := codage{b: c.r.fiche(o), codes: &c.s.codes}
		lu.structure(&s)
		return s.Situee && Distance(k.Latitude, k.Longitude, s.Latitude, s.Longitude) <= float64(k.Rayon)
	}, c.reste}, nil
}
