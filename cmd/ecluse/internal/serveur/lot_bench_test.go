package serveur

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/acheminement"
	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/internal/amc"
	amcstore "github.com/ecluse-sante/ecluse/internal/amc/store"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/comptable"
	cptstore "github.com/ecluse-sante/ecluse/internal/comptable/store"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	etabstore "github.com/ecluse-sante/ecluse/internal/etablissement/store"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
)

// fenetreLots is how many invoices go the whole way before the next ones start.
const fenetreLots = 5_000

// BenchmarkLots takes invoices of four lines from the hospital's desk to the money:
// invoiced, gathered in sealed batches, received, verified, controlled, liquidated,
// returned and paid, each party with its own database and queue. Beside each window
// the rows that the reception of its batches writes are written bare, in the same
// database, in transactions of the same size. Networks are left out.
// ECLUSE_FACTURES is how many. ref: DEC 38
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
	c := monterChaine(b, m)
	remettreMemoire()
	debut, cadence := time.Now(), time.Now()
	for fait := 0; fait < n; fait += fenetreLots {
		c.fenetre(fait, min(fenetreLots, n-fait))
		if n > fenetreLots {
			reste := time.Duration(n-fait-fenetreLots) * time.Since(cadence) / fenetreLots
			fmt.Fprintf(os.Stderr, "\r%s  %d / %d factures, %s écoulées, encore %s   ", m, min(n, fait+fenetreLots), n,
				time.Since(debut).Round(time.Second), max(0, reste).Round(time.Second))
			cadence = time.Now()
		}
	}
	fmt.Fprintln(os.Stderr)
	c.verifier(n)
	for etape, d := range c.durees {
		b.ReportMetric(float64(n)/d.Seconds(), etape+"/s")
	}
	var total time.Duration
	for etape, d := range c.durees {
		if etape != "plancher" {
			total += d
		}
	}
	b.ReportMetric(float64(n)/total.Seconds(), "bout-en-bout/s")
	b.ReportMetric(c.durees["plancher"].Seconds()/c.durees["reception"].Seconds(), "×plancher")
	b.ReportMetric(memoireHaute(), "Mio")
	b.ReportMetric(0, "ns/op")
}

// chaine is a hospital, an insurer and what joins them.
type chaine struct {
	b      *testing.B
	jour   sante.Jour
	amc    sante.NumeroAMC
	durees map[string]time.Duration

	baseES, baseAMC *bdd.Base
	es              *etablissement.Service
	stES            *etabstore.Store
	livres          *LivresES
	livre           *liquidation.Service
	stAMC           *amcstore.Store
	versAMC, versES *acheminement.Tournee
	idES, idAMC     *sceautest.Identite

	modele visiteModele
	lots   []lotPosse // of the window
	prises [][]roc.NumeroEngagement
}

// visiteModele is an engaged visit, as its tables hold it.
type visiteModele struct {
	venue, couverture []byte
	dossier           string
	engagement        amc.EngagementGarde
}

// lotPosse is what the floor writes of a batch.
type lotPosse struct {
	numero  string
	nombre  int
	contenu []byte
	dehors  []byte // the two returns that it leaves
}

// mesure runs a step and adds its time.
func (c *chaine) mesure(etape string, f func() error) {
	debut := time.Now()
	if err := f(); err != nil {
		c.b.Fatal(etape, " : ", err)
	}
	c.durees[etape] += time.Since(debut)
}

const tenantPlancher = "plancher"

func monterChaine(b *testing.B, m bdd.Moteur) *chaine {
	c := &chaine{b: b, durees: make(map[string]time.Duration), jour: sante.JourA(time.Now(), sante.Paris())}
	l, err := Migrations()
	if err != nil {
		b.Fatal(err)
	}
	ouvrir := func() *bdd.Base {
		base := bddtest.OuvrirAdresse(b, bddtest.Adresse(b, m), bdd.Options{})
		if err := base.Migrer(context.Background(), l); err != nil {
			b.Fatal(err)
		}
		return base
	}
	c.baseES, c.baseAMC = ouvrir(), ouvrir()
	moteur, err := calcul.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	maison := et.Maison(b)
	finess := maison.Etablissement.FinessJuridique.String()
	carte := et.Carte(b, "775671993")
	c.amc = carte.NumeroAMC
	c.idES = sceautest.New(b, structureES(finess), time.Now())
	c.idAMC = sceautest.New(b, "1775671993", time.Now())

	tenant := "es-" + finess
	c.stES = etabstore.New(c.baseES, tenant)
	file := achstore.New(c.baseES, tenant)
	c.es = &etablissement.Service{Maison: maison, Depot: c.stES, Questions: c.stES, Traces: c.stES, Factures: c.stES, Comptes: c.stES, Moteur: moteur, Horloge: time.Now,
		Exchange:      et.NewAssureurs(moteur, c.jour, map[sante.NumeroAMC]calcul.Contrat{c.amc: calcul.Responsable100()}),
		AdresseRetour: "https://localhost/roc"}
	cpt := cptstore.New(c.baseES, tenant)
	c.livres = &LivresES{&comptable.Service{Parametres: comptable.Parametres{DelaiPaiement: 12}, Titres: cpt, Annonces: cpt, Releves: cpt, Lignes: cpt, Journal: cpt,
		Soldes: cpt, Horloge: time.Now, Transaction: cpt.Transaction}, cpt}
	c.es.Comptable = versComptable{c.livres.Service}
	c.es.Depart = departPese{departs{&fluxSortant{file: file}, time.Now}, c}
	c.versAMC = c.tournee(file, c.livrerLot, func(ctx context.Context, x *acheminement.Envoi, i *acheminement.Issue) error {
		return suiteLot(ctx, c.es, i, x)
	})

	conf := &config.AMC{Numero: c.amc.String(), DelaiPaye: 12}
	p := &Processus{Base: c.baseAMC, Horloge: time.Now}
	c.stAMC = amcstore.New(c.baseAMC, TenantAMC(conf.Numero))
	sortie := achstore.New(c.baseAMC, TenantAMC(conf.Numero))
	if c.livre, err = p.Livre(conf, c.stAMC, moteur, sortie); err != nil {
		b.Fatal(err)
	}
	retours := c.livre.Retours.(retoursAMC)
	c.versES = c.tournee(sortie, c.livrerRetour, func(ctx context.Context, x *acheminement.Envoi, i *acheminement.Issue) error {
		return suiteRetour(ctx, c.livre, retours.livre, x, i)
	})
	c.modele = c.engagerModele(carte)
	return c
}

// tournee delivers by a call what the queue of a party holds; suite is timed.
func (c *chaine) tournee(file *achstore.Store, livrer transport, suite acheminement.Suite) *acheminement.Tournee {
	return acheminement.NewTournee(acheminement.Options{File: file, Transports: map[string]acheminement.Transport{TransportROC: livrer}, Horloge: time.Now,
		Suite: suite})
}

type transport func(ctx context.Context, e *acheminement.Envoi, contenu io.Reader) (acheminement.Recu, error)

func (t transport) Livrer(ctx context.Context, e *acheminement.Envoi, contenu io.Reader) (acheminement.Recu, error) {
	return t(ctx, e, contenu)
}

// departPese posts a batch and keeps what the floor needs of it.
type departPese struct {
	departs
	c *chaine
}

func (d departPese) Poster(ctx context.Context, r roc.Routage, lot *etablissement.LotEmis, x *roc.DemandeDRE) error {
	octets, _ := x.Contenu()
	p := lotPosse{numero: lot.Numero, nombre: lot.Nombre, contenu: octets}
	prises := make([]roc.NumeroEngagement, len(x.Factures))
	ret := roc.DemandeRET{Numero: "R", Nature: roc.RetourLiquidation, Date: d.c.jour}
	for i := range x.Factures {
		prises[i] = x.Factures[i].NumeroEngagement
		ret.Factures = append(ret.Factures, roc.RetourFacture{Numero: x.Factures[i].Numero, Lot: lot.Numero, Etat: roc.FactureLiquidee, Code: roc.Accepte,
			MontantFacture: x.Factures[i].Demande()})
	}
	p.dehors = roc.EchangeRET.CorpsDemande.AppendJSON(nil, &ret)
	d.c.lots, d.c.prises = append(d.c.lots, p), append(d.c.prises, prises)
	return d.departs.Poster(ctx, r, lot, x)
}

// engagerModele takes one visit from the desk to its guarantee, and reads what its
// tables hold.
func (c *chaine) engagerModele(carte etablissement.Attestation) visiteModele {
	ctx, b, agent := context.Background(), c.b, etablissement.Ordre{Agent: "agent-7"}
	d := et.ACE(b, "D000000000")
	d.DateReference, carte.ValiditeDebut, carte.ValiditeFin = c.jour, 0, 0
	passage := et.Consultation(b)
	acte := passage.Faits.Externe.Actes[0]
	acte.Date, passage.Faits.Externe.Actes = c.jour, nil
	for _, x := range []sante.Montant{2650, 5000, 3150, 1840} {
		acte.Base, acte.Depense = x, x
		passage.Faits.Externe.Actes = append(passage.Faits.Externe.Actes, acte)
	}
	v, err := c.es.OuvrirVenue(ctx, d)
	if err == nil {
		v, err = c.es.AjouterCouverture(ctx, v.ID, agent, 0, carte)
	}
	if err == nil {
		v, err = c.es.DemanderDroits(ctx, etablissement.Place{Venue: v.ID, Rang: 1}, agent)
	}
	if err == nil {
		v, err = c.es.Calculer(ctx, etablissement.Place{Venue: v.ID, Rang: 1}, agent, passage, "")
	}
	if err != nil {
		b.Fatal(err)
	}
	cv := v.Couvertures[0]
	if cv.Etat != etablissement.Engagee {
		b.Fatalf("modèle %s %s", cv.Etat, cv.Code)
	}
	k := visiteModele{dossier: v.Dossier.Numero, engagement: amc.EngagementGarde{Numero: cv.Calcul.Reponse.NumeroEngagement, Genre: amc.GarantieCLC,
		Finess: c.es.Maison.Etablissement.FinessJuridique, PeriodeDebut: c.jour, PeriodeFin: c.jour, Etat: amc.Engage, Debut: c.jour, Fin: c.jour + 90,
		Total: *cv.Calcul.Reponse.TotalAMC, Lignes: cv.Calcul.Reponse.Lignes, Instant: time.Now(),
		Patient: cv.Calcul.Demande.Beneficiaire.Empreinte(), Calcul: roc.EmpreinteCalcul(&cv.Calcul.Demande)}}
	lire := func(requete string, octets *[]byte) {
		if err := c.baseES.Lecteur(ctx).QueryRowContext(ctx, requete, v.ID).Scan(octets); err != nil {
			b.Fatal(err)
		}
	}
	lire(`SELECT contenu FROM etab_venue WHERE id = $1`, &k.venue)
	lire(`SELECT contenu FROM etab_couverture WHERE venue = $1`, &k.couverture)
	return k
}

// fenetre takes invoices the whole way.
func (c *chaine) fenetre(premiere, n int) {
	ctx := context.Background()
	c.lots, c.prises = c.lots[:0], c.prises[:0]
	c.engager(ctx, premiere, n)
	c.mesure("facturation", func() error { return c.facturer(ctx, premiere, n) })
	c.mesure("mise-en-lot", func() error { _, err := c.es.FormerLots(ctx); return err })
	c.mesure("plancher", func() error { return c.plancher(ctx) })
	c.vider(ctx, "accuse", c.versAMC)
	c.vider(ctx, "acquittement", c.versES)
	c.mesure("paiement", func() error {
		o := liquidation.Ordre{Comptable: c.jour, Mandatement: c.jour, Payeur: c.amc, Reference: fmt.Sprintf("VIR-%d", premiere)}
		return epuiser(ctx, func(ctx context.Context, max int) (int, error) {
			return c.livre.Payer(ctx, o, c.es.Maison.Etablissement.FinessJuridique, max)
		})
	})
	c.vider(ctx, "acquittement", c.versES)
	c.mesure("rapprochement", func() error { return c.rapprocher(ctx, premiere) })
}

// rapprocher imports what the bank says of the transfer of the window, and matches it.
func (c *chaine) rapprocher(ctx context.Context, premiere int) error {
	var total int64
	reference := fmt.Sprintf("VIR-%d", premiere)
	err := c.baseES.Lecteur(ctx).QueryRowContext(ctx, `SELECT SUM(total) FROM cpt_annonce WHERE reference = $1`, reference).Scan(&total)
	if err != nil {
		return err
	}
	ligne := &comptable.LigneReleve{Place: 1, Compte: "FR7610071750000000000240042", Jour: c.jour, Valeur: c.jour, Sens: comptable.Credit, Montant: sante.Montant(total),
		BoutEnBout: reference, Libelle: "VIREMENT " + reference}
	_, err = c.livres.Importer(ctx, comptable.Fichier{Nom: reference, Format: "csv", Agent: "banc", Source: strings.NewReader(reference),
		Lire: func(_ io.Reader, dire func(*comptable.LigneReleve) error, _ func(*comptable.Refus) error) error {
			x := *ligne
			return dire(&x)
		}})
	if err != nil {
		return err
	}
	b, err := c.livres.RapprocherTout(ctx)
	if err == nil && b.Matchees != 1 {
		err = fmt.Errorf("%d lignes rapprochées", b.Matchees)
	}
	return err
}

// vider delivers all that a queue holds; what its transport took is not counted
// twice.
func (c *chaine) vider(ctx context.Context, etape string, t *acheminement.Tournee) {
	dedans := func() time.Duration {
		return c.durees["sceau"] + c.durees["reception"] + c.durees["retour"]
	}
	avant := dedans()
	c.mesure(etape, func() error {
		for {
			if n, err := t.Tour(ctx); n == 0 || err != nil {
				return err
			}
		}
	})
	c.durees[etape] -= dedans() - avant
}

// engager writes engaged visits at the hospital, and their guarantees at the
// insurer, for the chain and for the floor.
func (c *chaine) engager(ctx context.Context, premiere, n int) {
	venues := bdd.Insertion{Debut: `INSERT INTO etab_venue (tenant, id, dossier, periode_debut, date_reference, version, ouverte, modifiee, contenu) VALUES`, Colonnes: 9}
	couvertures := bdd.Insertion{Debut: `INSERT INTO etab_couverture (tenant, venue, rang, etat, code, echeance, contenu) VALUES`, Colonnes: 7}
	tenant, instant := "es-"+c.es.Maison.Etablissement.FinessJuridique.String(), time.Now().UnixMilli()
	err := c.baseAMC.EnTransaction(ctx, func(ctx context.Context) error {
		for k := premiere; k < premiere+n; k++ {
			e := c.modele.engagement
			var err error
			if e.Numero, err = roc.TirerNumeroEngagement(c.amc, nil); err != nil {
				return err
			}
			dossier := fmt.Sprintf("D%09d", k+1)
			e.Dossier = dossier
			if err := c.stAMC.Engagements.Ouvrir(ctx, &e); err != nil {
				return err
			}
			venues.Valeurs = append(venues.Valeurs, tenant, "V"+dossier, dossier, c.jour.String(), c.jour.String(), 3, instant, instant,
				bytes.ReplaceAll(c.modele.venue, []byte(c.modele.dossier), []byte(dossier)))
			couvertures.Valeurs = append(couvertures.Valeurs, tenant, "V"+dossier, 1, string(etablissement.Engagee), string(roc.Accepte), (c.jour + 90).String(),
				bytes.ReplaceAll(c.modele.couverture, []byte(c.modele.engagement.Numero.String()), []byte(e.Numero.String())))
		}
		_, err := c.baseAMC.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO amc_engagement (tenant, numero, genre, finess, dossier, periode_debut, periode_fin, etat, debut, fin, total, idb, beneficiaire, version, lignes, annule_le, instant, patient, calcul, montant_max)
			SELECT $1, numero, genre, finess, dossier, periode_debut, periode_fin, etat, debut, fin, total, idb, beneficiaire, version, lignes, annule_le, instant, patient, calcul, montant_max
			FROM amc_engagement WHERE tenant <> $1 AND etat = 'ENGAGE'`, tenantPlancher)
		return err
	})
	if err == nil {
		err = c.baseES.Inserer(ctx, venues, couvertures)
	}
	if err != nil {
		c.b.Fatal(err)
	}
}

// facturer invoices the visits, as the desk does, many in a transaction.
func (c *chaine) facturer(ctx context.Context, premiere, n int) error {
	const ensemble = 100
	for i := premiere; i < premiere+n; i += ensemble {
		err := c.stES.Ensemble(ctx, func(ctx context.Context) error {
			for k := i; k < min(i+ensemble, premiere+n); k++ {
				p := etablissement.Place{Venue: fmt.Sprintf("VD%09d", k+1), Rang: 1}
				if _, err := c.es.Facturer(ctx, p, etablissement.Ordre{Agent: "agent-7"}, etablissement.Facturation{Numero: fmt.Sprintf("F%09d", k+1)}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *chaine) livrerLot(ctx context.Context, _ *acheminement.Envoi, contenu io.Reader) (recu acheminement.Recu, err error) {
	var o sceau.Opened[roc.Message[roc.DemandeDRE]]
	c.mesure("sceau", func() error {
		o, err = sceller(c.b, c.idES, roc.EchangeDRE, contenu, roc.Partie{Type: roc.ES, ID: c.es.Maison.Etablissement.FinessJuridique.String()},
			roc.Partie{Type: roc.AMC, ID: c.amc.String()})
		return err
	})
	var r *roc.ReponseDRE
	c.mesure("reception", func() error {
		return c.baseAMC.EnTransaction(ctx, func(ctx context.Context) (err error) {
			if r, err = c.livre.Recevoir(ctx, o); err == nil && r.CodeRetour != roc.Accepte {
				err = fmt.Errorf("accusé %s %s", r.CodeRetour, r.Precision)
			}
			return err
		})
	})
	return acheminement.Recu{Octets: roc.EchangeDRE.CorpsReponse.AppendJSON(nil, r)}, nil
}

func (c *chaine) livrerRetour(ctx context.Context, _ *acheminement.Envoi, contenu io.Reader) (recu acheminement.Recu, err error) {
	var o sceau.Opened[roc.Message[roc.DemandeRET]]
	c.mesure("sceau", func() error {
		o, err = sceller(c.b, c.idAMC, roc.EchangeRET, contenu, roc.Partie{Type: roc.AMC, ID: c.amc.String()},
			roc.Partie{Type: roc.ES, ID: c.es.Maison.Etablissement.FinessJuridique.String()})
		return err
	})
	var r *roc.ReponseRET
	c.mesure("retour", func() error {
		return c.baseES.EnTransaction(ctx, func(ctx context.Context) (err error) {
			if r, err = c.es.RecevoirRetour(ctx, o); err == nil && r.CodeRetour != roc.Accepte {
				err = fmt.Errorf("retour %s %s", r.CodeRetour, r.Precision)
			}
			return err
		})
	})
	return acheminement.Recu{Octets: roc.EchangeRET.CorpsReponse.AppendJSON(nil, r)}, nil
}

// sceller seals a message of the queue, verifies it and reads it again.
func sceller[Q, R any](b *testing.B, id *sceautest.Identite, e *roc.Echange[Q, R], contenu io.Reader, de, a roc.Partie) (o sceau.Opened[roc.Message[Q]], err error) {
	octets, err := io.ReadAll(contenu)
	if err != nil {
		return o, err
	}
	p := new(Pli)
	if err := json.Unmarshal(octets, p); err != nil {
		return o, err
	}
	d := new(Q)
	if err := e.CorpsDemande.DecodeJSON(p.Corps, d); err != nil {
		return o, err
	}
	m := &roc.Message[Q]{Corps: d, Enveloppe: roc.Enveloppe{NormeVersion: roc.Profil, Service: e.Service, Sens: roc.Question, IDMessage: p.IDMessage,
		IDEchange: p.IDEchange, IDDossierES: "-", Horodatage: time.Now(), Environnement: roc.Test, Emetteur: de, Destinataire: a}}
	return sceautest.OuvrirDe(b, id, time.Now(), e.Demande.AppendJSON(nil, m), e.Demande.DecodeJSON), nil
}

// plancher writes bare the rows that the batches of the window leave at the insurer,
// a transaction a batch.
func (c *chaine) plancher(ctx context.Context) error {
	finess, echeance := c.es.Maison.Etablissement.FinessJuridique.String(), (c.jour + 12).String()
	for i, l := range c.lots {
		err := c.baseAMC.EnTransaction(ctx, func(ctx context.Context) error {
			var err error
			ecrire := func(requete string, args ...any) {
				if err == nil {
					_, err = c.baseAMC.Ecrivain(ctx).ExecContext(ctx, requete, append([]any{tenantPlancher}, args...)...)
				}
			}
			ecrire(`INSERT INTO liq_lot (tenant, finess, numero, amc, id_message, recu, nombre, total, empreinte, retour, compte) VALUES ($1, $2, $3, $4, $5, 1, 1, 1, $6, '', '')`,
				finess, l.numero, c.amc.String(), "8e5f1c9e-0b1c-4a3e-9a50-3d1e0a6f7b10", strings.Repeat("e", 43))
			ecrire(`INSERT INTO liq_contenu (tenant, finess, lot, octets) VALUES ($1, $2, $3, $4)`, finess, l.numero, l.contenu)
			for k, garantie := range c.prises[i] {
				numero := fmt.Sprintf("F%s%04d", l.numero, k)
				ecrire(`INSERT INTO liq_facture (tenant, finess, numero, annee, lot, etat, code, demande, paye, garantie, nature, corrige, recue, echeance, motif, lignes, debut, taille, vie, bouge)
					VALUES ($1, $2, $3, 2026, $4, 'LIQUIDE', '000', 100, 0, $5, 'INITIALE', '', $6, $7, '', '', 0, 0, $8, $6)`, finess, numero, l.numero, garantie.String(), k, echeance, vieRecue)
				ecrire(`UPDATE amc_engagement SET etat = 'FACTURE' WHERE tenant = $1 AND numero = $2`, garantie.String())
			}
			for _, nature := range []string{"CONTROLE", "LIQUIDATION"} {
				cle := "RET-" + finess + "-" + nature[:4] + l.numero
				ecrire(`INSERT INTO liq_retour (tenant, numero, finess, nature, factures, total, emis, acquitte, code) VALUES ($1, $2, $3, $4, 1, 0, 1, 0, '')`, nature[:4]+l.numero, finess, nature)
				ecrire(`INSERT INTO ach_envoi (tenant, cle, destinataire, transport, adresse, genre, ordre, numero, reference, taille, empreinte, origine, etat, echeance, pose, bail, essais, code, poste, fini)
					VALUES ($1, $2, $3, 'roc', '', 'RET', $4, 1, '', 1, $5, $5, 'PRET', 1, 1, 0, 0, '', 1, 0)`, cle, finess, "RET-"+finess, make([]byte, 32))
				ecrire(`INSERT INTO ach_contenu (tenant, cle, nature, contenu) VALUES ($1, $2, 0, $3)`, cle, l.dehors)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// vieRecue is what the row of an invoice keeps of its reception.
const vieRecue = "1700000000000\tRECU\tACCEPTER\tCONTROLE_OK\t000\t\n1700000000000\tCONTROLE_OK\tLIQUIDER\tLIQUIDE\t000\t\n"

// verifier checks that both books say that all is paid.
func (c *chaine) verifier(n int) {
	ctx := context.Background()
	compter := func(base *bdd.Base, requete string) (k int) {
		if err := base.Lecteur(ctx).QueryRowContext(ctx, requete).Scan(&k); err != nil {
			c.b.Fatal(err)
		}
		return k
	}
	if k := compter(c.baseAMC, `SELECT COUNT(*) FROM liq_facture WHERE tenant <> 'plancher' AND etat = 'PAYE' AND paye = demande`); k != n {
		c.b.Errorf("%d factures payées au livre de l'AMC, sur %d", k, n)
	}
	if k := compter(c.baseES, `SELECT COUNT(*) FROM etab_couverture WHERE etat = '`+string(etablissement.Payee)+`'`); k != n {
		c.b.Errorf("%d factures payées chez l'établissement, sur %d", k, n)
	}
	for _, base := range []*bdd.Base{c.baseES, c.baseAMC} {
		if k := compter(base, `SELECT COUNT(*) FROM ach_envoi WHERE tenant <> 'plancher' AND fini = 0`); k != 0 {
			c.b.Errorf("%d messages encore en file", k)
		}
	}
}

// remettreMemoire forgets the highest memory seen so far.
func remettreMemoire() { os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

// memoireHaute is the highest memory of this process, in MiB; 0 when the system
// does not say it.
func memoireHaute() float64 {
	b, _ := os.ReadFile("/proc/self/status")
	for l := range strings.Lines(string(b)) {
		if s, ok := strings.CutPrefix(l, "VmHWM:"); ok {
			k, _ := strconv.Atoi(strings.Fields(s)[0])
			return float64(k) / 1024
		}
	}
	return 0
}

// BenchmarkLotsTenus compares the reception of batches by an insurer that holds a
// thousand of them already with that by one that holds a million, by turns.
// ECLUSE_LOTS changes the million.
func BenchmarkLotsTenus(b *testing.B) {
	beaucoup := 1_000_000
	if s := os.Getenv("ECLUSE_LOTS"); s != "" {
		var err error
		if beaucoup, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		b.Run(string(m), func(b *testing.B) {
			peu, plein := monterChaine(b, m), monterChaine(b, m)
			peu.tenir(1_000)
			plein.tenir(beaucoup)
			peu.reposer()
			plein.reposer()
			tours, n := 0, 1_000
			for b.Loop() {
				for range 6 {
					peu.fenetre(tours*n, n)
					plein.fenetre(tours*n, n)
					tours++
				}
			}
			b.ReportMetric(float64(tours*n)/peu.durees["reception"].Seconds(), "mille/s")
			b.ReportMetric(float64(tours*n)/plein.durees["reception"].Seconds(), "million/s")
			b.ReportMetric(plein.durees["reception"].Seconds()/peu.durees["reception"].Seconds(), "×mille")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// reposer lets the insurer's base end what its filling left to do: it held these batches
// for long.
func (c *chaine) reposer() { reposerBase(c.b, c.baseAMC) }

func reposerBase(b *testing.B, base *bdd.Base) {
	b.Helper()
	ordres := []string{"VACUUM ANALYZE", "CHECKPOINT"}
	if base.Moteur() == bdd.SQLite {
		ordres = []string{"PRAGMA wal_checkpoint(TRUNCATE)"}
	}
	for _, o := range ordres {
		if _, err := base.Ecrivain(context.Background()).ExecContext(context.Background(), o); err != nil {
			b.Fatal(err)
		}
	}
}

// tenir fills the insurer's book with batches of one paid invoice, of the same
// hospital.
func (c *chaine) tenir(n int) {
	ctx, tenant, finess := context.Background(), TenantAMC(c.amc.String()), c.es.Maison.Etablissement.FinessJuridique.String()
	const ensemble = 5_000
	for i := 0; i < n; i += ensemble {
		lots := bdd.Insertion{Debut: `INSERT INTO liq_lot (tenant, finess, numero, amc, id_message, recu, nombre, total, empreinte, retour, compte) VALUES`, Colonnes: 11}
		contenus := bdd.Insertion{Debut: `INSERT INTO liq_contenu (tenant, finess, lot, octets) VALUES`, Colonnes: 4}
		factures := bdd.Insertion{Debut: `INSERT INTO liq_facture (tenant, finess, numero, annee, lot, etat, code, demande, paye, garantie, nature, corrige, recue, echeance, motif, lignes, debut, taille, vie, bouge) VALUES`, Colonnes: 20}
		for k := i; k < min(i+ensemble, n); k++ {
			lot, facture := fmt.Sprintf("T%09d", k), fmt.Sprintf("TF%09d", k)
			lots.Valeurs = append(lots.Valeurs, tenant, finess, lot, c.amc.String(), "-", k, 1, 100, "-", "https://localhost/roc", "")
			contenus.Valeurs = append(contenus.Valeurs, tenant, finess, lot, []byte("{}"))
			factures.Valeurs = append(factures.Valeurs, tenant, finess, facture, 2026, lot, "PAYE", "000", 100, 100, "", "INITIALE", "", k, "2026-01-01", "", "", 0, 2, vieRecue+"1700000000000\tLIQUIDE\tPAYER\tPAYE\t000\tP0123456789\n", k)
		}
		if err := c.baseAMC.Inserer(ctx, lots, contenus, factures); err != nil {
			c.b.Fatal(err)
		}
	}
}
