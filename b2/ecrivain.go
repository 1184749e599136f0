package b2

import (
	"bufio"
	"io"

	"github.com/ecluse-sante/ecluse/noemie/zone"
)

// Ecrivain writes a file, in constant memory, and computes every total.
type Ecrivain struct {
	w       *bufio.Writer
	fichier Fichier
	lot     *finLot // batch open, nil for none
	rang    int
	lots    int
	buf     []byte // one invoice, written only when it is whole
	err     error  // failure of w, sticky
	ferme   bool
}

// Ecrire begins a file. The caller ends it with Fermer, and closes w.
func Ecrire(w io.Writer, f Fichier) (*Ecrivain, error) {
	if f.TypeEmetteur == "" {
		f.TypeEmetteur = "TE"
	}
	e := &Ecrivain{w: bufio.NewWriterSize(w, 64<<10), fichier: f}
	if err := e.poser("000", func(p zone.Passage) { f.passer(p); f.passerSuite(p) }); err != nil {
		return nil, err
	}
	return e, e.vider()
}

// poser adds a record to the buffer.
func (e *Ecrivain) poser(t string, passer func(p zone.Passage)) error {
	debut := t
	if t != "000" && t != "999" {
		debut = t[:1]
	}
	z := zone.Ecriture{B: append(make([]byte, 0, longueur), debut...)}
	passer(&z)
	e.rang++
	if r := z.Refus(); r != nil {
		return &Erreur{Motif: deZone[r.Motif], Rang: e.rang, Enregistrement: t, Champ: r.Zone.Nom, Longueur: r.Longueur}
	}
	for len(z.B) < longueur {
		z.B = append(z.B, ' ')
	}
	e.buf = append(e.buf, z.B...)
	return nil
}

func (e *Ecrivain) vider() error {
	if e.err == nil {
		_, e.err = e.w.Write(e.buf)
	}
	e.buf = e.buf[:0]
	return e.err
}

// pret tells why nothing can be written any more.
func (e *Ecrivain) pret() error {
	if e.ferme {
		return &Erreur{Motif: MotifFerme}
	}
	return e.err
}

// essayer does all or nothing: what is refused leaves no trace in the file.
func (e *Ecrivain) essayer(f func() error) error {
	if err := e.pret(); err != nil {
		return err
	}
	avant := *e
	if err := f(); err != nil {
		avant.buf = e.buf[:0]
		*e = avant
		return err
	}
	return e.vider()
}

// Lot closes the batch that is open and opens another.
func (e *Ecrivain) Lot(l Lot) error {
	return e.essayer(func() error {
		if err := e.fermerLot(); err != nil {
			return err
		}
		e.lot = &finLot{etablissement: l.Etablissement, numero: l.Numero}
		e.lots++
		return e.poser("1", l.passer)
	})
}

func (e *Ecrivain) fermerLot() error {
	if e.lot == nil {
		return nil
	}
	f := *e.lot
	e.lot = nil
	return e.poser("6", f.passer)
}

// Facture writes an invoice in the batch that is open. When it is refused,
// with an *[Erreur], nothing of it is written and the next one may be; the
// batch too has its limits, as 999 invoices.
func (e *Ecrivain) Facture(f *Facture) error {
	return e.essayer(func() error {
		if e.lot == nil {
			return &Erreur{Motif: MotifLot}
		}
		lot := *e.lot
		if err := e.facture(f, &lot); err != nil {
			return err
		}
		t := f.Totaux()
		lot.ajouter(&t)
		if err := e.tiendra(lot); err != nil {
			return err
		}
		e.lot = &lot
		return nil
	})
}

// tiendra tells whether the batch could still be closed.
func (e *Ecrivain) tiendra(lot finLot) error {
	essai := Ecrivain{rang: e.rang}
	return essai.poser("6", lot.passer)
}

// facture writes the records of an invoice, 2 to 5.
func (e *Ecrivain) facture(f *Facture, lot *finLot) error {
	c := *f // the passages take pointers: nothing of the caller's is touched
	i := identite{etablissement: lot.etablissement, nir: f.NIR, rang: f.Rang, numero: f.Numero}
	lot.entetes++
	if err := e.ligne("2", i, 0, c.passer); err != nil {
		return err
	}
	if f.Suite != nil {
		s := *f.Suite
		lot.entetes++
		if err := e.ligne("2S", i, 1, s.passer); err != nil {
			return err
		}
	}
	for _, p := range f.Prestations {
		if err := e.prestation(i, &p); err != nil {
			return err
		}
	}
	for _, a := range f.Actes {
		if err := e.acte(i, &a); err != nil {
			return err
		}
	}
	t := f.Totaux()
	return e.ligne("5", i, 0, func(p zone.Passage) { t.passer(p) })
}

// ligne writes a record of an invoice.
func (e *Ecrivain) ligne(t string, i identite, sequence int, passer func(zone.Passage)) error {
	i.sequence = sequence
	if len(t) > 1 {
		i.complement = t[1:]
	}
	return e.poser(t, func(p zone.Passage) { i.passer(p, t); passer(p) })
}

func (e *Ecrivain) prestation(i identite, l *Prestation) error {
	if err := e.ligne("3", i, 0, l.passer); err != nil {
		return err
	}
	if l.Prescription != nil {
		o := *l.Prescription
		if err := e.ligne("3S", i, 1, o.passer); err != nil {
			return err
		}
	}
	for n, a := range l.Articles {
		if err := e.ligne("3F", i, n+1, a.passer); err != nil {
			return err
		}
	}
	return e.medicaments("3H", i, l.Medicaments)
}

func (e *Ecrivain) medicaments(t string, i identite, l []Medicament) error {
	for n, m := range l {
		if err := e.ligne(t, i, n+1, func(p zone.Passage) { m.passer(p, t) }); err != nil {
			return err
		}
	}
	return nil
}

func (e *Ecrivain) acte(i identite, a *Acte) error {
	if err := e.ligne("4", i, 0, a.passer); err != nil {
		return err
	}
	for n, c := range a.CCAM {
		if err := e.ligne("4M", i, n+1, c.passer); err != nil {
			return err
		}
	}
	return e.medicaments("4H", i, a.Medicaments)
}

// Fermer closes the batch and the file and sends what remains. It does not
// close the underlying writer.
func (e *Ecrivain) Fermer() error {
	err := e.essayer(func() error {
		if err := e.fermerLot(); err != nil {
			return err
		}
		volume := e.rang + 1
		return e.poser("999", func(p zone.Passage) {
			e.fichier.passer(p)
			p.Nombre(&t9Volume, &volume)
			p.Nombre(&t9Lots, &e.lots)
		})
	})
	if err != nil {
		return err
	}
	e.ferme = true
	return e.w.Flush()
}
