package b2

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/ecluse-sante/ecluse/noemie/zone"
	"github.com/ecluse-sante/ecluse/sante"
)

// detailsMax bounds the records of one invoice: no more can be numbered.
const detailsMax = 999 * 100

// Lecteur reads a file invoice by invoice. It checks the length and the order
// of the records, and the totals. It stops at the first error.
type Lecteur struct {
	r       *bufio.Reader
	fichier Fichier
	lot     Lot
	fin     finLot // of the batch, as read
	ouvert  bool   // a batch is open
	lots    int
	rang    int
	ligne   []byte // record read
	t       string // its type
	rejoue  bool   // it is still to be judged
	err     error
}

// Lire reads the opening record. The error is always an *[Erreur].
func Lire(r io.Reader) (*Lecteur, error) {
	l := &Lecteur{r: bufio.NewReaderSize(r, 64<<10), ligne: make([]byte, longueur)}
	tete, _ := l.r.Peek(4)
	switch {
	case bytes.HasPrefix(tete, []byte("\x1f\x8b")), bytes.HasPrefix(tete, []byte("PK\x03\x04")):
		return nil, &Erreur{Motif: MotifCompresse}
	case !bytes.HasPrefix(tete, []byte("000")):
		return nil, &Erreur{Motif: MotifFormat}
	}
	if err := l.avancer(); err != nil {
		return nil, err
	}
	return l, l.passer(func(p zone.Passage) { l.fichier.passer(p); l.fichier.passerSuite(p) })
}

// Fichier is the header of the file.
func (l *Lecteur) Fichier() Fichier { return l.fichier }

// Lot is the batch of the last invoice.
func (l *Lecteur) Lot() Lot { return l.lot }

// refus is an error of the record being read.
func (l *Lecteur) refus(m Motif, z *zone.Zone) error {
	e := &Erreur{Motif: m, Rang: l.rang, Enregistrement: l.t}
	if z != nil {
		e.Champ = z.Nom
	}
	return e
}

// passer reads the fields of the record.
func (l *Lecteur) passer(f func(p zone.Passage)) error {
	p := &zone.Lecture{S: string(l.ligne)}
	f(p)
	if r := p.Refus(); r != nil {
		return &Erreur{Motif: deZone[r.Motif], Rang: l.rang, Enregistrement: l.t, Champ: r.Zone.Nom, Longueur: r.Longueur}
	}
	return nil
}

// avancer reads the next record. Line ends between records are accepted.
func (l *Lecteur) avancer() error {
	if l.rejoue {
		l.rejoue = false
		return nil
	}
	l.rang++
	l.t = ""
	if err := l.passerFinsDeLigne(2); err != nil {
		return err
	}
	if _, err := io.ReadFull(l.r, l.ligne); err != nil {
		return l.panne(err)
	}
	if bytes.ContainsAny(l.ligne, "\r\n") {
		return l.refus(MotifTaille, nil)
	}
	for _, c := range l.ligne {
		if c < ' ' || c > '~' {
			return l.refus(MotifCaractere, nil)
		}
	}
	if l.t = typeDe(l.ligne); l.t == "" {
		return l.refus(MotifType, nil)
	}
	return nil
}

func (l *Lecteur) panne(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return l.refus(MotifTronque, nil)
	}
	return &Erreur{Motif: MotifLecture, Rang: l.rang, Cause: err}
}

func (l *Lecteur) passerFinsDeLigne(n int) error {
	for range n {
		b, err := l.r.Peek(1)
		if err != nil {
			return l.panne(err)
		}
		if b[0] != '\r' && b[0] != '\n' {
			return nil
		}
		l.r.Discard(1)
	}
	return nil
}

// typeDe is the type of a record, "" for one that is not known. The second
// character stands at two places; at the first one, the records without it
// have a digit of the number of the invoice, at the other a space or a digit.
func typeDe(b []byte) string {
	switch s := string(b[:3]); {
	case s == "000", s == "999":
		return s
	case b[0] == '1', b[0] == '5', b[0] == '6':
		return s[:1]
	case b[0] < '2' || b[0] > '4':
		return ""
	}
	t, g, c := string(b[:1]), b[gComplement.Debut], b[iComplement.Debut]
	switch {
	case g >= 'A' && g <= 'Z':
		if t += string(g); t != "3F" && t != "3H" && t != "4M" && t != "4H" {
			return ""
		}
	case c == 'S' && t != "4":
		t += "S"
	}
	return t
}

// Suivante gives the next invoice, or io.EOF after the end record. Another
// error is an *[Erreur], and the last word.
func (l *Lecteur) Suivante() (*Facture, error) {
	if l.err != nil {
		return nil, l.err
	}
	f, err := l.suivante()
	l.err = err
	return f, err
}

func (l *Lecteur) suivante() (*Facture, error) {
	for {
		if err := l.avancer(); err != nil {
			return nil, err
		}
		var err error
		switch {
		case l.t == "1" && !l.ouvert:
			l.lot = Lot{}
			err = l.passer(l.lot.passer)
			l.fin = finLot{etablissement: l.lot.Etablissement, numero: l.lot.Numero}
			l.ouvert, l.lots = true, l.lots+1
		case l.t == "2" && l.ouvert:
			return l.facture()
		case l.t == "6" && l.ouvert:
			l.ouvert = false
			err = l.fermerLot()
		case l.t == "999" && !l.ouvert:
			return nil, l.terminer()
		default:
			err = l.refus(MotifSequence, nil)
		}
		if err != nil {
			return nil, err
		}
	}
}

// fermerLot compares the record 6 with what was read.
func (l *Lecteur) fermerLot() error {
	var dit finLot
	if err := l.passer(dit.passer); err != nil {
		return err
	}
	lu := l.fin
	switch {
	case dit.etablissement != lu.etablissement:
		return l.refus(MotifSequence, &t6Etab)
	case dit.numero != lu.numero:
		return l.refus(MotifSequence, &t6Numero)
	case dit.factures != lu.factures:
		return l.refus(MotifCompte, &t6Factures)
	case dit.lignes != lu.lignes:
		return l.refus(MotifCompte, &t6Lignes)
	case dit.entetes != lu.entetes:
		return l.refus(MotifCompte, &t6Types2)
	case dit.depense != lu.depense:
		return l.refus(MotifMontant, &t6Depense)
	case dit.amo != lu.amo:
		return l.refus(MotifMontant, &t6AMO)
	case dit.amc != lu.amc:
		return l.refus(MotifMontant, &t6AMC)
	}
	return nil
}

// terminer compares the record 999 with what was read; nothing follows it.
func (l *Lecteur) terminer() error {
	var volume, lots int
	if err := l.passer(func(p zone.Passage) { p.Nombre(&t9Volume, &volume); p.Nombre(&t9Lots, &lots) }); err != nil {
		return err
	}
	if volume != l.rang {
		return l.refus(MotifCompte, &t9Volume)
	}
	if lots != l.lots {
		return l.refus(MotifCompte, &t9Lots)
	}
	if err := l.passerFinsDeLigne(2); err != nil {
		var e *Erreur
		if errors.As(err, &e) && e.Motif == MotifTronque {
			return io.EOF
		}
		return err
	}
	if _, err := l.r.Peek(1); err == io.EOF {
		return io.EOF
	}
	return l.refus(MotifApresFin, nil)
}

// facture reads the records of an invoice, 2 to 5.
func (l *Lecteur) facture() (*Facture, error) {
	f := &Facture{}
	i := identite{}
	if err := l.passer(func(p zone.Passage) { i.passer(p, "2"); f.passer(p) }); err != nil {
		return nil, err
	}
	if i.etablissement != l.lot.Etablissement {
		return nil, l.refus(MotifSequence, &iEtab)
	}
	f.NIR, f.Rang, f.Numero = i.nir, i.rang, i.numero
	l.fin.entetes++
	for range detailsMax {
		if err := l.avancer(); err != nil {
			return nil, err
		}
		if l.t == "5" {
			return f, l.fermerFacture(f, &i)
		}
		if err := l.detail(f, &i); err != nil {
			return nil, err
		}
	}
	return nil, l.refus(MotifSequence, nil)
}

// memeFacture gives the field by which a record is of another invoice, nil for none.
func (l *Lecteur) memeFacture(p zone.Passage, i *identite) *zone.Zone {
	lu := identite{}
	lu.passer(p, l.t)
	switch {
	case lu.etablissement != i.etablissement:
		return &iEtab
	case lu.nir != i.nir:
		return &iNIR
	case lu.numero != i.numero:
		return &iFacture
	}
	return nil
}

// passerDetail reads a record of the invoice.
func (l *Lecteur) passerDetail(i *identite, f func(zone.Passage)) error {
	var autre *zone.Zone
	err := l.passer(func(p zone.Passage) { autre = l.memeFacture(p, i); f(p) })
	if err == nil && autre != nil {
		return l.refus(MotifSequence, autre)
	}
	return err
}

// fermerFacture compares the record 5 with what was read.
func (l *Lecteur) fermerFacture(f *Facture, i *identite) error {
	lu := f.Totaux()
	var dit Totaux
	var reste sante.Montant
	if err := l.passerDetail(i, func(p zone.Passage) { reste = dit.passer(p) }); err != nil {
		return err
	}
	for _, x := range []struct {
		egal bool
		m    Motif
		z    *zone.Zone
	}{
		{dit.Lignes == lu.Lignes, MotifCompte, &t5Lignes},
		{dit.BasePH == lu.BasePH, MotifMontant, &t5BasePH},
		{dit.AMOPH == lu.AMOPH, MotifMontant, &t5AMOPH},
		{dit.Honoraires == lu.Honoraires, MotifMontant, &t5Honoraires},
		{dit.AMOHono == lu.AMOHono, MotifMontant, &t5AMOHono},
		{dit.AMCPH == lu.AMCPH, MotifMontant, &t5AMCPH},
		{dit.AMCHono == lu.AMCHono, MotifMontant, &t5AMCHono},
		{dit.TotPH == lu.TotPH, MotifMontant, &t5TotPH},
		{reste == lu.Depense()-lu.AMO(), MotifMontant, &t5Participation},
	} {
		if !x.egal {
			return l.refus(x.m, x.z)
		}
	}
	l.fin.ajouter(&lu)
	return nil
}

// detail reads a record between 2 and 5. Those that explain a line follow it.
func (l *Lecteur) detail(f *Facture, i *identite) error {
	var prestation *Prestation
	var acte *Acte
	if n := len(f.Prestations); n > 0 {
		prestation = &f.Prestations[n-1]
	}
	if n := len(f.Actes); n > 0 {
		acte = &f.Actes[n-1]
	}
	switch {
	case l.t == "2S" && f.Suite == nil && prestation == nil && acte == nil:
		f.Suite = &Suite{}
		l.fin.entetes++
		return l.passerDetail(i, f.Suite.passer)
	case l.t == "3" && acte == nil:
		f.Prestations = append(f.Prestations, Prestation{})
		return l.passerDetail(i, f.Prestations[len(f.Prestations)-1].passer)
	case l.t == "4":
		f.Actes = append(f.Actes, Acte{})
		return l.passerDetail(i, f.Actes[len(f.Actes)-1].passer)
	case l.t[0] == '3' && prestation != nil && acte == nil:
		return l.detailPrestation(prestation, i)
	case l.t == "4M" && acte != nil && acte.Medicaments == nil:
		acte.CCAM = append(acte.CCAM, CCAM{})
		return l.passerDetail(i, acte.CCAM[len(acte.CCAM)-1].passer)
	case l.t == "4H" && acte != nil:
		acte.Medicaments = append(acte.Medicaments, Medicament{})
		return l.medicament(&acte.Medicaments[len(acte.Medicaments)-1], i)
	}
	return l.refus(MotifSequence, nil)
}

func (l *Lecteur) medicament(m *Medicament, i *identite) error {
	return l.passerDetail(i, func(p zone.Passage) { m.passer(p, l.t) })
}

func (l *Lecteur) detailPrestation(x *Prestation, i *identite) error {
	switch {
	case l.t == "3S" && x.Prescription == nil && x.Articles == nil && x.Medicaments == nil:
		x.Prescription = &Prescription{}
		return l.passerDetail(i, x.Prescription.passer)
	case l.t == "3F" && x.Medicaments == nil:
		x.Articles = append(x.Articles, Article{})
		return l.passerDetail(i, x.Articles[len(x.Articles)-1].passer)
	case l.t == "3H":
		x.Medicaments = append(x.Medicaments, Medicament{})
		return l.medicament(&x.Medicaments[len(x.Medicaments)-1], i)
	}
	return l.refus(MotifSequence, nil)
}

// Bilan is the account of a file that was verified.
type Bilan struct {
	Fichier           Fichier
	Lots, Factures    int
	Enregistrements   int
	Depense, AMO, AMC sante.Montant
}

// Verifier judges a whole file: the length, the type and the order of the
// records, and every total. The error is the first one, an *[Erreur].
func Verifier(r io.Reader) (Bilan, error) {
	l, err := Lire(r)
	if err != nil {
		return Bilan{}, err
	}
	b := Bilan{Fichier: l.Fichier()}
	for {
		f, err := l.Suivante()
		if err != nil {
			b.Lots, b.Enregistrements = l.lots, l.rang
			if err == io.EOF {
				err = nil
			}
			return b, err
		}
		t := f.Totaux()
		b.Factures++
		b.Depense += t.Depense()
		b.AMO += t.AMO()
		b.AMC += t.AMC()
	}
}
