// Package comptabletest holds what the tests of the comptable share: a hospital's
// book with a clock, and what every store of that room must pass.
package comptabletest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/sante"
)

// Livres is all that a store of this room promises.
type Livres interface {
	comptable.Titres
	comptable.Annonces
	comptable.Releves
	comptable.Lignes
	comptable.Journal
	comptable.Soldes
	Transaction(ctx context.Context, f func(ctx context.Context) error) error
	EnLecture(ctx context.Context, f func(ctx context.Context) error) error
	TitresPeriode(ctx context.Context, p comptable.Periode, une func(*comptable.TitrePeriode) error) error
	MouvementsPeriode(ctx context.Context, p comptable.Periode, une func(*comptable.MouvementPeriode) error) error
}

// TB is what a test and a property have in common.
type TB interface {
	Helper()
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

// Midi is the first instant of the tests.
var Midi = time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)

// Jour1 is its day.
var Jour1 = sante.JourA(Midi, sante.Paris())

// Banc is a comptable at work.
type Banc struct {
	*comptable.Service
	Livres  Livres
	Instant time.Time
	fichier int
}

// Nouveau opens a book.
func Nouveau(l Livres, p comptable.Parametres) *Banc {
	b := &Banc{Livres: l, Instant: Midi}
	b.Service = &comptable.Service{Parametres: p, Titres: l, Annonces: l, Releves: l, Lignes: l, Journal: l, Soldes: l,
		Horloge: func() time.Time { return b.Instant }, Transaction: l.Transaction}
	return b
}

// Aujourdhui is the day of the clock.
func (b *Banc) Aujourdhui() sante.Jour { return sante.JourA(b.Instant, sante.Paris()) }

// Avancer moves the clock by days.
func (b *Banc) Avancer(jours int) { b.Instant = b.Instant.Add(time.Duration(jours) * 24 * time.Hour) }

// AMC gives a fictitious insurer.
func AMC(t TB, n int) sante.NumeroAMC {
	t.Helper()
	a, err := sante.ParseNumeroAMC(fmt.Sprintf("%09d", 990000000+n))
	if err != nil {
		t.Fatalf("AMC: %v", err)
	}
	return a
}

// Facture names an invoice of 2026.
func Facture(numero string) comptable.CleFacture {
	return comptable.CleFacture{Annee: 2026, Numero: numero}
}

// Titre issues a titre today.
func (b *Banc) Titre(t TB, amc int, numero string, m sante.Montant) *comptable.Titre {
	t.Helper()
	l, err := b.Emettre(context.Background(), []comptable.Emis{{Facture: Facture(numero), AMC: AMC(t, amc), Libelle: fmt.Sprintf("Mutuelle %d (fictive)", amc),
		Lot: "L1", Montant: m, Jour: b.Aujourdhui(), Preuve: comptable.Preuve{Message: "msg-" + numero, Feuille: "feuille-" + numero}}})
	if err != nil {
		t.Fatalf("émettre %s: %v", numero, err)
	}
	return l[0]
}

// Paye is an invoice that an announce says paid.
type Paye struct {
	Facture string
	Montant sante.Montant
}

// AnnonceDe makes an announce of today.
func (b *Banc) AnnonceDe(t TB, amc int, retour, reference string, l ...Paye) comptable.Annonce {
	t.Helper()
	a := comptable.Annonce{Cle: comptable.CleAnnonce{Payeur: AMC(t, amc), Retour: retour}, Reference: reference, Comptable: b.Aujourdhui(), Mandatement: b.Aujourdhui(),
		Preuve: comptable.Preuve{Message: "msg-" + retour, Feuille: "feuille-" + retour}}
	for _, x := range l {
		a.Factures = append(a.Factures, comptable.FactureAnnoncee{Numero: x.Facture, Lot: "L1", Montant: x.Montant})
		a.Total += x.Montant
	}
	return a
}

// Annoncer writes an announce of today.
func (b *Banc) Annoncer(t TB, amc int, retour, reference string, l ...Paye) comptable.CleAnnonce {
	t.Helper()
	a := b.AnnonceDe(t, amc, retour, reference, l...)
	if err := b.AnnoncerPaiement(context.Background(), a); err != nil {
		t.Fatalf("annoncer %s: %v", retour, err)
	}
	return a.Cle
}

// Lignes makes a bank file of lines already read.
func Lignes(l ...comptable.LigneReleve) comptable.Fichier {
	return comptable.Fichier{Nom: "essai", Format: "essai", Agent: "essai", Source: strings.NewReader(fmt.Sprintf("%+v", l)),
		Lire: func(r io.Reader, ligne func(*comptable.LigneReleve) error, _ func(*comptable.Refus) error) error {
			for i := range l {
				x := l[i]
				x.Place = i + 1
				if err := ligne(&x); err != nil {
					return err
				}
			}
			return nil
		}}
}

// Recevoir imports one line of today, and gives it as the book holds it.
func (b *Banc) Recevoir(t TB, l comptable.LigneReleve) *comptable.LigneReleve {
	t.Helper()
	b.fichier++
	if l.Jour == 0 {
		l.Jour = b.Aujourdhui()
	}
	if l.Sens == "" {
		l.Sens = comptable.Credit
	}
	if l.Compte == "" {
		l.Compte = "FR7610107001011234567890129"
	}
	if l.Reference == "" {
		l.Reference = fmt.Sprintf("BQ%06d", b.fichier)
	}
	f := Lignes(l)
	var id comptable.IDLigne
	if _, err := b.Importer(context.Background(), f); err != nil {
		t.Fatalf("importer: %v", err)
	}
	file, _, err := b.File(context.Background(), comptable.PlaceFile{}, 10_000)
	if err != nil {
		t.Fatalf("file: %v", err)
	}
	for _, x := range file {
		if x.Reference == l.Reference && x.Montant == l.Montant && x.Jour == l.Jour {
			id = x.ID
		}
	}
	return b.Ligne(t, id)
}

// Ligne reads a line of the book.
func (b *Banc) Ligne(t TB, id comptable.IDLigne) *comptable.LigneReleve {
	t.Helper()
	l, err := b.Livres.Ligne(context.Background(), id)
	if err != nil || l == nil {
		t.Fatalf("ligne %q: %v, %v", id, l, err)
	}
	return l
}

// Lu reads the titre of an invoice.
func (b *Banc) Lu(t TB, numero string) *comptable.Titre {
	t.Helper()
	m, err := b.Livres.ParFacture(context.Background(), []comptable.CleFacture{Facture(numero)})
	if err != nil || m[Facture(numero)] == nil {
		t.Fatalf("titre de %s: %v, %v", numero, m, err)
	}
	return m[Facture(numero)]
}

// Epuiser matches until nothing is left to examine.
func (b *Banc) Epuiser(t TB) (total comptable.Bilan) {
	t.Helper()
	for range 1000 {
		x, err := b.Rapprocher(context.Background(), 50)
		if err != nil {
			t.Fatalf("rapprocher: %v", err)
		}
		if x.Examinees == 0 {
			return total
		}
		total.Examinees += x.Examinees
		total.Matchees += x.Matchees
		total.Pieces += x.Pieces
		total.Douteuses += x.Douteuses
		total.Montant += x.Montant
	}
	t.Fatalf("le rapprochement ne s'arrête pas")
	return total
}

// Juste runs the control of the whole book.
func (b *Banc) Juste(t TB) {
	t.Helper()
	l, err := b.Controler(context.Background())
	if err != nil || len(l) > 0 {
		t.Fatalf("le livre ne balance pas : %v, %v", l, err)
	}
	x, err := b.Balance(context.Background(), comptable.SansFin, comptable.SansFin)
	if err != nil {
		t.Fatalf("balance: %v", err)
	}
	var debit, credit sante.Montant
	for _, c := range x.Comptes {
		debit += c.Debit
		credit += c.Credit
	}
	if debit != credit || x.Total.Reste != x.Total.Emis-x.Total.Reduit-x.Total.Paye-x.Total.Perdu || x.Total.Reste < 0 {
		t.Fatalf("débits %s, crédits %s, total %+v", debit, credit, x.Total)
	}
}

// Fichier is a bank file in memory.
func Fichier(nom string, contenu []byte, lire comptable.Lecture) comptable.Fichier {
	return comptable.Fichier{Nom: nom, Format: nom, Agent: "Camille Essai", Source: bytes.NewReader(contenu), Lire: lire}
}
