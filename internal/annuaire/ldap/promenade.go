package ldap

import (
	"context"
	"encoding/binary"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/internal/annuaire/lexique"
)

// promenade is one search under way over the records of an image.
type promenade struct {
	ctx context.Context
	s   *seance
	d   *Demande
	r   Receveur
	vue *image.Vue
	position
	seul []byte // only the mailbox, or the service, of this name: for one entry
	vues int
}

// position is where a search stands, as a cursor keeps it: the part of the tree, and
// in the batch of records that the image gave from there, which one, and which entry
// of it. fixe is how many of the entries above the records were given.
type position struct {
	fixe  int
	etape int // in the parts that the search sees
	lot   int // records of the batch
	rang  int
	sous  int
	image []byte // cursor of the batch
}

// Sizes of the batches asked from the image, and how many records a search may look
// at. hyp: ANNUAIRE-LDAP-BORNES
const (
	lotMin  = 16
	lotMax  = 512
	vuesMax = 20_000
)

// reprendre takes the image that a cursor is of, or the one of the day.
func (s *seance) reprendre(d *Demande) (p promenade, err error) {
	p.lot = min(max(d.Nombre, lotMin), lotMax)
	if d.Curseur == nil {
		p.vue = s.images.Vue()
		return p, nil
	}
	b := d.Curseur
	var n [6]uint64
	for i := range n {
		k := 0
		if n[i], k = binary.Uvarint(b); k <= 0 || i > 0 && n[i] > 1<<30 {
			return p, refusCurseur
		}
		b = b[k:]
	}
	p.position = position{int(n[1]), int(n[2]), int(n[3]), int(n[4]), int(n[5]), b}
	if p.lot < 1 || p.lot > lotMax {
		return p, refusCurseur
	}
	if p.vue, err = s.images.Reprendre(n[0]); err != nil {
		return p, refusImage(err)
	}
	return p, nil
}

// curseur writes where the search stands.
func (p *promenade) curseur() []byte {
	b := binary.AppendUvarint(nil, p.vue.Generation())
	for _, n := range [...]int{p.fixe, p.etape, p.lot, p.rang, p.sous} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return append(b, p.image...)
}

// parcourir gives the entries above, then those of each part. What would read the
// whole directory is refused before anything is given.
func (p *promenade) parcourir(l *lieu) ([]byte, error) {
	etapes := l.etapes(p.d.Portee)
	var tous [nombreEtapes]plan
	plans := tous[:len(etapes)]
	for i, e := range etapes {
		if plans[i] = p.planifier(e); plans[i].peut&peutVrai != 0 && plans[i].critere == nil && !contenus[e].petite {
			return nil, refusLarge
		}
	}
	if fixes := l.fixes(p.d.Portee); p.fixe <= len(fixes) {
		for ; p.fixe < len(fixes); p.fixe++ {
			fixe(p.r.Entree(), fixes[p.fixe])
			if _, encore := p.r.Rendre(); !encore {
				p.fixe++
				if p.fixe == len(fixes) {
					p.etape = -1
					return p.apres(plans, true), nil
				}
				return p.curseur(), nil
			}
		}
	}
	for ; p.etape < len(etapes); p.etape++ {
		if plans[p.etape].peut&peutVrai != 0 {
			encore, err := p.part(etapes[p.etape], plans[p.etape].critere)
			if err != nil {
				return nil, err
			}
			if !encore {
				return p.apres(plans, p.rang < 0), nil
			}
		}
		p.rang, p.sous, p.image = 0, 0, nil
	}
	return nil, nil
}

// planifier plans the filter for a part of the tree, with what the reader may search.
func (p *promenade) planifier(e etape) plan {
	c := planifier{f: p.d.Filtre, e: e, voisins: p.voisins}
	x := c.noeud(0)
	if x.critere == nil || p.s.admet(natures[e], x.critere) {
		return x
	}
	c.admet = p.s.admet
	return c.noeud(0)
}

// voisins gives, for an approximate test, the records whose names are nearest to a
// text: those that are written otherwise and sound the same are among them. The words
// as written are found by the index. hyp: ANNUAIRE-LDAP-APPROCHE
func (p *promenade) voisins(n annuaire.Nature, texte string) (l []annuaire.Critere) {
	if p.s.recherche == nil {
		p.s.recherche = lexique.NouvelleRecherche(nil)
	}
	r := p.vue.Rechercher(p.s.recherche, n, lexique.Demande{Texte: texte, Nombre: lexique.NombreMax})
	for _, t := range r.Trouves {
		l = append(l, annuaire.Critere{Op: annuaire.Egal, Champ: annuaire.ParID, Valeur: p.vue.ID(t.Ref)})
	}
	return l
}

func (s *seance) admet(n annuaire.Nature, k *annuaire.Critere) bool {
	return s.lecteur.Vision.Admet(&annuaire.Question{Nature: n, Critere: k}) == nil
}

// apres is the cursor of what follows: here, or in the next part that may have some
// when this one is over; nil when nothing does.
func (p *promenade) apres(plans []plan, finie bool) []byte {
	if !finie {
		return p.curseur()
	}
	for p.etape++; p.etape < len(plans); p.etape++ {
		if plans[p.etape].peut&peutVrai != 0 {
			p.rang, p.sous, p.image = 0, 0, nil
			return p.curseur()
		}
	}
	return nil
}

// part gives the entries of a part, from where the search stands. encore is false when
// the receiver has had enough: the position is then that of the next entry, rang -1
// when the part has no more.
func (p *promenade) part(e etape, k *annuaire.Critere) (encore bool, err error) {
	for {
		q := annuaire.Question{Nature: natures[e], Critere: k, Nombre: p.lot, Curseur: p.image}
		page, err := p.vue.Chercher(&q)
		if err != nil {
			return false, refusImage(err)
		}
		for ; p.rang < len(page.Refs); p.rang++ {
			fini, encore := p.fiche(e, page.Refs[p.rang])
			if !encore {
				p.suivant(fini, len(page.Refs), page.Suivant)
				return false, nil
			}
			p.sous = 0
		}
		if page.Suivant == nil {
			return true, nil
		}
		if p.vues >= vuesMax { // a page may be short: the next one goes on from here
			if !p.d.Pages {
				return false, refusVues
			}
			p.suivant(true, 0, page.Suivant)
			return false, nil
		}
		if err := p.ctx.Err(); err != nil {
			return false, err
		}
		p.rang, p.image = 0, page.Suivant
		p.lot = min(2*p.lot, lotMax)
	}
}

// suivant moves from the last entry given to the next one.
func (p *promenade) suivant(fini bool, n int, suite []byte) {
	switch {
	case !fini:
		p.sous++
	case p.rang+1 < n:
		p.rang, p.sous = p.rang+1, 0
	case suite != nil:
		p.rang, p.sous, p.image = 0, 0, suite
	default:
		p.rang = -1
	}
}

// uneFiche gives the entry of a name, as the search of its base, or of what is under.
func (p *promenade) uneFiche(l *lieu) error {
	connu := &Refus{Code: ObjetInconnu, Texte: texteInconnu, Connu: unites[l.unite].dn}
	id, seul, ok := nomDeFiche(l)
	if !ok {
		return connu
	}
	p.seul = seul
	compte := &compteur{Receveur: p.r, niveau: p.d.Portee == Niveau}
	p.r = compte
	for _, e := range unites[l.unite].etapes {
		if ref, ok := p.vue.ParID(natures[e], minuscule(string(id))); ok {
			p.sous = 0
			p.fiche(e, ref)
		}
	}
	if compte.n == 0 {
		return connu
	}
	return nil
}

// compteur counts the entries of a name; a search of one level under it gives none.
type compteur struct {
	Receveur
	n      int
	niveau bool
}

func (c *compteur) Rendre() (pris, encore bool) {
	c.n++
	if c.niveau {
		return false, true
	}
	return c.Receveur.Rendre()
}

// nomDeFiche reads the RDN of an entry: its record and, where a record has several
// entries, which one.
func nomDeFiche(l *lieu) (id, seul []byte, ok bool) {
	second := [...]Attribut{aucunAttribut, aucunAttribut, Mail, XService}[l.unite]
	premier := [...]Attribut{XFiche, XFiche, XPorteur, XFiche}[l.unite]
	for _, r := range l.rdn {
		switch {
		case r.rang != 0:
			return nil, nil, false
		case r.attr == premier && id == nil:
			id = r.valeur
		case r.attr == second && second != aucunAttribut && seul == nil:
			seul = r.valeur
		default:
			return nil, nil, false
		}
	}
	return id, seul, id != nil && (seul != nil) == (second != aucunAttribut)
}
