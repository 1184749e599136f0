package igc

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
)

// The cadence of lists. ref: PKI §6.2
// hyp: LISTES-DOUZE-HEURES full lists appear twice a day rather than once: a verifier who reads full
// lists only, and allows them 24 h (DEC 15), would otherwise refuse everyone for
// the minutes between the end of one and the reading of the next.
// hyp: LISTES-RACINE roots publish every 30 days a list valid 90: they revoke authorities only,
// and their list is good until its nextUpdate (DEC 15).
const (
	periodePleine = 12 * time.Hour
	validePleine  = 7 * 24 * time.Hour
	periodeDelta  = time.Hour
	valideDelta   = 24 * time.Hour
	periodeRacine = 30 * 24 * time.Hour
	valideRacine  = 90 * 24 * time.Hour

	// marge is added before the base when a delta looks for changes: a revocation
	// dated before the base may have been written down after it was read.
	marge = 10 * time.Minute
)

// Publier signs and writes down a new full list of an authority.
func (g *IGC) Publier(ctx context.Context, ac string, a time.Time) (Liste, error) {
	au, err := g.ac(ac)
	if err != nil {
		return Liste{}, err
	}
	valide := validePleine
	if au.Parent == "" {
		valide = valideRacine
	}
	a = a.UTC().Truncate(time.Second)
	// An expired certificate leaves the list only after one list later than its end.
	// ref: RFC 5280 §3.3
	fiches, err := g.registre.Changes(ctx, ac, time.Time{}, a.Add(-4*periodePleine))
	if err != nil {
		return Liste{}, err
	}
	return g.ecrireListe(ctx, au, Liste{AC: ac, Emission: a, Prochaine: a.Add(valide)}, fiches)
}

// PublierDelta signs a delta on the current full list: what changed since it.
func (g *IGC) PublierDelta(ctx context.Context, ac string, a time.Time) (Liste, error) {
	au, err := g.ac(ac)
	if err != nil {
		return Liste{}, err
	}
	base, err := g.registre.DerniereListe(ctx, ac, false)
	if err != nil {
		return Liste{}, err
	}
	a = a.UTC().Truncate(time.Second)
	fiches, err := g.registre.Changes(ctx, ac, base.Emission.Add(-marge), a.Add(-4*periodePleine))
	if err != nil {
		return Liste{}, err
	}
	return g.ecrireListe(ctx, au, Liste{AC: ac, Base: base.Numero, Emission: a, Prochaine: a.Add(valideDelta)}, fiches)
}

// ecrireListe gives the list its number, signs it and writes it down.
func (g *IGC) ecrireListe(ctx context.Context, au *AC, l Liste, fiches []Fiche) (Liste, error) {
	n, err := g.dernierNumero(ctx, l.AC)
	if err != nil {
		return Liste{}, err
	}
	l.Numero = n + 1
	entrees := entreesDe(fiches, l.Delta())
	l.Nombre = len(entrees)
	t := &x509.RevocationList{Number: l.numero(), ThisUpdate: l.Emission, NextUpdate: l.Prochaine, RevokedCertificateEntries: entrees}
	if l.Delta() {
		ext, err := extensionDelta(l.Base)
		if err != nil {
			return Liste{}, err
		}
		t.ExtraExtensions = append(t.ExtraExtensions, ext)
	}
	if l.DER, err = x509.CreateRevocationList(rand.Reader, t, au.Certificat, au.Cle); err != nil {
		return Liste{}, fmt.Errorf("igc: liste de %s : %w", l.AC, err)
	}
	if err := g.registre.EcrireListe(ctx, l); err != nil {
		return Liste{}, err
	}
	return l, nil
}

// dernierNumero is the last number of an authority; full lists and deltas share
// one sequence. ref: RFC 5280 §5.2.3
func (g *IGC) dernierNumero(ctx context.Context, ac string) (int64, error) {
	var n int64
	for _, delta := range []bool{false, true} {
		l, err := g.registre.DerniereListe(ctx, ac, delta)
		if err != nil && !errors.Is(err, ErrInconnu) {
			return 0, err
		}
		n = max(n, l.Numero)
	}
	return n, nil
}

// entreesDe writes the lines of a list. A resumed certificate appears in a delta
// only, as removeFromCRL. ref: RFC 5280 §5.3.1, PKI §6.2
func entreesDe(fiches []Fiche, delta bool) []x509.RevocationListEntry {
	var l []x509.RevocationListEntry
	for _, f := range fiches {
		n, ok := new(big.Int).SetString(f.Serie, 16)
		if !ok {
			continue // the registry holds what we wrote; a number is always hexadecimal
		}
		e := x509.RevocationListEntry{SerialNumber: n, RevocationTime: f.Revocation.Le.Truncate(time.Second), ReasonCode: int(f.Revocation.Raison)}
		switch f.Etat {
		case EtatValide:
			if !delta {
				continue
			}
			e.ReasonCode = int(certificat.RaisonRetraitListe)
		default:
			if !f.Revocation.Invalide.IsZero() {
				e.ExtraExtensions = append(e.ExtraExtensions, extensionInvalidite(f.Revocation.Invalide))
			}
		}
		l = append(l, e)
	}
	return l
}

func extensionInvalidite(t time.Time) pkix.Extension {
	// GeneralizedTime of a valid date cannot fail to marshal.
	der, _ := asn1.MarshalWithParams(t.UTC().Truncate(time.Second), "generalized")
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 24}, Value: der}
}

func extensionDelta(base int64) (pkix.Extension, error) {
	der, err := asn1.Marshal(big.NewInt(base))
	if err != nil {
		return pkix.Extension{}, fmt.Errorf("igc: indicateur de delta : %w", err)
	}
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true, Value: der}, nil
}

// PublierSiNecessaire publishes what is due: at start, every few minutes, and
// after a week of sleep alike. When another node was faster, its list stands.
// ref: DEC 15
func (g *IGC) PublierSiNecessaire(ctx context.Context, a time.Time) ([]Liste, error) {
	var l []Liste
	for _, au := range g.ACs() {
		n, err := g.publierUne(ctx, au, a)
		if errors.Is(err, ErrNumeroPris) {
			continue
		}
		if err != nil {
			return l, fmt.Errorf("igc: publication de %s : %w", au.Nom, err)
		}
		if n != nil {
			l = append(l, *n)
		}
	}
	return l, nil
}

func (g *IGC) publierUne(ctx context.Context, au AC, a time.Time) (*Liste, error) {
	pleine, err := g.registre.DerniereListe(ctx, au.Nom, false)
	if err != nil && !errors.Is(err, ErrInconnu) {
		return nil, err
	}
	periode := periodePleine
	if au.Parent == "" {
		periode = periodeRacine
	}
	if err != nil || !a.Before(pleine.Emission.Add(periode)) || a.Before(pleine.Emission.Add(-marge)) {
		l, err := g.Publier(ctx, au.Nom, a)
		return &l, err
	}
	if au.Parent == "" {
		return nil, nil
	}
	derniere := pleine.Emission
	if d, err := g.registre.DerniereListe(ctx, au.Nom, true); err == nil && d.Base == pleine.Numero {
		derniere = d.Emission
	} else if err != nil && !errors.Is(err, ErrInconnu) {
		return nil, err
	}
	if a.Before(derniere.Add(periodeDelta)) {
		return nil, nil
	}
	l, err := g.PublierDelta(ctx, au.Nom, a)
	return &l, err
}

// ListeCourante gives the current list of an authority; ErrInconnu when there is
// none. A delta on a former base is not current.
func (g *IGC) ListeCourante(ctx context.Context, ac string, delta bool) (Liste, error) {
	l, err := g.registre.DerniereListe(ctx, ac, delta)
	if err != nil || !delta {
		return l, err
	}
	base, err := g.registre.DerniereListe(ctx, ac, false)
	if err != nil {
		return Liste{}, err
	}
	if l.Base > base.Numero || l.Numero <= base.Numero {
		return Liste{}, fmt.Errorf("%w: delta de %s", ErrInconnu, ac)
	}
	return l, nil
}
