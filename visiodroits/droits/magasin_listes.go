package droits

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// cleLAR is that of a published list; lists of an issuer sort by number.
func cleLAR(emetteur sante.NumeroAMC, numero int64) string {
	return fmt.Sprintf("%s%s%020d", deLAR, emetteur.Sur10(), numero)
}

// AppliquerLAR verifies a published list, applies it to r, and keeps it, so that it
// is there at the next start: a complete list in the place of all that its issuer
// had published before, a delta beside its base. A list that does not apply is not
// kept.
func (m *Magasin) AppliquerLAR(r *Revocations, publiee []byte, o OptionsLAR) (*LAR, error) {
	m.lar.Lock()
	defer m.lar.Unlock()
	l, err := r.Appliquer(bytes.NewReader(publiee), o)
	if err != nil {
		return nil, err
	}
	err = m.Ecrire(func(lot *Lot) error {
		if l.entete.Type == LARComplete {
			for _, cle := range m.c.cles(deLAR + l.entete.Emetteur.Sur10()) {
				lot.retirer(cle)
			}
		}
		lot.poser(operation{cle: cleLAR(l.entete.Emetteur, l.entete.Numero), corps: publiee})
		return nil
	})
	return l, err
}

// piecesLAR is how many lists of an issuer are kept: one whole, and changes since.
func (m *Magasin) piecesLAR(emetteur sante.NumeroAMC) int {
	m.verrou.RLock()
	defer m.verrou.RUnlock()
	return len(m.c.cles(deLAR + emetteur.Sur10()))
}

// Revocations are the lists that were kept, verified again with the keys of now. An
// issuer whose lists are no longer believed, or no longer readable, has none from
// the first that is refused on: the error says which, and the others are there.
func (m *Magasin) Revocations(cles *Cles, maintenant time.Time) (*Revocations, error) {
	m.verrou.RLock()
	defer m.verrou.RUnlock()
	r, refusees := &Revocations{}, map[string]error{}
	for _, cle := range m.c.cles(deLAR) {
		emetteur := cle[1:11]
		if refusees[emetteur] != nil {
			continue
		}
		octets, err := m.c.corps(cle)
		if err == nil {
			_, err = r.Appliquer(bytes.NewReader(octets), OptionsLAR{Cles: cles, Maintenant: maintenant})
		}
		if err != nil {
			refusees[emetteur] = fmt.Errorf("liste de révocation de %s: %w", emetteur, err)
		}
	}
	var err error
	for _, e := range refusees {
		err = errors.Join(err, e)
	}
	return r, err
}

// GarderListe keeps a signed list of administration under its name, in the place of
// the one before. A smaller number, or the same number for other octets, is
// ErrRetourArriere. ref: VISIO §12
func (l *Lot) GarderListe(nom string, numero int64, octets []byte) error {
	if nom == "" || len(nom) > nomEntreeMax || numero < 1 || len(octets) == 0 {
		return ErrListe
	}
	cle := deListe + nom
	avant, err := numeroListe(l.champs(cle))
	if err != nil {
		return err
	}
	if numero < avant {
		return ErrRetourArriere
	}
	if numero == avant {
		tenue, err := l.corps(cle)
		if err != nil {
			return err
		}
		if !bytes.Equal(tenue, octets) {
			return ErrRetourArriere
		}
		return nil
	}
	l.poser(operation{cle: cle, champs: binary.BigEndian.AppendUint64(nil, uint64(numero)), corps: octets})
	return nil
}

// ErrListe is returned for a list without a name, a number or contents.
var ErrListe = errors.New("droits: liste sans nom, sans numéro ou vide")

func numeroListe(champs []byte, la bool) (int64, error) {
	switch {
	case !la:
		return 0, nil
	case len(champs) != 8:
		return 0, ErrMagasinAltere
	}
	return int64(binary.BigEndian.Uint64(champs)), nil
}

// corps is the body of an entry as the lot leaves it.
func (l *Lot) corps(cle string) ([]byte, error) {
	if i, ok := l.places[cle]; ok {
		return l.ops[i].corps, nil
	}
	return l.m.c.corps(cle)
}

// GarderListe is Lot.GarderListe alone.
func (m *Magasin) GarderListe(nom string, numero int64, octets []byte) error {
	return m.Ecrire(func(l *Lot) error { return l.GarderListe(nom, numero, octets) })
}

// Liste is the list of that name and its number, nil and 0 when none is kept.
func (m *Magasin) Liste(nom string) ([]byte, int64, error) {
	m.verrou.RLock()
	defer m.verrou.RUnlock()
	cle := deListe + nom
	octets, err := m.c.corps(cle)
	if err != nil || octets == nil {
		return nil, 0, err
	}
	numero, err := numeroListe(m.c.fiches[cle].champs, true)
	return octets, numero, err
}
