package droits

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// EnvoiCompteurs is what came of sending the counters of a day to an insurer.
type EnvoiCompteurs struct {
	Jour   sante.Jour
	AMC    sante.NumeroAMC
	Erreur error // nil: the insurer has them
}

// When counters leave: the day after, from one in the morning and over twelve hours, so
// that workstations do not all come at once. hyp: VISIO-RENVOI
const (
	debutEnvoi      = time.Hour
	etalementEnvoi  = 12 * time.Hour
	repriseEnvoi    = 5 * time.Minute // after a failure, then less and less often
	repriseEnvoiMax = 6 * time.Hour
	envoisMax       = 50 // at one go
)

// envois is when what failed is tried again: by insurer when it is silent, by insurer and
// day when it refuses, "" when the workstation is off line.
type envois struct {
	un       sync.Mutex // one sends at a time
	reprises map[string]reprise
}

type reprise struct {
	prochain time.Time
	echecs   int
}

func (x *envois) attend(cle string, a time.Time) bool { return a.Before(x.reprises[cle].prochain) }

func (x *envois) echouer(cle string, a time.Time) {
	r := x.reprises[cle]
	delai := min(repriseEnvoiMax, repriseEnvoi<<min(r.echecs, 10))
	delai += time.Duration(rand.Float64() * 0.2 * float64(delai))
	x.reprises[cle] = reprise{a.Add(delai), r.echecs + 1}
}

// RenvoyerCompteurs sends back to each insurer the counters of the days that are over, each
// its own, once: what did not arrive is kept, and leaves again later. Nothing leaves for an
// insurer whose lists do not say where. Each attempt is told; the error is of the store, or
// the end of ctx. ref: VISIO §12, §15
func (p *Poste) RenvoyerCompteurs(ctx context.Context) (l []EnvoiCompteurs, err error) {
	p.envois.un.Lock()
	defer p.envois.un.Unlock()
	jours, err := p.o.Magasin.JoursComptes()
	if err != nil {
		return nil, err
	}
	defer func() { p.differerEnvois(jours, len(l) >= envoisMax) }()
	for _, jour := range jours {
		if p.o.Horloge().Before(p.instantEnvoi(jour)) {
			continue
		}
		lignes, err := p.lignes(jour)
		if err != nil {
			return l, err
		}
		for i := range lignes {
			e, err := p.renvoyerLigne(ctx, jour, lignes[i:i+1])
			if e != nil {
				l = append(l, *e)
			}
			if err != nil || len(l) >= envoisMax || p.envois.attend("", p.o.Horloge()) {
				return l, err
			}
		}
	}
	return l, nil
}

// differerEnvois sets when there is something to send next: what failed, the days to come,
// what is left at once.
func (p *Poste) differerEnvois(jours []sante.Jour, reste bool) {
	a := p.o.Horloge()
	t := p.instantEnvoi(sante.JourA(a, sante.Paris()))
	plusTot := func(x time.Time) {
		if x.After(a) && x.Before(t) {
			t = x
		}
	}
	for _, j := range jours {
		plusTot(p.instantEnvoi(j))
	}
	for _, r := range p.envois.reprises {
		plusTot(r.prochain)
	}
	if reste {
		t = a.Add(time.Minute)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prochainEnvoi = t
}

// instantEnvoi is when the counters of a day leave: always the same for a professional and
// a day.
func (p *Poste) instantEnvoi(jour sante.Jour) time.Time {
	d := sha256.Sum256([]byte(p.o.PS.NumeroFacturation.String() + "|" + jour.String()))
	etale := time.Duration(binary.BigEndian.Uint32(d[:]) % uint32(etalementEnvoi/time.Second))
	return (jour + 1).Debut(sante.Paris()).Add(debutEnvoi + etale*time.Second)
}

// renvoyerLigne sends the counters of a day to one insurer; nil when there is nothing to
// send, or not now.
func (p *Poste) renvoyerLigne(ctx context.Context, jour sante.Jour, ligne []visiodroits.LigneStatistique) (*EnvoiCompteurs, error) {
	a, amc := p.o.Horloge(), ligne[0].NumeroAMC
	s := &visiodroits.Statistiques{Jour: jour, NumeroFacturation: p.o.PS.NumeroFacturation, Lignes: ligne}
	empreinte := sha256.Sum256(EchangeStatistiques.CorpsDemande.AppendJSON(nil, s)) // of what is counted, whoever counts it
	s.Poste = p.o.Magasin.Poste()
	deCeJour := amc.String() + "/" + jour.String()
	if p.o.Magasin.Envoye(jour, amc, empreinte) || p.envois.attend("", a) || p.envois.attend(amc.String(), a) || p.envois.attend(deCeJour, a) {
		return nil, nil
	}
	x := &examen{p: p, debut: a, jour: sante.JourA(a, sante.Paris())}
	var err error
	if x.service, err = p.o.Classeur.Service(visiodroits.Recherche{NumeroAMC: amc, Service: visiodroits.STA, Versions: []string{Norme.Profil}}, a); err != nil || len(x.service.Structures) == 0 {
		return nil, nil // the lists do not say where, or not now: the counters wait
	}
	e := &EnvoiCompteurs{Jour: jour, AMC: amc}
	if e.Erreur = s.Valider(); e.Erreur != nil {
		p.envois.echouer(deCeJour, a)
		return e, nil
	}
	stop, err := x.renvoyer(ctx, s)
	switch {
	case err == nil:
		for _, cle := range []string{"", amc.String(), deCeJour} {
			delete(p.envois.reprises, cle)
		}
		return e, p.o.Magasin.Ecrire(func(l *Lot) error { l.NoterEnvoi(jour, amc, empreinte); return nil })
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case stop == nil:
		p.envois.echouer(deCeJour, a)
	case stop.code == visiodroits.PosteHorsLigne || stop.code == visiodroits.OCTInjoignable:
		p.envois.echouer("", a)
	default:
		p.envois.echouer(amc.String(), a)
	}
	e.Erreur = err
	return e, nil
}

// errCompteursPerdus is what an insurer says that keeps none of its own counters.
var errCompteursPerdus = errors.New("droits: l'AMC n'a gardé aucun des compteurs qui lui sont envoyés")

// renvoyer sends counters by the concentrator, then without it when it may. The echec is of
// who does not answer, nil when these counters are refused.
func (x *examen) renvoyer(ctx context.Context, s *visiodroits.Statistiques) (stop *echec, err error) {
	voies := []*roc.Client{x.p.direct}
	if c := x.p.parOCT; c != nil {
		if voies = []*roc.Client{c}; x.p.o.Repli {
			voies = append(voies, x.p.direct)
		}
	}
	for _, c := range voies {
		var r *roc.Rendu[AccuseStatistiques]
		r, err = roc.Envoyer(ctx, c, EchangeStatistiques, cibleDe(x.service, x.jour), "-", s, roc.Suivi{})
		switch {
		case err == nil && !r.Corps.CodeRetour.Accord():
			return nil, fmt.Errorf("compteurs refusés : %s %s", r.Corps.CodeRetour, r.Corps.CodeRetour.Libelle())
		case err == nil && r.Corps.Retenues == 0:
			return nil, errCompteursPerdus
		case err == nil:
			return nil, nil
		}
		if duMessage(err) {
			return nil, err
		}
		if errors.Is(err, roc.ErrEmpreinte) { // for the next time
			if _, e := x.p.Relire(ctx, visiodroits.GenreServices, x.service.Emetteur); e != nil {
				return nil, errors.Join(err, e)
			}
		}
		if stop, _ = x.situer(ctx, err, c.Relais != nil); stop == nil || stop.code != visiodroits.OCTInjoignable {
			break
		}
	}
	return stop, err
}

// duMessage tells a refusal of these counters from one that others would meet too.
func duMessage(err error) bool {
	var r *roc.Refus
	return errors.As(err, &r) && r.Distant && (r.Code == roc.Illisible || r.Code == roc.MemeID)
}
