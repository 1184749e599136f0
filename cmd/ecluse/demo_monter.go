package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// scene is a laboratory where each party is its own: its directory, its keys, its
// database, its journal, its listener. Only TLS joins them. ref: DEC 3
type scene struct {
	*laboratoire
	log  *slog.Logger
	guet *guet

	mu       sync.Mutex
	parties  map[string]*processus // by key of who runs it
	arrets   map[string]func()     // stop one of them
	ordre    []string
	arreter  context.CancelFunc
	boucles  sync.WaitGroup
	pannes   []error
	observes map[string]*observateur // by hospital
}

// cleHostile is the key of the directory that lies, in the demonstration.
const cleHostile = "annuaire-hostile"

// monter lays out the parties, and runs each.
func monter(ctx context.Context, dir string, horloge sante.Horloge, log *slog.Logger) (*scene, error) {
	l, err := fonder(ctx, dir, horloge, portsLibres())
	if err != nil {
		return nil, err
	}
	s := &scene{laboratoire: l, log: log, guet: &guet{qui: map[string]string{}}, parties: map[string]*processus{}, arrets: map[string]func(){}, observes: map[string]*observateur{}}
	fond, arreter := context.WithCancel(context.WithoutCancel(ctx))
	s.arreter = arreter
	if err := s.monter(ctx, fond); err != nil {
		return nil, errors.Join(err, s.demonter())
	}
	return s, nil
}

func (s *scene) monter(ctx, fond context.Context) error {
	plans, err := s.planifier(ctx)
	if err != nil {
		return err
	}
	for _, p := range plans {
		s.ordre = append(s.ordre, p.cle)
	}
	// Each party mostly waits for its disk: they start together.
	erreurs := make([]error, len(plans))
	places := make(chan struct{}, 4)
	var tous sync.WaitGroup
	lever := func(i int) {
		if err := s.lever(ctx, fond, plans[i]); err != nil {
			erreurs[i] = fmt.Errorf("%s : %w", plans[i].cle, err)
		}
	}
	// But for the third party, whose lists insurers read as they start.
	premier := slices.IndexFunc(plans, func(p *plan) bool { return p.cle == cleTiers })
	lever(premier)
	for i := range plans {
		if i == premier {
			continue
		}
		tous.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			lever(i)
		})
	}
	tous.Wait()
	if err := errors.Join(erreurs...); err != nil {
		return err
	}
	return s.attendreLesCles(ctx)
}

// attendreLesCles lets the third party, which started before the insurers, read their keys:
// until then it answers that it cannot yet.
func (s *scene) attendreLesCles(ctx context.Context) error {
	ctx, fin := context.WithTimeout(ctx, 30*time.Second)
	defer fin()
	for !s.parties[cleTiers].jetons.tenues(ctx) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("clés des AMC non lues par le tiers de confiance : %w", ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// plan is a party about to be run.
type plan struct {
	cle, titre string
	c          config.Config
	peupler    bool
}

// planifier gives servers their certificates and addresses first: configurations
// name one another.
func (s *scene) planifier(ctx context.Context) ([]*plan, error) {
	igc := &plan{cle: "igc", titre: "Autorité de certification du laboratoire", c: s.base()}
	igc.c.IGC = &config.IGC{Repertoire: "autorite", Adresse: s.adresses["igc"]}
	plans := []*plan{igc}
	serveurs := []*monde.Structure{&s.monde.Gestionnaire, &s.monde.Relais}
	for i := range s.monde.AMC {
		if q := s.repondant(&s.monde.AMC[i]); q.Cle == s.monde.AMC[i].Cle || s.adresses[q.Cle] == "" {
			serveurs = append(serveurs, q)
		}
	}
	par := map[string]*plan{}
	for _, x := range serveurs {
		p := &plan{cle: x.Cle, titre: x.Nom, c: s.base(), peupler: true}
		if err := s.serveur(ctx, s.repertoire(x.Cle), x, &p.c.Ecoute); err != nil {
			return nil, err
		}
		if x.Cle != monde.CleAnnuaire {
			if err := s.ouvrir(x.Cle, &p.c.Ecoute); err != nil {
				return nil, err
			}
		}
		par[x.Cle] = p
		plans = append(plans, p)
	}
	hostile := &plan{cle: cleHostile, titre: "Un annuaire hostile, pour un refus", c: s.base(), peupler: true}
	menteur := s.monde.RelaisEtranger
	menteur.Cle = cleHostile
	if err := s.serveur(ctx, s.repertoire(cleHostile), &menteur, &hostile.c.Ecoute); err != nil {
		return nil, err
	}
	plans = append(plans, hostile)
	return s.repartir(ctx, plans, par, hostile, &menteur)
}

func (s *scene) repertoire(cle string) string { return filepath.Join(s.dir, cle) }

// repartir gives each plan its roles.
func (s *scene) repartir(ctx context.Context, plans []*plan, par map[string]*plan, hostile *plan, menteur *monde.Structure) ([]*plan, error) {
	annuaire := func(p *plan, qui *monde.Structure) error {
		id, err := s.identite(ctx, s.repertoire(p.cle), "cles", qui)
		p.c.Annuaire = &config.Annuaire{ID: s.monde.Gestionnaire.Identifiant, Libelle: p.titre, Identite: id}
		return err
	}
	if err := errors.Join(annuaire(par[monde.CleAnnuaire], &s.monde.Gestionnaire), annuaire(hostile, menteur)); err != nil {
		return nil, err
	}
	relais := par[monde.CleRelais]
	id, err := s.identite(ctx, s.repertoire(monde.CleRelais), "cles", &s.monde.Relais)
	if err != nil {
		return nil, err
	}
	relais.c.Relais = []config.Relais{{ID: s.monde.Relais.Identifiant, Libelle: s.monde.Relais.Nom, Role: "OCT", Identite: id,
		AnnuaireAMC: config.AnnuaireAcces{Adresse: s.adresses[monde.CleAnnuaire], Structure: s.monde.Gestionnaire.IDNat, ID: s.monde.Gestionnaire.Identifiant}}}
	for i := range s.monde.AMC {
		a := &s.monde.AMC[i]
		p := par[s.repondant(a).Cle]
		c, err := s.amc(ctx, s.repertoire(p.cle), a)
		if err != nil {
			return nil, err
		}
		p.c.AMC = append(p.c.AMC, c)
		relais.c.Relais[0].Sources = append(relais.c.Relais[0].Sources, config.Source{Emetteur: c.Numero, Adresse: s.adresses["ouverte-"+p.cle]})
		if a.Depanneur != "" {
			if err := s.depanner(ctx, relais, par[a.Depanneur], a, c); err != nil {
				return nil, err
			}
		}
	}
	for i := range s.monde.Etablissements {
		e := &s.monde.Etablissements[i]
		p := &plan{cle: e.Cle, titre: e.Nom, c: s.base(), peupler: true}
		if err := s.serveur(ctx, s.repertoire(e.Cle), &e.Structure, &p.c.Ecoute); err != nil {
			return nil, err
		}
		c, err := s.etablissement(ctx, s.repertoire(e.Cle), e)
		if err != nil {
			return nil, err
		}
		p.c.Etablissements = []config.Etablissement{c}
		plans = append(plans, p)
	}
	return s.tarifer(ctx, plans, relais)
}

// numeroOperateur is the number under which the operator of the world issues
// accreditations.
const numeroOperateur = "88000001"

// depanner makes an operator carry what pharmacies ask an insurer, and answer under
// mandate when the insurer is silent, from its own copy of the portfolio.
func (s *scene) depanner(ctx context.Context, relais, p *plan, a *monde.AMC, c config.AMC) error {
	id, err := s.identite(ctx, s.repertoire(p.cle), "cles", &s.monde.Operateur)
	if err != nil {
		return err
	}
	reglages := filepath.Join(s.repertoire(p.cle), c.Reglages)
	if err := os.WriteFile(reglages, a.Reglages(), 0o600); err != nil {
		return err
	}
	p.c.AMC = append(p.c.AMC, config.AMC{Numero: c.Numero, Libelle: c.Libelle, Identite: id, Reglages: c.Reglages,
		Droits: config.Droits{Ouvre: c.Droits.Ouvre, Depannage: true, Emetteur: numeroOperateur}})
	relais.c.Relais[0].Sources = append(relais.c.Relais[0].Sources, config.Source{Emetteur: numeroOperateur, Adresse: s.adresses["ouverte-"+p.cle]})
	p.c.Relais = []config.Relais{{ID: s.monde.Operateur.Identifiant, Libelle: s.monde.Operateur.Nom, Role: "OTP", Identite: id,
		Routes: []config.Route{{Destinataire: c.Numero, Adresse: s.adresses[a.Cle], Empreintes: []string{s.empreinte[a.Cle]}, Structures: []string{a.IDNat}}}}}
	return nil
}

// ecrire writes the file of a party and fills its database.
func (s *scene) ecrire(ctx context.Context, p *plan) (f *config.Fichier, err error) {
	if p.c.Surveillance.Adresse, err = s.ports("surveillance-" + p.cle); err != nil {
		return nil, err
	}
	dir := s.repertoire(p.cle)
	if err := s.confiance(ctx, dir); err != nil {
		return nil, err
	}
	if f, err = ecrireConfig(dir, p.titre+".\nFictif ; certificats de test.", &p.c); err != nil {
		return nil, err
	}
	if err := s.deposerBase(f); err != nil || !p.peupler {
		return f, err
	}
	return f, s.peupler(ctx, f)
}

// lever writes a party's file, fills its database and runs it.
func (s *scene) lever(ctx, fond context.Context, p *plan) error {
	f, err := s.ecrire(ctx, p)
	if err != nil {
		return err
	}
	return s.allumer(ctx, fond, p.cle, f)
}

// allumer runs a party from its file.
func (s *scene) allumer(ctx, fond context.Context, cle string, f *config.Fichier) error {
	x, err := ouvrir(ctx, f, options{log: s.log.With("partie", cle), horloge: s.horloge, guet: s.guet.porte(cle)})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parties[cle] = x
	for _, e := range x.etablissements {
		o := &observateur{Registre: e.client.Registre}
		e.client.Registre, s.observes[cle] = o, o
	}
	fond, arreter := context.WithCancel(fond)
	fini := make(chan struct{})
	s.arrets[cle] = func() { arreter(); <-fini }
	s.boucles.Go(func() {
		defer close(fini)
		if err := x.servir(fond); err != nil {
			s.mu.Lock()
			s.pannes = append(s.pannes, fmt.Errorf("%s : %w", cle, err))
			s.mu.Unlock()
		}
	})
	return nil
}

// demonter stops every party.
func (s *scene) demonter() error {
	s.arreter()
	s.boucles.Wait()
	err := errors.Join(s.pannes...)
	for _, p := range s.parties {
		err = errors.Join(err, p.fermer())
	}
	return err
}

// observateur keeps what a hospital was told of its exchanges, to tell it.
type observateur struct {
	roc.Registre
	mu       sync.Mutex
	arrivees []roc.Arrivee
}

// arriveesMax bounds what waits to be told.
const arriveesMax = 256

// Reponse writes the answer, and keeps it.
func (o *observateur) Reponse(ctx context.Context, a *roc.Arrivee) error {
	err := o.Registre.Reponse(ctx, a)
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.arrivees) < arriveesMax {
		o.arrivees = append(o.arrivees, *a)
	}
	return err
}

// prendre gives what came since the last time.
func (o *observateur) prendre() []roc.Arrivee {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.arrivees
	o.arrivees = nil
	return l
}
