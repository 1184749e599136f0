package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/internal/amc"
	amcstore "github.com/ecluse-sante/ecluse/internal/amc/store"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
)

// factureParLot is how many invoices a batch carries in the measure.
const factureParLot = 500

// lots are sealed batches, ready to be opened as the gate opens them.
type lots struct {
	id     *sceautest.Identite
	octets [][]byte
	n      int
}

// BenchmarkLots takes sealed batches of invoices of four lines through the
// insurer's book, and compares each stage with the bare inserts of the same rows,
// in transactions of the same size, in the same database. ECLUSE_FACTURES is how
// many. ref: DEC 38
func BenchmarkLots(b *testing.B) {
	n := 10_000
	if s := os.Getenv("ECLUSE_FACTURES"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		b.Run(string(m), func(b *testing.B) {
			for b.Loop() {
				mesurerLots(b, m, n)
			}
		})
	}
}

func mesurerLots(b *testing.B, m bdd.Moteur, n int) {
	ctx := context.Background()
	l, err := migrations()
	if err != nil {
		b.Fatal(err)
	}
	base := bddtest.OuvrirAdresse(b, bddtest.Adresse(b, m), bdd.Options{})
	if err := base.Migrer(ctx, l); err != nil {
		b.Fatal(err)
	}
	moteur, err := calcul.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	c := &config.AMC{Numero: "775671993", DelaiPaye: 12}
	p := &processus{base: base, horloge: time.Now}
	st := amcstore.New(base, tenantAMC(c.Numero))
	s, err := p.livre(c, st, moteur, achstore.New(base, tenantAMC(c.Numero)))
	if err != nil {
		b.Fatal(err)
	}
	prets := preparerLots(b, base, st, moteur, n)
	etape := func(nom string, f func() error) float64 {
		runtime.GC()
		debut := time.Now()
		if err := f(); err != nil {
			b.Fatal(err)
		}
		v := float64(n) / time.Since(debut).Seconds()
		b.ReportMetric(v, nom+"/s")
		return v
	}
	ouverts := make([]sceau.Opened[roc.Message[roc.DemandeDRE]], len(prets.octets))
	etape("sceau", func() error {
		for i, o := range prets.octets {
			ouverts[i] = sceautest.OuvrirDe(b, prets.id, time.Now(), o, roc.EchangeDRE.Demande.DecodeJSON)
		}
		return nil
	})
	debut := time.Now()
	etape("reception-controle-liquidation", func() error {
		for _, o := range ouverts {
			err := base.EnTransaction(ctx, func(ctx context.Context) error {
				r, err := s.Recevoir(ctx, o)
				if err == nil && r.CodeRetour != roc.Accepte {
					err = fmt.Errorf("accusé %s %s", r.CodeRetour, r.Precision)
				}
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	trois := float64(n) / time.Since(debut).Seconds()
	finess, jour := esDesLots(b), sante.JourA(time.Now(), sante.Paris())
	etape("paiement", func() error {
		o := liquidation.Ordre{Comptable: jour, Mandatement: jour, Payeur: s.Parametres.Debitrices[0], Reference: "VIR-1"}
		return epuiser(ctx, func(ctx context.Context, max int) (int, error) { return s.Payer(ctx, o, finess, max) })
	})
	var payees int
	if err := base.Lecteur(ctx).QueryRowContext(ctx, `SELECT COUNT(*) FROM liq_facture WHERE etat = 'PAYE'`).Scan(&payees); err != nil || payees != n {
		b.Fatalf("%d factures payées sur %d, %v", payees, n, err)
	}
	plancher := plancherLots(b, m, n)
	b.ReportMetric(plancher, "plancher/s")
	b.ReportMetric(trois/plancher, "×plancher")
	b.ReportMetric(0, "ns/op")
}

func esDesLots(b *testing.B) sante.FINESS {
	f, err := sante.ParseFINESS("750712184")
	if err != nil {
		b.Fatal(err)
	}
	return f
}

// preparerLots opens the engagements and seals the batches that invoice them.
func preparerLots(b *testing.B, base *bdd.Base, st *amcstore.Store, moteur calcul.Moteur, n int) *lots {
	ctx, es := context.Background(), esDesLots(b)
	numero, err := sante.ParseNumeroAMC("775671993")
	if err != nil {
		b.Fatal(err)
	}
	adherent, err := sante.ParseNumeroAdherent("ADH-00001")
	if err != nil {
		b.Fatal(err)
	}
	ne, err := sante.ParseDateNaissance("19850312")
	if err != nil {
		b.Fatal(err)
	}
	maintenant := time.Now()
	jour := sante.JourA(maintenant, sante.Paris())
	d := calcul.DossierACE{ExoTM: calcul.ExoAucune, Nature: calcul.NatureMaladie, Parcours: "T"}
	for _, x := range []sante.Montant{2650, 5000, 3150, 1840} {
		d.Actes = append(d.Actes, calcul.Acte{Famille: calcul.FamilleCONS, CodePrestation: "CS", Date: jour, Base: x, Depense: x})
	}
	f, _, err := moteur.FactureACE(d)
	if err != nil {
		b.Fatal(err)
	}
	q, err := roc.DemandeDe(roc.Entete{Contexte: roc.ContexteACE, DateReference: jour, PeriodeDebut: jour, PeriodeFin: jour, Discipline: roc.MCO, RangAMC: 1,
		ConsentementInformation: true, Etablissement: roc.Etablissement{FinessJuridique: es, FinessGeo: es, Categorie: roc.EPS},
		Beneficiaire: roc.Beneficiaire{NumeroAdherent: adherent, NomNaissance: "FICTIVE", Prenom: "LEA", DateNaissance: ne, RangGemellaire: 1},
		Carte:        roc.Carte{NumeroAMC: numero, ModeAcquisition: roc.Saisie}, AMO: roc.AMO{NatureAssurance: f.Nature, ExoTM: f.ExoTM}}, f)
	if err != nil {
		b.Fatal(err)
	}
	r, _, err := roc.Repartir(moteur, calcul.Responsable100(), q, nil)
	if err != nil {
		b.Fatal(err)
	}
	l := &lots{id: sceautest.New(b, structureES(es.String()), maintenant), n: n}
	for i := 0; i < n; i += factureParLot {
		var factures []roc.Facture
		err := base.EnTransaction(ctx, func(ctx context.Context) error {
			factures = factures[:0]
			for k := i; k < min(n, i+factureParLot); k++ {
				if r.NumeroEngagement, err = roc.TirerNumeroEngagement(numero, nil); err != nil {
					return err
				}
				dossier := fmt.Sprintf("D%09d", k)
				if err := st.Engagements.Ouvrir(ctx, &amc.EngagementGarde{Numero: r.NumeroEngagement, Genre: amc.GarantieCLC, Finess: es, Dossier: dossier,
					PeriodeDebut: jour, PeriodeFin: jour, Etat: amc.Engage, Debut: jour, Fin: jour + 90, Total: *r.TotalAMC, Lignes: r.Lignes, Instant: maintenant,
					Patient: q.Beneficiaire.Empreinte(), Calcul: roc.EmpreinteCalcul(q)}); err != nil {
					return err
				}
				x := roc.FactureDe(q, r, roc.SurEngagement)
				x.Numero, x.Date, x.IDDossierES = fmt.Sprintf("F%09d", k), jour, dossier
				factures = append(factures, *x)
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		m := &roc.Message[roc.DemandeDRE]{Corps: roc.NouveauLot(fmt.Sprintf("%09d", i/factureParLot+1), jour, factures),
			Enveloppe: roc.Enveloppe{NormeVersion: roc.Profil, Service: roc.DRE, Sens: roc.Question, IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(),
				IDDossierES: "-", Horodatage: maintenant, Environnement: roc.Test, Emetteur: roc.Partie{Type: roc.ES, ID: es.String()},
				Destinataire: roc.Partie{Type: roc.AMC, ID: numero.String()}}}
		m.Corps.Lot.AdresseRetour = "https://localhost"
		l.octets = append(l.octets, roc.EchangeDRE.Demande.AppendJSON(nil, m))
	}
	return l
}

// plancherLots inserts, bare, the rows that an invoice leaves once liquidated.
func plancherLots(b *testing.B, m bdd.Moteur, n int) float64 {
	ctx := context.Background()
	l, err := migrations()
	if err != nil {
		b.Fatal(err)
	}
	base := bddtest.OuvrirAdresse(b, bddtest.Adresse(b, m), bdd.Options{})
	if err := base.Migrer(ctx, l); err != nil {
		b.Fatal(err)
	}
	contenu := make([]byte, 2048*factureParLot)
	debut := time.Now()
	for i := 0; i < n; i += factureParLot {
		err := base.EnTransaction(ctx, func(ctx context.Context) error {
			e := base.Ecrivain(ctx)
			if _, err := e.ExecContext(ctx, `INSERT INTO liq_contenu (tenant, finess, lot, octets) VALUES ('amc', '750712184', $1, $2)`, strconv.Itoa(i), contenu); err != nil {
				return err
			}
			for k := i; k < min(n, i+factureParLot); k++ {
				numero := fmt.Sprintf("F%09d", k)
				if _, err := e.ExecContext(ctx, `INSERT INTO liq_facture (tenant, finess, numero, annee, lot, etat, code, demande, paye, garantie, nature, corrige, recue, echeance, motif, lignes, debut, taille)
					VALUES ('amc', '750712184', $1, 2026, 'L', 'LIQUIDE', '000', 100, 0, $1, 'INITIALE', '', $2, '2026-01-01', '', '', 0, 0)`, numero, k); err != nil {
					return err
				}
				for range 2 {
					if _, err := e.ExecContext(ctx, `INSERT INTO liq_moment (tenant, finess, numero, annee, instant, avant, evenement, apres, code)
						VALUES ('amc', '750712184', $1, 2026, $2, 'RECU', 'ACCEPTER', 'CONTROLE_OK', '000')`, numero, k); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return float64(n) / time.Since(debut).Seconds()
}
