package droits

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau/jades"
)

// Refusals of a list.
var (
	ErrLAR           = errors.New("droits: liste de révocation illisible ou incohérente")
	ErrRetourArriere = errors.New("droits: liste plus ancienne que celle déjà tenue")
	ErrDejaTenue     = errors.New("droits: liste déjà tenue")
	ErrBaseAbsente   = errors.New("droits: le delta s'ajoute à une liste que l'on n'a pas : prendre la liste complète")
	ErrTronquee      = errors.New("droits: liste de révocation tronquée")
)

const (
	typLAR      = "ecluse-lar+json"
	ligneMax    = 8 << 10
	entreesMax  = 10_000_000
	dureeLARMax = 7 * 24 * time.Hour // hyp: LAR-DUREE
)

// OptionsLAR are what a reader knows when a list comes.
type OptionsLAR struct {
	Cles       *Cles
	Emetteur   sante.NumeroAMC // whose list is expected; zero: that of any issuer with a key
	Maintenant time.Time
	EntreesMax int // 0: 10 million
}

// LireLAR reads and verifies a list, and applies it to the one that is held: nil
// when there is none. A complete list replaces it, a delta is added to it. What was
// held does not change, whatever happens; after an error it still serves.
func LireLAR(src io.Reader, o OptionsLAR, tenue *LAR) (*LAR, error) {
	r := bufio.NewReaderSize(src, ligneMax)
	e, err := lireEnteteLAR(r, o)
	if err != nil {
		return nil, err
	}
	return appliquer(r, e, tenue)
}

// appliquer reads the records that follow a head and applies them.
func appliquer(r io.Reader, e *EnteteLAR, tenue *LAR) (*LAR, error) {
	if err := e.suit(tenue); err != nil {
		return nil, err
	}
	octets, err := lireEnregistrements(r, e)
	if err != nil {
		return nil, err
	}
	if e.Type == LARComplete {
		return completer(e, octets)
	}
	return tenue.modifier(e, octets)
}

// lireEnteteLAR reads the first line, verifies its signature, and judges it.
func lireEnteteLAR(r *bufio.Reader, o OptionsLAR) (*EnteteLAR, error) {
	ligne, err := r.ReadSlice('\n')
	switch {
	case err == io.EOF:
		return nil, ErrTronquee
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrLAR, err)
	}
	n, err := jades.LireNomme(ligne[:len(ligne)-1], ligneMax)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLAR, err)
	}
	e := &EnteteLAR{}
	if n.Type != typLAR {
		return nil, ErrLAR
	}
	if err := planLAR.DecodeJSON(n.Contenu, e); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLAR, err)
	}
	if !o.Emetteur.IsZero() && !MemeEmetteur(o.Emetteur, e.Emetteur) {
		return nil, ErrAutreEmetteur
	}
	cle, err := o.Cles.Publique(e.Emetteur, n.Kid, PourLAR, e.Emission)
	if err != nil {
		return nil, err
	}
	if err := n.Verifier(cle); err != nil {
		return nil, fmt.Errorf("liste de révocation: %w", err)
	}
	e.kid = n.Kid
	return e, e.juger(o, n.Contenu)
}

// juger checks what a signature does not make true.
func (e *EnteteLAR) juger(o OptionsLAR, contenu []byte) error {
	max := o.EntreesMax
	if max <= 0 {
		max = entreesMax
	}
	complete := e.Type == LARComplete
	switch {
	case !bytes.Equal(planLAR.AppendJSON(nil, e), contenu),
		complete != (e.Base == 0), e.Base >= e.Numero, complete && e.Total != e.Enregistrements,
		!e.ProchaineEmission.After(e.Emission), e.ProchaineEmission.Sub(e.Emission) > dureeLARMax,
		e.Enregistrements > max, e.Total > max:
		return ErrLAR
	case e.Emission.After(o.Maintenant.Add(avanceMax)):
		return ErrFutur
	}
	return nil
}

// suit checks that a list follows the one that is held. ref: VISIO §7 rules 3, 5
func (e *EnteteLAR) suit(tenue *LAR) error {
	if tenue == nil {
		if e.Type == LARDelta {
			return ErrBaseAbsente
		}
		return nil
	}
	t := &tenue.entete
	switch {
	case !MemeEmetteur(e.Emetteur, t.Emetteur):
		return ErrAutreEmetteur
	case e.Numero == t.Numero && e.Etat == t.Etat:
		return ErrDejaTenue
	case e.Numero <= t.Numero, e.Emission.Before(t.Emission):
		return ErrRetourArriere
	case e.Type == LARDelta && (e.Base != t.Numero || e.Sel != t.Sel):
		return ErrBaseAbsente
	}
	return nil
}

// parLecture is how many records are read at once: memory follows what really
// comes, whatever the head announces.
const parLecture = 3 << 10

// lireEnregistrements reads the records that the head announces, not one more, in
// strict order, and checks their digest.
func lireEnregistrements(r io.Reader, e *EnteteLAR) ([]byte, error) {
	total := e.Enregistrements * tailleEnregistrement
	octets := make([]byte, 0, min(total, parLecture*tailleEnregistrement))
	h := sha256.New()
	for len(octets) < total {
		debut := len(octets)
		n := min(total-debut, parLecture*tailleEnregistrement)
		if cap(octets)-debut < n {
			octets = append(make([]byte, 0, min(total, 2*cap(octets))), octets...)
		}
		octets = octets[:debut+n]
		if _, err := io.ReadFull(r, octets[debut:]); err != nil {
			return nil, coupee(err)
		}
		h.Write(octets[debut:])
		if !enOrdre(octets[max(0, debut-tailleEnregistrement):], e.Type) {
			return nil, ErrLAR
		}
	}
	if n, err := r.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		return nil, fmt.Errorf("%w: %w", ErrLAR, errors.Join(err, errors.New("des octets suivent le dernier enregistrement")))
	}
	if Empreinte(h.Sum(nil)) != e.Empreinte {
		return nil, ErrLAR
	}
	return octets, nil
}

// coupee tells the end of the list from the failure of what it is read from.
func coupee(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return ErrTronquee
	}
	return fmt.Errorf("lire la liste de révocation: %w", err)
}

// enOrdre checks records in a row: each hash after the one before, each reason
// known, a record that takes another out in a delta only, and without a day.
func enOrdre(b []byte, t TypeLAR) bool {
	for i := 0; i < len(b); i += tailleEnregistrement {
		if i > 0 && bytes.Compare(b[i-tailleEnregistrement:][:tailleCondense], b[i:][:tailleCondense]) >= 0 {
			return false
		}
		sorte, effet := int(b[i+tailleEnregistrement-1]), int32(binary.BigEndian.Uint32(b[i+tailleCondense:]))
		if sorte >= len(motifs) || sorte == 0 && (t != LARDelta || effet != 0) || sorte != 0 && effet <= 0 {
			return false
		}
	}
	return true
}

// completer makes a list of its own records.
func completer(e *EnteteLAR, octets []byte) (*LAR, error) {
	l := &LAR{entete: *e, octets: octets}
	for i := 0; i < len(octets); i += tailleEnregistrement {
		l.somme.ajouter(octets[i:][:tailleEnregistrement])
	}
	return l.finir()
}

// finir checks that the list is what its head says, and makes it ready to be asked.
func (l *LAR) finir() (*LAR, error) {
	if l.Nombre() != l.entete.Total || l.somme.empreinte() != l.entete.Etat {
		return nil, ErrLAR
	}
	l.ranger()
	return l, nil
}

// modifier makes the list that a delta leads to: what lies between two changes is
// copied whole. A record to take out that is not there is not of this list.
func (l *LAR) modifier(e *EnteteLAR, delta []byte) (*LAR, error) {
	s := &LAR{entete: *e, somme: l.somme, octets: make([]byte, 0, len(l.octets)+len(delta))}
	copie := 0
	for ; len(delta) > 0; delta = delta[tailleEnregistrement:] {
		r := delta[:tailleEnregistrement]
		i, trouve := l.place(condense(r[:tailleCondense]))
		i *= tailleEnregistrement
		s.octets = append(s.octets, l.octets[copie:i]...)
		copie = i
		if trouve {
			s.somme.retirer(l.octets[i:][:tailleEnregistrement])
			copie += tailleEnregistrement
		}
		if r[tailleEnregistrement-1] != 0 {
			s.octets = append(s.octets, r...)
			s.somme.ajouter(r)
		} else if !trouve {
			return nil, ErrLAR
		}
	}
	s.octets = append(s.octets, l.octets[copie:]...)
	return s.finir()
}
