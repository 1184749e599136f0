package pupitretest

import (
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/preuve"
)

// livre is a journal in memory, of one unfinished tile.
type livre struct {
	t       testing.TB
	signer  note.Signer
	cle     preuve.Cle
	bord    preuve.Bord
	instant time.Time
}

func nouveauLivre(t testing.TB, a time.Time) *livre {
	t.Helper()
	secrete, publique, err := note.GenerateKey(rand.Reader, "journal.mutuelle.exemple.invalid")
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(secrete)
	if err != nil {
		t.Fatal(err)
	}
	return &livre{t: t, signer: s, cle: lire(t, preuve.ParseCle, publique), instant: a}
}

// inscrire adds a trace and proves it.
func (l *livre) inscrire(tr preuve.Trace) *pupitre.Preuve {
	l.t.Helper()
	record, err := tr.Record()
	if err != nil {
		l.t.Fatal(err)
	}
	sel := make([]byte, preuve.TailleSel)
	rand.Read(sel)
	rang, h := l.bord.Taille(), preuve.Feuille(sel, record)
	l.bord.Ajouter(h, nil)
	chemin, err := preuve.ProuverInclusion(l.bord.Taille(), rang, l.tuile)
	if err != nil {
		l.t.Fatal(err)
	}
	p := preuve.PointControle{Origine: l.signer.Name(), Taille: l.bord.Taille(), Racine: l.bord.Racine(), Instant: l.instant}
	point, err := note.Sign(&note.Note{Text: p.Texte()}, l.signer)
	if err != nil {
		l.t.Fatal(err)
	}
	return pupitre.PreuveDe(preuve.Inclusion{Point: string(point), Rang: rang, Feuille: h, Chemin: chemin}, l.cle, sel, record)
}

func (l *livre) tuile(niveau int, indice int64, _ int) ([]byte, error) {
	for _, t := range l.bord.Partielles() {
		if t.Niveau == niveau && t.Indice == indice {
			return t.Octets(), nil
		}
	}
	return nil, fmt.Errorf("tuile %d/%d absente", niveau, indice)
}
