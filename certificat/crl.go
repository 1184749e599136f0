package certificat

import (
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
)

var (
	oidAKI          = asn1.ObjectIdentifier{2, 5, 29, 35}
	oidCRLNumber    = asn1.ObjectIdentifier{2, 5, 29, 20}
	oidDelta        = asn1.ObjectIdentifier{2, 5, 29, 27}
	oidIDP          = asn1.ObjectIdentifier{2, 5, 29, 28}
	oidRaison       = asn1.ObjectIdentifier{2, 5, 29, 21}
	oidInvaliditeLe = asn1.ObjectIdentifier{2, 5, 29, 24}
	oidFraiche      = asn1.ObjectIdentifier{2, 5, 29, 46}
)

// serie is a serial number as a map key: its length then its octets.
type serie [maxSerie + 1]byte

func serieDe(n *big.Int) (s serie, ok bool) {
	if n == nil || n.Sign() < 0 || n.BitLen() > 8*maxSerie {
		return s, false
	}
	s[0] = byte((n.BitLen() + 7) / 8)
	n.FillBytes(s[1 : 1+s[0]])
	return s, true
}

func (s serie) String() string { return fmt.Sprintf("%x", s[1:1+s[0]]) }

// entree is one line of a list.
type entree struct {
	date, invalide int64 // Unix seconds; invalide is 0 when not said
	raison         Raison
}

// Liste is a revocation list whose signature was checked when it was loaded. It
// is never changed afterwards.
type Liste struct {
	emetteur  string
	numero    *big.Int
	base      *big.Int // nil for a full list
	emission  time.Time
	prochaine time.Time
	empreinte [32]byte
	autorite  [32]byte // key of the authority that signed it, once accepted
	der       []byte
	entrees   map[serie]entree
}

// Emetteur is the common name of the authority that signed the list.
func (l *Liste) Emetteur() string { return l.emetteur }

// Numero is the cRLNumber, decimal.
func (l *Liste) Numero() string { return l.numero.String() }

// Delta says whether the list is a delta.
func (l *Liste) Delta() bool { return l.base != nil }

// Emission is thisUpdate.
func (l *Liste) Emission() time.Time { return l.emission }

// Prochaine is nextUpdate.
func (l *Liste) Prochaine() time.Time { return l.prochaine }

// Empreinte is the SHA-256 of the DER.
func (l *Liste) Empreinte() [32]byte { return l.empreinte }

// DER is the list as received; do not write in it. It is what a proof keeps.
// ref: DEC 16
func (l *Liste) DER() []byte { return l.der }

// Nombre is how many lines the list has.
func (l *Liste) Nombre() int { return len(l.entrees) }

// lireListe parses a list and checks its form; the signature is the store's
// affair, who knows the authorities.
func lireListe(der []byte) (*x509.RevocationList, *Liste, *Refus) {
	if len(der) > maxListe {
		return nil, nil, &Refus{Motif: MotifTropGros, Detail: "liste de plus de 64 Mio"}
	}
	rl, err := x509.ParseRevocationList(der)
	if err != nil {
		return nil, nil, &Refus{Motif: MotifIllisible, Detail: "liste de révocation illisible"}
	}
	nom, err := ParseDN(rl.RawIssuer)
	if err != nil {
		return nil, nil, &Refus{Motif: MotifIllisible, Detail: "émetteur de la liste illisible"}
	}
	l := &Liste{emetteur: nom.Premier(oidCN), numero: rl.Number, emission: rl.ThisUpdate.UTC(),
		prochaine: rl.NextUpdate.UTC(), empreinte: sha256.Sum256(der), der: der}
	if r := l.lireExtensions(rl); r != nil {
		r.Objet = l.emetteur
		return nil, nil, r
	}
	if r := l.lireEntrees(rl); r != nil {
		r.Objet = l.emetteur
		return nil, nil, r
	}
	return rl, l, nil
}

// lireExtensions refuses partial and indirect lists: taken for full ones, they
// would let revoked certificates through. ref: RFC 5280 §5.2
// hyp: LISTE-NUMERO a list without cRLNumber or nextUpdate is refused; the profile has both.
func (l *Liste) lireExtensions(rl *x509.RevocationList) *Refus {
	for _, e := range rl.Extensions {
		switch {
		case e.Id.Equal(oidDelta):
			s, n := cryptobyte.String(e.Value), new(big.Int)
			if !s.ReadASN1Integer(n) || n.Sign() < 0 || !s.Empty() {
				return &Refus{Motif: MotifIllisible, Detail: "indicateur de liste différentielle"}
			}
			l.base = n
		case e.Id.Equal(oidIDP):
			return &Refus{Motif: MotifListePartielle}
		case e.Id.Equal(oidAKI), e.Id.Equal(oidCRLNumber), e.Id.Equal(oidFraiche):
		case e.Critical:
			return &Refus{Motif: MotifExtensionCritique, Detail: e.Id.String()}
		}
	}
	if l.numero == nil || l.numero.Sign() < 0 {
		return &Refus{Motif: MotifIllisible, Detail: "liste sans numéro (cRLNumber)"}
	}
	if rl.NextUpdate.IsZero() || rl.NextUpdate.Before(rl.ThisUpdate) {
		return &Refus{Motif: MotifIllisible, Detail: "liste sans date de prochaine parution"}
	}
	return nil
}

func (l *Liste) lireEntrees(rl *x509.RevocationList) *Refus {
	l.entrees = make(map[serie]entree, len(rl.RevokedCertificateEntries))
	for i := range rl.RevokedCertificateEntries {
		re := &rl.RevokedCertificateEntries[i]
		s, ok := serieDe(re.SerialNumber)
		if !ok {
			continue // a number no certificate we read can bear
		}
		e, r := lireEntree(re)
		if r != nil {
			return r
		}
		if e.raison == RaisonRetraitListe && l.base == nil {
			return &Refus{Motif: MotifIllisible, Detail: "removeFromCRL hors d'une liste différentielle"} // ref: RFC 5280 §5.3.1
		}
		l.entrees[s] = e
	}
	return nil
}

func lireEntree(re *x509.RevocationListEntry) (entree, *Refus) {
	e := entree{date: re.RevocationTime.Unix(), raison: Raison(re.ReasonCode)}
	if re.ReasonCode < 0 || re.ReasonCode > 10 {
		e.raison = RaisonNonPrecisee
	}
	for _, x := range re.Extensions {
		switch {
		case x.Id.Equal(oidRaison):
		case x.Id.Equal(oidInvaliditeLe):
			e.invalide = lireInvalidite(x)
		case x.Critical: // certificateIssuer of indirect lists, among others
			return e, &Refus{Motif: MotifListePartielle, Detail: "extension critique " + x.Id.String()}
		}
	}
	return e, nil
}

func lireInvalidite(x pkix.Extension) int64 {
	s := cryptobyte.String(x.Value)
	var t time.Time
	if !s.ReadASN1GeneralizedTime(&t) || !s.Empty() {
		return 0
	}
	return t.Unix()
}

// etatListe is what is known for one authority key: a full list and, when there
// is one, the delta that applies to it. Both stay as they were signed; a lookup
// reads the delta first.
type etatListe struct {
	base, delta *Liste
}

// chercher gives the line of a serial number, and the list it was found in.
// ref: RFC 5280 §5.2.4
func (e etatListe) chercher(s serie) (entree, bool) {
	if e.delta != nil {
		if l, ok := e.delta.entrees[s]; ok {
			return l, l.raison != RaisonRetraitListe
		}
	}
	l, ok := e.base.entrees[s]
	return l, ok
}

// recente is the list that dates what is known: the delta when there is one.
func (e etatListe) recente() *Liste {
	if e.delta != nil {
		return e.delta
	}
	return e.base
}

// accepter merges a list just read into what is known, or refuses it: older than
// the one we hold, or a delta that applies to nothing.
// ref: PKI §6.4 (4), RFC 5280 §5.2.4
func (e etatListe) accepter(l *Liste) (etatListe, *Refus) {
	if l.Delta() {
		return e.accepterDelta(l)
	}
	if e.base != nil {
		if r := plusAncienne(l, e.base); r != nil {
			return e, r
		}
	}
	e.base = l
	if e.delta != nil && e.delta.numero.Cmp(l.numero) <= 0 {
		e.delta = nil
	}
	return e, nil
}

func (e etatListe) accepterDelta(l *Liste) (etatListe, *Refus) {
	if e.base == nil || e.base.numero.Cmp(l.base) < 0 {
		return e, &Refus{Motif: MotifDeltaSansBase, Objet: l.emetteur, Detail: "base n° " + l.base.String()}
	}
	if l.numero.Cmp(e.base.numero) <= 0 {
		return e, &Refus{Motif: MotifListeAncienne, Objet: l.emetteur, Detail: "différentielle antérieure à la liste complète"}
	}
	if e.delta != nil {
		if r := plusAncienne(l, e.delta); r != nil {
			return e, r
		}
	}
	e.delta = l
	return e, nil
}

// plusAncienne refuses a step back. The very same list again is welcome.
func plusAncienne(l, connue *Liste) *Refus {
	c := l.numero.Cmp(connue.numero)
	if c > 0 || c == 0 && l.empreinte == connue.empreinte {
		return nil
	}
	return &Refus{Motif: MotifListeAncienne, Objet: l.emetteur,
		Detail: fmt.Sprintf("n° %s reçue, n° %s connue", l.numero, connue.numero)}
}
