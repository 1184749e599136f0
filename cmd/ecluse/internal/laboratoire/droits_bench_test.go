//go:build unix

package laboratoire

import (
	"context"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/internal/vigie"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// BenchmarkDroits asks the rights of patients without seal, every party in this process
// on the same cores, each with its database and its journal: directly, through the
// concentrator, through the concentrator and the operator. It prints exchanges a second
// under load, the ratio to the direct path, the processor time of an exchange, its client
// included, which depends less on what else the machine does, and the median that each
// relay adds to one question at a time, the paths taken in turn.
func BenchmarkDroits(b *testing.B) {
	ctx := context.Background()
	s, err := Monter(ctx, b.TempDir(), time.Now, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Demonter()
	for _, p := range s.parties { // the quotas are not what is measured
		p.Portail.Vigie = sansQuotas{p.Portail.Vigie, vigie.NewAdmission(vigie.ParametresAdmission{EnService: 64, AttenteParPartenaire: 4096}, nil, time.Now)}
	}
	type voie struct {
		nom    string
		amc    string
		relais string
		client *roc.Client
		cible  roc.Cible
	}
	o := &officine{t: b, s: s}
	var voies []*voie
	for _, v := range []*voie{{nom: "direct", amc: monde.CleVerger}, {nom: "par-OCT", amc: monde.CleVerger, relais: monde.CleRelais}, {nom: "par-OCT-et-OTP", amc: monde.CleMoulin, relais: monde.CleRelais}} {
		a := s.Monde.Assureur(v.amc)
		v.client = o.client(sceau.REST, v.relais)
		v.cible = roc.Cible{Destinataire: roc.Partie{Type: roc.AMC, ID: a.Numero.String()}, Adresse: s.adresses["ouverte-"+v.amc], Structures: []string{a.IDNat}}
		voies = append(voies, v)
	}
	questions := map[string][]*droits.DemandeDroits{}
	for _, amc := range []string{monde.CleMoulin, monde.CleVerger} {
		questions[amc] = o.questions(amc)
	}
	var rang atomic.Int64
	demander := func(v *voie) time.Duration {
		debut := time.Now()
		r, err := roc.Envoyer(ctx, v.client, droits.EchangeDroits, &v.cible, "1", questions[v.amc][int(rang.Add(1))%len(questions[v.amc])], roc.Suivi{})
		if err != nil || r.Corps.CodeRetour != visiodroits.Fournis {
			b.Errorf("%s : %+v, %v", v.nom, r, err)
		}
		return time.Since(debut)
	}
	for _, v := range voies {
		for range 50 {
			demander(v) // connections, caches of the directory
		}
	}
	for b.Loop() {
		mesurerDroits(b, len(voies), func(i int) time.Duration { return demander(voies[i]) }, func(i int, nom string, n float64) {
			b.ReportMetric(n, voies[i].nom+"-"+nom)
		})
	}
}

// sansQuotas lets anyone ask anything, as fast as there is a place.
type sansQuotas struct {
	gate.Vigie
	places *vigie.Admission
}

func (x sansQuotas) Entrer(ctx context.Context, partenaire string) (func(), error) {
	return x.places.Entrer(ctx, partenaire, 1)
}

func (x sansQuotas) EntrerAnonyme(ctx context.Context, adresse string) (func(), error) {
	return x.places.Entrer(ctx, adresse, 1)
}

func (sansQuotas) Demander(context.Context, string, string, string, roc.Service) error { return nil }

func mesurerDroits(b *testing.B, voies int, demander func(i int) time.Duration, dire func(i int, nom string, n float64)) {
	const tours, charge = 400, 3 * time.Second
	durees := make([][]time.Duration, voies)
	for range tours {
		for i := range voies {
			durees[i] = append(durees[i], demander(i))
		}
	}
	var direct float64
	for i := range voies {
		slices.Sort(durees[i])
		dire(i, "ms-mediane", float64(durees[i][tours/2].Microseconds())/1000)
		var faits atomic.Int64
		var tous sync.WaitGroup
		runtime.GC()
		debut, temps := time.Now(), tempsCPUDici()
		for range 32 {
			tous.Go(func() {
				for time.Since(debut) < charge {
					demander(i)
					faits.Add(1)
				}
			})
		}
		tous.Wait()
		parSeconde := float64(faits.Load()) / time.Since(debut).Seconds()
		dire(i, "cpu-µs", float64((tempsCPUDici()-temps).Microseconds())/float64(faits.Load()))
		if i == 0 {
			direct = parSeconde
		}
		dire(i, "par-s", parSeconde)
		dire(i, "×direct", parSeconde/direct)
	}
}

// tempsCPUDici is the processor time of this process.
func tempsCPUDici() time.Duration {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
