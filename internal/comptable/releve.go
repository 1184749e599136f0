package comptable

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// Sens tells a credit from a debit of the account.
type Sens string

// The two senses.
const (
	Credit Sens = "C"
	Debit  Sens = "D"
)

// Doute is why a bank line waits for a person.
type Doute string

// The doubts.
const (
	AnnonceAbsente     Doute = "ANNONCE_ABSENTE"      // nothing announces it
	MontantDifferent   Doute = "MONTANT_DIFFERENT"    // its reference is known, the amounts differ
	PlusieursAnnonces  Doute = "PLUSIEURS_ANNONCES"   // several announces of that amount, none nearer
	LignesConcurrentes Doute = "LIGNES_CONCURRENTES"  // another line could take the announce
	ReferenceInconnue  Doute = "REFERENCE_INCONNUE"   // of an announced amount, it quotes a transfer that nothing announces
	AutrePayeur        Doute = "AUTRE_PAYEUR"         // of an announced amount, which another insurer announces or owes too
	ContrepartieAutre  Doute = "CONTREPARTIE_AUTRE"   // of an announced amount, paid under another name than who announces it
	TitreAbsent        Doute = "TITRE_ABSENT"         // an invoice announced has no titre, or several
	TitreInsuffisant   Doute = "TITRE_INSUFFISANT"    // a titre has less left than is announced
	MouvementDebit     Doute = "MOUVEMENT_DEBIT"      // money goes out
	Extourne           Doute = "EXTOURNE"             // the bank takes back what it did
	Defaite            Doute = "RAPPROCHEMENT_DEFAIT" // a person undid its match
	PaiementPartiel    Doute = "RESTE_A_CLASSER"      // a person matched a part of it
)

// pourPersonne tells the doubts that only a person lifts: what arrives later
// changes nothing.
func (d Doute) pourPersonne() bool {
	switch d {
	case MouvementDebit, Extourne, Defaite, PaiementPartiel:
		return true
	}
	return false
}

var libellesDoute = map[Doute]string{
	"":             "pas encore examinée",
	AnnonceAbsente: "aucun retour de paiement ne l'annonce", MontantDifferent: "sa référence est connue, le montant diffère",
	PlusieursAnnonces: "plusieurs annonces de ce montant", LignesConcurrentes: "une autre ligne pourrait payer la même annonce",
	ReferenceInconnue: "le montant est annoncé, mais elle cite un virement qu'aucun retour n'annonce",
	AutrePayeur:       "le montant est annoncé, mais une autre AMC l'annonce ou le doit aussi",
	ContrepartieAutre: "le montant est annoncé, mais par une AMC dont le donneur d'ordre n'a pas le nom",
	TitreAbsent:       "une facture annoncée n'a pas de titre", TitreInsuffisant: "un titre n'a plus le montant annoncé",
	MouvementDebit: "de l'argent sort", Extourne: "la banque reprend ce qu'elle a fait", Defaite: "son rapprochement a été défait",
	PaiementPartiel: "un reste est à classer",
}

// Libelle says the doubt to a person.
func (d Doute) Libelle() string { return libellesDoute[d] }

// LigneReleve is a line of the bank.
type LigneReleve struct {
	ID           IDLigne
	Releve       string // digest of the file that brought it
	Place        int    // its line, or the rank of its entry, in that file
	Compte       string
	Jour         sante.Jour // booked
	Valeur       sante.Jour // value date, zero when not said
	JourDeduit   bool       // the bank did not say when it booked: Jour is the value date, which may be to come
	Sens         Sens
	Montant      sante.Montant // positive
	Reste        sante.Montant // not matched yet
	Extourne     bool
	Reference    string // the bank's
	BoutEnBout   string // end-to-end identification, given by who pays
	Remises      []string
	Libelle      string
	Contrepartie string
	Doute        Doute  // "" while it was not examined
	Cite         string // normalised reference of an announce that it quotes
	PourPersonne bool   // not to be examined again
}

// Lecture reads a bank file, gives each of its lines and tells each refusal. Its
// own error, a *Refus, stops the file; so does an error of what it calls.
type Lecture func(r io.Reader, ligne func(*LigneReleve) error, refus func(*Refus) error) error

// Fichier is a bank file to import. Its source is read twice: once to judge it
// whole, once to write it.
type Fichier struct {
	Nom    string
	Format string
	Agent  string
	Source io.ReadSeeker
	Lire   Lecture
}

// Releve is the report of an import.
type Releve struct {
	Empreinte       string // SHA-256 of the file
	Nom, Format     string
	Agent           string
	Instant         time.Time
	Lues            int
	Nouvelles       int
	Doublons        int // lines that another file had brought
	Refusees        int
	Credits, Debits sante.Montant // of the new lines
	Refus           []Refus       // the first ones
	DejaImporte     bool          // this file had been imported before
}

// refusGardes bounds the refusals that a report details.
const refusGardes = 200

// Importer writes the lines of a bank file, all in one transaction, or none. The
// same file, and the same line in another file, count once. A file with more
// refused lines than the parameters allow is refused, with a report all the same.
func (s *Service) Importer(ctx context.Context, f Fichier) (*Releve, error) {
	p := s.Parametres.avecDefauts()
	if !texte(f.Agent, 1, 100) || !texte(f.Nom, 0, 200) || f.Lire == nil {
		return nil, refuser(ErrDonnees, "Un import a un agent et un fichier.")
	}
	r := &Releve{Nom: f.Nom, Format: f.Format, Agent: f.Agent, Instant: s.Horloge().UTC().Truncate(time.Millisecond)}
	a := s.admission(p)
	if err := s.juger(a, f, r); err != nil {
		return r, err
	}
	err := s.Transaction(ctx, func(ctx context.Context) error {
		if err := s.Journal.Prendre(ctx); err != nil {
			return err
		}
		deja, err := s.Releves.Releve(ctx, r.Empreinte)
		if err != nil || deja != nil {
			if deja != nil {
				*r = *deja
				r.DejaImporte = true
			}
			return err
		}
		return s.charger(ctx, a, f, r)
	})
	return r, err
}

// juger reads the whole file without writing anything.
func (s *Service) juger(a *admission, f Fichier, r *Releve) error {
	h, p := sha256.New(), a.p
	err := lireTout(p, f, h, func(l *LigneReleve) error {
		if x, redite := a.refuser(l); x != nil {
			return r.refuser(x, redite, p.RefusMax)
		}
		if r.Lues++; r.Lues > p.LignesMax {
			return &Refus{Code: TropDeLignes, Detail: "Le fichier a trop de lignes."}
		}
		return nil
	}, func(x *Refus) error { return r.refuser(x, false, p.RefusMax) })
	r.Empreinte = hex.EncodeToString(h.Sum(nil))
	switch {
	case err != nil:
		return err
	case r.Refusees > p.RefusMax:
		return &Refus{Code: TropDeRefus, Detail: fmt.Sprintf("Nombre de lignes refusées : %d, quand il en est toléré %d (« --refus-max »). Rien n'est importé.", r.Refusees, p.RefusMax)}
	case r.Lues == 0:
		return &Refus{Code: FichierVide, Detail: "Le fichier ne contient aucune ligne à importer."}
	}
	return nil
}

// refuser counts a refusal, and keeps it if it is among the first and is not told.
func (r *Releve) refuser(x *Refus, redite bool, max int) error {
	if x.Compte() {
		r.Refusees++
	}
	if len(r.Refus) < refusGardes && !redite {
		r.Refus = append(r.Refus, *x)
	}
	if r.Refusees > max+refusGardes {
		return &Refus{Code: TropDeRefus, Detail: "Trop de lignes sont refusées : la lecture s'arrête."}
	}
	return nil
}

// lireTout reads a file from its beginning to its last byte, and digests it.
func lireTout(p Parametres, f Fichier, h hash.Hash, ligne func(*LigneReleve) error, refus func(*Refus) error) error {
	if _, err := f.Source.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("comptable: relire un fichier: %w", err)
	}
	b := &borne{r: io.TeeReader(f.Source, h), reste: p.OctetsMax}
	err := f.Lire(b, ligne, refus)
	if err == nil {
		_, err = io.Copy(io.Discard, b)
	}
	return err
}

// borne refuses what is beyond its bound, rather than stop there.
type borne struct {
	r     io.Reader
	reste int64
}

func (b *borne) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.reste -= int64(n); b.reste < 0 {
		return 0, &Refus{Code: FichierTropGros, Detail: "Le fichier dépasse la taille admise."}
	}
	return n, err
}

// parLot is how many lines make a piece.
const parLot = 500

// charger writes the lines of a file that was judged.
func (s *Service) charger(ctx context.Context, a *admission, f Fichier, r *Releve) error {
	p := a.p
	r.Nouvelles, r.Doublons, r.Credits, r.Debits = 0, 0, 0, 0
	if err := s.Releves.Enregistrer(ctx, r); err != nil {
		return fmt.Errorf("comptable: importer: %w", err)
	}
	h, rangs, lot := sha256.New(), rangs{}, make([]*LigneReleve, 0, parLot)
	err := lireTout(p, f, h, func(l *LigneReleve) error {
		if non, _ := a.refuser(l); non != nil {
			return nil
		}
		x := *l
		x.Releve, x.Reste, x.ID = r.Empreinte, l.Montant, rangs.identifier(l)
		x.Doute = l.doute()
		x.PourPersonne = x.Doute.pourPersonne()
		if lot = append(lot, &x); len(lot) < parLot {
			return nil
		}
		err := s.ajouter(ctx, p, lot, r)
		lot = lot[:0]
		return err
	}, func(*Refus) error { return nil })
	if err == nil {
		err = s.ajouter(ctx, p, lot, r)
	}
	if err == nil && hex.EncodeToString(h.Sum(nil)) != r.Empreinte {
		err = &Refus{Code: FichierChange, Detail: "Le fichier a changé pendant sa lecture."}
	}
	if err != nil {
		return err
	}
	return s.Releves.Enregistrer(ctx, r)
}

func (s *Service) ajouter(ctx context.Context, p Parametres, lot []*LigneReleve, r *Releve) error {
	if len(lot) == 0 {
		return nil
	}
	nouvelles, err := s.Releves.Ajouter(ctx, lot)
	if err != nil {
		return fmt.Errorf("comptable: importer: %w", err)
	}
	r.Nouvelles += len(nouvelles)
	r.Doublons += len(lot) - len(nouvelles)
	if len(nouvelles) == 0 {
		return nil
	}
	piece := &Piece{Motif: ParReleve, Agent: r.Agent, Raison: "relevé " + r.Empreinte[:12]}
	for _, l := range nouvelles {
		n := Encaissement
		if l.Sens == Debit {
			n, r.Debits = Decaissement, r.Debits+l.Montant
		} else {
			r.Credits += l.Montant
		}
		piece.Ecritures = append(piece.Ecritures, Ecriture{Nature: n, Jour: p.ouvert(l.Jour), Ligne: l.ID, Montant: l.Montant})
	}
	return s.ecrire(ctx, piece)
}

// doute is that of a line just read.
func (l *LigneReleve) doute() Doute {
	switch {
	case l.Sens == Debit:
		return MouvementDebit
	case l.Extourne:
		return Extourne
	}
	return ""
}

// rangs counts the identical lines of a file: two payments of the same amount on
// the same day without a reference are two lines, and still the same two in the
// next file that holds them.
type rangs map[[16]byte]int

// identifier gives a line its identity: account, reference of the bank, day,
// amount and rank. Without a reference of the bank, what the payer gave stands for
// it, then the label. hyp: IDENTITE-LIGNE
func (r rangs) identifier(l *LigneReleve) IDLigne {
	ref := l.Reference
	for _, x := range []string{l.BoutEnBout, strings.Join(l.Remises, " "), l.Libelle} {
		if ref == "" {
			ref = Normaliser(x)
		}
	}
	cle := strings.Join([]string{l.Compte, ref, l.Jour.String(), string(l.Sens), l.Montant.String()}, "\x1f")
	court := [16]byte(sommeDe(cle)[:16])
	r[court]++
	somme := sommeDe(fmt.Sprintf("%s\x1f%d", cle, r[court]))
	return IDLigne(hex.EncodeToString(somme[:16]))
}

func sommeDe(s string) []byte {
	h := sha256.Sum256([]byte(s))
	return h[:]
}

// EstRefus gives the refusal of an error, nil when it is none.
func EstRefus(err error) *Refus {
	var r *Refus
	errors.As(err, &r)
	return r
}
