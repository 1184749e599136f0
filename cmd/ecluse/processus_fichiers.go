package main

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
	"slices"
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
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// CheminFichiers is where the files of the parties are, on the listener of the
// exchange: /v1/fichiers/PARTIE/recus takes files, /v1/fichiers/PARTIE/envois/N gives
// those dropped for the partner N.
const cheminFichiers = "/v1/fichiers/"

// guichet is the door of the files of a party.
type guichet struct {
	p       *processus
	tenant  string
	role    cercle.Role // of its partners
	dossier string
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
func (p *processus) ouvrirGuichet(tenant string, c *config.Fichiers, role cercle.Role, s *etablissement.Service) *guichet {
	g := &guichet{p: p, tenant: tenant, role: role, dossier: p.dossierFichiers(tenant, c), mu: make(chan struct{}, 1), guetteurs: map[string]*depot.Guetteur{}}
	st := achstore.New(p.base, tenant)
	g.retires, g.gardesMax = st.Retraits, int64(max(c.GardesMax, c.TailleMax)) // one file always has room
	g.retrait = &https.Retrait{Racine: filepath.Join(g.dossier, dossierEnvois),
		Partenaire: func(r *http.Request) (string, error) { return g.partenaire(r, r.PathValue("partenaire")) },
		Nom:        func(r *http.Request) string { return r.PathValue("nom") },
		Retire: func(ctx context.Context, partenaire, nom string, taille int64) error {
			return st.NoterRetrait(ctx, acheminement.Retrait{Partenaire: partenaire, Nom: nom, Taille: taille, Instant: p.horloge()})
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
		p.guichets = map[string]*guichet{}
	}
	p.guichets[fichierSur(tenant)] = g
	return g
}

// lireRetours makes the party take return files, by HTTPS and from drop folders.
func (g *guichet) lireRetours(c *config.Fichiers, s *etablissement.Service, st *achstore.Store) {
	p := g.p
	g.accueil = func(ctx context.Context, structure, amc string, a acheminement.Arrivee, genre string, contenu io.ReadSeeker, _ int64) ([]byte, error) {
		if genre != genreNoemie {
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
			Production: p.f.Environnement == "P", TailleMax: int64(c.TailleMax)})
		if err != nil {
			return nil, err
		}
		p.log.Info("fichier de retour", "locataire", g.tenant, "fichier", f.Jeton(), "etat", string(f.Etat), "code", f.Code,
			"chargees", f.Chargees, "refusees", f.Refusees, "dejaLu", f.DejaLu)
		if f.Etat == etablissement.FichierRefuse {
			return nil, &acheminement.Refus{Code: f.Code}
		}
		recu, err := json.Marshal(rapportDe(f))
		if err != nil {
			return nil, err
		}
		return st.Recevoir(ctx, a, func(context.Context) ([]byte, error) { return recu, nil })
	}
	g.servir(c, st)
	p.tache(c.Cadence.Duration(), func(ctx context.Context) {
		if err := g.relever(ctx); err != nil {
			p.log.Warn("dossiers de dépôt non relevés", "locataire", g.tenant, "erreur", err)
		}
	})
}

// servir makes the party take files by HTTPS, whole or by pieces.
func (g *guichet) servir(c *config.Fichiers, st *achstore.Store) {
	p := g.p
	g.serveur = &https.Serveur{Dossier: filepath.Join(g.dossier, dossierArrivee), Accueil: accueilHTTPS{g, st}, Horloge: p.horloge,
		EntierMax: int64(min(c.TailleMax, 8<<20)), TailleMax: int64(c.TailleMax), MorceauMax: 4 << 20, PartielsMax: c.EnCours,
		Expediteur: func(r *http.Request) (string, error) { return g.expediteur(r) }}
	p.tache(time.Hour, func(context.Context) {
		if _, err := g.serveur.Purger(7 * 24 * time.Hour); err != nil && !errors.Is(err, os.ErrNotExist) {
			p.log.Warn("dépôts inachevés non purgés", "locataire", g.tenant, "erreur", err)
		}
	})
}

// garderLots makes an insurer take the B2 files of hospitals: each is judged whole, and
// put in recus/FINESS/ for the insurer's own system. Nothing of a bad one is kept.
func (g *guichet) garderLots(st *achstore.Store) func(context.Context, string, string, acheminement.Arrivee, string, io.ReadSeeker, int64) ([]byte, error) {
	return func(ctx context.Context, structure, _ string, a acheminement.Arrivee, genre string, contenu io.ReadSeeker, taille int64) ([]byte, error) {
		if genre != genreB2 {
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

// admis tells whether a structure may speak for a partner, as for a sealed message.
func (g *guichet) admis(structure, partenaire string) bool {
	return g.p.cercle.Verifier(cercle.Question{Tenant: g.tenant, Canal: structure, Scelleur: structure, EmetteurType: g.role,
		EmetteurID: partenaire, A: g.p.horloge()}) == nil
}

var errHorsCercle = errors.New("structure hors du cercle de confiance")

// partenaire tells whether who holds the channel is that partner.
func (g *guichet) partenaire(r *http.Request, partenaire string) (string, error) {
	structure, err := g.p.portail.Titulaire(r)
	if err == nil && !g.admis(structure, partenaire) {
		err = errHorsCercle
	}
	return partenaire, err
}

// expediteur is the structure that uploads: any partner of the circle.
func (g *guichet) expediteur(r *http.Request) (string, error) {
	structure, err := g.p.portail.Titulaire(r)
	if err != nil {
		return "", err
	}
	connue := slices.ContainsFunc(g.p.cercle.Lister(g.tenant, g.p.horloge()), func(l cercle.EtatLien) bool {
		return l.Structure == structure && l.Etat == cercle.EtatAdmis && (l.Role == g.role || l.Role == cercle.RoleOperateur)
	})
	if !connue {
		return "", errHorsCercle
	}
	return structure, nil
}

// accueilHTTPS is https.Accueil over a guichet.
type accueilHTTPS struct {
	g  *guichet
	st *achstore.Store
}

// Deja gives the receipt kept for a file that came before.
func (a accueilHTTPS) Deja(ctx context.Context, x acheminement.Arrivee) ([]byte, bool, error) {
	return a.st.Deja(ctx, x)
}

// Accueillir reads a file.
func (a accueilHTTPS) Accueillir(ctx context.Context, x acheminement.Arrivee, genre string, contenu io.ReadSeeker, taille int64) ([]byte, error) {
	return a.g.accueil(context.WithoutCancel(ctx), x.Expediteur, "", x, genre, contenu, taille)
}

// relever looks at the drop folders of the partners, each named by its number.
func (g *guichet) relever(ctx context.Context) error {
	select {
	case g.mu <- struct{}{}:
		defer func() { <-g.mu }()
	case <-ctx.Done():
		return ctx.Err()
	}
	racine := filepath.Join(g.dossier, dossierRecus)
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
			x = &depot.Guetteur{Dossier: filepath.Join(racine, d.Name()), Expediteur: "depot-" + amc, Horloge: g.p.horloge,
				TailleMax: g.serveur.TailleMax, LotMax: 100, Libre: genreNoemie,
				Accueil: func(ctx context.Context, a acheminement.Arrivee, genre string, contenu io.ReadSeeker, taille int64) (err error) {
					defer func() { // a fault of ours refuses that file, and spares the others
						if x := recover(); x != nil {
							g.p.log.Error("fichier refusé : faute d'Écluse", "locataire", g.tenant, "fichier", a.Cle, "faute", fmt.Sprintf("%T", x), "pile", string(debug.Stack()))
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
func (g *guichet) mettreAPart(a acheminement.Arrivee, contenu io.Reader) (f *os.File, err error) {
	dossier := filepath.Join(g.dossier, dossierArrivee)
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

// routesFichiers are the doors of the files, behind the same TLS as the exchange and
// the same turns.
func (p *processus) routesFichiers(mux *http.ServeMux) {
	vers := func(s roc.Service, f func(g *guichet, w http.ResponseWriter, r *http.Request)) http.Handler {
		return p.portail.Reserver(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			g := p.guichets[r.PathValue("partie")]
			if g == nil {
				http.NotFound(w, r)
				return
			}
			x := &temoinStatut{ResponseWriter: w}
			if structure, err := p.portail.Titulaire(r); err != nil || p.vigie.Demander(r.Context(), g.tenant, structure, "", s) != nil {
				w.Header().Set("Retry-After", "60") // the quota of a structure is for all that it asks. ref: DEC 23
				http.Error(w, "trop de demandes de cette structure", http.StatusTooManyRequests)
				return
			}
			f(g, x, r)
			if x.statut >= http.StatusBadRequest && x.statut != http.StatusNotFound && x.statut != http.StatusConflict {
				p.log.Warn("fichier refusé", "locataire", g.tenant, "methode", r.Method, "statut", x.statut) // ref: a refusal leaves a trace
			}
		}))
	}
	mux.Handle(cheminFichiers+"{partie}/recus", vers(roc.DRE, func(g *guichet, w http.ResponseWriter, r *http.Request) {
		if g.serveur == nil {
			http.Error(w, "cette partie ne reçoit pas de fichier", http.StatusForbidden)
			return
		}
		g.serveur.ServeHTTP(w, r)
	}))
	retirer := vers(roc.RET, func(g *guichet, w http.ResponseWriter, r *http.Request) { g.retrait.ServeHTTP(w, r) })
	mux.Handle(cheminFichiers+"{partie}/envois/{partenaire}", retirer)
	mux.Handle(cheminFichiers+"{partie}/envois/{partenaire}/{nom}", retirer)
}

// routeFichier is an address of the files, as the documentation lists it.
type routeFichier struct{ methode, chemin, sens string }

func servicesFichiers() []routeFichier {
	return []routeFichier{
		{http.MethodPost, "/recus", "Dépose un petit fichier d'un coup : champs `Idempotency-Key`, `Ecluse-Genre` (" + genreB2 + ", " + genreNoemie + ") et `Repr-Digest`"},
		{http.MethodHead, "/recus", "Dit dans `Upload-Offset` ce qui est déjà arrivé d'un grand fichier, pour reprendre un envoi coupé"},
		{http.MethodPatch, "/recus", "Ajoute un morceau à son `Upload-Offset`, le dernier avec `Upload-Complete: ?1`"},
		{http.MethodGet, "/envois/N", "Liste les fichiers qui attendent le partenaire"},
		{http.MethodGet, "/envois/N/{nom}", "Retire un fichier, à partir d'où l'on veut (`Range`)"},
	}
}

// temoinStatut remembers the status of an answer.
type temoinStatut struct {
	http.ResponseWriter
	statut int
}

// WriteHeader writes the status.
func (t *temoinStatut) WriteHeader(statut int) {
	t.statut = statut
	t.ResponseWriter.WriteHeader(statut)
}

// tracerFichier writes the leaf of a return file: nobody sealed it, and the leaf says
// so.
func (p *processus) tracerFichier(tenant string) func(context.Context, *etablissement.FichierRecu) error {
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
		rapport, err := json.Marshal(rapportDe(f))
		if err != nil {
			return err
		}
		_, err = jr.Ecrire(ctx, t, contenuRapport(rapport))
		return err
	}
}

// rapport is what is said of a return file, in JSON.
type rapport struct {
	Fichier    string                       `json:"fichier"`
	Empreinte  string                       `json:"empreinte"`
	Reference  string                       `json:"reference,omitempty"`
	AMC        string                       `json:"amc,omitempty"`
	Remis      string                       `json:"remis"`
	Preuve     string                       `json:"preuve"` // always: not sealed
	Etat       string                       `json:"etat"`
	Code       string                       `json:"code,omitempty"`
	DejaLu     bool                         `json:"dejaLu"`
	Chargees   int                          `json:"chargees"`
	Montant    string                       `json:"montant"`
	Refusees   int                          `json:"refusees"`
	Refus      []etablissement.RefusFichier `json:"refus,omitempty"`
	NonDetails int                          `json:"refusNonDetailles,omitempty"`
}

func rapportDe(f *etablissement.FichierRecu) rapport {
	return rapport{Fichier: f.Nom, Empreinte: hex.EncodeToString(f.Empreinte[:]), Reference: f.Reference, AMC: f.AMC, Remis: f.Remis,
		Preuve: etablissement.NonScelle, Etat: string(f.Etat), Code: f.Code, DejaLu: f.DejaLu, Chargees: f.Chargees, Montant: f.Montant.String(),
		Refusees: f.Refusees, Refus: f.Refus, NonDetails: f.Refusees - len(f.Refus)}
}

// ecrireRapport tells a report to a person.
func ecrireRapport(w io.Writer, f *etablissement.FichierRecu) {
	switch {
	case f.DejaLu:
		fmt.Fprintf(w, "%s : déjà lu, rien n'est changé.\n", f.Nom)
	case f.Etat == etablissement.FichierRefuse && f.Chargees == 0:
		fmt.Fprintf(w, "%s : refusé, %s. Rien n'en est chargé.\n", f.Nom, f.Code)
	case f.Etat == etablissement.FichierRefuse:
		fmt.Fprintf(w, "%s : refusé en cours de lecture, %s ; %s auparavant, %s.\n", f.Nom, f.Code,
			accorder(f.Chargees, "facture chargée", "factures chargées"), f.Montant.Euros())
	default:
		fmt.Fprintf(w, "%s : %s de l'AMC %s, %s, %s ; %s.\n", f.Nom, f.Reference, f.AMC,
			accorder(f.Chargees, "facture chargée", "factures chargées"), f.Montant.Euros(), accorder(f.Refusees, "refusée", "refusées"))
	}
	for _, r := range f.Refus {
		fmt.Fprintf(w, "  %s", r.Code)
		if r.Facture != "" {
			fmt.Fprintf(w, " facture %s", r.Facture)
		}
		if r.Ligne > 0 {
			fmt.Fprintf(w, ", ligne %d", r.Ligne)
		}
		if r.Numero > 0 {
			fmt.Fprintf(w, ", entité n° %d", r.Numero)
		}
		if r.Entite != "" {
			fmt.Fprintf(w, " (type %s)", r.Entite)
		}
		if r.Champ != "" {
			fmt.Fprintf(w, ", zone « %s »", r.Champ)
		}
		fmt.Fprintf(w, " : %s\n", r.Motif)
	}
	if n := f.Refusees - len(f.Refus); n > 0 {
		fmt.Fprintf(w, "  et %s, non détaillés.\n", accorder(n, "autre refus", "autres refus"))
	}
	if !f.DejaLu && f.Chargees > 0 {
		fmt.Fprintf(w, "  Preuve : %s (%s).\n", etablissement.NonScelle, f.Jeton())
	}
}
