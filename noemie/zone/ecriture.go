package zone

import (
	"strings"

	"github.com/ecluse-sante/ecluse/sante"
)

// Ecriture is the Passage that writes, into B, which is grown with spaces as
// far as the zones go.
type Ecriture struct {
	B        []byte
	Interdit byte // a character that no text may hold, 0 for none
	refus    *Refus
}

// Refus is the first refusal, or nil.
func (e *Ecriture) Refus() *Refus { return e.refus }

// Refuser keeps a reason, when there is none yet.
func (e *Ecriture) Refuser(z *Zone, m Motif, lon int) {
	if e.refus == nil {
		e.refus = &Refus{m, z, lon}
	}
}

// place is the bytes of a zone.
func (e *Ecriture) place(z *Zone) []byte {
	for len(e.B) < z.Fin() {
		e.B = append(e.B, ' ')
	}
	return e.B[z.Debut:z.Fin()]
}

// Texte writes a text, folded as Plier does.
func (e *Ecriture) Texte(z *Zone, v *string) {
	if e.refus != nil {
		return
	}
	s, ok := Plier(*v)
	switch {
	case !ok || e.Interdit != 0 && strings.IndexByte(s, e.Interdit) >= 0:
		e.Refuser(z, Caractere, len(*v))
	case s == "" && z.Obligatoire:
		e.Refuser(z, Vide, 0)
	case len(s) > z.Longueur:
		e.Refuser(z, Debordement, len(s))
	case z.Nature == Texte:
		copy(e.place(z), s)
	default:
		e.numero(z, s)
	}
}

func (e *Ecriture) numero(z *Zone, s string) {
	switch {
	case !alphanumerique(s, z.Nature == Identifiant):
		e.Refuser(z, Chiffres, len(s))
	case s != "" && sansZeros(strings.Repeat("0", z.Longueur-len(s))+s, z.Mini) != s:
		e.Refuser(z, Zeros, len(s))
	default:
		p := e.place(z)
		for i := range p {
			p[i] = '0'
		}
		copy(p[len(p)-len(s):], s)
	}
}

// entier writes digits on the right, zeros on the left.
func (e *Ecriture) entier(z *Zone, n int64) {
	if e.refus != nil {
		return
	}
	if n < 0 {
		e.Refuser(z, Signe, 0)
		return
	}
	p := e.place(z)
	for i := len(p) - 1; i >= 0; i-- {
		p[i] = byte('0' + n%10)
		n /= 10
	}
	if n > 0 {
		lon := z.Longueur
		for ; n > 0; n /= 10 {
			lon++
		}
		e.Refuser(z, Debordement, lon)
	}
}

// Nombre writes a whole number.
func (e *Ecriture) Nombre(z *Zone, v *int) { e.entier(z, int64(*v)) }

// Montant writes an amount in cents.
func (e *Ecriture) Montant(z *Zone, v *sante.Montant) { e.entier(z, int64(*v)) }

// Jour writes AAMMJJ, zeros when it is not said. hyp: FICHIER-DATE
func (e *Ecriture) Jour(z *Zone, v *sante.Jour) {
	if v.IsZero() {
		e.entier(z, 0)
		return
	}
	s := v.String() // 2026-03-01
	an := v.Annee()
	if an < 1980 || an > 2079 || siecle(an%100) != an {
		e.Refuser(z, Date, len(s))
		return
	}
	if e.refus == nil {
		p := e.place(z)
		copy(p, s[2:4])
		copy(p[2:], s[5:7])
		copy(p[4:], s[8:])
	}
}
