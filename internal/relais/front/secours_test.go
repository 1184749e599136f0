package front_test

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/relais"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// A mandated relay answers for an insurer that is silent, under its own seal and in the
// insurer's name; never for one that answers, be it by a refusal or by a lie.
// ref: VISIO §8.2
func TestSecours(t *testing.T) {
	chaqueFace(t, func(t *testing.T, face sceau.Face) {
		x := nouveauBanc(t, face, relais.Reglages{Ordinaire: 400 * time.Millisecond, Echecs: 1000})
		x.clair = true
		x.client.Delais.Essais = 1
		sans := x.client.Resolveur.Demander
		x.client.Resolveur.Demander = func(ctx context.Context, d *roc.DemandeAnnuaire) (*roc.ReponseAnnuaire, error) {
			r, err := sans(ctx, d)
			r.Operateur = &roc.Operateur{ID: "OCT-1", Libelle: "OPÉRATEUR", Structure: structureRelais, MandatDebut: 1}
			return r, err
		}
		var secourus atomic.Int64
		x.relais.Portail.Secourir(gate.NewPorte("secours:99000001", mutuelle, roc.Test, x.relais.Cachet,
			gate.Offrir(roc.EchangeDEL, func(context.Context, sceau.Opened[roc.Message[roc.DemandeDEL]]) (*roc.ReponseDEL, error) {
				secourus.Add(1)
				return &roc.ReponseDEL{Retour: roc.RetourDe(roc.Accepte, "secours"), EtatEngagement: roc.EtatAnnule}, nil
			}, gate.Options[roc.DemandeDEL, roc.ReponseDEL]{})))
		vers := func(adresse, epingle string) {
			t.Helper()
			r := relais.Route{Destinataire: mutuelle.ID, Adresse: adresse, Structures: []string{structureAMC}}
			if epingle != "" {
				r.Empreintes = []string{epingle}
			}
			if err := x.relais.r.Router([]relais.Route{r}); err != nil {
				t.Fatal(err)
			}
		}
		faux := func(h http.HandlerFunc) func() { return func() { vers(x.faux(t, structureAMC, h)) } }
		parAMC := func(w http.ResponseWriter, r *http.Request, chemin string) {
			corps, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			if chemin != "" {
				r.URL.Path = chemin
			}
			statut, rep, err := passer(x.HTTP(x.relais.Partie), x.assureur.Adresse, r, corps)
			if err != nil {
				t.Error(err)
			}
			if chemin == "" && len(rep) > 40 {
				rep[len(rep)/2] ^= 1 // a lie
			}
			w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
			w.WriteHeader(statut)
			w.Write(rep)
		}
		for _, c := range []struct {
			nom     string
			avant   func()
			code    roc.Code
			secouru bool
		}{
			{"injoignable", func() { vers("https://127.0.0.1:1", "") }, roc.Accepte, true},
			{"muet", faux(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), roc.Accepte, true},
			{"qui répond autre chose", faux(func(w http.ResponseWriter, _ *http.Request) {
				http.Error(w, "entretien", http.StatusServiceUnavailable)
			}), roc.Accepte, true},
			{"qui ment", faux(func(w http.ResponseWriter, r *http.Request) { parAMC(w, r, "") }), roc.PanneRelais, false},
			{"qui répond", func() { vers(x.assureur.Adresse, x.assureur.Epingle) }, roc.Accepte, false},
			{"qui refuse", func() {
				vers(x.assureur.Adresse, x.assureur.Epingle)
				x.assureur.Vigie.Refuser = roc.Refuser(roc.Quota, "trop")
			}, roc.Quota, false},
		} {
			avant := secourus.Load()
			c.avant()
			r, err := x.demander(roc.Doublon)
			if code(err) != c.code || secourus.Load()-avant != map[bool]int64{true: 1}[c.secouru] {
				t.Fatalf("%s : %v, secouru %d fois", c.nom, err, secourus.Load()-avant)
			}
			if qui := map[bool]string{true: structureRelais, false: structureAMC}[c.secouru]; err == nil && (r.Repondant != qui || r.Message.Enveloppe.Emetteur != mutuelle) {
				t.Errorf("%s : répondu par %s au nom de %+v", c.nom, r.Repondant, r.Message.Enveloppe.Emetteur)
			}
		}
	})
}
