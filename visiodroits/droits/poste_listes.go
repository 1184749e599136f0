package droits

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/visiodroits"
)

// ErrListesPerdues is wrapped by why lists that the store had are no longer believed.
var ErrListesPerdues = errors.New("droits: des listes gardées ne sont plus crues : les demander de nouveau")

// nomListe is that of the pieces of a list in the store.
func nomListe(s visiodroits.Suivi) string {
	return strings.ToLower(string(s.Genre)) + "/" + string(s.Emetteur)
}

// reprendre takes back the lists of the store, then the revoked accreditations, which are
// verified with the keys of those lists.
func (p *Poste) reprendre() error {
	var perdues error
	a := p.o.Horloge()
	for _, s := range p.abonnement.Suivis {
		octets, _, err := p.o.Magasin.Liste(nomListe(s))
		if err != nil {
			return err
		}
		pieces, err := separer(octets)
		if err == nil {
			err = p.o.Classeur.Reprendre(pieces, a)
		}
		perdues = errors.Join(perdues, err)
		p.gardes[nomListe(s)] = somme256(octets)
	}
	cles, err := p.Cles()
	if err != nil {
		return err
	}
	p.rev, err = p.o.Magasin.Revocations(cles, a)
	if perdues = errors.Join(perdues, err); perdues != nil {
		return fmt.Errorf("%w : %w", ErrListesPerdues, perdues)
	}
	return nil
}

// garderListes keeps the lists that changed since they were last kept.
func (p *Poste) garderListes() error {
	for _, s := range p.abonnement.Suivis {
		nom := nomListe(s)
		octets := joindrePieces(p.o.Classeur.PiecesDe(s.Genre, s.Emetteur))
		d := somme256(octets)
		p.mu.Lock()
		deja := len(octets) == 0 || p.gardes[nom] == d
		p.mu.Unlock()
		if deja {
			continue
		}
		_, n, err := p.o.Magasin.Liste(nom)
		if err == nil {
			err = p.o.Magasin.GarderListe(nom, n+1, octets)
		}
		if err != nil {
			return err
		}
		p.mu.Lock()
		p.gardes[nom] = d
		p.mu.Unlock()
	}
	return nil
}

func somme256(b []byte) string { d := sha256.Sum256(b); return string(d[:]) }

// joindrePieces writes pieces one after the other, each with its length.
func joindrePieces(l [][]byte) (b []byte) {
	for _, x := range l {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(x))), x...)
	}
	return b
}

func separer(b []byte) (l [][]byte, err error) {
	for len(b) > 0 {
		if len(b) < 4 || int(binary.BigEndian.Uint32(b)) > len(b)-4 {
			return nil, ErrMagasinAltere
		}
		n := 4 + int(binary.BigEndian.Uint32(b))
		l, b = append(l, b[4:n]), b[n:]
	}
	return l, nil
}

// Cles are the keys and mandates of the lists in force.
func (p *Poste) Cles() (*Cles, error) {
	a := p.o.Horloge()
	vues := ""
	for _, e := range p.o.Classeur.Etats(a) {
		vues += fmt.Sprint(e.Numero, " ")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cles != nil && p.vues == vues {
		return p.cles, nil
	}
	c, err := ClesDe(p.o.Classeur, a)
	if err != nil {
		return nil, fmt.Errorf("clés des listes: %w", err)
	}
	p.cles, p.vues = c, vues
	return c, nil
}

// Actualiser reads the lists that are due, keeps them, then the lists of revoked
// accreditations. What each reading gave is told; the error is of the store.
func (p *Poste) Actualiser(ctx context.Context) ([]visiodroits.Lecture, error) {
	a := p.o.Horloge()
	l := p.abonnement.Actualiser(ctx, a)
	if err := p.garderListes(); err != nil {
		return l, err
	}
	lars, err := p.suivreLAR(a)
	for _, s := range lars {
		l = append(l, p.lireLAR(ctx, s, a))
	}
	return l, err
}

// Relance is a question that was asked again, and what it gave.
type Relance struct {
	Demande *DemandeDroits
	Premier visiodroits.Code // the code that the first question met
	Vente   *Vente
}

// Relancer asks again the questions that nobody answered, and gives those that are
// answered now: the software puts the new accreditation in the invoice that did not leave.
// It stops at the first that stays unanswered for a cause of the workstation or of its
// concentrator. ref: VISIO §8.3
func (p *Poste) Relancer(ctx context.Context) ([]Relance, error) {
	attentes, err := p.o.Magasin.Attentes()
	if err != nil {
		return nil, err
	}
	var l []Relance
	for _, x := range attentes {
		v, err := p.demander(ctx, x.Demande, true)
		switch {
		case ctx.Err() != nil:
			return l, ctx.Err()
		case err != nil:
			return l, err
		case v.Code == visiodroits.PosteHorsLigne || v.Code == visiodroits.OCTInjoignable:
			return l, nil
		case !v.Code.Degrade():
			l = append(l, Relance{x.Demande, x.Code, v})
		}
	}
	return l, nil
}

// Battement is what a turn of Tenir did.
type Battement struct {
	Lectures []visiodroits.Lecture
	Relances []Relance
	Envois   []EnvoiCompteurs
	Erreur   error
}

// battre is how often Tenir looks whether the link is back.
const battre = time.Minute

// Tenir keeps lists up to date, asks again what waits and sends counters back, until ctx ends. Each turn that
// did something is told. It is the caller's to run it, in a goroutine of its own.
func (p *Poste) Tenir(ctx context.Context, dire func(Battement)) {
	for {
		var b Battement
		var err error
		b.Lectures, b.Erreur = p.Actualiser(ctx)
		b.Relances, err = p.Relancer(ctx)
		b.Erreur = errors.Join(b.Erreur, err)
		b.Envois, err = p.RenvoyerCompteurs(ctx)
		b.Erreur = errors.Join(b.Erreur, err)
		if ctx.Err() != nil {
			return
		}
		if dire != nil && (len(b.Lectures)+len(b.Relances)+len(b.Envois) > 0 || b.Erreur != nil) {
			dire(b)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(battre):
		}
	}
}
