package roc

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// Fraicheur tells where an address of the Annuaire comes from.
type Fraicheur struct {
	Lue    time.Time // when the directory said it
	Cache  bool      // it was kept
	Perime bool      // its time to live is over and the directory is silent
	Cause  error     // why the directory could not be asked, when Perime; else why its answer could not be kept
}

// CacheAnnuaire keeps the answers of the directory across restarts.
type CacheAnnuaire interface {
	// Lire gives what was kept under a key, or ok false.
	Lire(ctx context.Context, cle string) (r *ReponseAnnuaire, lue time.Time, ok bool, err error)
	// Ecrire keeps an answer.
	Ecrire(ctx context.Context, cle string, r *ReponseAnnuaire, lue time.Time) error
}

// Resolveur finds where the services of an insurer are. Answers are kept for the
// time that the directory gives, then asked again; when the directory is silent
// the last answer serves, up to Perime. ref: ROC §6.2
type Resolveur struct {
	// Demander asks the directory; its answers must have been verified.
	Demander func(ctx context.Context, d *DemandeAnnuaire) (*ReponseAnnuaire, error)
	// Cache keeps answers across restarts; nil for memory only.
	Cache CacheAnnuaire
	// Horloge tells now.
	Horloge sante.Horloge
	// Perime bounds the age of an answer used while the directory is silent; 72 h
	// when zero. hyp: ANNUAIRE-PERIME
	Perime time.Duration
	// DureeMax bounds how long the directory is believed without being asked again,
	// whatever it says; 24 h when zero: one wrong answer does not pin an address or a
	// mandate for a year. hyp: ANNUAIRE-DUREE
	DureeMax time.Duration

	mu      sync.Mutex
	gardes  map[string]garde // what the directory accepted
	refus   map[string]garde // what it refused: whoever asks for numbers that do not exist fills this one only
	enCours map[string]*vol
}

type garde struct {
	reponse *ReponseAnnuaire
	lue     time.Time
}

// vol is a question to the directory that several callers wait for.
type vol struct {
	fini      chan struct{}
	reponse   *ReponseAnnuaire
	fraicheur Fraicheur
	err       error
	abandon   bool // who asked gave up: those who wait must ask themselves
}

const (
	gardesMax   = 10_000
	refusMax    = 2_000
	evinceParmi = 16 // answers looked at to make room for one
	perimeMax   = 72 * time.Hour
	dureeMax    = 24 * time.Hour
	dureeRefus  = 30 * time.Second // a refusal of the directory is not asked again at once
	dureeDefaut = time.Hour
)

// CleAnnuaire names what was asked of the directory. The services are not in it:
// all are asked at once.
func CleAnnuaire(d *DemandeAnnuaire) string {
	return d.NumeroAMC.String() + "|" + d.TypeConvention + "|" + d.CSR + "|" + string(d.Domaine) + "|" + d.DateReference.String()
}

// Resoudre gives the answer of the directory, and how fresh it is. A refusal of
// the directory is an answer.
func (r *Resolveur) Resoudre(ctx context.Context, d *DemandeAnnuaire) (*ReponseAnnuaire, Fraicheur, error) {
	tout := *d
	tout.Services = nil
	cle := CleAnnuaire(&tout)
	for {
		g, v, premier := r.prendre(cle)
		switch {
		case v == nil:
			return g.reponse, Fraicheur{Lue: g.lue, Cache: true}, nil
		case premier:
			v.reponse, v.fraicheur, v.err = r.chercher(ctx, cle, &tout)
			v.abandon = v.err != nil && ctx.Err() != nil
			r.mu.Lock()
			delete(r.enCours, cle)
			r.mu.Unlock()
			close(v.fini)
			return v.reponse, v.fraicheur, v.err
		}
		rep, f, err := v.attendre(ctx)
		if ctx.Err() == nil && v.abandon {
			continue
		}
		return rep, f, err
	}
}

// prendre gives what is kept and fresh, or the question to the directory that
// somebody makes already, or a new one to make.
func (r *Resolveur) prendre(cle string) (g garde, v *vol, premier bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if g, ok := r.connue(cle); ok && r.Horloge().Before(g.lue.Add(r.duree(g.reponse))) {
		return g, nil, false
	}
	if v, ok := r.enCours[cle]; ok {
		return garde{}, v, false
	}
	if r.enCours == nil {
		r.enCours = make(map[string]*vol)
	}
	v = &vol{fini: make(chan struct{})}
	r.enCours[cle] = v
	return garde{}, v, true
}

func (v *vol) attendre(ctx context.Context) (*ReponseAnnuaire, Fraicheur, error) {
	select {
	case <-v.fini:
		return v.reponse, v.fraicheur, v.err
	case <-ctx.Done():
		return nil, Fraicheur{}, ctx.Err()
	}
}

// duree is how long an answer serves without a new question.
func (r *Resolveur) duree(rep *ReponseAnnuaire) time.Duration {
	maximum := r.DureeMax
	if maximum <= 0 {
		maximum = dureeMax
	}
	switch {
	case !rep.CodeRetour.Accord():
		return min(dureeRefus, maximum)
	case rep.DureeValiditeReponse > 0:
		return min(time.Duration(rep.DureeValiditeReponse)*time.Second, maximum)
	}
	return min(dureeDefaut, maximum)
}

// DureeUtile is how long at most an answer of the directory may serve, the silence
// of the directory counted: a CacheAnnuaire forgets it afterwards. A Resolveur
// believes it for less, see DureeMax. It is 0 for a refusal, which is never kept.
// hyp: ANNUAIRE-PERIME
func DureeUtile(r *ReponseAnnuaire) time.Duration {
	if !r.CodeRetour.Accord() {
		return 0
	}
	return max(time.Duration(r.DureeValiditeReponse)*time.Second, perimeMax)
}

func (r *Resolveur) chercher(ctx context.Context, cle string, d *DemandeAnnuaire) (*ReponseAnnuaire, Fraicheur, error) {
	ancien, connu := r.ancien(ctx, cle)
	if connu && r.Horloge().Before(ancien.lue.Add(r.duree(ancien.reponse))) {
		r.garder(cle, ancien)
		return ancien.reponse, Fraicheur{Lue: ancien.lue, Cache: true}, nil
	}
	rep, err := r.Demander(ctx, d)
	maintenant := r.Horloge()
	if err == nil {
		r.garder(cle, garde{rep, maintenant})
		f := Fraicheur{Lue: maintenant}
		if r.Cache != nil && rep.CodeRetour.Accord() {
			f.Cause = r.Cache.Ecrire(ctx, cle, rep, maintenant) // known all the same
		}
		return rep, f, nil
	}
	perime := r.Perime
	if perime <= 0 {
		perime = perimeMax
	}
	if !connu || !ancien.reponse.CodeRetour.Accord() || maintenant.Sub(ancien.lue) > perime || securite(err) {
		return nil, Fraicheur{}, err
	}
	return ancien.reponse, Fraicheur{Lue: ancien.lue, Cache: true, Perime: true, Cause: err}, nil
}

// securite tells whether the directory answered with a seal that was refused: a
// hostile directory is not a silent one.
func securite(err error) bool {
	var r *Refus
	return errors.As(err, &r) && r.Code.Famille() == 'S'
}

func (r *Resolveur) ancien(ctx context.Context, cle string) (garde, bool) {
	r.mu.Lock()
	g, ok := r.connue(cle)
	r.mu.Unlock()
	if ok || r.Cache == nil {
		return g, ok
	}
	rep, lue, ok, err := r.Cache.Lire(ctx, cle)
	return garde{rep, lue}, ok && err == nil
}

// connue gives what memory holds under a key; mu is held.
func (r *Resolveur) connue(cle string) (garde, bool) {
	if g, ok := r.gardes[cle]; ok {
		return g, true
	}
	g, ok := r.refus[cle]
	return g, ok
}

// garder keeps the last word of the directory under a key. Answers and refusals
// have each their room: a flood of unknown numbers drives no address out.
func (r *Resolveur) garder(cle string, g garde) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gardes == nil {
		r.gardes, r.refus = make(map[string]garde), make(map[string]garde)
	}
	delete(r.gardes, cle)
	delete(r.refus, cle)
	m, borne := r.gardes, gardesMax
	if !g.reponse.CodeRetour.Accord() {
		m, borne = r.refus, refusMax
	}
	if len(m) >= borne {
		evincer(m)
	}
	m[cle] = g
}

// evincer makes room for one: the oldest of a few drawn by the order of the map,
// which is another each time.
func evincer(m map[string]garde) {
	var cle string
	var lue time.Time
	vues := 0
	for c, g := range m {
		if vues == 0 || g.lue.Before(lue) {
			cle, lue = c, g.lue
		}
		if vues++; vues == evinceParmi {
			break
		}
	}
	delete(m, cle)
}
