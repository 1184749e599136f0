package amctest

import (
	"io"
	"net/http"
	"slices"
	"sync/atomic"

	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/internal/amc/distant"
	"github.com/ecluse-sante/ecluse/sante"
)

// Coeur is a core system of an insurer, in memory: the reference of the other
// side of package distant.
type Coeur struct {
	Contrats  []amc.Contrat
	Personnes []amc.Beneficiaire
	Sceau     distant.Sceau
	Horloge   sante.Horloge

	Appels atomic.Int64
}

// ServeHTTP answers a search. A question that is not sealed is refused.
func (c *Coeur) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.Appels.Add(1)
	question, err := io.ReadAll(http.MaxBytesReader(w, r.Body, distant.TailleMax))
	if err != nil {
		http.Error(w, "question trop longue", http.StatusRequestEntityTooLarge)
		return
	}
	var q distant.Question
	if c.Sceau.Verifier(r.Header.Get(distant.EnteteSceau), question, c.Horloge()) != nil || distant.Lire(question, &q) != nil {
		http.Error(w, "question refusée", http.StatusForbidden)
		return
	}
	personnes := c.chercher(&q)
	corps, err := distant.Ecrire(map[string]any{
		"empreinteQuestion": distant.Empreinte(question), "beneficiaires": personnes, "contrats": c.contrats(personnes, q.Jour),
	})
	if err != nil {
		http.Error(w, "réponse impossible", http.StatusInternalServerError)
		return
	}
	sceau, err := c.Sceau.Sceller(corps, c.Horloge())
	if err != nil {
		http.Error(w, "réponse impossible", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set(distant.EnteteSceau, sceau)
	w.Write(corps) // the caller sees a cut answer by its seal
}

func (c *Coeur) chercher(q *distant.Question) []amc.Beneficiaire {
	l := []amc.Beneficiaire{}
	for _, b := range c.Personnes {
		nir := !q.NIRBeneficiaire.IsZero() && b.NIR == q.NIRBeneficiaire
		assure := q.NIRBeneficiaire.IsZero() && !q.NIRAssure.IsZero() && (b.NIRAssure == q.NIRAssure || b.NIR == q.NIRAssure)
		if b.NumeroAdherent == q.NumeroAdherent || nir || assure {
			l = append(l, b)
		}
	}
	return l
}

func (c *Coeur) contrats(personnes []amc.Beneficiaire, jour sante.Jour) []amc.Contrat {
	l := []amc.Contrat{}
	for _, k := range c.Contrats {
		vise := slices.ContainsFunc(personnes, func(b amc.Beneficiaire) bool {
			return slices.ContainsFunc(b.Adhesions, func(a amc.Adhesion) bool { return a.Contrat == k.Numero })
		})
		if vise && jour >= k.Debut && (k.Fin.IsZero() || jour <= k.Fin) {
			l = append(l, k)
		}
	}
	return l
}
