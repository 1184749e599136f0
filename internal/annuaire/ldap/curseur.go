package ldap

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
)

// A cookie of pages: the form (1), how many entries were given so far, the cursor of
// the directory, then a seal of 16 bytes over these, the search and the session. Who
// changes the filter, the base or the name he goes by cannot go on with it.
const (
	formeCookie = 1
	scelle      = 16
	cookieMax   = 1024
)

// preparerPage sets the limits of a page, and opens the cookie of the one before.
func (c *connexion) preparerPage(q *recherche) error {
	o, b := &c.op, &c.s.bornes
	o.page = true
	donnees, err := c.ouvrirCookie(q)
	if err != nil {
		return err
	}
	o.donnees = donnees
	reste := b.Total - donnees
	if q.taille > 0 && int(q.taille) < b.Total { // the client's own limit counts on all the pages
		reste = int(q.taille) - donnees
	}
	if reste <= 0 && q.taille > 0 && int(q.taille) < b.Total {
		return refusTaille
	}
	if reste <= 0 {
		return refusTotal
	}
	o.limite = min(b.Page, reste)
	if t := int(q.ctl.taille); t > 0 && t < o.limite {
		o.limite = t
	}
	q.demande.Nombre, q.demande.Pages = o.limite, true
	return nil
}

// ouvrirCookie checks a cookie: how many entries were given, and the cursor put in
// the question.
func (c *connexion) ouvrirCookie(q *recherche) (donnees int, err error) {
	k := q.ctl.cookie
	if len(k) == 0 {
		return 0, nil
	}
	if len(k) < 5+scelle || len(k) > cookieMax || k[0] != formeCookie {
		return 0, refusCurseur
	}
	corps, sceau := k[:len(k)-scelle], k[len(k)-scelle:]
	if !hmac.Equal(sceau, c.sceau(q, corps)) {
		return 0, refusCurseur
	}
	q.demande.Curseur = corps[5:]
	return int(binary.BigEndian.Uint32(corps[1:])), nil
}

func (c *connexion) sceau(q *recherche, corps []byte) []byte {
	h := hmac.New(sha256.New, c.s.Cle)
	var n [8]byte
	mettre := func(b []byte) {
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	mettre(corps)
	mettre([]byte{byte(q.demande.Portee)})
	mettre(q.demande.nomBase)
	mettre(q.brut)
	mettre([]byte(c.qui()))
	return h.Sum(nil)[:scelle]
}

// suivre writes the control that goes with the end of a page: the cookie of the next
// one, empty at the end. No total is told: to count would cost what pages spare.
// ref: RFC 2696 §3
func (c *connexion) suivre(q *recherche, suite []byte) {
	var cookie []byte
	if suite != nil {
		cookie = append(cookie, formeCookie)
		cookie = binary.BigEndian.AppendUint32(cookie, uint32(c.op.donnees+c.op.rendues))
		cookie = append(cookie, suite...)
		cookie = append(cookie, c.sceau(q, cookie)...)
	}
	w := &c.w
	l := w.ouvrir(tagControles)
	k := w.ouvrir(tagSequence)
	w.texte(tagOctets, oidPages)
	v := w.ouvrir(tagOctets)
	s := w.ouvrir(tagSequence)
	w.entier(tagEntier, 0)
	w.octets(tagOctets, cookie)
	w.fermer(s)
	w.fermer(v)
	w.fermer(k)
	w.fermer(l)
}
