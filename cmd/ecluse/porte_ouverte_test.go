package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// A flood of questions without certificate, each from another address, some of them bad,
// takes nothing from a hospital that asks the same insurer: every question of the hospital
// is served at once, none is told to come back, and the refusals of the flood are not all
// signed.
func TestInondationDeLaPorteOuverte(t *testing.T) {
	if testing.Short() {
		t.Skip("laboratoire entier")
	}
	ctx, arreter := context.WithCancel(t.Context())
	s, err := monter(ctx, t.TempDir(), time.Now, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.demonter(); err != nil {
			t.Error(err)
		}
	}()
	o := &officine{t, s}
	moulin, portail := s.monde.Assureur(monde.CleMoulin), s.parties[monde.CleMoulin].portail
	patient, carte := o.assure(monde.CleMoulin)
	d := o.question(patient, carte)
	question := func() []byte {
		m := &roc.Message[droits.DemandeDroits]{Corps: d, Enveloppe: roc.Enveloppe{NormeVersion: droits.Norme.Profil, Service: roc.DLD, Sens: roc.Question,
			IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(), IDDossierES: "1", Horodatage: time.Now(), Environnement: roc.Test,
			Emetteur: roc.Partie{Type: roc.PS, ID: "752000012"}, Destinataire: roc.Partie{Type: roc.AMC, ID: moulin.Numero.String()}}}
		return sceau.Envelopper(sceau.REST, droits.EchangeDroits.Demande.AppendJSON(nil, m), nil).Octets
	}
	if r, err := portail.Recevoir(ctx, &gate.Arrivee{Pair: "192.0.2.1", Anonyme: true, Norme: droits.Norme, Face: sceau.REST, Service: roc.DLD, Brut: question()}); err != nil || r.Refus {
		t.Fatalf("la question de l'inondation n'est pas bonne : %+v, %v", r, err)
	}
	var adresse, servies, refusees, sansSceau atomic.Int64
	var inondation sync.WaitGroup
	for range 1200 { // more than may wait, partners included
		inondation.Go(func() {
			for ctx.Err() == nil {
				n := adresse.Add(1)
				brut := question()
				if n%4 == 0 {
					brut = brut[:len(brut)/2]
				}
				r, err := portail.Recevoir(ctx, &gate.Arrivee{Pair: fmt.Sprintf("2001:db8:%x:%x::/64", n>>16, n&0xffff), Anonyme: true, Norme: droits.Norme,
					Face: sceau.REST, Service: roc.DLD, Brut: brut})
				switch {
				case err != nil:
					sansSceau.Add(1)
					time.Sleep(10 * time.Millisecond) // who floods waits for the network at least
				case r.Refus:
					refusees.Add(1)
				default:
					servies.Add(1)
				}
			}
		})
	}
	for p := s.parties[monde.CleMoulin].vigie.anonymes; p.Charge().EnAttente < 128; time.Sleep(time.Millisecond) {
	}
	h := monde.Histoire{Patient: s.monde.Patient("solene"), Etablissement: s.monde.Etablissement(monde.CleHopital), Contexte: roc.ContexteACE,
		Entree: s.monde.Jour, DMT: "900", MT: "07"}
	enTete := s.monde.Entete(&h, 1)
	if enTete.Carte.NumeroAMC != moulin.Numero {
		t.Fatalf("l'hôpital interroge %s, et non l'AMC inondée", enTete.Carte.NumeroAMC)
	}
	hopital := s.parties[monde.CleHopital].etablissements[0]
	client := *hopital.client
	client.Delais.Essais = 1 // a refusal is one, and is not asked again
	var pire time.Duration
	for i := range 40 {
		debut := time.Now()
		if _, err := client.IDB(t.Context(), fmt.Sprint("INONDE-", i), &roc.DemandeIDB{Entete: enTete}); err != nil {
			t.Errorf("question %d de l'hôpital : %v", i, err)
		}
		pire = max(pire, time.Since(debut))
	}
	arreter()
	inondation.Wait()
	t.Logf("l'hôpital : 40 questions, %s au pire ; l'inondation : %d servies, %d refusées sous sceau, %d sans", pire.Round(time.Millisecond), servies.Load(), refusees.Load(), sansSceau.Load())
	if pire > 2*time.Second {
		t.Errorf("une question de l'hôpital a attendu %s", pire)
	}
	if servies.Load() == 0 || sansSceau.Load() == 0 {
		t.Error("l'inondation n'a pas eu lieu")
	}
	if n := refusees.Load(); n > 1000 {
		t.Errorf("%d refus scellés et journalisés pour elle", n)
	}
}
