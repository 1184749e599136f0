package droits

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// genreLAR names these lists among those that are read.
const genreLAR visiodroits.Genre = "LAR"

// TailleLARMax is how many bytes of a list are read: more than a million revoked
// accreditations.
const TailleLARMax = 32 << 20

const (
	periodeLAR   = time.Hour        // ref: VISIO §12
	repriseLAR   = time.Minute      // after a failure, then less and less often
	attenteLAR   = 30 * time.Second // of a mirror
	deltasMax    = 24               // changes read one by one; beyond, the whole list
	piecesLARMax = 64               // kept of one issuer, each read again at the start; beyond, the whole list
)

var errTermeLAR = errors.New("liste de révocation qui a passé son terme, sans rien après elle")

// SourceLAR is where the list of an issuer is published: https base addresses of mirrors,
// of which the first that leads to a list within its term does.
type SourceLAR struct {
	Emetteur sante.NumeroAMC
	Adresses []string
}

// suiviLAR is the list of an issuer, and when it is read next.
type suiviLAR struct {
	SourceLAR
	prochain time.Time
	lue      time.Time // when it was last asked
	echecs   int
}

// dues gives the lists that are due now.
func (v *Veille) dues(a time.Time) ([]*suiviLAR, error) {
	if v.o.LAR == nil {
		return nil, nil
	}
	sources, err := v.o.LAR(a)
	if err != nil {
		return nil, err
	}
	v.verrou.Lock()
	defer v.verrou.Unlock()
	var l []*suiviLAR
	for _, x := range sources {
		e := x.Emetteur.Sur10()
		if s := v.lars[e]; s == nil || !slices.Equal(s.Adresses, x.Adresses) {
			v.lars[e] = &suiviLAR{SourceLAR: x}
		}
		if s := v.lars[e]; !a.Before(s.prochain) {
			s.prochain, s.lue = a.Add(repriseLAR), a // another caller does not read it meanwhile
			l = append(l, s)
		}
	}
	return l, nil
}

// lireLAR reads the list of an issuer, and says when it is read next.
func (v *Veille) lireLAR(ctx context.Context, s *suiviLAR, a time.Time) visiodroits.Lecture {
	r := visiodroits.Lecture{Genre: genreLAR, Emetteur: visiodroits.Emetteur(s.Emetteur.String())}
	avant := v.numeroLAR(s.Emetteur)
	for _, adresse := range s.Adresses {
		r.Miroir = adresse
		m := &miroirLAR{v, s.Emetteur, adresse}
		r.Erreur = m.prendre(ctx, v.numeroLAR(s.Emetteur), a)
		if r.Erreur == nil && resteLAR(v.rev.LAR(s.Emetteur), a) < 0 {
			r.Erreur = errTermeLAR // that there is nothing new, nobody signs
		}
		if r.Erreur == nil {
			break
		}
		r.Ecartes = append(r.Ecartes, fmt.Errorf("%s : %w", adresse, r.Erreur))
	}
	r.Change = v.numeroLAR(s.Emetteur) != avant
	r.Prochain = v.replanifierLAR(s, a, r.Erreur == nil)
	return r
}

func (v *Veille) numeroLAR(emetteur sante.NumeroAMC) int64 {
	if l := v.rev.LAR(emetteur); l != nil {
		return l.entete.Numero
	}
	return 0
}

// miroirLAR is one place where the list of an issuer is read.
type miroirLAR struct {
	v        *Veille
	emetteur sante.NumeroAMC
	adresse  string
}

// prendre reads what changed since the list that is held, or the whole list when there
// is none, when a change is not there or does not lead where it says, or when many are kept
// beside it. The number that
// the mirror announces only chooses how to read: what is read is signed. ref: VISIO §7 rule 3
func (m *miroirLAR) prendre(ctx context.Context, tenue int64, a time.Time) error {
	if tenue > 0 {
		derniere, err := m.derniere(ctx)
		if err != nil || derniere == tenue {
			return err
		}
		if derniere > tenue && derniere-tenue <= deltasMax && m.v.o.Magasin.piecesLAR(m.emetteur) <= piecesLARMax && m.deltas(ctx, tenue, derniere, a) == nil {
			return nil
		}
	}
	octets, err := m.lire(ctx, "courante")
	if err != nil {
		return err
	}
	return m.appliquer(octets, a)
}

func (m *miroirLAR) deltas(ctx context.Context, tenue, derniere int64, a time.Time) error {
	for n := tenue + 1; n <= derniere; n++ {
		octets, err := m.lire(ctx, strconv.FormatInt(n, 10)+"/delta")
		if err == nil {
			err = m.appliquer(octets, a)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *miroirLAR) appliquer(octets []byte, a time.Time) error {
	v := m.v
	cles, err := v.Cles()
	if err != nil {
		return err
	}
	_, err = v.o.Magasin.AppliquerLAR(v.rev, octets, OptionsLAR{Cles: cles, Emetteur: m.emetteur, Maintenant: a})
	if errors.Is(err, ErrDejaTenue) {
		return nil
	}
	return err
}

// derniere is the number of the last list, as its mirror announces it.
func (m *miroirLAR) derniere(ctx context.Context) (int64, error) {
	r, err := m.consulter(ctx, http.MethodHead, "courante")
	if err != nil {
		return 0, err
	}
	defer r.Body.Close()
	n, err := strconv.ParseInt(r.Header.Get("Ecluse-Numero"), 10, 64)
	if err != nil {
		return 0, nil // a cache that drops what it does not know: read the whole list
	}
	return n, nil
}

func (m *miroirLAR) lire(ctx context.Context, quoi string) ([]byte, error) {
	r, err := m.consulter(ctx, http.MethodGet, quoi)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(io.LimitReader(r.Body, TailleLARMax+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("lire la liste de révocation: %w", err)
	case len(b) > TailleLARMax:
		return nil, fmt.Errorf("%w : trop longue", ErrLAR)
	}
	return b, nil
}

func (m *miroirLAR) consulter(ctx context.Context, methode, quoi string) (*http.Response, error) {
	q, err := http.NewRequestWithContext(ctx, methode, strings.TrimRight(m.adresse, "/")+"/lar/"+m.emetteur.String()+"/"+quoi, nil)
	if err != nil {
		return nil, fmt.Errorf("adresse de liste de révocation inutilisable: %w", err)
	}
	h := m.v.o.HTTP
	if h == nil {
		h = &http.Client{Timeout: attenteLAR}
	}
	r, err := h.Do(q)
	if err != nil {
		return nil, err
	}
	if r.StatusCode != http.StatusOK {
		r.Body.Close()
		return nil, fmt.Errorf("liste de révocation de %s : réponse HTTP %d", m.emetteur, r.StatusCode)
	}
	return r, nil
}
