package serveur

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"time"
)

// ouvrirSurveillance tells the health of the process: alive, ready, and a few
// figures. ref: DEC 39
func (p *Processus) ouvrirSurveillance(context.Context) error {
	if p.Fichier.Surveillance.Adresse == "" {
		return nil
	}
	mux := http.NewServeMux()
	for _, x := range routesSurveillance() {
		mux.HandleFunc("GET "+x.chemin, func(w http.ResponseWriter, r *http.Request) { x.dire(p, w, r) })
	}
	p.publierDescriptions(mux)
	if p.Fichier.Laboratoire && surBoucle(p.Fichier.Surveillance.Adresse) {
		mux.HandleFunc("GET /profil", direProfil)
	}
	return p.ecouter("surveillance", p.Fichier.Surveillance.Adresse, serveurSimple(mux), false)
}

// routeSurveillance is an address of the supervision.
type routeSurveillance struct {
	chemin, sens string
	dire         func(p *Processus, w http.ResponseWriter, r *http.Request)
}

func routesSurveillance() []routeSurveillance {
	return []routeSurveillance{
		{"/vivant", "Le processus répond", (*Processus).direVivant},
		{"/pret", "Une question posée maintenant serait servie ; sinon 503 et ses raisons, une par ligne ; une clé d'émetteur qui ne signe plus est dite sans 503 : le reste est servi", (*Processus).direPret},
		{"/mesures", "Quelques chiffres, en JSON", (*Processus).direMesures},
	}
}

func (p *Processus) direVivant(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("vivant\n")) }

// direPret says whether a question asked now would be answered.
func (p *Processus) direPret(w http.ResponseWriter, r *http.Request) {
	ctx, fin := context.WithTimeout(r.Context(), 2*time.Second)
	defer fin()
	var err error
	if e := p.Base.Pret(ctx); e != nil {
		err = errors.Join(err, errors.New("base injoignable"))
	}
	if age := p.Horloge().Sub(p.Cercle.Fraicheur()); age > 10*time.Second {
		err = errors.Join(err, errors.New("cercle de confiance non relu depuis "+age.Round(time.Second).String()))
	}
	for _, l := range p.Magasin.Listes() {
		if p.Horloge().After(l.Prochaine) {
			err = errors.Join(err, errors.New("liste de révocation périmée : "+l.Autorite))
		}
	}
	for _, r := range p.certificatsHorsDates() {
		err = errors.Join(err, errors.New(r))
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Write([]byte("prêt\n"))
	for _, r := range p.clesMuettes() { // whatever else is asked is served: said, and not 503
		fmt.Fprintln(w, "mais", r)
	}
}

func (p *Processus) direMesures(w http.ResponseWriter, _ *http.Request) {
	c, a := p.vigie.admission.Charge(), p.vigie.anonymes.Charge()
	enPanne := 0
	for _, e := range p.Emetteurs {
		if e.enPanne.Load() {
			enPanne++
		}
	}
	w.Header().Set("Content-Type", "application/json")
	m := map[string]any{
		"enService": c.EnService, "enAttente": c.EnAttente, "partenaires": c.Partenaires, "sansCertificatEnService": a.EnService, "sansCertificatEnAttente": a.EnAttente, "suivis": p.vigie.garde.Suivis(),
		"journaux": len(p.journaux.par), "emetteursSansListes": enPanne, "version": p.version, "goroutines": runtime.NumGoroutine(),
	}
	if p.AnnuaireSante != nil {
		m["annuaireSante"] = p.AnnuaireSante.mesures()
	}
	json.NewEncoder(w).Encode(m)
}
