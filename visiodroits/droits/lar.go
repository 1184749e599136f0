package droits

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"sort"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
)

// TypeLAR says whether a list of revoked accreditations is whole. ref: VISIO §7
type TypeLAR string

// Types of list.
const (
	LARComplete TypeLAR = "COMPLETE"
	LARDelta    TypeLAR = "DELTA" // what changed since the list of number Base
)

// Codes is the closed list of types.
func (TypeLAR) Codes() []string { return []string{"COMPLETE", "DELTA"} }

// MotifRevocation is why an accreditation is revoked; "" is that it is not.
// ref: VISIO §7
type MotifRevocation string

// Reasons.
const (
	Radiation         MotifRevocation = "RADIATION"
	ChangementContrat MotifRevocation = "CHANGEMENT_CONTRAT"
	Fraude            MotifRevocation = "FRAUDE"
	Erreur            MotifRevocation = "ERREUR"
	Deces             MotifRevocation = "DECES"
)

// motifs are the reasons by their octet in a record; the octet 0 takes a record
// out of the list, in a delta.
var motifs = [...]MotifRevocation{1: Radiation, 2: ChangementContrat, 3: Fraude, 4: Erreur, 5: Deces}

// Codes is the closed list of reasons.
func (MotifRevocation) Codes() []string {
	return []string{"RADIATION", "CHANGEMENT_CONTRAT", "FRAUDE", "ERREUR", "DECES"}
}

const (
	// delaiGrace are the days after the day of effect that are guaranteed still: the
	// software may bill on a list of the day before. ref: VISIO §6 // hyp: LAR-GRACE
	delaiGrace = 1
	// Peremption is how long after its announced successor a list serves. ref: VISIO §7 rule 2
	Peremption = 24 * time.Hour
	// conservation are the days after the end of the rights that an entry must be
	// kept. ref: VISIO §7 rule 6
	conservation = 365
)

// Sel is the salt of the hashed numbers of an issuer's lists, the same through a
// series of deltas.
type Sel [16]byte

// MarshalText writes the salt in base64url.
func (s Sel) MarshalText() ([]byte, error) { return s.AppendText(nil) }

// AppendText writes the salt in base64url.
func (s Sel) AppendText(b []byte) ([]byte, error) { return base64url.AppendEncode(b, s[:]), nil }

// UnmarshalText reads a salt.
func (s *Sel) UnmarshalText(b []byte) error {
	if !decoder(s[:], b) {
		return errors.New("sel attendu : 16 octets en base64url")
	}
	return nil
}

// Motif is the pattern of the text form.
func (Sel) Motif() string { return `[A-Za-z0-9_\-]{22}` }

// EnteteLAR is the signed head of a list; the records follow it. ref: VISIO §7
// hyp: LAR-FORME
type EnteteLAR struct {
	_                 struct{}        `doc:"En-tête d'une liste d'accréditations révoquées"`
	Version           int             `fil:"version,min=1,max=1" doc:"Version de la forme"`
	Type              TypeLAR         `fil:"type" doc:"Complète, ou delta"`
	Emetteur          sante.NumeroAMC `fil:"emetteur" doc:"AMC ou opérateur qui a donné les accréditations"`
	Numero            int64           `fil:"numero,min=1" doc:"Numéro de la liste, croissant"`
	Base              int64           `fil:"base,opt,min=1" doc:"D'un delta : numéro de la liste à laquelle il s'ajoute"`
	Emission          time.Time       `fil:"emission" doc:"Instant d'émission"`
	ProchaineEmission time.Time       `fil:"prochaineEmission" doc:"Instant auquel la suivante est promise"`
	Sel               Sel             `fil:"sel" doc:"Sel des numéros condensés"`
	Enregistrements   int             `fil:"enregistrements,min=0" doc:"Enregistrements qui suivent l'en-tête"`
	Total             int             `fil:"total,min=0" doc:"Accréditations révoquées, une fois la liste appliquée"`
	Empreinte         Empreinte       `fil:"empreinte" doc:"SHA-256 des enregistrements qui suivent"`
	Etat              Empreinte       `fil:"etat" doc:"Somme des condensés de toute la liste, une fois appliquée"`

	kid string `fil:"-"` // of the key that signed it
}

// Kid is the name of the key that signed the list.
func (e *EnteteLAR) Kid() string { return e.kid }

var planLAR = trame.Pour[EnteteLAR](espace)

// tailleEnregistrement: 16 octets of SHA-256(salt ‖ number), the day of effect on
// 4 octets, the reason on 1; sorted by hash.
const (
	tailleCondense       = 16
	tailleEnregistrement = tailleCondense + 4 + 1
)

type (
	condense       [tailleCondense]byte
	enregistrement [tailleEnregistrement]byte
)

func (s *Sel) condenser(n NumeroAccreditation) condense {
	var b [len(Sel{}) + 25]byte
	copy(b[copy(b[:], s[:]):], n.s)
	h := sha256.Sum256(b[:])
	return condense(h[:tailleCondense])
}

// LAR is the list of revoked accreditations of an issuer, verified and whole. It
// does not change: applying a list makes another LAR.
type LAR struct {
	entete EnteteLAR
	octets []byte   // the records
	tiroir []uint32 // where each drawer begins; one more than there are drawers
	bits   int      // of the hash that choose the drawer
	somme  somme
}

// Entete is the head of the last list applied.
func (l *LAR) Entete() EnteteLAR { return l.entete }

// Nombre is how many accreditations are revoked.
func (l *LAR) Nombre() int { return len(l.octets) / tailleEnregistrement }

// Perimee tells whether the list is too old to be believed. No list is.
// ref: VISIO §7 rule 2
func (l *LAR) Perimee(maintenant time.Time) bool {
	return l == nil || maintenant.After(l.entete.ProchaineEmission.Add(Peremption))
}

// Errors of a lookup.
var (
	ErrSansLAR       = errors.New("droits: aucune liste de révocation de cet émetteur")
	ErrAutreEmetteur = errors.New("droits: liste d'un autre émetteur")
)

// Revoquee gives why an accreditation does not cover a day of care, "" when the
// list does not revoke it for that day: what is cared for up to the day after the
// day of effect stays guaranteed. ref: VISIO §6, §13 (F706)
func (l *LAR) Revoquee(n NumeroAccreditation, soins sante.Jour) (MotifRevocation, error) {
	switch {
	case l == nil:
		return "", ErrSansLAR
	case !MemeEmetteur(n.Emetteur(), l.entete.Emetteur):
		return "", ErrAutreEmetteur
	}
	i, trouve := l.place(l.entete.Sel.condenser(n))
	if !trouve {
		return "", nil
	}
	effet, motif := lireSuite(l.octets[i*tailleEnregistrement:])
	if soins <= effet+delaiGrace {
		return "", nil
	}
	return motif, nil
}

// Effet is the day from which an accreditation is revoked, grace not counted, and
// false when the list does not have it.
func (l *LAR) Effet(n NumeroAccreditation) (sante.Jour, bool) {
	if l == nil || !MemeEmetteur(n.Emetteur(), l.entete.Emetteur) {
		return 0, false
	}
	i, trouve := l.place(l.entete.Sel.condenser(n))
	if !trouve {
		return 0, false
	}
	effet, _ := lireSuite(l.octets[i*tailleEnregistrement:])
	return effet, true
}

// lireSuite reads what follows the hash in a record.
func lireSuite(b []byte) (sante.Jour, MotifRevocation) {
	return sante.Jour(binary.BigEndian.Uint32(b[tailleCondense:])), motifs[b[tailleEnregistrement-1]]
}

// place is where a hash is among the records, or would be.
func (l *LAR) place(c condense) (int, bool) {
	t := l.choisir(c[:])
	bas, haut := int(l.tiroir[t]), int(l.tiroir[t+1])
	i := bas + sort.Search(haut-bas, func(i int) bool {
		return bytes.Compare(l.condense(bas+i), c[:]) >= 0
	})
	return i, i < haut && bytes.Equal(l.condense(i), c[:])
}

func (l *LAR) condense(i int) []byte {
	return l.octets[i*tailleEnregistrement:][:tailleCondense]
}

// parTiroir is about how many records a drawer holds: hashes are spread evenly.
const parTiroir = 8

// ranger makes the drawers of the records.
func (l *LAR) ranger() {
	n := l.Nombre()
	for l.bits = 0; l.bits < 20 && n>>l.bits > parTiroir; l.bits++ {
	}
	l.tiroir = make([]uint32, 1<<l.bits+1)
	for i := range n {
		l.tiroir[l.choisir(l.condense(i))+1]++
	}
	for i := 1; i < len(l.tiroir); i++ {
		l.tiroir[i] += l.tiroir[i-1]
	}
}

// choisir is the drawer of a hash.
func (l *LAR) choisir(c []byte) uint32 {
	return uint32(uint64(binary.BigEndian.Uint32(c)) >> (32 - l.bits))
}
