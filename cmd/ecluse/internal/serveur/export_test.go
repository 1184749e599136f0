package serveur

import (
	"context"
	"crypto/x509"
	"net/http"
)

// What the trials of a whole laboratory see of a process, that no other package does.

// DerniereTache is the last task of the process.
func (p *Processus) DerniereTache() func(context.Context) { return p.taches[len(p.taches)-1] }

// LireCertificat reads a certificate as the watch of the dates does.
func (p *Processus) LireCertificat(chemin string) *x509.Certificate { return p.lus.lire(chemin) }

// Pret is /pret of the supervision.
func (p *Processus) Pret(w http.ResponseWriter, r *http.Request) { p.direPret(w, r) }

// Mesures is /mesures of the supervision.
func (p *Processus) Mesures(w http.ResponseWriter, r *http.Request) { p.direMesures(w, r) }

// How an insurer counts who is in each grid.
var (
	EffectifsDe      = effectifsDe
	GrillesDuContrat = grillesDuContrat
)
