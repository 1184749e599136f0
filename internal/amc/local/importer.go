package local

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"unicode/utf8"

	"github.com/ecluse-sante/ecluse/internal/amc"
)

// Tables is where an import writes. store.Portefeuille is one.
type Tables interface {
	// EcrireContrat puts a version of a contract in force and tells whether
	// something changed.
	EcrireContrat(ctx context.Context, c *amc.Contrat) (bool, error)
	// ContratConnu tells whether a contract has some version.
	ContratConnu(ctx context.Context, numero string) (bool, error)
	// EcrireBeneficiaires writes persons in one transaction and tells how many
	// were new or changed.
	EcrireBeneficiaires(ctx context.Context, lot []amc.Beneficiaire) (int, error)
}

// Importeur brings a portfolio into tables.
type Importeur struct {
	Tables Tables
	// Lot is how many persons share a transaction. Default: 500.
	Lot int
	// Refus is told of each refused line, in order. It may be nil.
	Refus func(Refus)
}

// Refus is a line that was not taken: where and why, never what it held.
type Refus struct {
	Ligne  int    `json:"ligne"`
	Champ  string `json:"champ"`
	Raison string `json:"raison"`
}

// Rapport counts what an import did.
type Rapport struct {
	Lignes     int `json:"lignes"`     // read, header and blank lines aside
	Contrats   int `json:"contrats"`   // new or changed
	Personnes  int `json:"personnes"`  // new or changed
	Inchangees int `json:"inchangees"` // persons and contracts that were already so
	Refusees   int `json:"refusees"`   // lines
}

// Bounds of a file.
const (
	ligneMax  = 128 << 10
	lotDefaut = 500
)

// Errors of a file that cannot be read at all.
var (
	ErrEntete = errors.New("première ligne refusée")
	ErrLigne  = errors.New("ligne de plus de 128 Kio")
)

// marche is one import under way.
type marche struct {
	*Importeur
	ctx      context.Context
	rapport  Rapport
	lot      []amc.Beneficiaire
	contrats map[string]bool
	vues     map[uint64]struct{} // references written by this file
	graine   maphash.Seed
}

func (i *Importeur) marche(ctx context.Context) *marche {
	return &marche{Importeur: i, ctx: ctx, contrats: make(map[string]bool), vues: make(map[uint64]struct{}), graine: maphash.MakeSeed()}
}

// lignes reads lines with their numbers, without the blank ones.
func lignes(r io.Reader, une func(n int, ligne []byte) error) error {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 64<<10), ligneMax)
	n := 0
	for s.Scan() {
		n++
		ligne := s.Bytes()
		if n == 1 {
			ligne = bytes.TrimPrefix(ligne, []byte("\ufeff"))
		}
		if len(bytes.TrimSpace(ligne)) == 0 {
			continue
		}
		if err := une(n, ligne); err != nil {
			return err
		}
	}
	if errors.Is(s.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("ligne %d : %w", n+1, ErrLigne)
	}
	return s.Err()
}

func (m *marche) refuser(lignes []int, champ, raison string) {
	for _, n := range lignes {
		m.rapport.Refusees++
		if m.Refus != nil {
			m.Refus(Refus{n, champ, raison})
		}
	}
}

// refuserFaute refuses lines for what is wrong with what they hold; an error of
// another kind is given back.
func (m *marche) refuserFaute(lignes []int, err error) error {
	var f *amc.Faute
	if !errors.As(err, &f) {
		return err
	}
	m.refuser(lignes, f.Champ, f.Detail)
	return nil
}

// personne takes a person that came on some lines.
func (m *marche) personne(lignes []int, b amc.Beneficiaire) error {
	if err := b.Verifier(); err != nil {
		return m.refuserFaute(lignes, err)
	}
	cle := maphash.String(m.graine, b.Reference)
	if _, vue := m.vues[cle]; vue {
		m.refuser(lignes, "reference", "déjà dite plus haut dans ce fichier")
		return nil
	}
	for _, a := range b.Adhesions {
		connu, err := m.contratConnu(a.Contrat)
		if err != nil {
			return err
		}
		if !connu {
			m.refuser(lignes, "contrat", "inconnu : importer les contrats d'abord")
			return nil
		}
	}
	m.vues[cle] = struct{}{}
	m.lot = append(m.lot, b)
	if len(m.lot) < m.taille() {
		return nil
	}
	return m.vider()
}

func (m *marche) taille() int {
	if m.Lot > 0 {
		return m.Lot
	}
	return lotDefaut
}

func (m *marche) contratConnu(numero string) (bool, error) {
	if m.contrats[numero] {
		return true, nil
	}
	connu, err := m.Tables.ContratConnu(m.ctx, numero)
	if err != nil {
		return false, fmt.Errorf("chercher un contrat: %w", err)
	}
	m.contrats[numero] = connu
	return connu, nil
}

// vider writes the persons taken so far.
func (m *marche) vider() error {
	if len(m.lot) == 0 {
		return nil
	}
	n, err := m.Tables.EcrireBeneficiaires(m.ctx, m.lot)
	if err != nil {
		return fmt.Errorf("écrire des bénéficiaires: %w", err)
	}
	m.rapport.Personnes += n
	m.rapport.Inchangees += len(m.lot) - n
	m.lot = m.lot[:0]
	return nil
}

// contrat takes a version of a contract.
func (m *marche) contrat(ligne int, c *amc.Contrat) error {
	change, err := m.Tables.EcrireContrat(m.ctx, c)
	if err != nil {
		return m.refuserFaute([]int{ligne}, err)
	}
	m.contrats[c.Numero] = true
	if change {
		m.rapport.Contrats++
	} else {
		m.rapport.Inchangees++
	}
	return nil
}

func lisible(ligne []byte) bool { return utf8.Valid(ligne) }
