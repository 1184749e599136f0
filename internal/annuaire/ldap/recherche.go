package ldap

import (
	"context"
	"errors"
	"time"
)

// recherche is what a search asks, reused from one to the next.
type recherche struct {
	demande Demande
	filtre  Filtre
	noms    []rdn
	brut    []byte // of the filter, for the signature of the cursor
	taille  int32
	temps   int32
	types   bool
	ctl     controles
}

// lire reads a search. ref: RFC 4511 §4.5.1
func (q *recherche) lire(m message, b *Bornes) *Refus {
	l := lecteur{m.corps}
	base, ok1 := l.attendu(tagOctets)
	portee, ok2 := l.entier(tagEnumere)
	alias, ok3 := l.entier(tagEnumere)
	var ok4, ok5, ok6 bool
	q.taille, ok4 = l.entier(tagEntier)
	q.temps, ok5 = l.entier(tagEntier)
	q.types, ok6 = l.booleen()
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || !ok6 || portee > int32(Sous) || alias > 3 {
		return refusMal
	}
	avant := l.b
	if err := q.filtre.compiler(&l); err != nil {
		return err
	}
	q.brut = avant[:len(avant)-len(l.b)]
	attributs, ok := l.attendu(tagSequence)
	if !ok || !l.fini() {
		return refusMal
	}
	choix, err := lireSelection(attributs, b.Attributs)
	if err != nil {
		return err
	}
	if q.noms, ok = lireDN(q.noms, base); !ok {
		return refusNom
	}
	q.demande = Demande{base: q.noms, nomBase: base, Portee: Portee(portee), Filtre: &q.filtre, choix: choix}
	return q.ctl.lire(m)
}

// chercher answers a search.
func (c *connexion) chercher(m message) error {
	q := &c.q
	if err := q.lire(m, &c.s.bornes); err != nil {
		c.conclure(m.id, reponseChercher, err)
		return nil
	}
	if c.file == nil { // else it began when it was taken out of what waits
		c.op.commencer(m.id)
	}
	c.op.debut = len(c.w.b)
	err := c.preparer(q)
	var suite []byte
	if err == nil && !(q.ctl.pages && q.ctl.taille == 0) { // a page of none gives up the next ones
		suite, err = c.parcourir(q)
	}
	return c.finir(m.id, q, suite, err)
}

// preparer sets the limits of a search: the client's, within ours.
func (c *connexion) preparer(q *recherche) error {
	b := &c.s.bornes
	o := &c.op
	temps := b.Temps
	if t := time.Duration(q.temps) * time.Second; t > 0 && t < temps {
		temps = t
	}
	maintenant := time.Now()
	o.echeance = maintenant.Add(temps)
	c.limite.Store(o.echeance.Add(b.Ecriture).UnixNano())
	o.filtre, o.choix, o.types = &q.filtre, q.demande.choix, q.types
	o.besoin = o.choix | q.filtre.attributs()
	o.rendues, o.vues, o.depassee, o.err, o.page, o.retenue = 0, 0, false, nil, false, false
	o.limite = b.Taille
	if q.taille > 0 && int(q.taille) < o.limite {
		o.limite = int(q.taille)
	}
	q.demande.Nombre = o.limite + 1 // one more tells whether there were more
	if q.ctl.pages {
		return c.preparerPage(q)
	}
	return nil
}

// parcourir has the entries come, from us for what describes the server, and from
// the session for the rest.
func (c *connexion) parcourir(q *recherche) ([]byte, error) {
	d := &q.demande
	if d.Portee == Base && c.decrire(d) {
		return nil, c.op.err
	}
	if c.tls == nil {
		return nil, refusClair
	}
	s, err := c.ouverte()
	if err != nil {
		return nil, err
	}
	c.op.retenue = s.Retenue()
	if c.op.retenue { // what others asked before is not held back with it
		if err := c.envoyer(); err != nil {
			return nil, err
		}
	}
	suite, err := s.Chercher(&c.op, d, &c.op)
	if c.op.err != nil {
		err = c.op.err
	}
	if err != nil && c.op.retenue {
		c.w.b = c.w.b[:c.op.debut]
	}
	return suite, err
}

// finir writes the end of a search, and nothing when it was abandoned.
func (c *connexion) finir(id int32, q *recherche, suite []byte, err error) error {
	o := &c.op
	if o.arretee.Load() { // ref: RFC 4511 §4.11: an abandoned operation has no answer
		c.w.b = c.w.b[:o.debut]
		return nil
	}
	r := c.refusDe(err)
	if r == nil && o.depassee {
		r = refusTaille
	}
	m, fin := c.resultat(id, reponseChercher, r)
	c.w.fermer(fin)
	if q.ctl.pages && r == nil {
		c.suivre(q, suite)
	}
	c.w.fermer(m)
	return nil
}

// refusDe is what an error is for the client. What is not a refusal is written for the
// operator, and says nothing to the client.
func (c *connexion) refusDe(err error) *Refus {
	var r *Refus
	switch {
	case err == nil:
		return nil
	case errors.As(err, &r):
		return r
	case errors.Is(err, context.DeadlineExceeded):
		return refusTemps
	}
	c.s.Journal.Error("LDAP : demande non aboutie", "erreur", err)
	return refusInterne
}
