package serveur

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/b2"
	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/internal/acheminement/depot"
	"github.com/ecluse-sante/ecluse/internal/acheminement/https"
	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/internal/cercle"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/preuve"
	"github.com/ecluse-sante/ecluse/sante"
)

// Guichet is the door of the files of a party.
type Guichet struct {
	p       *Processus
	tenant  string
	role    cercle.Role    // of its partners
	Dossier string         // what it holds for partners, and from them
	serveur *https.Serveur // nil when it takes no file
	retrait *https.Retrait

	retires   func(context.Context) ([]acheminement.Retrait, error)
	gardesMax int64      // octets kept of one sender
	garde     sync.Mutex // over what is kept

	mu        chan struct{} // one look at the drop folders at a time
	guetteurs map[string]*depot.Guetteur
	accueil   func(ctx context.Context, structure, amc string, a acheminement.Arrivee, genre string, contenu io.ReadSeeker, taille int64) ([]byte, error)
}

// ouvrirGuichet opens the files of a party; those it receives go to lire, nil when it
// takes none.
func (p *Processus) ouvrirGuichet(tenant string, c *config.Fichiers, role cercle.Role, s *etablissement.Service) *Guichet {
	g := &Guichet{p: p, tenant: tenant, role: role, Dossier: p.dossierFichiers(tenant, c), mu: make(chan struct{}, 1), guetteurs: map[string]*depot.Guetteur{}}
	st := achstore.New(p.Base, tenant)
	g.retires, g.gardesMax = st.Retraits, int64(max(c.GardesMax, c.TailleMax)) // one file always has room
	g.retrait = &https.Retrait{Racine: filepath.Join(g.Dossier, DossierEnvois),
		Partenaire: func(r *http.Request) (string, error) { return g.partenaire(r, r.PathValue("partenaire")) },
		Nom:        func(r *http.Request) string { return r.PathValue("nom") },
		Retire: func(ctx context.Context, partenaire, nom string, taille int64) error {
			return st.NoterRetrait(ctx, acheminement.Retrait{Partenaire: partenaire, Nom: nom, Taille: taille, Instant: p.Horloge()})
		}}
	if s != nil {
		g.lireRetours(c, s, st)
	} else {
		g.accueil = g.garderLots(st)
		g.servir(c, st)
	}
	p.tache(24*time.Hour, func(ctx context.Context) {
		g.purger(ctx)
	})
	if p.guichets == nil {
		p.guichets = map[string]*Guichet{}
	}
	p.guichets[FichierSur(tenant)] = g
	return g
}

// lireRetours makes the party take return files, by HTTPS and from drop folders.
func (g *Guichet) lireRetours(c *config.Fichiers, s *etablissement.Service, st *achstore.Store) {
	p := g.p
	g.accueil = func(ctx context.Context, structure, amc string, a acheminement.Arrivee, genre string, contenu io.ReadSeeker, _ int64) ([]byte, error) {
		if genre != GenreNoemie {
			return nil, &acheminement.Refus{Code: "GENRE"}
		}
		if recu, deja, err := st.Deja(ctx, a); deja || err != nil {
			return recu, err
		}
		parle := func(n sante.NumeroAMC) bool { return n.String() == amc }
		remis := "dossier de dépôt de l'AMC " + amc
		if structure != "" {
			parle = func(n sante.NumeroAMC) bool { return g.admis(structure, n.String()) }
			remis = "HTTPS, structure " + structure
		}
		f, err := s.LireRetours(ctx, contenu, etablissement.Provenance{Nom: a.Cle, Remis: remis, Parle: parle,
			Production: p.Fichier.Environnement == "P", TailleMax: int64(c.TailleMax)})
		if err != nil {
			return nil, err
		}
		p.Log.Info("fichier de retour", "locataire", g.tenant, "fichier", f.Jeton(), "etat", string(f.Etat), "code", f.Code,
			"chargees", f.Chargees, "refusees", f.Refusees, "dejaLu", f.DejaLu)
		if f.Etat == etablissement.FichierRefuse {
			return nil, &acheminement.Refus{Code: f.Code}
		}
		recu, err := json.Marshal(RapportDe(f))
		if err != nil {
			return nil, err
		}
		return st.Recevoir(ctx, a, func(context.Context) ([]byte, error) { return recu, nil })
	}
	g.servir(c, st)
	p.tache(c.Cadence.Duration(), func(ctx context.Context) {
		if err := g.Relever(ctx); err != nil {
			p.Log.Warn("dossiers de dépôt non relevés", "locataire", g.tenant, "erreur", err)
		}
	})
}

// garderLots makes an insurer take the B2 files of hospitals: each is judged whole, and
// put in recus/FINESS/ for the insurer's own system. Nothing of a bad one is kept.
func (g *Guichet) garderLots(st *achstore.Store) func(context.Context, string, string, acheminement.Arrivee, string, io.ReadSeeker, int64) ([]byte, error) {
	return func(ctx context.Context, structure, _ string, a acheminement.Arrivee, genre string, contenu io.ReadSeeker, taille int64) ([]byte, error) {
		if genre != GenreB2 {
			return nil, &acheminement.Refus{Code: "GENRE"}
		}
		if recu, deja, err := st.Deja(ctx, a); deja || err != nil {
			return recu, err
		}
		bilan, err := b2.Verifier(contenu)
		code, place := "", ""
		var faute *b2.Erreur
		switch {
		case errors.As(err, &faute):
			code, place = faute.Motif.Code(), faute.Error()
		case err != nil:
			return nil, err
		default:
			code = string(g.motifLot(structure, &bilan.Fichier))
		}
		if code != "" {
			return nil, g.refuserLot(ctx, structure, &a, taille, code, place)
		}
		envoi := &acheminement.Envoi{Adresse: bilan.Fichier.Emetteur, Genre: genre, Cle: a.Cle, Taille: taille, Empreinte: a.Empreinte}
		if err := g.garderUn(ctx, envoi, func(ctx context.Context, d porteurDepot) error {
			if _, err := contenu.Seek(0, io.SeekStart); err != nil {
				return err
			}
			_, err := d.Livrer(ctx, envoi, contenu)
			return err
		}); err != nil {
			return nil, err
		}
		recu, err := json.Marshal(map[string]any{"factures": bilan.Factures, "amc": bilan.AMC.String(), "mention": liquidation.SansGarantie})
		if err != nil {
			return nil, err
		}
		return st.Recevoir(ctx, a, func(context.Context) ([]byte, error) { return recu, nil })
	}
}

// Relever looks at the drop folders of the partners, each named by its number.
func (g *Guichet) Relever(ctx context.Context) error {
	select {
	case g.mu <- struct{}{}:
		defer func() { <-g.mu }()
	case <-ctx.Done():
		return ctx.Err()
	}
	racine := filepath.Join(g.Dossier, DossierRecus)
	l, err := os.ReadDir(racine)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, d := range l {
		n, refus := sante.ParseNumeroAMC(d.Name())
		if refus != nil || !d.IsDir() {
			continue
		}
		x := g.guetteurs[d.Name()]
		if x == nil {
			amc := n.String()
			x = &depot.Guetteur{Dossier: filepath.Join(racine, d.Name()), Expediteur: "depot-" + amc, Horloge: g.p.Horloge,
				TailleMax: g.serveur.TailleMax, LotMax: 100, Libre: GenreNoemie,
				Accueil: func(ctx context.Context, a acheminement.Arrivee, genre string, contenu io.ReadSeeker, taille int64) (err error) {
					defer func() { // a fault of ours refuses that file, and spares the others
						if x := recover(); x != nil {
							g.p.Log.Error("fichier refusé : faute d'Écluse", "locataire", g.tenant, "fichier", a.Cle, "faute", fmt.Sprintf("%T", x), "pile", string(debug.Stack()))
							err = &acheminement.Refus{Code: string(etablissement.FichierPanne)}
						}
					}()
					copie, err := g.mettreAPart(a, contenu)
					if err != nil {
						return err
					}
					defer copie.Close() // read only, of no name
					_, err = g.accueil(ctx, "", amc, a, genre, copie, taille)
					return err
				}}
			g.guetteurs[d.Name()] = x
		}
		_, e := x.Tour(ctx)
		err = errors.Join(err, e)
	}
	return err
}

// mettreAPart copies a file of a drop folder, which its partner may write over while it
// is read, to one of no name.
func (g *Guichet) mettreAPart(a acheminement.Arrivee, contenu io.Reader) (f *os.File, err error) {
	dossier := filepath.Join(g.Dossier, dossierArrivee)
	if err := os.MkdirAll(dossier, 0o750); err != nil {
		return nil, fmt.Errorf("mettre un fichier à part: %w", err)
	}
	if f, err = os.CreateTemp(dossier, "depot-*"); err != nil {
		return nil, fmt.Errorf("mettre un fichier à part: %w", err)
	}
	h := sha256.New()
	err = os.Remove(f.Name())
	if err == nil {
		_, err = io.Copy(io.MultiWriter(f, h), contenu)
	}
	if err == nil && [32]byte(h.Sum(nil)) != a.Empreinte {
		err = errors.New("il a changé pendant sa lecture") // another look will take it
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("mettre un fichier à part: %w", err), f.Close())
	}
	return f, nil
}

// tracerFichier writes the leaf of a return file: nobody sealed it, and the leaf says
// so.
func (p *Processus) tracerFichier(tenant string) func(context.Context, *etablissement.FichierRecu) error {
	return func(ctx context.Context, f *etablissement.FichierRecu) error {
		jr := p.journaux.par[tenant]
		if jr == nil {
			return errSansJournal
		}
		code := f.Code
		if code == "" {
			code = "000"
			if f.Refusees > 0 {
				code = "010"
			}
		}
		e := hex.EncodeToString(f.Empreinte[:])
		t := preuve.Trace{CodeRetour: code, Emetteur: "AMC:" + f.AMC, EmpreinteQuestion: e, IDMessage: "fichier-" + e[:24], Mode: etablissement.NonScelle,
			Reception: f.Instant.UnixMilli(), Role: preuve.RoleDestinataire, Service: "FICHIER", TailleQuestion: f.Taille, VerdictQuestion: etablissement.NonScelle}
		rapport, err := json.Marshal(RapportDe(f))
		if err != nil {
			return err
		}
		_, err = jr.Ecrire(ctx, t, contenuRapport(rapport))
		return err
	}
}
