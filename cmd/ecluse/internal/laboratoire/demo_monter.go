package laboratoire

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

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/sante"
)

// Scene is a laboratory where each party is its own: its directory, its keys, its
// database, its journal, its listener. Only TLS joins them. ref: DEC 3
type Scene struct {
	*Laboratoire
	log  *slog.Logger
	guet *guet

	mu       sync.Mutex
	parties  map[string]*serveur.Processus // by key of who runs it
	arrets   map[string]func()             // stop one of them
	ordre    []string
	arreter  context.CancelFunc
	boucles  sync.WaitGroup
	pannes   []error
	observes map[string]*observateur // by hospital
}

// cleHostile is the key of the directory that lies, in the demonstration.
const cleHostile = "annuaire-hostile"

// Monter lays out the parties, and runs each.
func Monter(ctx context.Context, dir string, horloge sante.Horloge, log *slog.Logger) (*Scene, error) {
	l, err := Fonder(ctx, dir, horloge, PortsLibres())
	if err != nil {
		return nil, err
	}
	s := &Scene{Laboratoire: l, log: log, guet: &guet{qui: map[string]string{}}, parties: map[string]*serveur.Processus{}, arrets: map[string]func(){}, observes: map[string]*observateur{}}
	fond, arreter := context.WithCancel(context.WithoutCancel(ctx))
	s.arreter = arreter
	if err := s.monter(ctx, fond); err != nil {
		return nil, errors.Join(err, s.Demonter())
	}
	return s, nil
}

func (s *Scene) monter(ctx, fond context.Context) error {
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
func (s *Scene) attendreLesCles(ctx context.Context) error {
	ctx, fin := context.WithTimeout(ctx, 30*time.Second)
	defer fin()
	for !s.parties[cleTiers].Jetons.Tenues(ctx) {
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
func (s *Scene) planifier(ctx context.Context) ([]*plan, error) {
	igc := &plan{cle: "igc", titre: "Autorité de certification du laboratoire", c: s.Base()}
	igc.c.IGC = &config.IGC{Repertoire: "autorite", Adresse: s.adresses["igc"]}
	plans := []*plan{igc}
	serveurs := []*monde.Structure{&s.Monde.Gestionnaire, &s.Monde.Relais}
	for i := range s.Monde.AMC {
		if q := s.repondant(&s.Monde.AMC[i]); q.Cle == s.Monde.AMC[i].Cle || s.adresses[q.Cle] == "" {
			serveurs = append(serveurs, q)
		}
	}
	par := map[string]*plan{}
	for _, x := range serveurs {
		p := &plan{cle: x.Cle, titre: x.Nom, c: s.Base(), peupler: true}
		if err := s.Serveur(ctx, s.repertoire(x.Cle), x, &p.c.Ecoute); err != nil {
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
	hostile := &plan{cle: cleHostile, titre: "Un annuaire hostile, pour un refus", c: s.Base(), peupler: true}
	menteur := s.Monde.RelaisEtranger
	menteur.Cle = cleHostile
	if err := s.Serveur(ctx, s.repertoire(cleHostile), &menteur, &hostile.c.Ecoute); err != nil {
		return nil, err
	}
	plans = append(plans, hostile)
	return s.repartir(ctx, plans, par, hostile, &menteur)
}

func (s *Scene) repertoire(cle string) string { return filepath.Join(s.dir, cle) }

// repartir gives each plan its roles.
func (s *Scene) repartir(ctx context.Context, plans []*plan, par map[string]*plan, hostile *plan, menteur *monde.Structure) ([]*plan, error) {
	annuaire := func(p *plan, qui *monde.Structure) error {
		id, err := s.identite(ctx, s.repertoire(p.cle), "cles", qui)
		p.c.Annuaire = &config.Annuaire{ID: s.Monde.Gestionnaire.Identifiant, Libelle: p.titre, Identite: id}
		return err
	}
	if err := errors.Join(annuaire(par[monde.CleAnnuaire], &s.Monde.Gestionnaire), annuaire(hostile, menteur)); err != nil {
		return nil, err
	}
	relais := par[monde.CleRelais]
	id, err := s.identite(ctx, s.repertoire(monde.CleRelais), "cles", &s.Monde.Relais)
	if err != nil {
		return nil, err
	}
	relais.c.Relais = []config.Relais{{ID: s.Monde.Relais.Identifiant, Libelle: s.Monde.Relais.Nom, Role: "OCT", Identite: id,
		AnnuaireAMC: config.AnnuaireAcces{Adresse: s.adresses[monde.CleAnnuaire], Structure: s.Monde.Gestionnaire.IDNat, ID: s.Monde.Gestionnaire.Identifiant}}}
	for i := range s.Monde.AMC {
		a := &s.Monde.AMC[i]
		p := par[s.repondant(a).Cle]
		c, err := s.Amc(ctx, s.repertoire(p.cle), a)
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
	for i := range s.Monde.Etablissements {
		e := &s.Monde.Etablissements[i]
		p := &plan{cle: e.Cle, titre: e.Nom, c: s.Base(), peupler: true}
		if err := s.Serveur(ctx, s.repertoire(e.Cle), &e.Structure, &p.c.Ecoute); err != nil {
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
func (s *Scene) depanner(ctx context.Context, relais, p *plan, a *monde.AMC, c config.AMC) error {
	id, err := s.identite(ctx, s.repertoire(p.cle), "cles", &s.Monde.Operateur)
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
	p.c.Relais = []config.Relais{{ID: s.Monde.Operateur.Identifiant, Libelle: s.Monde.Operateur.Nom, Role: "OTP", Identite: id,
		Routes: []config.Route{{Destinataire: c.Numero, Adresse: s.adresses[a.Cle], Empreintes: []string{s.empreinte[a.Cle]}, Structures: []string{a.IDNat}}}}}
	return nil
}

// ecrire writes the file of a party and fills its database.
func (s *Scene) ecrire(ctx context.Context, p *plan) (f *config.Fichier, err error) {
	if p.c.Surveillance.Adresse, err = s.Ports("surveillance-" + p.cle); err != nil {
		return nil, err
	}
	dir := s.repertoire(p.cle)
	if err := s.Confiance(ctx, dir); err != nil {
		return nil, err
	}
	if f, err = EcrireConfig(dir, p.titre+".\nFictif ; certificats de test.", &p.c); err != nil {
		return nil, err
	}
	if err := s.deposerBase(f); err != nil || !p.peupler {
		return f, err
	}
	return f, s.peupler(ctx, f)
}

// lever writes a party's file, fills its database and runs it.
func (s *Scene) lever(ctx, fond context.Context, p *plan) error {
	f, err := s.ecrire(ctx, p)
	if err != nil {
		return err
	}
	return s.allumer(ctx, fond, p.cle, f)
}

// allumer runs a party from its file.
func (s *Scene) allumer(ctx, fond context.Context, cle string, f *config.Fichier) error {
	x, err := serveur.Ouvrir(ctx, f, serveur.Options{Log: s.log.With("partie", cle), Horloge: s.horloge, Guet: s.guet.porte(cle)})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parties[cle] = x
	for _, e := range x.Etablissements {
		o := &observateur{Registre: e.Client.Registre}
		e.Client.Registre, s.observes[cle] = o, o
	}
	fond, arreter := context.WithCancel(fond)
	fini := make(chan struct{})
	s.arrets[cle] = func() { arreter(); <-fini }
	s.boucles.Go(func() {
		defer close(fini)
		if err := x.Servir(fond); err != nil {
			s.mu.Lock()
			s.pannes = append(s.pannes, fmt.Errorf("%s : %w", cle, err))
			s.mu.Unlock()
		}
	})
	return nil
}

// Demonter stops every party.
func (s *Scene) Demonter() error {
	s.arreter()
	s.boucles.Wait()
	err := errors.Join(s.pannes...)
	for _, p := range s.parties {
		err = errors.Join(err, p.Fermer())
	}
	return err
}
