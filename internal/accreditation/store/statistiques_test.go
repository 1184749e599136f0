package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// bancCompteurs is an insurer, and who sends it counters.
type bancCompteurs struct {
	*banc
	id   *sceautest.Identite // seals as any professional: the gate is what checks as whom
	base *bdd.Base
	d    string // where what is not sealed comes from
}

func monterCompteurs(t *testing.T, base *bdd.Base, changer func(*accreditation.Reglages)) *bancCompteurs {
	b := &bancCompteurs{banc: monter(t, base, changer), base: base, d: "@192.0.2.1"}
	b.id = sceautest.New(t, "1990000127", b.instant)
	b.s.Demandeur = func(context.Context) string { return b.d }
	return b
}

// journee are counters of a day: so many questions answered, and so many not.
func (b *bancCompteurs) journee(jour sante.Jour, ps string, servies, muettes int) *visiodroits.Statistiques {
	l := visiodroits.LigneStatistique{NumeroAMC: lu(b.t, sante.ParseNumeroAMC, "99000001")}
	for range servies {
		l.NoterDemande(visiodroits.CodeVu(visiodroits.Fournis), 400*time.Millisecond)
	}
	for range muettes {
		l.NoterDemande(visiodroits.CodeVu(visiodroits.ServiceIndisponible), 3*time.Second)
	}
	return &visiodroits.Statistiques{Jour: jour, NumeroFacturation: lu(b.t, sante.ParseNumeroFacturation, ps), Lignes: []visiodroits.LigneStatistique{l}}
}

// envoyer plays counters as the gate gives them to the rule, in its transaction.
func (b *bancCompteurs) envoyer(s *visiodroits.Statistiques, scelle bool) error {
	m := &roc.Message[visiodroits.Statistiques]{Corps: s, Enveloppe: roc.Enveloppe{NormeVersion: droits.Norme.Profil, Service: roc.STA, Sens: roc.Question,
		IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(), IDDossierES: "1", Horodatage: b.instant, Environnement: roc.Test,
		Emetteur: roc.Partie{Type: roc.PS, ID: s.NumeroFacturation.String()}, Destinataire: roc.Partie{Type: roc.AMC, ID: "99000001"}}}
	json := droits.EchangeStatistiques.Demande.AppendJSON(nil, m)
	x := sceau.Envelopper(sceau.REST, json, nil)
	if scelle {
		var err error
		if x, err = b.id.Cachet.REST(json, nil, b.instant); err != nil {
			return err
		}
	}
	p, err := (&sceau.Ouvreur{Juge: b.id.Juge}).Lire(sceau.REST, x.Octets, b.instant)
	if err != nil {
		return err
	}
	q, err := sceau.Lu(p, func(p *sceau.Piece, m *roc.Message[visiodroits.Statistiques]) error {
		return droits.EchangeStatistiques.Demande.DecodeJSON(p.Contenu(), m)
	})
	if err != nil {
		return err
	}
	return b.base.Grouper(context.Background(), func(ctx context.Context) error {
		_, err := b.s.Statistiques(ctx, q)
		return err
	})
}

func (b *bancCompteurs) passer(s *visiodroits.Statistiques, scelle bool) {
	b.t.Helper()
	if err := b.envoyer(s, scelle); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bancCompteurs) refuse(s *visiodroits.Statistiques, scelle bool, code roc.Code) {
	b.t.Helper()
	var r *roc.Refus
	if err := b.envoyer(s, scelle); !errors.As(err, &r) || r.Code != code {
		b.t.Errorf("%v, attendu %s", err, code)
	}
}

// sommes checks how many days and questions there are, sealed, then without a seal.
func (b *bancCompteurs) sommes(journees, demandes, journeesSans, demandesSans int) {
	b.t.Helper()
	s, err := b.r.Sommer(context.Background(), b.jour()-400, b.jour())
	if err != nil {
		b.t.Fatal(err)
	}
	n := func(s *visiodroits.Somme) (n int) {
		for _, c := range s.Codes {
			n += int(c.Nombre)
		}
		return n
	}
	got := [4]int{s.JourneesScellees, n(&s.Scellees), s.JourneesSans, n(&s.Sans)}
	if got != [4]int{journees, demandes, journeesSans, demandesSans} {
		b.t.Errorf("journées et demandes scellées, puis sans sceau : %v, attendu %d %d, %d %d", got, journees, demandes, journeesSans, demandesSans)
	}
}

// Somebody without a seal says what he wants in the name of anybody: the indicators of
// what was sealed do not move by one, nor does what another said.
func TestCompteursSansSceau(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monterCompteurs(t, base, nil)
		hier := b.jour() - 1
		b.passer(b.journee(hier, "752000012", 90, 10), true)
		b.passer(b.journee(hier, "752000020", 5, 0), false) // an honest pharmacy without certificate
		b.sommes(1, 100, 1, 5)
		avant, err := b.r.Sommer(context.Background(), hier, hier)
		if err != nil {
			t.Fatal(err)
		}

		b.d = "@203.0.113.9"
		b.passer(b.journee(hier, "752000012", 0, 500), false) // in the name of who seals: left out
		b.passer(b.journee(hier, "752000020", 0, 500), false) // of who does not: beside, not over
		b.passer(b.journee(hier, "752000038", 0, 500), false) // of who says nothing
		b.passer(b.journee(hier-1, "752000012", 0, 7), false) // of a day that he has not sealed yet
		b.sommes(1, 100, 4, 1012)
		b.passer(b.journee(hier-1, "752000012", 3, 0), true)
		b.sommes(2, 103, 3, 1005)
		apres, err := b.r.Sommer(context.Background(), hier, hier)
		if err != nil {
			t.Fatal(err)
		}
		cibles, err := visiodroits.CiblesPubliees()
		if err != nil {
			t.Fatal(err)
		}
		if x, y := visiodroits.Calculer(&avant.Scellees, cibles), visiodroits.Calculer(&apres.Scellees, cibles); fmt.Sprint(x) != fmt.Sprint(y) || x[0].Valeur != 9000 || apres.Scellees.Debut != hier || apres.Scellees.Fin != hier {
			t.Errorf("indicateurs changés sans sceau :\n%v\n%v", x, y)
		}

		// The same again, whatever carries it, is kept once; a day corrected by who sealed it
		// takes the place of the former, and of nobody else's.
		b.d = "@192.0.2.1"
		b.passer(b.journee(hier, "752000020", 5, 0), false)
		b.passer(b.journee(hier, "752000012", 91, 10), true)
		b.sommes(2, 104, 3, 1005)
	})
}

// Workstations of one pharmacy count each for itself: their sum is what the pharmacy did, one
// that corrects its day takes nothing from another, and they are bounded.
func TestCompteursDePlusieursPostes(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monterCompteurs(t, base, func(r *accreditation.Reglages) { r.Envois = 1000 })
		hier := b.jour() - 1
		de := func(poste, servies int) *visiodroits.Statistiques {
			s := b.journee(hier, "752000012", servies, 0)
			if poste > 0 {
				s.Poste = visiodroits.IDPoste(fmt.Sprintf("%032x", poste))
			}
			return s
		}
		b.passer(de(1, 10), true)
		b.passer(de(2, 5), true)
		b.passer(de(0, 3), true) // of an earlier version
		b.sommes(3, 18, 0, 0)
		b.passer(de(2, 6), true) // a day that moved
		b.passer(de(0, 3), true)
		b.sommes(3, 19, 0, 0)
		b.passer(de(1, 500), false) // in the name of a workstation, without a seal
		b.passer(b.journee(hier, "752000020", 4, 0), false)
		b.sommes(3, 19, 1, 4)
		for n := 3; n < 100; n++ {
			b.passer(de(n, 1), true)
		}
		b.sommes(100, 19+97, 1, 4)
		b.refuse(de(100, 1), true, roc.Quota)
		b.passer(de(99, 2), true) // one that counted already
		autre := de(100, 1)
		autre.Jour--
		b.passer(autre, true)
		b.sommes(101, 19+99, 1, 4)
	})
}

// A sender has so many days of counters a day, whoever he says he is; all those without a
// seal together too, which takes nothing from those who seal.
func TestCompteursPlafonds(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monterCompteurs(t, base, func(r *accreditation.Reglages) { r.Envois, r.EnvoisSansSceau = 3, 5 })
		ps := func(n int) string { return fmt.Sprintf("75200%04d", n) }
		for n := range 3 {
			b.passer(b.journee(b.jour()-1, ps(n), 1, 0), false)
		}
		b.refuse(b.journee(b.jour()-1, ps(3), 1, 0), false, roc.Quota)
		b.refuse(b.journee(b.jour()-2, ps(0), 1, 0), false, roc.Quota)
		b.d = "@203.0.113.9"
		for n := range 2 {
			b.passer(b.journee(b.jour()-1, ps(10+n), 1, 0), false)
		}
		b.refuse(b.journee(b.jour()-1, ps(12), 1, 0), false, roc.Quota)
		b.d = "1990000127"
		for n := range 3 {
			b.passer(b.journee(b.jour()-sante.Jour(n), "752000012", 1, 0), true)
		}
		b.refuse(b.journee(b.jour()-9, "752000012", 1, 0), true, roc.Quota)
		b.sommes(3, 3, 5, 5)
		b.instant = b.instant.AddDate(0, 0, 1)
		b.id = sceautest.New(t, "1990000127", b.instant)
		b.passer(b.journee(b.jour()-9, "752000012", 1, 0), true) // tomorrow is another day
		b.refuse(b.journee(b.jour()-400, "752000012", 1, 0), true, roc.Illisible)
		b.refuse(b.journee(b.jour()+1, "752000012", 1, 0), true, roc.Illisible)
	})
}

// Many at once: no more pass than the bound lets.
func TestCompteursPlafondConcurrent(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monterCompteurs(t, base, func(r *accreditation.Reglages) { r.Envois = 10 })
		var tous sync.WaitGroup
		erreurs := make([]error, 30)
		for i := range erreurs {
			s := b.journee(b.jour()-1, fmt.Sprintf("75200%04d", i), 1, 0)
			tous.Go(func() { erreurs[i] = b.envoyer(s, false) })
		}
		tous.Wait()
		for _, err := range erreurs {
			var r *roc.Refus
			if err != nil && (!errors.As(err, &r) || r.Code != roc.Quota) {
				t.Error(err)
			}
		}
		b.sommes(0, 0, 10, 10)
	})
}

// At their term counters go, lot by lot, and those of another issuer stay.
func TestPurgerCompteurs(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monterCompteurs(t, base, nil)
		ctx := context.Background()
		for n := range 6 {
			b.passer(b.journee(b.jour()-sante.Jour(n*10), "752000012", 1, 0), true)
			b.passer(b.journee(b.jour()-sante.Jour(n*10), "752000020", 0, 1), false)
		}
		b.sommes(6, 6, 6, 6)
		var total int64
		for {
			n, err := b.r.PurgerCompteurs(ctx, b.jour()-30, b.jour()+1, 2)
			if err != nil || n > 4 {
				t.Fatal(n, err)
			}
			if total += n; n == 0 {
				break
			}
		}
		if total != 4+2 { // two days of each, what the sender sent, and what all did without a seal
			t.Errorf("%d lignes purgées", total)
		}
		b.sommes(4, 4, 4, 4)
		if n, err := New(base, "autre").PurgerCompteurs(ctx, b.jour()+1, b.jour()+1, 100); err != nil || n != 0 {
			t.Errorf("purge d'un autre émetteur : %d, %v", n, err)
		}
		b.sommes(4, 4, 4, 4)
	})
}

// What an earlier version kept is told as it was: sealed, or not.
func TestCompteursMigres(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monterCompteurs(t, base, nil)
		ctx := context.Background()
		faire := func(q string, a ...any) {
			t.Helper()
			if _, err := base.Ecrivain(ctx).ExecContext(ctx, q, a...); err != nil {
				t.Fatal(err)
			}
		}
		faire(`CREATE TABLE accreditation_compteurs (tenant TEXT NOT NULL, jour TEXT NOT NULL, ps TEXT NOT NULL, scelle BIGINT NOT NULL, corps BYTEA NOT NULL)`)
		for i, s := range []*visiodroits.Statistiques{b.journee(b.jour()-1, "752000012", 2, 0), b.journee(b.jour()-1, "752000020", 3, 0)} {
			faire("INSERT INTO accreditation_compteurs VALUES ($1, $2, $3, $4, $5)", t.Name(), s.Jour.String(), s.NumeroFacturation.String(), 1-i,
				droits.EchangeStatistiques.CorpsDemande.AppendJSON(nil, s))
		}
		faire("DROP TABLE accreditation_journee")
		faire("DROP TABLE accreditation_envoi")
		for _, nom := range []string{"1510_compteurs.sql", "1550_postes.sql"} {
			texte, err := fichiers.ReadFile("migrations/" + nom)
			if err != nil {
				t.Fatal(err)
			}
			faire(string(texte))
		}
		b.sommes(1, 2, 1, 3)
	})
}
