//go:build linux

package epreuves

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/etablissement/front"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
)

// facturation is a laboratory whose hospital invoices its insurer.
type facturation struct {
	*labo
	t       *testing.T
	amc, es *partie
	g       *logiciel
	ctx     context.Context
	pannes  bool // the trial breaks things: a message may wait again, see jusqua
}

func facturer(t *testing.T, m bdd.Moteur) *facturation {
	t.Helper()
	return facturerSur(t, fonder(t, m))
}

func facturerSur(t *testing.T, l *labo) *facturation {
	t.Helper()
	l.lancer("igc", monde.CleAnnuaire, monde.CleMoulin, monde.CleHopital)
	f := &facturation{labo: l, t: t, amc: l.partie(monde.CleMoulin), es: l.partie(monde.CleHopital), ctx: context.Background()}
	f.g = f.es.logiciel()
	return f
}

// engagee opens a visit and obtains its guarantee.
func (f *facturation) engagee(n int) string {
	f.t.Helper()
	id, err := f.engager(n)
	if err != nil {
		f.t.Fatal(err)
	}
	return id
}

func (f *facturation) engager(n int) (id string, err error) {
	p := f.assures(monde.CleMoulin, "MB-TRANQUILLE")
	h, e := f.sejour(p[n%len(p)], monde.CleHopital, n)
	if id, err = f.g.ouvrir(f.ctx, h); err != nil {
		return id, err
	}
	if _, err = f.g.droits(f.ctx, id); err == nil {
		_, err = f.g.calculer(f.ctx, id, h, e)
	}
	return id, err
}

// facturerUne invoices a visit, whatever the deaths of its server meanwhile.
func (f *facturation) facturerUne(id, numero string) error {
	corps, err := json.Marshal(map[string]any{"rang": 1, "numeroFacture": numero})
	if err != nil {
		return err
	}
	for limite := time.Now().Add(3 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if _, err = f.g.venue(f.ctx, "POST", "/v1/venues/"+id+"/factures", corps); err == nil {
			return nil
		}
		if v, e := f.g.lire(f.ctx, id); e == nil && v.Couvertures[0].Etat != etablissement.Engagee {
			return nil // it had been done, and its answer was lost
		}
		if time.Now().After(limite) {
			return err
		}
	}
}

// tous runs f on eight threads for each of n, and gives the first error.
func tous(n int, f func(i int) error) error {
	var w sync.WaitGroup
	var prochain atomic.Int64
	erreurs := make(chan error, 8)
	for range cap(erreurs) {
		w.Go(func() {
			for i := int(prochain.Add(1)) - 1; i < n; i = int(prochain.Add(1)) - 1 {
				if err := f(i); err != nil {
					erreurs <- err
					return
				}
			}
		})
	}
	w.Wait()
	close(erreurs)
	return <-erreurs
}

func (f *facturation) demander(id, chemin, numero string) *front.VenueVue {
	f.t.Helper()
	dit := map[string]any{"rang": 1}
	if numero != "" {
		dit["numeroFacture"] = numero
	}
	corps, err := json.Marshal(dit)
	if err != nil {
		f.t.Fatal(err)
	}
	v, err := f.g.venue(f.ctx, "POST", "/v1/venues/"+id+chemin, corps)
	if err != nil {
		f.t.Fatal(err)
	}
	return v
}

// attendre waits for the coverage of a visit to come to a state.
func (f *facturation) attendre(id string, e etablissement.Etat, notifiee roc.EtatFacture) *etablissement.SuiviFacture {
	f.t.Helper()
	var v *front.VenueVue
	if !f.jusqua(2*time.Minute, func() bool {
		lue, err := f.g.lire(f.ctx, id)
		if err != nil {
			return false
		}
		v = lue
		c := v.Couvertures[0]
		return c.Etat == e && c.Facture != nil && (notifiee == "" || c.Facture.Notifiee == notifiee)
	}) {
		if v == nil {
			f.t.Fatalf("%s n'a jamais répondu\n%s", id, f.files())
		}
		c := v.Couvertures[0]
		f.t.Fatalf("%s %s %+v, attendu %s %s\n%s", c.Etat, c.Code, c.Facture, e, notifiee, f.files())
	}
	return v.Couvertures[0].Facture
}

// factures runs a command on the insurer's book, beside its server.
func (f *facturation) factures(args ...string) {
	f.t.Helper()
	f.ecluse(append(append([]string{"factures"}, args...), "--config", filepath.Join(f.amc.dir, "ecluse.toml"),
		"--amc", f.monde.Assureur(monde.CleMoulin).Numero.String(), "--finess", f.g.lieu.Finess.String())...)
}

// TestFacturation goes from the guarantee to the money, through real servers: one
// stay is paid, one rejected, corrected and paid, one paid in two parts, one taken
// back.
func TestFacturation(t *testing.T) {
	moteurs(t, func(t *testing.T, m bdd.Moteur) {
		f := facturer(t, m)
		var ids []string
		for i := range 4 {
			id := f.engagee(9000 + i)
			f.demander(id, "/factures", fmt.Sprintf("FA-%d", i))
			ids = append(ids, id)
		}
		for _, id := range ids {
			f.attendre(id, etablissement.Accusee, roc.FactureLiquidee)
		}
		f.factures("payer", "--reference", "VIR-1", "--numero", "FA-0")
		if s := f.attendre(ids[0], etablissement.Payee, roc.FacturePayee); s.Paye != s.Demande || s.Virement != "VIR-1" {
			t.Errorf("FA-0 : %+v", s)
		}
		f.factures("rejeter", "--numero", "FA-1", "--motif", "F605", "--precision", "bulletin de situation attendu")
		f.attendre(ids[1], etablissement.Rejetee, roc.FactureRejetee)
		f.demander(ids[1], "/factures/corrections", "")
		f.demander(ids[1], "/factures", "FA-1-BIS")
		f.attendre(ids[1], etablissement.Accusee, roc.FactureLiquidee)
		f.factures("payer", "--reference", "VIR-2", "--numero", "FA-2", "--montant", "10.00")
		f.attendre(ids[2], etablissement.PayeePartiellement, "")
		f.demander(ids[3], "/factures/annulations", "FA-3-A")
		f.attendre(ids[3], etablissement.FactureAnnulee, "")
		tenant := tenantMoulin
		if !f.jusqua(time.Minute, func() bool {
			return f.amc.compter(`SELECT COUNT(*) FROM liq_facture WHERE tenant = $1 AND etat = 'ANNULEE'`, tenant) == 2
		}) {
			t.Error("l'annulation n'est pas au livre de l'AMC")
		}
		f.factures("payer", "--reference", "VIR-3")
		for _, i := range []int{1, 2} {
			if s := f.attendre(ids[i], etablissement.Payee, roc.FacturePayee); s.Paye != s.Demande {
				t.Errorf("FA-%d : %+v", i, s)
			}
		}
		f.equilibrer(tenant)
	})
}

// TestLettreMorte sends invoices to an insurer that refuses the hospital: nothing is
// lost, a person sees them, sends one again and gives the other up.
func TestLettreMorte(t *testing.T) {
	f := facturer(t, bdd.SQLite)
	partenaire := func(geste string) {
		f.ecluse("partenaire", geste, "--config", filepath.Join(f.amc.dir, "ecluse.toml"), "--structure", f.g.lieu.IDNat,
			"--role", "ETABLISSEMENT", "--identifiant", f.g.lieu.Finess.String())
		time.Sleep(2500 * time.Millisecond) // the server reads its circle again each second
	}
	envois := func(args ...string) string {
		return f.ecluse(append(append([]string{"envois"}, args...), "--config", filepath.Join(f.es.dir, "ecluse.toml"))...)
	}
	un, deux := f.engagee(9200), f.engagee(9201)
	morte := func(id, numero string) (cle string) {
		f.demander(id, "/factures", numero)
		if !f.jusqua(time.Minute, func() bool {
			for _, l := range strings.Split(envois("lister"), "\n") {
				if c := strings.Fields(l); len(c) > 4 && c[4] == "S505" {
					cle = c[1]
				}
			}
			return cle != ""
		}) {
			t.Fatalf("aucune lettre morte :\n%s", envois("lister"))
		}
		return cle
	}
	partenaire("suspendre")
	cle := morte(un, "FL-1")
	if vu := envois("regarder", "--cle", cle); !strings.Contains(vu, "lettre morte") || strings.Contains(vu, "FL-1") {
		t.Errorf("regarder : %s", vu)
	}
	partenaire("reprendre")
	envois("relancer", "--cle", cle, "--motif", "l'AMC nous admet de nouveau")
	f.attendre(un, etablissement.Accusee, roc.FactureLiquidee)

	partenaire("suspendre")
	envois("abandonner", "--cle", morte(deux, "FL-2"), "--motif", "autre numéro de facture")
	perdue := int64(f.attendre(deux, etablissement.Rejetee, roc.FactureRejetee).Demande)
	partenaire("reprendre")
	f.demander(deux, "/factures/corrections", "")
	f.demander(deux, "/factures", "FL-2-BIS")
	f.attendre(deux, etablissement.Accusee, roc.FactureLiquidee)
	if b := f.es.balance(); b.Reduit != perdue || b.Emis != b.Reste+perdue {
		t.Errorf("un lot abandonné : balance %+v", b)
	}
}

// equilibrer checks that both books say the same of each invoice.
func (f *facturation) equilibrer(tenant string) {
	f.t.Helper()
	n := f.amc.compter(`SELECT COUNT(*) FROM liq_facture WHERE tenant = $1`, tenant)
	if e := f.es.compter(`SELECT COUNT(*) FROM etab_facture WHERE tenant = $1`, "es-"+f.g.lieu.Finess.String()); e != n {
		f.t.Errorf("%d factures chez l'établissement, %d chez l'AMC", e, n)
	}
	if r := f.amc.compter(`SELECT COUNT(*) FROM liq_facture WHERE tenant = $1 AND etat NOT IN ('PAYE', 'REJETE', 'ANNULEE')`, tenant); r != 0 {
		f.t.Errorf("%d factures sans fin chez l'AMC", r)
	}
	if r := f.amc.compter(`SELECT COUNT(*) FROM liq_facture WHERE tenant = $1 AND etat = 'PAYE' AND paye <> demande`, tenant); r != 0 {
		f.t.Errorf("%d factures payées d'un autre montant", r)
	}
	if !f.jusqua(time.Minute, func() bool {
		return f.amc.compter(`SELECT COUNT(*) FROM liq_retour WHERE tenant = $1 AND acquitte = 0`, tenant) == 0
	}) {
		f.t.Error("des retours ne sont pas acquittés")
	}
	f.equilibrerComptable(tenant)
	for _, p := range []*partie{f.amc, f.es} {
		if r := p.compter(`SELECT COUNT(*) FROM ach_envoi WHERE etat = 'MORT' AND tenant <> $1`, ""); r != 0 {
			f.t.Errorf("%s : %d messages morts", p.nom, r)
		}
	}
	// The hospital's accounts are those of its coverages, and say what the insurer's
	// book says that it paid.
	f.ecluse("cloture", "controler", "--config", filepath.Join(f.es.dir, "ecluse.toml"))
	paye := f.amc.compter(`SELECT CAST(COALESCE(SUM(paye), 0) AS BIGINT) FROM liq_facture WHERE tenant = $1`, tenant)
	if e := f.es.compter(`SELECT CAST(COALESCE(SUM(montant), 0) AS BIGINT) FROM etab_ecriture WHERE tenant = $1 AND poste = 'PAYE'`, "es-"+f.g.lieu.Finess.String()); e != paye || paye == 0 {
		f.t.Errorf("%d centimes payés dans les comptes de l'établissement, %d au livre de l'AMC", e, paye)
	}
}

// TestFacturationMortsSubites kills either side while invoices travel: each is
// paid once, or rejected, corrected and paid, and both books agree.
func TestFacturationMortsSubites(t *testing.T) {
	moteurs(t, func(t *testing.T, m bdd.Moteur) {
		h := hasard(t)
		l := fonder(t, m)
		if endurance() { // thousands of questions in minutes are no attack here
			l.partie(monde.CleMoulin).config("vigie", "par-minute", "1000000")
		}
		f := facturerSur(t, l)
		f.pannes = true
		ids := make([]string, selon(12, 20_000))
		if err := tous(len(ids), func(i int) (err error) { ids[i], err = f.engager(9100 + i); return err }); err != nil {
			t.Fatal(err)
		}
		facturees := make(chan error, 1)
		go func() {
			facturees <- tous(len(ids), func(i int) error { return f.facturerUne(ids[i], fmt.Sprintf("FM-%d", i)) })
		}()
		for range selon(3, 20) {
			f.frapper(h)
		}
		if err := <-facturees; err != nil {
			t.Fatal(err)
		}
		f.attendreToutes("LIQUIDE", len(ids))
		for i := 0; i < len(ids); i += max(4, len(ids)/20) {
			f.factures("rejeter", "--numero", fmt.Sprintf("FM-%d", i), "--motif", "F605", "--precision", "bulletin de situation attendu")
			f.attendre(ids[i], etablissement.Rejetee, roc.FactureRejetee)
			f.demander(ids[i], "/factures/corrections", "")
			f.demander(ids[i], "/factures", fmt.Sprintf("FM-%d-BIS", i))
			f.attendre(ids[i], etablissement.Accusee, roc.FactureLiquidee)
		}
		f.factures("payer", "--reference", "VIR-P", "--numero", "FM-1", "--montant", "10.00")
		f.factures("payer", "--reference", "VIR-M")
		for range selon(2, 10) {
			f.frapper(h)
		}
		for _, id := range ids {
			if s := f.attendre(id, etablissement.Payee, roc.FacturePayee); s.Paye != s.Demande {
				t.Errorf("%+v", s)
			}
		}
		f.equilibrer(tenantMoulin)
		f.comparerEchanges()
	})
}

// attendreToutes waits until as many invoices stand in a state at the insurer's.
func (f *facturation) attendreToutes(etat string, n int) {
	f.t.Helper()
	if !f.jusqua(2*time.Minute+time.Duration(n)*50*time.Millisecond, func() bool { return f.compter(etat) == n }) {
		f.t.Fatalf("%d factures %s sur %d\n%s", f.compter(etat), etat, n, f.files())
	}
}

// jusqua waits for a state of things. A try that was under way when the network or a
// server broke may fail after the trial last moved the clock: where there are faults,
// the clock goes on past the last wait of both queues, each ten seconds.
func (f *facturation) jusqua(d time.Duration, fini func() bool) bool {
	f.t.Helper()
	vu := time.Now()
	return jusqua(f.ctx, d, func() bool {
		if fini() {
			return true
		}
		if f.pannes && time.Since(vu) > 10*time.Second {
			if attente := f.derniereEcheance().Sub(f.maintenant()); attente > 0 {
				f.regler(f.avance + attente + time.Second)
			}
			vu = time.Now()
		}
		return false
	})
}

// livrer waits until nothing is left in either queue.
func (f *facturation) livrer() {
	f.t.Helper()
	if !f.jusqua(2*time.Minute, func() bool {
		for _, p := range []*partie{f.es, f.amc} {
			if p.compter(`SELECT COUNT(*) FROM ach_envoi WHERE fini = $1`, 0) != 0 {
				return false
			}
		}
		return true
	}) {
		f.t.Fatalf("des messages attendent encore\n%s", f.files())
	}
}

// derniereEcheance is the latest instant that a message of either queue waits for.
func (f *facturation) derniereEcheance() time.Time {
	f.t.Helper()
	n := 0
	for _, p := range []*partie{f.es, f.amc} {
		n = max(n, p.compter(`SELECT COALESCE(MAX(echeance), 0) FROM ach_envoi WHERE fini = $1`, 0))
	}
	return time.UnixMilli(int64(n))
}

// compter is how many invoices stand in a state at the insurer's.
func (f *facturation) compter(etat string) int {
	f.t.Helper()
	return f.amc.compter(`SELECT COUNT(*) FROM liq_facture WHERE tenant = $1 AND etat = $2`, tenantMoulin, etat)
}

// files shows what waits in the queues of both parties.
func (f *facturation) files() string {
	var s strings.Builder
	for _, p := range []*partie{f.es, f.amc} {
		db := p.ouvrirBase()
		rows, err := db.Query(`SELECT cle, etat, code, essais, echeance, fini FROM ach_envoi WHERE fini = 0`)
		if err != nil {
			return err.Error()
		}
		for rows.Next() {
			var cle, etat, code string
			var essais, echeance, fini int64
			if err := rows.Scan(&cle, &etat, &code, &essais, &echeance, &fini); err != nil {
				return err.Error()
			}
			fmt.Fprintf(&s, "%s : %s %s %s, %d essais, dû dans %s\n", p.nom, cle, etat, code, essais, time.UnixMilli(echeance).Sub(f.maintenant()).Round(time.Second))
		}
		rows.Close()
		db.Close()
	}
	return s.String()
}

// comparerEchanges holds both journals against each other.
func (f *facturation) comparerEchanges() {
	f.t.Helper()
	es, amc := f.es.journal("es-"+f.g.lieu.Finess.String()), f.amc.journal(tenantMoulin)
	if n := comparerJournaux(f.t, roc.DRE, es, amc); n == 0 {
		f.t.Error("aucun lot dans les deux journaux")
	}
	if n := comparerJournaux(f.t, roc.RET, amc, es); n == 0 {
		f.t.Error("aucun retour dans les deux journaux")
	}
}

// frapper kills one side, or both, and lets the waits of the queue pass.
func (f *facturation) frapper(h *rand.Rand) {
	time.Sleep(time.Duration(h.IntN(1500)) * time.Millisecond)
	victimes := [][]*partie{{f.amc}, {f.es}, {f.amc, f.es}}[h.IntN(3)]
	for _, p := range victimes {
		p.tuer()
	}
	time.Sleep(time.Duration(h.IntN(300)) * time.Millisecond)
	for _, p := range victimes {
		p.lancer()
	}
	f.regler(f.avance + 3*time.Minute)
}
