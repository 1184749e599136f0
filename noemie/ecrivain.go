package noemie

import (
	"bufio"
	"io"

	"github.com/ecluse-sante/ecluse/noemie/zone"
)

// Ecrivain writes a return file, in constant memory. It opens and closes the
// levels as the Contexte of the invoices changes, and computes every total.
type Ecrivain struct {
	w      *bufio.Writer
	entete Entete
	ctx    Contexte
	pile   []ouvert
	n      cloture
	buf    []byte // one invoice, written only when it is whole
	z      zone.Ecriture
	ferme  bool
	err    error // failure of w, sticky
}

// Ecrire begins a file with its header. The caller ends it with Fermer, and
// closes w.
func Ecrire(w io.Writer, e Entete) (*Ecrivain, error) {
	x := &Ecrivain{w: bufio.NewWriterSize(w, 64<<10), entete: e, pile: make([]ouvert, 1, 8)}
	if err := x.fixe(TypeEntete); err != nil {
		return nil, err
	}
	return x, x.vider()
}

// fixe prepares the header or the end: both have the parties and are 128 bytes long.
func (x *Ecrivain) fixe(t Type) error {
	e, lon, monnaie := x.entete, longueurFix, "U"
	x.debut(t, 0)
	e.passer(&x.z)
	if t == TypeFin { // what follows the identification of the file is its own
		x.z.B = x.z.B[:entFichier.Fin()]
		x.n.passer(&x.z)
	} else {
		x.z.Texte(&entMonnaie, &monnaie)
		x.z.Nombre(&entLongueur, &lon)
	}
	for len(x.z.B) < longueurFix {
		x.z.B = append(x.z.B, ' ')
	}
	return x.poser(t)
}

// debut begins an entity.
func (x *Ecrivain) debut(t Type, niveau int) {
	x.z = zone.Ecriture{B: append(x.z.B[:0], t.String()...), Interdit: separateur}
	if t != TypeEntete && t != TypeFin {
		x.z.B = append(x.z.B, byte('0'+niveau/10), byte('0'+niveau%10))
	}
}

// poser ends an entity in the buffer.
func (x *Ecrivain) poser(t Type) error {
	if r := x.z.Refus(); r != nil {
		return &Erreur{Motif: deZone[r.Motif], Entite: t, Champ: r.Zone.Nom, Numero: x.n.entites + 1}
	}
	x.buf = append(append(x.buf, x.z.B...), separateur)
	x.n.entites++
	return nil
}

// vider sends what is prepared.
func (x *Ecrivain) vider() error {
	if x.err == nil {
		_, x.err = x.w.Write(x.buf)
	}
	x.buf = x.buf[:0]
	return x.err
}

// Facture writes an invoice. When it is refused, with an *[Erreur], nothing of
// it is written and the next one may be. Its Montant must be the sum of its
// lines and movements, if it has any; texts are folded to ASCII capitals, and
// what has no such form or does not fit is refused.
func (x *Ecrivain) Facture(f *Facture) error {
	if x.ferme {
		return &Erreur{Motif: MotifFerme, Entite: aucunType}
	}
	if x.err != nil {
		return x.err
	}
	avant := *x
	pile := append(make([]ouvert, 0, len(x.pile)), x.pile...)
	err := x.facture(f)
	if err != nil {
		buf := x.buf[:0]
		*x = avant
		x.buf, x.pile = buf, append(x.pile[:0], pile...)
		return err
	}
	return x.vider()
}

func (x *Ecrivain) facture(f *Facture) error {
	if total, ok := f.Total(); ok && total != f.Montant {
		return &Erreur{Motif: MotifMontant, Entite: TypeControle, Champ: ctlMontant.Nom, Niveau: niveauFacture, Numero: x.n.entites + 1}
	}
	if err := x.placer(&f.Contexte); err != nil {
		return err
	}
	c := *f // the passages take pointers: nothing of the caller's is touched
	for _, t := range c.entites() {
		x.debut(t, niveauDe(t))
		c.passer(&x.z, t)
		if err := x.poser(t); err != nil {
			return err
		}
	}
	if err := x.details(f); err != nil {
		return err
	}
	return x.controle(niveauFacture, controle{len(f.Lignes) + len(f.Mouvements), f.Montant})
}

func niveauDe(t Type) int {
	if t.facture() {
		return niveauFacture
	}
	return niveauDetail
}

// entites are those that appear once in an invoice and have something to say.
func (f *Facture) entites() []Type {
	l := make([]Type, 1, 8)
	if l[0] = TypeFacture; f.long() {
		l[0] = TypeFactureLong
	}
	for _, x := range []struct {
		t   Type
		dit bool
	}{
		{TypeTitre, f.Titre != ""},
		{TypeAssure, f.Assure != Personne{}},
		{TypeMalade, f.Malade != Personne{}},
		{TypeNature, f.Nature != ""},
		{TypeArchivage, f.Archivage != ""},
		{TypeOrganisme, f.Organisme != ""},
	} {
		if x.dit {
			l = append(l, x.t)
		}
	}
	return l
}

// long tells whether the short form cannot hold the number of an invoice as it
// is, or its origin. hyp: NOEMIE-NUMERO-LONG
func (f *Facture) long() bool {
	if f.Origine != (Origine{}) || len(f.Numero) > facNumero.Longueur || f.Numero == "" || f.Numero[0] == '0' {
		return true
	}
	for i := range len(f.Numero) {
		if f.Numero[i]-'0' > 9 {
			return true
		}
	}
	return false
}

// details writes the lines, the movements and the rejections.
func (x *Ecrivain) details(f *Facture) error {
	for _, l := range f.Lignes {
		t := l.entite()
		x.debut(t, niveauDetail)
		if l.passer(&x.z, t); l.Frais && t != TypeFrais {
			x.z.Refuser(&ligExecutant, zone.Debordement, len(l.Executant)) // 220 has no place for it
		}
		if err := x.poser(t); err != nil {
			return err
		}
	}
	for _, m := range f.Mouvements {
		x.debut(TypeMouvement, niveauDetail)
		m.passer(&x.z)
		if err := x.poser(TypeMouvement); err != nil {
			return err
		}
	}
	for _, r := range f.Rejets {
		t := r.entite()
		x.debut(t, niveauDetail)
		r.passer(&x.z, t)
		if reste := (Rejet{Ligne: r.Ligne, Code: r.Code, Libelle: r.Libelle}); t == TypeRejet && r != reste {
			x.z.Refuser(&rjdPortee, zone.Vide, 0) // the short form would lose the rest
		}
		if err := x.poser(t); err != nil {
			return err
		}
	}
	return nil
}

// placer closes the levels that no longer hold and opens those of an invoice.
func (x *Ecrivain) placer(c *Contexte) error {
	n := niveauFacture
	switch a := &x.ctx; {
	case a.Mandataire != c.Mandataire:
		n = niveauMandataire
	case a.Destinataire != c.Destinataire:
		n = niveauDestinataire
	case a.Journee != c.Journee:
		n = niveauJournee
	case a.Lot != c.Lot:
		n = niveauLot
	}
	if err := x.fermerNiveaux(n); err != nil {
		return err
	}
	x.ctx = *c
	k := *c
	for _, o := range []struct {
		niveau int
		t      Type
		dit    bool
		passer func()
	}{
		{niveauMandataire, TypeMandataire, c.Mandataire != "", func() { x.z.Texte(&mndNumero, &k.Mandataire) }},
		{niveauDestinataire, TypeDestinataire, c.Destinataire != "", func() { x.z.Texte(&dstNumero, &k.Destinataire) }},
		{niveauJournee, k.Journee.entite(), c.Journee != Journee{}, func() { k.Journee.passer(&x.z, k.Journee.entite()) }},
		{niveauLot, TypeLot, c.Lot != Lot{}, func() { k.Lot.passer(&x.z) }},
	} {
		if o.niveau < n || !o.dit {
			continue
		}
		x.debut(o.t, o.niveau)
		o.passer()
		if err := x.poser(o.t); err != nil {
			return err
		}
		x.pile = append(x.pile, ouvert{niveau: o.niveau, t: o.t})
		if o.t == TypeLot {
			x.n.lots++
		}
	}
	return nil
}

func (j *Journee) entite() Type {
	if j.virement() {
		return TypeVirement
	}
	return TypeJournee
}

// fermerNiveaux writes the control entities of the levels from n down.
func (x *Ecrivain) fermerNiveaux(n int) error {
	for len(x.pile) > 1 && x.pile[len(x.pile)-1].niveau >= n {
		o := x.pile[len(x.pile)-1]
		x.pile = x.pile[:len(x.pile)-1]
		if err := x.controle(o.niveau, controle{o.compte, o.cumul}); err != nil {
			return err
		}
	}
	return nil
}

// controle writes an entity 990 and adds its total to the level above.
func (x *Ecrivain) controle(niveau int, c controle) error {
	x.debut(TypeControle, niveau)
	c.passer(&x.z)
	x.pile[len(x.pile)-1].ajouter(c.montant, true)
	return x.poser(TypeControle)
}

// Fermer closes the levels, writes the end entity and sends what remains. It
// does not close the underlying writer. A second call is refused.
func (x *Ecrivain) Fermer() error {
	if x.ferme {
		return &Erreur{Motif: MotifFerme, Entite: aucunType}
	}
	x.ferme = true
	if x.err != nil {
		return x.err
	}
	if err := x.fermerNiveaux(0); err != nil {
		return err
	}
	x.n.montant = x.pile[0].cumul
	x.n.entites++ // the end entity counts itself. hyp: NOEMIE-COMPTEUR
	if err := x.fixe(TypeFin); err != nil {
		return err
	}
	if err := x.vider(); err != nil {
		return err
	}
	return x.w.Flush()
}
