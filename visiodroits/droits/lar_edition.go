package droits

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau/jades"
)

// EntreeLAR is a revoked accreditation, as its issuer knows it. ref: VISIO §7
type EntreeLAR struct {
	Numero      NumeroAccreditation
	Effet       sante.Jour // asked day of effect
	Publication sante.Jour // day of the first list that had it; zero: the list being made
	Motif       MotifRevocation
	DroitsFin   sante.Jour // last day of the accreditation
}

// Abandonnable tells whether an entry may leave the lists: a year after the end of
// the rights nobody bills on them. ref: VISIO §7 rule 6
func (e EntreeLAR) Abandonnable(jour sante.Jour) bool {
	return jour > e.DroitsFin+conservation
}

// Errors of making a list.
var (
	ErrEntree  = errors.New("droits: entrée incomplète, ou d'un autre émetteur")
	ErrDoublon = errors.New("droits: accréditation deux fois dans la liste")
)

// EditeurLAR makes the lists of an issuer. Who makes them keeps the number and the
// salt of the last one, or the LAR itself.
type EditeurLAR struct {
	Emetteur sante.NumeroAMC
	Sel      Sel // at random, once for a series
	Kid      string
	Cle      crypto.Signer // P-256
	Duree    time.Duration // until the next list; 0: 24 h. ref: VISIO §7
}

// Complete makes the list of all entries, as it is published and as a reader will
// hold it. Entries whose time is over are left out; an accreditation twice is an
// error. numero is above that of every list of the issuer before.
func (e *EditeurLAR) Complete(numero int64, emission time.Time, entrees iter.Seq[EntreeLAR]) ([]byte, *LAR, error) {
	jour := sante.JourA(emission, sante.Paris())
	var liste []enregistrement
	for x := range entrees {
		if x.Abandonnable(jour) {
			continue
		}
		r, err := e.enregistrer(x, jour)
		if err != nil {
			return nil, nil, err
		}
		liste = append(liste, r)
	}
	octets, err := trier(liste)
	if err != nil {
		return nil, nil, err
	}
	l := &LAR{octets: octets}
	for i := range l.Nombre() {
		l.somme.ajouter(octets[i*tailleEnregistrement:][:tailleEnregistrement])
	}
	l.entete = e.entete(LARComplete, numero, emission, octets)
	l.entete.Total, l.entete.Etat = l.Nombre(), l.somme.empreinte()
	publiee, err := e.signer(&l.entete, octets)
	if err != nil {
		return nil, nil, err
	}
	l.ranger()
	return publiee, l, nil
}

// Delta makes the list of what changed since base, whose number it follows:
// accreditations newly revoked or revoked otherwise, and those that are no longer.
func (e *EditeurLAR) Delta(base *LAR, emission time.Time, ajouts []EntreeLAR, retraits []NumeroAccreditation) ([]byte, *LAR, error) {
	switch {
	case base == nil:
		return nil, nil, ErrSansLAR
	case !MemeEmetteur(e.Emetteur, base.entete.Emetteur) || e.Sel != base.entete.Sel:
		return nil, nil, ErrAutreEmetteur
	}
	jour := sante.JourA(emission, sante.Paris())
	var liste []enregistrement
	for _, x := range ajouts {
		r, err := e.enregistrer(x, jour)
		if err != nil {
			return nil, nil, err
		}
		liste = append(liste, r)
	}
	for _, n := range retraits {
		c := e.Sel.condenser(n)
		if _, la := base.place(c); !la {
			return nil, nil, fmt.Errorf("%w : %s n'est pas dans la liste %d", ErrEntree, n, base.entete.Numero)
		}
		var r enregistrement
		copy(r[:], c[:])
		liste = append(liste, r)
	}
	octets, err := trier(liste)
	if err != nil {
		return nil, nil, err
	}
	en := e.entete(LARDelta, base.entete.Numero+1, emission, octets)
	en.Base = base.entete.Numero
	return e.publierDelta(base, en, octets)
}

// publierDelta finds what the delta leads to, which its head must say, and signs.
func (e *EditeurLAR) publierDelta(base *LAR, en EnteteLAR, octets []byte) ([]byte, *LAR, error) {
	en.Total, en.Etat = base.apres(octets)
	l, err := base.modifier(&en, octets)
	if err != nil {
		return nil, nil, err
	}
	publiee, err := e.signer(&en, octets)
	if err != nil {
		return nil, nil, err
	}
	return publiee, l, nil
}

// apres are the count and the sum after a delta.
func (l *LAR) apres(delta []byte) (int, Empreinte) {
	total, s := l.Nombre(), l.somme
	for ; len(delta) > 0; delta = delta[tailleEnregistrement:] {
		r := delta[:tailleEnregistrement]
		if i, trouve := l.place(condense(r[:tailleCondense])); trouve {
			s.retirer(l.octets[i*tailleEnregistrement:][:tailleEnregistrement])
			total--
		}
		if r[tailleEnregistrement-1] != 0 {
			s.ajouter(r)
			total++
		}
	}
	return total, s.empreinte()
}

// enregistrer makes the record of an entry. A revocation has no effect before the
// day of the list that first tells it. ref: VISIO §6
func (e *EditeurLAR) enregistrer(x EntreeLAR, jour sante.Jour) (r enregistrement, err error) {
	motif := slices.Index(motifs[:], x.Motif)
	if x.Publication.IsZero() {
		x.Publication = jour
	}
	if motif < 1 || x.DroitsFin.IsZero() || x.Effet.IsZero() || x.Publication > jour || !MemeEmetteur(x.Numero.Emetteur(), e.Emetteur) {
		return r, fmt.Errorf("%w : %s", ErrEntree, x.Numero)
	}
	c := e.Sel.condenser(x.Numero)
	b := append(r[:0], c[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(max(x.Effet, x.Publication)))
	_ = append(b, byte(motif))
	return r, nil
}

// trier puts records in the order of their hashes.
func trier(liste []enregistrement) ([]byte, error) {
	slices.SortFunc(liste, func(a, b enregistrement) int { return bytes.Compare(a[:], b[:]) })
	octets := make([]byte, 0, len(liste)*tailleEnregistrement)
	for i, r := range liste {
		if i > 0 && bytes.Equal(liste[i-1][:tailleCondense], r[:tailleCondense]) {
			return nil, ErrDoublon
		}
		octets = append(octets, r[:]...)
	}
	return octets, nil
}

func (e *EditeurLAR) entete(t TypeLAR, numero int64, emission time.Time, octets []byte) EnteteLAR {
	emission = emission.UTC().Truncate(time.Millisecond)
	duree := e.Duree
	if duree <= 0 {
		duree = 24 * time.Hour
	}
	return EnteteLAR{Version: versionProfil, Type: t, Emetteur: e.Emetteur, Numero: numero, Emission: emission,
		ProchaineEmission: emission.Add(duree), Sel: e.Sel, Enregistrements: len(octets) / tailleEnregistrement,
		Empreinte: sha256.Sum256(octets)}
}

// signer writes the list as it is published: the signed head on a line, and the
// records.
func (e *EditeurLAR) signer(en *EnteteLAR, octets []byte) ([]byte, error) {
	if err := planLAR.Verify(en); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLAR, err)
	}
	jws, err := jades.SignerNomme(planLAR.AppendJSON(nil, en), e.Kid, typLAR, e.Cle)
	if err != nil {
		return nil, fmt.Errorf("signer la liste de révocation: %w", err)
	}
	en.kid = e.Kid
	b := make([]byte, 0, len(jws)+1+len(octets))
	return append(append(append(b, jws...), '\n'), octets...), nil
}
