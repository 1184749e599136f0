package serveur

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/internal/acheminement/https"
	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/internal/cercle"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/roc"
)

// cheminFichiers is where the files of the parties are, on the listener of the
// exchange: /v1/fichiers/PARTIE/recus takes files, /v1/fichiers/PARTIE/envois/N gives
// those dropped for the partner N.
const cheminFichiers = "/v1/fichiers/"

// servir makes the party take files by HTTPS, whole or by pieces.
func (g *Guichet) servir(c *config.Fichiers, st *achstore.Store) {
	p := g.p
	g.serveur = &https.Serveur{Dossier: filepath.Join(g.Dossier, dossierArrivee), Accueil: accueilHTTPS{g, st}, Horloge: p.Horloge,
		EntierMax: int64(min(c.TailleMax, 8<<20)), TailleMax: int64(c.TailleMax), MorceauMax: 4 << 20, PartielsMax: c.EnCours,
		Expediteur: func(r *http.Request) (string, error) { return g.expediteur(r) }}
	p.tache(time.Hour, func(context.Context) {
		if _, err := g.serveur.Purger(7 * 24 * time.Hour); err != nil && !errors.Is(err, os.ErrNotExist) {
			p.Log.Warn("dépôts inachevés non purgés", "locataire", g.tenant, "erreur", err)
		}
	})
}

// admis tells whether a structure may speak for a partner, as for a sealed message.
func (g *Guichet) admis(structure, partenaire string) bool {
	return g.p.Cercle.Verifier(cercle.Question{Tenant: g.tenant, Canal: structure, Scelleur: structure, EmetteurType: g.role,
		EmetteurID: partenaire, A: g.p.Horloge()}) == nil
}

var errHorsCercle = errors.New("structure hors du cercle de confiance")

// partenaire tells whether who holds the channel is that partner.
func (g *Guichet) partenaire(r *http.Request, partenaire string) (string, error) {
	structure, err := g.p.Portail.Titulaire(r)
	if err == nil && !g.admis(structure, partenaire) {
		err = errHorsCercle
	}
	return partenaire, err
}

// expediteur is the structure that uploads: any partner of the circle.
func (g *Guichet) expediteur(r *http.Request) (string, error) {
	structure, err := g.p.Portail.Titulaire(r)
	if err != nil {
		return "", err
	}
	connue := slices.ContainsFunc(g.p.Cercle.Lister(g.tenant, g.p.Horloge()), func(l cercle.EtatLien) bool {
		return l.Structure == structure && l.Etat == cercle.EtatAdmis && (l.Role == g.role || l.Role == cercle.RoleOperateur)
	})
	if !connue {
		return "", errHorsCercle
	}
	return structure, nil
}

// accueilHTTPS is https.Accueil over a guichet.
type accueilHTTPS struct {
	g  *Guichet
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

// routesFichiers are the doors of the files, behind the same TLS as the exchange and
// the same turns.
func (p *Processus) routesFichiers(mux *http.ServeMux) {
	vers := func(s roc.Service, f func(g *Guichet, w http.ResponseWriter, r *http.Request)) http.Handler {
		return p.Portail.Reserver(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			g := p.guichets[r.PathValue("partie")]
			if g == nil {
				http.NotFound(w, r)
				return
			}
			x := &temoinStatut{ResponseWriter: w}
			if structure, err := p.Portail.Titulaire(r); err != nil || p.vigie.Demander(r.Context(), g.tenant, structure, "", s) != nil {
				w.Header().Set("Retry-After", "60") // the quota of a structure is for all that it asks. ref: DEC 23
				http.Error(w, "trop de demandes de cette structure", http.StatusTooManyRequests)
				return
			}
			f(g, x, r)
			if x.statut >= http.StatusBadRequest && x.statut != http.StatusNotFound && x.statut != http.StatusConflict {
				p.Log.Warn("fichier refusé", "locataire", g.tenant, "methode", r.Method, "statut", x.statut) // ref: a refusal leaves a trace
			}
		}))
	}
	mux.Handle(cheminFichiers+"{partie}/recus", vers(roc.DRE, func(g *Guichet, w http.ResponseWriter, r *http.Request) {
		if g.serveur == nil {
			http.Error(w, "cette partie ne reçoit pas de fichier", http.StatusForbidden)
			return
		}
		g.serveur.ServeHTTP(w, r)
	}))
	retirer := vers(roc.RET, func(g *Guichet, w http.ResponseWriter, r *http.Request) { g.retrait.ServeHTTP(w, r) })
	mux.Handle(cheminFichiers+"{partie}/envois/{partenaire}", retirer)
	mux.Handle(cheminFichiers+"{partie}/envois/{partenaire}/{nom}", retirer)
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
