//go:build linux

package epreuves

import (
	"context"
	"fmt"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// TestLocatairesSepares puts two insurers and two hospitals in one process: what
// one insurer said is unknown of the other, what one hospital holds is unknown to
// the other, and journals, memories, counters and quotas are apart. ref: DEC 2
func TestLocatairesSepares(t *testing.T) {
	l, tout := fonderEnUn(t)
	tout.lancer()
	ctx := context.Background()
	moulin, phare := l.monde.Assureur(monde.CleMoulin), l.monde.Assureur(monde.ClePhare)
	a, b := l.demandeur(monde.CleHopital, tout, moulin), l.demandeur(monde.CleNonLucratif, tout, moulin)
	aPhare := l.demandeur(monde.CleHopital, tout, phare)
	p := l.assures(monde.CleMoulin, "MB-TRANQUILLE")[0]
	dossier, q := l.idb(p, monde.CleHopital, 1)
	droits, err := a.IDB(ctx, dossier, q)
	if err != nil || droits.Corps.CodeRetour != roc.Accepte {
		t.Fatal(err, droits)
	}
	_, c := l.clc(t, p, monde.CleHopital, 1, droits.Corps)
	k, err := a.CLC(ctx, dossier, c)
	if err != nil || k.Corps.NumeroEngagement.IsZero() {
		t.Fatal(err, k)
	}
	numero := k.Corps.NumeroEngagement

	consulter := func(d *demandeur) roc.Code {
		t.Helper()
		r, err := d.Engagement(ctx, dossier, d.routage(), &roc.DemandeEngagement{NumeroEngagement: numero})
		if err != nil {
			t.Fatal(err)
		}
		return r.Corps.CodeRetour
	}
	annuler := func(d *demandeur) roc.Code {
		t.Helper()
		r, err := d.DEL(ctx, dossier, d.routage(), &roc.DemandeDEL{NumeroEngagement: numero, Motif: roc.Doublon})
		if err != nil {
			t.Fatal(err)
		}
		return r.Corps.CodeRetour
	}
	// The card of a patient of the other insurer, with a reference of this one.
	calculer := func(d *demandeur, h string, x *monde.Patient) roc.Code {
		t.Helper()
		_, c := l.clc(t, x, h, 1, droits.Corps)
		r, err := d.CLC(ctx, dossier, c)
		if err != nil {
			t.Fatal(err)
		}
		return r.Corps.CodeRetour
	}
	dePhare := l.assures(monde.ClePhare, "PE-PREMIER-PRIX")[0]
	for _, cas := range []struct {
		nom       string
		got, want roc.Code
	}{
		{"l'autre AMC consulte l'engagement", consulter(aPhare), roc.EngagementInconnu},
		{"l'autre AMC annule l'engagement", annuler(aPhare), roc.EngagementInconnu},
		{"l'autre établissement consulte l'engagement", consulter(b), roc.EngagementInconnu},
		{"l'autre établissement annule l'engagement", annuler(b), roc.EngagementInconnu},
		{"la référence d'IDB chez l'autre AMC", calculer(aPhare, monde.CleHopital, dePhare), roc.IDBInconnue},
		{"la référence d'IDB par l'autre établissement", calculer(b, monde.CleNonLucratif, p), roc.IDBInconnue},
		{"son titulaire le consulte", consulter(a), roc.Accepte},
	} {
		if cas.got != cas.want {
			t.Errorf("%s : %s, %s attendu", cas.nom, cas.got, cas.want)
		}
	}

	memeMessage(t, l, a, aPhare)
	quotasSepares(t, l, a, aPhare, p)
	if n := tout.compter(`SELECT COUNT(*) FROM amc_compteur WHERE tenant <> $1`, tenantMoulin); n != 0 {
		// Phare and Marées have consumptions of the world: none may be of this person.
		n = tout.compter(`SELECT COUNT(*) FROM amc_compteur WHERE tenant <> $1 AND beneficiaire = $2`, tenantMoulin, p.Couvertures[0].Reference)
		if n != 0 {
			t.Errorf("%d compteurs de la personne chez d'autres AMC", n)
		}
	}
	tout.attendreJournal()
	for tenant, partie := range map[string]string{tenantMoulin: "AMC:99000101", "amc-99000303": "AMC:99000303"} {
		traces := tout.journal(tenant)
		if len(traces) == 0 {
			t.Errorf("%s : journal vide", tenant)
		}
		for _, x := range traces {
			if x.Destinataire != partie {
				t.Errorf("%s : feuille d'un échange pour %s", tenant, x.Destinataire)
			}
		}
	}
}

// memeMessage sends one idMessage to both insurers: each has its own memory.
func memeMessage(t *testing.T, l *labo, a, b *demandeur) {
	t.Helper()
	ctx := context.Background()
	id := roc.Suivi{IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID()}
	for _, d := range []*demandeur{a, b} {
		r, err := roc.Reprendre[roc.DemandeEtat, roc.ReponseEtat](ctx, d.Client, roc.EchangeEtat, d.routage(), "-", &roc.DemandeEtat{}, id)
		if err != nil {
			t.Errorf("même idMessage chez deux AMC : %v", err)
		} else if r.Message.Enveloppe.Emetteur.ID != d.amc.String() {
			t.Errorf("%s répond pour %s", r.Message.Enveloppe.Emetteur.ID, d.amc)
		}
	}
	if n := l.parties[enUn].compter(`SELECT COUNT(*) FROM message_traite WHERE id_message = $1`, id.IDMessage[:]); n != 2 {
		t.Errorf("%d messages en mémoire, 2 attendus", n)
	}
}

// quotasSepares guesses at one insurer until it stops the sealer: the other
// insurer still serves him.
func quotasSepares(t *testing.T, l *labo, a, autre *demandeur, p *monde.Patient) {
	t.Helper()
	ctx := context.Background()
	for i := range 55 {
		dossier, q := l.idb(p, monde.CleHopital, 100+i)
		n, err := sante.ParseNumeroAdherent(fmt.Sprintf("MB%07d", 9_000_000+i))
		if err != nil {
			t.Fatal(err)
		}
		q.Beneficiaire.NumeroAdherent, q.Beneficiaire.NIRBeneficiaire, q.Beneficiaire.NIRAssure = n, sante.NIR{}, sante.NIR{}
		if _, err := a.IDB(ctx, dossier, q); err != nil && codeDe(err) != roc.Quota {
			t.Fatal(err)
		}
	}
	if err := a.etat(ctx); codeDe(err) != roc.Quota {
		t.Errorf("celui qui devine : %v", err)
	}
	if err := autre.etat(ctx); err != nil {
		t.Errorf("chez l'autre AMC : %v", err)
	}
}
