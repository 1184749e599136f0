package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/preuve"
)

// Sequenceur gives rows their ranks and signs checkpoints, for the journals that
// it was given. Every node runs one; the lease lets one work at a time.
type Sequenceur struct {
	// Cadence is the longest wait between two rounds. Default: 500 ms.
	Cadence time.Duration
	// Lot bounds the rows of a round, so that it never holds the writer long.
	// Default: 512.
	Lot int
	// Bail is how long the lease outlives a node that died. Default: 1500 ms.
	Bail time.Duration

	magasin   Magasin
	temoin    *Temoin
	titulaire string
	horloge   func() time.Time
	journal   *slog.Logger
	presse    chan struct{}

	porte    sync.Mutex // one round at a time; guards the fields below
	journaux map[string]*Journal
	bords    map[string]*bordTenu
	apres    string
	complet  time.Time
}

// bordTenu is the edge of a log as it was after our last commit.
type bordTenu struct {
	generation int64
	bord       *preuve.Bord
}

// NouveauSequenceur makes a sequencer for journals that share a Magasin and a
// Temoin. titulaire names this process among the nodes.
func NouveauSequenceur(titulaire string, log *slog.Logger, journaux ...*Journal) *Sequenceur {
	s := &Sequenceur{
		Cadence: 500 * time.Millisecond, Lot: 512, Bail: 1500 * time.Millisecond,
		titulaire: titulaire, journal: log, presse: make(chan struct{}, 1),
		journaux: make(map[string]*Journal), bords: make(map[string]*bordTenu),
	}
	for _, j := range journaux {
		s.magasin, s.temoin, s.horloge = j.o.Magasin, j.o.Temoin, j.o.Horloge
		s.journaux[j.o.Tenant] = j
	}
	return s
}

// Tourner runs rounds until ctx ends, then a last one for what is left, and
// frees the lease. Errors are logged: the rows wait, nothing is lost.
func (s *Sequenceur) Tourner(ctx context.Context) {
	for mois := ""; ctx.Err() == nil; {
		mois = s.preparer(ctx, mois)
		s.vider(ctx)
		select {
		case <-ctx.Done():
		case <-s.presse:
		case <-time.After(s.Cadence):
		}
	}
	fin, annuler := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer annuler()
	s.vider(fin)
	if err := s.magasin.RendreBail(fin, s.titulaire); err != nil {
		s.journal.Warn("journal: rendre le bail", "erreur", err)
	}
}

// preparer makes the keys of a new month before its first transactions need them.
func (s *Sequenceur) preparer(ctx context.Context, mois string) string {
	maintenant := s.horloge()
	nouveau := maintenant.UTC().Format(formatMois)
	if nouveau == mois {
		return mois
	}
	for tenant, j := range s.journaux {
		if err := j.o.Trousseau.Preparer(ctx, tenant, maintenant); err != nil {
			s.journal.Warn("journal: préparer les clés du mois", "erreur", err)
			return mois
		}
	}
	return nouveau
}

// vider runs rounds while they come back full.
func (s *Sequenceur) vider(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := s.Sequencer(ctx)
		if err != nil && ctx.Err() == nil {
			s.journal.Error("journal: séquencer", "erreur", err)
		}
		if err != nil || n < s.Lot {
			return
		}
	}
}

// Presser asks for a round now rather than at the next beat.
func (s *Sequenceur) Presser() {
	select {
	case s.presse <- struct{}{}:
	default:
	}
}

// Sequencer runs one round and says how many rows got a rank: none when another
// node holds the lease.
func (s *Sequenceur) Sequencer(ctx context.Context) (int, error) {
	s.porte.Lock()
	defer s.porte.Unlock()
	maintenant := s.horloge()
	if maintenant.Sub(s.complet) > 10*time.Second || maintenant.Before(s.complet) {
		s.apres, s.complet = "", maintenant // look at all the rows again
	}
	var t *tour
	tenu, err := s.magasin.SousBail(ctx, s.titulaire, maintenant, s.Bail, func(ctx context.Context) error {
		t = &tour{s: s, points: make(map[string]preuve.PointControle), bords: make(map[string]*bordTenu)}
		return t.jouer(ctx)
	})
	if err != nil || !tenu {
		// What another node did meanwhile is unknown: read again.
		clear(s.bords)
		s.apres = ""
		return 0, err
	}
	for tenant, b := range t.bords {
		s.bords[tenant] = b
	}
	s.apres = t.apres
	if len(t.points) == 0 {
		return t.lus, nil
	}
	return t.lus, s.temoin.Noter(t.points)
}

// tour is one round; it may be played again from the beginning.
type tour struct {
	s      *Sequenceur
	points map[string]preuve.PointControle
	bords  map[string]*bordTenu
	apres  string
	lus    int
}

func (t *tour) jouer(ctx context.Context) error {
	lot, err := t.s.magasin.EnAttente(ctx, t.s.apres, t.s.Lot)
	if err != nil {
		return err
	}
	t.lus, t.apres = len(lot), t.suite(lot)
	par := make(map[string][]Attente)
	for _, a := range lot {
		par[a.Tenant] = append(par[a.Tenant], a)
	}
	for tenant, l := range par {
		j := t.s.journaux[tenant]
		if j == nil {
			t.s.journal.Error("journal: lignes d'un locataire que ce nœud ne signe pas", "lignes", len(l))
			continue
		}
		if err := t.allonger(ctx, j, l); err != nil {
			return fmt.Errorf("journal %s: %w", tenant, err)
		}
	}
	return nil
}

// suite is where the next round starts: a slow transaction may still commit
// rows whose id is older than the last one seen, so it steps back a minute.
// Rows of older transactions are met by the complete look of every ten seconds.
func (t *tour) suite(lot []Attente) string {
	if len(lot) == t.s.Lot {
		return lot[len(lot)-1].ID
	}
	return DebutID(t.s.horloge().Add(-time.Minute))
}

// allonger adds rows to a tenant's log: ranks, tiles and checkpoint.
func (t *tour) allonger(ctx context.Context, j *Journal, l []Attente) error {
	tete, avant, err := j.tete(ctx)
	if err != nil {
		return err
	}
	tenu, err := t.bord(ctx, j, tete, avant)
	if err != nil {
		return err
	}
	var tuiles []preuve.Tuile
	ids := make([]string, len(l))
	for i, a := range l {
		ids[i] = a.ID
		tenu.bord.Ajouter(a.Feuille, func(p preuve.Tuile) { tuiles = append(tuiles, p) })
	}
	if err := j.o.Magasin.Ranger(ctx, j.o.Tenant, tete.Generation, tete.Taille, ids); err != nil {
		return err
	}
	if err := j.o.Magasin.PoserTuiles(ctx, j.o.Tenant, tete.Generation, append(tuiles, tenu.bord.Partielles()...)); err != nil {
		return err
	}
	return t.pointer(ctx, j, tete, avant, tenu)
}

// pointer signs the new size; the first checkpoint of each minute is kept.
func (t *tour) pointer(ctx context.Context, j *Journal, tete Tete, avant preuve.PointControle, tenu *bordTenu) error {
	p := preuve.PointControle{Origine: avant.Origine, Taille: tenu.bord.Taille(), Racine: tenu.bord.Racine(), Precedent: avant.Precedent}
	brut, err := j.signer(p, avant.Instant)
	if err != nil {
		return err
	}
	if p, err = preuve.OuvrirPointControle(brut, j.o.Cle); err != nil {
		return err
	}
	tete.Taille, tete.Point = p.Taille, brut
	jalon := avant.Taille == 0 || !p.Instant.Truncate(time.Minute).Equal(avant.Instant.Truncate(time.Minute))
	if err := j.o.Magasin.AvancerTete(ctx, tete, jalon); err != nil {
		return err
	}
	t.points[j.o.Tenant], t.bords[j.o.Tenant] = p, tenu
	return nil
}

// bord gives an edge to grow: ours if nothing moved, else the one in the tiles,
// which must have the signed root.
func (t *tour) bord(ctx context.Context, j *Journal, tete Tete, avant preuve.PointControle) (*bordTenu, error) {
	if b := t.s.bords[j.o.Tenant]; b != nil && b.generation == tete.Generation && b.bord.Taille() == tete.Taille {
		return &bordTenu{generation: b.generation, bord: b.bord.Copie()}, nil
	}
	b, err := preuve.LireBord(tete.Taille, j.lecteurTuile(ctx, tete.Generation))
	if err != nil {
		return nil, err
	}
	if b.Racine() != avant.Racine {
		return nil, fmt.Errorf("%w: les tuiles n'ont pas la racine signée (voir « ecluse journal reconstruire »)", ErrIncoherent)
	}
	return &bordTenu{generation: tete.Generation, bord: b}, nil
}

// Attendre waits until a leaf is under a signed checkpoint, asking for a round.
func (s *Sequenceur) Attendre(ctx context.Context, j *Journal, id string) error {
	for {
		l, err := j.o.Magasin.Chercher(ctx, j.o.Tenant, Critere{ID: id})
		if err != nil {
			return err
		}
		if len(l) == 0 {
			return ErrAbsent
		}
		if l[0].Rang >= 0 {
			return nil
		}
		s.Presser()
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), errors.New("journal: feuille pas encore signée"))
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Rendre frees the lease at once, for a maintenance on this node.
func (s *Sequenceur) Rendre(ctx context.Context) error {
	s.porte.Lock()
	defer s.porte.Unlock()
	clear(s.bords)
	return s.magasin.RendreBail(ctx, s.titulaire)
}
