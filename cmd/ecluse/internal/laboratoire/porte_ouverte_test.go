package laboratoire

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
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
	s, err := Monter(ctx, t.TempDir(), time.Now, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Demonter(); err != nil {
			t.Error(err)
		}
	}()
	o := &officine{t, s}
	moulin, portail := s.Monde.Assureur(monde.CleMoulin), s.parties[monde.CleMoulin].Portail
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
					time.Sleep(100 * time.Millisecond) // who floods waits for the network at least
				case r.Refus:
					refusees.Add(1)
				default:
					servies.Add(1)
				}
			}
		})
	}
	mesures := func() (m struct{ SansCertificatEnAttente, Partenaires int }) {
		_, corps := s.dit(t, monde.CleMoulin, "/mesures")
		if err := json.Unmarshal([]byte(corps), &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	for mesures().SansCertificatEnAttente < 128 {
		time.Sleep(time.Millisecond)
	}
	h := monde.Histoire{Patient: s.Monde.Patient("solene"), Etablissement: s.Monde.Etablissement(monde.CleHopital), Contexte: roc.ContexteACE,
		Entree: s.Monde.Jour, DMT: "900", MT: "07"}
	enTete := s.Monde.Entete(&h, 1)
	if enTete.Carte.NumeroAMC != moulin.Numero {
		t.Fatalf("l'hôpital interroge %s, et non l'AMC inondée", enTete.Carte.NumeroAMC)
	}
	hopital := s.parties[monde.CleHopital].Etablissements[0]
	client := *hopital.Client
	client.Delais.Essais = 1 // a refusal is one, and is not asked again
	debut := time.Now()
	var durees []time.Duration
	for i := range 40 {
		question := time.Now()
		if _, err := client.IDB(t.Context(), fmt.Sprint("INONDE-", i), &roc.DemandeIDB{Entete: enTete}); err != nil {
			t.Errorf("question %d de l'hôpital : %v", i, err)
		}
		durees = append(durees, time.Since(question))
	}
	arreter()
	inondation.Wait()
	slices.Sort(durees)
	t.Logf("l'hôpital : 40 questions, médiane %s, %s au pire ; l'inondation : %d servies, %d refusées sous sceau, %d sans",
		durees[20].Round(time.Millisecond), durees[39].Round(time.Millisecond), servies.Load(), refusees.Load(), sansSceau.Load())
	if c := mesures(); c.Partenaires != 1 {
		t.Errorf("l'inondation est parmi les partenaires : %+v", c)
	}
	if servies.Load() == 0 || sansSceau.Load() == 0 {
		t.Error("l'inondation n'a pas eu lieu")
	}
	if n, permis := refusees.Load(), 600+15*int64(time.Since(debut).Seconds()); n > permis {
		t.Errorf("%d refus scellés et journalisés pour elle, %d permis", n, permis)
	}
}
