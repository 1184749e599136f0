package droits

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/sante"
)

// TentativeGardee is the evidence of a failed attempt that waits to be sent.
type TentativeGardee struct {
	ID string // for RetirerTentatives
	Tentative
}

// NoterTentative keeps the evidence of a failed attempt.
func (l *Lot) NoterTentative(t Tentative) (id string, err error) {
	if _, err := LireTentative(t.Octets()); err != nil {
		return "", err
	}
	var alea [8]byte
	rand.Read(alea[:]) // does not fail. ref: crypto/rand
	id = fmt.Sprintf("%016x", uint64(t.Instant.UnixMilli())) + hex.EncodeToString(alea[:])
	l.poser(operation{cle: deTentative + id, champs: t.Octets()})
	return id, nil
}

// RetirerTentatives takes out evidence that was sent; what is not there is passed over.
func (l *Lot) RetirerTentatives(ids ...string) {
	for _, id := range ids {
		l.retirer(deTentative + id)
	}
}

// NoterTentative is Lot.NoterTentative alone.
func (m *Magasin) NoterTentative(t Tentative) (id string, err error) {
	err = m.Ecrire(func(l *Lot) (err error) {
		id, err = l.NoterTentative(t)
		return err
	})
	return id, err
}

// Tentatives is the evidence that waits, oldest first.
func (m *Magasin) Tentatives() ([]TentativeGardee, error) {
	m.verrou.RLock()
	defer m.verrou.RUnlock()
	var l []TentativeGardee
	for _, cle := range m.c.cles(deTentative) {
		t, err := LireTentative(m.c.fiches[cle].champs)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMagasinAltere, err)
		}
		l = append(l, TentativeGardee{cle[1:], t})
	}
	return l, nil
}

// ErrCompteur is returned for a counter whose name, day or value cannot be.
var ErrCompteur = errors.New("droits: nom de compteur en capitales, jour et valeur attendus")

// Compter adds to a counter of a day. A name is of capitals, digits and _: there is
// no room for anybody's.
func (l *Lot) Compter(jour sante.Jour, nom string, n int64) error {
	if _, err := sante.ParseJour(jour.String()); err != nil || nom == "" || len(nom) > nomEntreeMax || strings.Trim(nom, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
		return ErrCompteur
	}
	cle := deCompteur + jour.String() + "/" + nom
	var avant int64
	if champs, la := l.champs(cle); la {
		var err error
		if avant, err = strconv.ParseInt(string(champs), 10, 64); err != nil {
			return fmt.Errorf("%w: %w", ErrMagasinAltere, err)
		}
	}
	if n > 0 && avant > math.MaxInt64-n || n < 0 && avant < math.MinInt64-n {
		return ErrCompteur
	}
	l.poser(operation{cle: cle, champs: strconv.AppendInt(nil, avant+n, 10)})
	return nil
}

// Compter is Lot.Compter alone.
func (m *Magasin) Compter(jour sante.Jour, nom string, n int64) error {
	return m.Ecrire(func(l *Lot) error { return l.Compter(jour, nom, n) })
}

// Compteurs are those of a day, by name.
func (m *Magasin) Compteurs(jour sante.Jour) (map[string]int64, error) {
	m.verrou.RLock()
	defer m.verrou.RUnlock()
	prefixe, r := deCompteur+jour.String()+"/", map[string]int64{}
	for _, cle := range m.c.cles(prefixe) {
		n, err := strconv.ParseInt(string(m.c.fiches[cle].champs), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMagasinAltere, err)
		}
		r[cle[len(prefixe):]] = n
	}
	return r, nil
}
