package droits

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// genreLAR names these lists among those that are read.
const genreLAR visiodroits.Genre = "LAR"

const (
	tailleLARMax = 32 << 20         // bytes of a list: more than a million revoked accreditations
	periodeLAR   = time.Hour        // ref: VISIO §12
	repriseLAR   = time.Minute      // after a failure, then less and less often
	attenteLAR   = 30 * time.Second // of a mirror
	deltasMax    = 24               // changes read one by one; beyond, the whole list
)

// suiviLAR is the list of an issuer, at the address that the lists of services tell.
type suiviLAR struct {
	emetteur sante.NumeroAMC
	adresse  string
	prochain time.Time
	echecs   int
}

// suivreLAR gives the lists that are due: those of the issuers of the rights that are kept,
// and of them only. hyp: LAR-ADRESSE
func (p *Poste) suivreLAR(a time.Time) ([]*suiviLAR, error) {
	amcs, err := p.o.Magasin.AMCGardees()
	if err != nil {
		return nil, err
	}
	emetteurs := map[string]bool{}
	for _, n := range amcs {
		emetteurs[n.Sur10()] = true
	}
	jour := sante.JourA(a, sante.Paris())
	lars := map[string]suiviLAR{}
	for s := range p.o.Classeur.Services(a) {
		switch {
		case s.Statut != visiodroits.Ouvert || jour < s.Debut || s.Fin != 0 && jour > s.Fin:
		case s.Service == visiodroits.LAR:
			lars[s.NumeroAMC.Sur10()] = suiviLAR{emetteur: s.NumeroAMC, adresse: s.Adresse}
		case s.Service == visiodroits.DLD && emetteurs[s.NumeroAMC.Sur10()]:
			for _, o := range []visiodroits.Emetteur{s.Operateur, s.Depanneur(jour)} {
				if n, err := sante.ParseNumeroAMC(string(o)); err == nil {
					emetteurs[n.Sur10()] = true
				}
			}
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var l []*suiviLAR
	for e := range emetteurs {
		x, publie := lars[e]
		if !publie {
			continue
		}
		if p.lars[e] == nil || p.lars[e].adresse != x.adresse {
			p.lars[e] = &x
		}
		if s := p.lars[e]; !a.Before(s.prochain) {
			s.prochain = a.Add(repriseLAR) // another caller does not read it meanwhile
			l = append(l, s)
		}
	}
	return l, nil
}

// lireLAR reads the list of an issuer, and says when it is read next.
func (p *Poste) lireLAR(ctx context.Context, s *suiviLAR, a time.Time) visiodroits.Lecture {
	r := visiodroits.Lecture{Genre: genreLAR, Emetteur: visiodroits.Emetteur(s.emetteur.String()), Miroir: s.adresse}
	avant := p.numeroLAR(s.emetteur)
	r.Erreur = p.prendreLAR(ctx, s, avant, a)
	r.Change = p.numeroLAR(s.emetteur) != avant
	p.mu.Lock()
	defer p.mu.Unlock()
	delai := periodeLAR
	if s.echecs++; r.Erreur == nil {
		s.echecs = 0
	} else {
		delai = min(periodeLAR, repriseLAR<<min(s.echecs-1, 6))
	}
	s.prochain = a.Add(delai)
	r.Prochain = s.prochain
	return r
}

func (p *Poste) numeroLAR(emetteur sante.NumeroAMC) int64 {
	if l := p.rev.LAR(emetteur); l != nil {
		return l.entete.Numero
	}
	return 0
}

// prendreLAR reads what changed since the list that is held, or the whole list when there
// is none, or when a change is not there or does not lead where it says. The number that
// the mirror announces only chooses how to read: what is read is signed. ref: VISIO §7 rule 3
func (p *Poste) prendreLAR(ctx context.Context, s *suiviLAR, tenue int64, a time.Time) error {
	if tenue > 0 {
		derniere, err := p.derniereLAR(ctx, s)
		if err != nil || derniere == tenue {
			return err
		}
		if derniere > tenue && derniere-tenue <= deltasMax && p.deltas(ctx, s, tenue, derniere, a) == nil {
			return nil
		}
	}
	octets, err := p.lireMiroir(ctx, s, "courante")
	if err != nil {
		return err
	}
	return p.appliquerLAR(s, octets, a)
}

func (p *Poste) deltas(ctx context.Context, s *suiviLAR, tenue, derniere int64, a time.Time) error {
	for n := tenue + 1; n <= derniere; n++ {
		octets, err := p.lireMiroir(ctx, s, strconv.FormatInt(n, 10)+"/delta")
		if err == nil {
			err = p.appliquerLAR(s, octets, a)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *Poste) appliquerLAR(s *suiviLAR, octets []byte, a time.Time) error {
	cles, err := p.Cles()
	if err != nil {
		return err
	}
	_, err = p.o.Magasin.AppliquerLAR(p.rev, octets, OptionsLAR{Cles: cles, Emetteur: s.emetteur, Maintenant: a})
	if errors.Is(err, ErrDejaTenue) {
		return nil
	}
	return err
}

// derniereLAR is the number of the last list, as its mirror announces it.
func (p *Poste) derniereLAR(ctx context.Context, s *suiviLAR) (int64, error) {
	r, err := p.consulterLAR(ctx, http.MethodHead, s, "courante")
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

func (p *Poste) lireMiroir(ctx context.Context, s *suiviLAR, quoi string) ([]byte, error) {
	r, err := p.consulterLAR(ctx, http.MethodGet, s, quoi)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(io.LimitReader(r.Body, tailleLARMax+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("lire la liste de révocation: %w", err)
	case len(b) > tailleLARMax:
		return nil, fmt.Errorf("%w : trop longue", ErrLAR)
	}
	return b, nil
}

func (p *Poste) consulterLAR(ctx context.Context, methode string, s *suiviLAR, quoi string) (*http.Response, error) {
	q, err := http.NewRequestWithContext(ctx, methode, strings.TrimRight(s.adresse, "/")+"/lar/"+s.emetteur.String()+"/"+quoi, nil)
	if err != nil {
		return nil, fmt.Errorf("adresse de liste de révocation inutilisable: %w", err)
	}
	h := p.o.HTTP
	if h == nil {
		h = &http.Client{Timeout: attenteLAR}
	}
	r, err := h.Do(q)
	if err != nil {
		return nil, err
	}
	if r.StatusCode != http.StatusOK {
		r.Body.Close()
		return nil, fmt.Errorf("liste de révocation de %s : réponse HTTP %d", s.emetteur, r.StatusCode)
	}
	return r, nil
}
