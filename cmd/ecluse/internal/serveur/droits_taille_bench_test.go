package serveur

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	crand "crypto/rand"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	accrstore "github.com/ecluse-sante/ecluse/internal/accreditation/store"
	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/internal/amc/amctest"
	amcstore "github.com/ecluse-sante/ecluse/internal/amc/store"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// registreTenu is an insurer that knows n persons and gave each an accreditation.
type registreTenu struct {
	b         *testing.B
	n         int
	base      *bdd.Base
	s         *accreditation.Service
	registre  *accrstore.Registre
	cles      *droits.Cles
	instant   time.Time
	questions []sceau.Lue[roc.Message[droits.DemandeDroits]]
	attendus  []visiodroits.Code // of each question
}

func tenirRegistre(b *testing.B, m bdd.Moteur, n int) *registreTenu {
	b.Helper()
	ctx := context.Background()
	x := &registreTenu{b: b, n: n, instant: amctest.Instant, base: bddtest.OuvrirAdresse(b, bddtest.Adresse(b, m), bdd.Options{}, amcstore.Migrations, accrstore.Migrations)}
	st := amcstore.New(x.base, "banc")
	contrat := amctest.Contrats()[0]
	contrat.Perimetre = append(contrat.Perimetre, amc.Domaine{Domaine: string(droits.Pharmacie), Couvert: true})
	if _, err := st.Portefeuille.EcrireContrat(ctx, &contrat); err != nil {
		b.Fatal(err)
	}
	if _, err := st.Portefeuille.Charger(ctx, func(suivre func(amc.Beneficiaire) bool) {
		for i := range n {
			if !suivre(amctest.Personne(fmt.Sprintf("P%08d", i), contrat.Numero, i)) {
				return
			}
		}
	}, 20000, nil); err != nil {
		b.Fatal(err)
	}
	cle, err := ecdsa.GenerateKey(elliptic.P256(), crand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	x.cles, err = droits.NouvellesCles([]droits.Cle{{Emetteur: amctest.NumeroAMC, Kid: "banc", Usage: droits.PourAccreditation, Publique: &cle.PublicKey}}, nil)
	if err != nil {
		b.Fatal(err)
	}
	banc := amctest.New(b, amctest.Livres{Ports: st.Ports(nil), Grouper: x.base.Grouper}, amctest.Reglages())
	x.registre = accrstore.New(x.base, "banc")
	x.s, err = accreditation.New(accreditation.Reglages{Emetteur: amctest.NumeroAMC, AMC: amctest.NumeroAMC},
		accreditation.Ports{Portefeuille: portefeuilleVille{banc.Service, nil}, Registre: x.registre, Compteurs: x.registre, Horloge: func() time.Time { return x.instant },
			Cle: func() accreditation.Cle { return accreditation.Cle{Kid: "banc", Cle: cle} }, Demandeur: func(context.Context) string { return "@192.0.2.1" }})
	if err != nil {
		b.Fatal(err)
	}
	x.remplir()
	x.questionner()
	return x
}

// remplir gives each person an accreditation, as it would have been over the year.
func (x *registreTenu) remplir() {
	x.b.Helper()
	e, err := x.registre.Emise(context.Background(), x.numeroDe(x.repondre(x.question(0, nil))))
	if err != nil {
		x.b.Fatal(err)
	}
	const lot = 5000
	for debut := 1; debut < x.n; debut += lot {
		err := x.base.EnTransaction(context.Background(), func(ctx context.Context) error {
			for i := debut; i < min(debut+lot, x.n); i++ {
				y := *e
				y.Beneficiaire, y.Emission = fmt.Sprintf("P%08d", i), e.Emission.Add(-time.Duration(x.n-i)*time.Second)
				var err error
				if y.Numero, err = droits.TirerNumeroAccreditation(amctest.NumeroAMC, droits.Normale, nil); err != nil {
					return err
				}
				if err := x.registre.Garder(ctx, &y); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			x.b.Fatal(err)
		}
	}
	reposerBase(x.b, x.base)
}

// questionner prepares the questions: half of them of persons whose workstation knows
// nothing, half of those whose rights did not move.
func (x *registreTenu) questionner() {
	x.b.Helper()
	for range 8192 {
		i := rand.IntN(x.n)
		q := x.question(i, nil)
		x.questions, x.attendus = append(x.questions, q), append(x.attendus, visiodroits.Fournis)
		r := x.repondre(q)
		x.questions = append(x.questions, x.question(i, &droits.Connus{NumeroAccreditation: x.numeroDe(r), DateMAJ: r.DateMAJ}))
		x.attendus = append(x.attendus, visiodroits.Inchanges)
	}
}

// numeroDe is that of an accreditation just given.
func (x *registreTenu) numeroDe(r *droits.FournitDroits) droits.NumeroAccreditation {
	x.b.Helper()
	if r == nil {
		x.b.FailNow()
	}
	a, err := droits.VerifierAccreditation(r.Accreditation, x.cles, x.instant)
	if err != nil {
		x.b.Fatal(err)
	}
	return a.Accreditation().Numero
}

func (x *registreTenu) question(i int, connus *droits.Connus) sceau.Lue[roc.Message[droits.DemandeDroits]] {
	x.b.Helper()
	p := amctest.Personne("-", "ESSENTIEL", i)
	ps := lireOuEchouer(x.b, sante.ParseNumeroFacturation, "752000012")
	d := &droits.DemandeDroits{PS: droits.Professionnel{NumeroFacturation: ps, Categorie: droits.Pharmacie},
		Patient: droits.Patient{NumeroAdherent: p.NumeroAdherent, DateNaissance: p.DateNaissance, RangGemellaire: p.RangGemellaire},
		Carte:   droits.Carte{NumeroAMC: amctest.NumeroAMC}, DateReference: sante.JourA(x.instant, sante.Paris()), NiveauService: droits.Base, DroitsConnus: connus}
	m := &roc.Message[droits.DemandeDroits]{Corps: d, Enveloppe: roc.Enveloppe{NormeVersion: droits.Norme.Profil, Service: roc.DLD, Sens: roc.Question,
		IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(), IDDossierES: "1", Horodatage: x.instant, Environnement: roc.Test,
		Emetteur: roc.Partie{Type: roc.PS, ID: ps.String()}, Destinataire: roc.Partie{Type: roc.AMC, ID: amctest.NumeroAMC.String()}}}
	lu, err := (&sceau.Ouvreur{}).Lire(sceau.REST, sceau.Envelopper(sceau.REST, droits.EchangeDroits.Demande.AppendJSON(nil, m), nil).Octets, x.instant)
	if err != nil {
		x.b.Fatal(err)
	}
	q, err := sceau.Lu(lu, func(p *sceau.Piece, m *roc.Message[droits.DemandeDroits]) error {
		return droits.EchangeDroits.Demande.DecodeJSON(p.Contenu(), m)
	})
	if err != nil {
		x.b.Fatal(err)
	}
	return q
}

// repondre runs the rule and commits what it keeps, as the gate does.
func (x *registreTenu) repondre(q sceau.Lue[roc.Message[droits.DemandeDroits]]) (r *droits.FournitDroits) {
	err := x.base.Grouper(context.Background(), func(ctx context.Context) (err error) { r, err = x.s.Droits(ctx, q); return err })
	if err != nil {
		x.b.Error(err)
	}
	return r
}

// tour asks questions by sixteen, and gives the time of one.
func (x *registreTenu) tour(n int) time.Duration {
	var rang atomic.Int64
	var tous sync.WaitGroup
	debut := time.Now()
	for range 16 {
		tous.Go(func() {
			for rang.Add(1) <= int64(n) {
				i := rand.IntN(len(x.questions))
				if r := x.repondre(x.questions[i]); r == nil || r.CodeRetour != x.attendus[i] {
					x.b.Errorf("%+v ; attendu %s", r, x.attendus[i])
					return
				}
			}
		})
	}
	tous.Wait()
	return time.Since(debut) / time.Duration(n)
}

// BenchmarkDroitsTailles compares, by turns, the answers of an insurer that knows a thousand
// persons and gave each an accreditation with those of one that knows a million: the rule and
// what it commits, without the network nor the seal, which would hide a difference. It prints
// the median of each, its spread, and the ratio. ECLUSE_BENEFICIAIRES changes the million.
func BenchmarkDroitsTailles(b *testing.B) {
	beaucoup := 1_000_000
	if s := os.Getenv("ECLUSE_BENEFICIAIRES"); s != "" {
		var err error
		if beaucoup, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		b.Run(string(m), func(b *testing.B) {
			registres := []*registreTenu{tenirRegistre(b, m, 1_000), tenirRegistre(b, m, beaucoup)}
			const tours, questions = 31, 2_000
			durees := make([][]float64, len(registres))
			for b.Loop() {
				for t := range tours + 2 {
					for i, x := range registres {
						if d := x.tour(questions); t >= 2 { // caches are warm
							durees[i] = append(durees[i], float64(d.Nanoseconds())/1000)
						}
					}
				}
			}
			for i, nom := range []string{"mille", "million"} {
				slices.Sort(durees[i])
				b.ReportMetric(durees[i][len(durees[i])/2], nom+"-µs")
				b.ReportMetric((durees[i][len(durees[i])*9/10]-durees[i][len(durees[i])/10])/durees[i][len(durees[i])/2]*100, nom+"-étendue-%")
			}
			b.ReportMetric(durees[1][len(durees[1])/2]/durees[0][len(durees[0])/2], "×mille")
			b.ReportMetric(durees[1][0]/durees[0][0], "×mille-meilleurs-tours")
			b.ReportMetric(0, "ns/op")
		})
	}
}
