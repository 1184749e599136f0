package laboratoire

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// quartier is a laboratory of which a test stops parties and starts them again, and whose
// clock it moves.
type quartier struct {
	*Scene
	t     *testing.T
	avant *atomic.Int64
}

func nouveauQuartier(t *testing.T) *quartier {
	if testing.Short() {
		t.Skip("laboratoire entier")
	}
	q := &quartier{t: t, avant: &atomic.Int64{}}
	var err error
	if q.Scene, err = Monter(context.Background(), t.TempDir(), q.heure, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, arreter := range q.arrets {
			arreter()
		}
		if err := q.Demonter(); err != nil {
			t.Error(err)
		}
	})
	return q
}

func (q *quartier) heure() time.Time { return time.Now().Add(time.Duration(q.avant.Load())) }
func (q *quartier) jour() sante.Jour { return sante.JourA(q.heure(), sante.Paris()) }

func (q *quartier) eteindre(cle string) {
	q.t.Helper()
	q.arrets[cle]()
	if err := q.parties[cle].Fermer(); err != nil {
		q.t.Fatal(err)
	}
}

// rallumer starts a party again.
func (q *quartier) rallumer(cle string) {
	q.t.Helper()
	ctx := context.Background()
	f, err := config.Lire(filepath.Join(q.repertoire(cle), "ecluse.toml"))
	if err == nil {
		err = q.allumer(ctx, ctx, cle, f)
	}
	if err != nil {
		q.t.Fatal(err)
	}
}

// rafraichir gives a party the lists of the authority of the moment, kept through a restart.
func (q *quartier) rafraichir(cle string) {
	p := q.parties[cle]
	p.SuivreConfiance(p.Fichier.Resoudre(p.Fichier.Confiance.Autorites))(context.Background())
}

// attendre waits until something holds.
func (q *quartier) attendre(quoi string, tient func() bool) {
	q.t.Helper()
	for fin := time.Now().Add(20 * time.Second); !tient(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(fin) {
			q.t.Fatalf("%s : toujours pas", quoi)
		}
	}
}

// comptableOfficine bills for a pharmacy, to one insurer.
type comptableOfficine struct {
	q   *quartier
	c   *roc.Client
	amc *monde.AMC
}

func (q *quartier) comptable(amc string) *comptableOfficine {
	x := nouveauPoste(q.t, q.Scene, pharmaciesLabo()[0])
	c := x.client(sceau.REST, "")
	c.Horloge, c.Cachet = q.heure, func() *sceau.Cachet { return x.officine.cachet }
	c.Transport = roc.NewTransport(func() *tls.Certificate { return x.officine.auth }, c.Juge, q.heure)
	q.t.Cleanup(c.Transport.Fermer)
	return &comptableOfficine{q, c, q.Monde.Assureur(amc)}
}

func (x *comptableOfficine) envoyer(d *droits.DemandeFactures) *droits.ReponseFactures {
	x.q.t.Helper()
	qui := x.q.repondant(x.amc)
	r, err := roc.Envoyer(context.Background(), x.c, droits.EchangeFactures, &roc.Cible{Destinataire: roc.Partie{Type: roc.AMC, ID: x.amc.Numero.String()},
		Adresse: x.q.adresses[qui.Cle], Structures: []string{qui.IDNat}, Empreintes: []string{x.q.empreinte[qui.Cle]}}, "1", d, roc.Suivi{})
	if err != nil {
		x.q.t.Fatal(err)
	}
	return r.Corps
}

// facturer bills a box of medicine on a sale, as the workstation of the shelf writes it.
func (x *comptableOfficine) facturer(numero string, d *droits.DemandeDroits, v *droits.Vente) *droits.FactureOfficine {
	jour := x.q.jour()
	f := &droits.FactureOfficine{Numero: droits.NumeroFacture(numero), DateFacture: jour, PS: d.PS, Patient: d.Patient,
		Lignes: []droits.LigneOfficine{{Rang: 1, Famille: calcul.FamilleMED, CodePrestation: "PH7", Quantite: calcul.Unites(1), BaseAMO: 1000, TauxAMO: sante.Pourcent(65),
			PartsOfficine: droits.PartsOfficine{Depense: 1000, AMO: 650, AMC: 350}}}}
	v.Facturer(f)
	f.Totaux = f.Sommes()
	return f
}

func (x *comptableOfficine) remettre(nom string, f *droits.FactureOfficine, want droits.EtatFacture, code visiodroits.Code) {
	x.q.t.Helper()
	r := x.envoyer(&droits.DemandeFactures{Lot: droits.NouveauLot("L"+f.Numero, f.DateFacture, *f)})
	if len(r.Factures) != 1 || r.Factures[0].Etat != want || r.Factures[0].Code != code {
		x.q.t.Errorf("%s : %+v ; attendu %s %s", nom, r, want, code)
	}
}

func (x *comptableOfficine) etat(n droits.NumeroFacture) (e droits.SuiviFacture) {
	for _, f := range x.envoyer(&droits.DemandeFactures{Suivi: &droits.DemandeSuivi{}}).Suivi {
		if f.Numero == n {
			e = f
		}
	}
	return e
}

// oublier takes away the lists that an insurer kept.
func (q *quartier) oublier(cle string) {
	q.t.Helper()
	l, err := filepath.Glob(filepath.Join(q.repertoire(cle), "donnees", "listes-*.ecluse"))
	if err != nil || len(l) != 1 {
		q.t.Fatalf("listes gardées : %v, %v", l, err)
	}
	if err := os.Remove(l[0]); err != nil {
		q.t.Fatal(err)
	}
}

// An insurer is silent; its operator accredits in its place. The invoice that quotes it
// waits while the insurer holds no list of the operator, through a restart, is settled when
// they come, and paid; kept lists serve while the operator is silent in its turn; three
// days later what it gave is over, with the tolerance of no one, and what was done in its life
// is paid, revoked since or not.
func TestFactureDepannee(t *testing.T) {
	q, ctx := nouveauQuartier(t), context.Background()
	c := nouveauComptoir(t, q.Scene)
	p := c.poste(nil)
	c.actualiser(p)
	x := q.comptable(monde.CleMoulin)
	var demandes []*droits.DemandeDroits
	c.o.assures(monde.CleMoulin, func(q *monde.Patient, k *monde.Couverture) { demandes = append(demandes, c.o.question(q, k)) })
	if len(demandes) < 3 {
		t.Fatalf("%d assurés", len(demandes))
	}

	q.eteindre(monde.CleMoulin)
	var ventes []*droits.Vente
	for _, d := range demandes[:3] {
		v := c.vendre(p, d, visiodroits.Fournis)
		if v.Recu.Type != droits.Depannage {
			t.Fatalf("%+v", v.Recu)
		}
		ventes = append(ventes, v)
	}
	q.oublier(monde.CleMoulin)
	q.eteindre(monde.CleOperateur)
	q.rallumer(monde.CleMoulin)
	premiere := x.facturer("D1", demandes[0], ventes[0])
	x.remettre("sans liste", premiere, droits.FactureEnAttente, visiodroits.Fournis)
	if e := x.etat("D1"); !strings.Contains(e.Precision, "listes de l'opérateur") {
		t.Errorf("%+v", e)
	}
	q.eteindre(monde.CleMoulin)
	q.rallumer(monde.CleOperateur)
	q.rallumer(monde.CleMoulin)
	q.attendre("facture tranchée", func() bool { e := x.etat("D1").Etat; return e == droits.FactureAcceptee || e == droits.FactureOrdonnee })
	x.payer(350)

	// The operator stops: what the insurer kept is enough, through a restart.
	q.eteindre(monde.CleOperateur)
	q.eteindre(monde.CleMoulin)
	q.rallumer(monde.CleMoulin)
	x.remettre("listes gardées", x.facturer("D2", demandes[1], ventes[1]), droits.FactureAcceptee, visiodroits.Fournis)
	autre := x.facturer("D3", demandes[2], ventes[1])
	x.remettre("accréditation d'un autre", autre, droits.FactureRefusee, visiodroits.AutreBeneficiaire)

	// One of them is revoked. Three days later, without network, the pharmacy bills on two:
	// they lived until the day after, and no tolerance makes them longer. What was given in
	// that life is paid, and a revocation told on the day of issue is never opposed to it.
	q.rallumer(monde.CleOperateur)
	e := q.parties[monde.CleOperateur].Emetteurs[0]
	if vu, err := lancer("droits", "revoquer", "--motif", "ERREUR", "--numero", ventes[0].Accreditation.Accreditation().Numero.String(),
		"--config", filepath.Join(q.repertoire(monde.CleOperateur), "ecluse.toml"), "--amc", x.amc.Numero.String()); err != nil {
		t.Fatalf("%v : %s", err, vu)
	}
	if fait, err := e.Editeur.Publier(ctx, true); err != nil || !fait {
		t.Fatal(fait, err)
	}
	q.avant.Store(int64(72 * time.Hour))
	q.eteindre("igc")
	q.rallumer("igc")
	q.rafraichir(cleTiers)
	for _, cle := range []string{monde.CleOperateur, monde.CleMoulin} {
		q.rafraichir(cle) // what it starts with
		q.eteindre(cle)
		q.rallumer(cle)
	}
	fin := ventes[0].Accreditation.Accreditation().DroitsFin
	for i, v := range ventes[:2] {
		essai, err := droits.NouvelleTentative(q.heure(), lireOuEchouer(t, droits.ParseHote, "oct.invalid"), droits.ErreurConnexion, "203")
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		var e droits.SuiviFacture
		q.attendre("listes relues", func() bool { // those of three days ago tell nothing of today
			n++
			f := x.facturer(fmt.Sprintf("E%dX%d", i, n), demandes[i], v)
			f.DateSoins, f.Degrade = q.jour(), &droits.ModeDegrade{Cause: droits.CauseOCT, Tentatives: []droits.Tentative{essai}}
			e = x.envoyer(&droits.DemandeFactures{Lot: droits.NouveauLot("L"+f.Numero, f.DateFacture, *f)}).Factures[0]
			return e.Etat != droits.FactureEnAttente
		})
		if e.Code != visiodroits.HorsDroits {
			t.Errorf("trois jours après, %d : %+v", i, e)
		}
		f := x.facturer(fmt.Sprint("G", i), demandes[i], v)
		f.DateSoins = fin
		x.remettre("dernier jour", f, droits.FactureAcceptee, visiodroits.Fournis)
	}
}

// payer makes the payment run of the day, and expects what is due.
func (x *comptableOfficine) payer(du sante.Montant) {
	t, p, ctx := x.q.t, x.q.parties[x.amc.Cle], context.Background()
	t.Helper()
	moteur, err := p.Moteur("")
	if err != nil {
		t.Fatal(err)
	}
	o, err := p.Officine(&p.Fichier.AMC[0], nil, moteur, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := o.Ordonner(ctx, x.q.jour())
	if err != nil || r.Preleve != du {
		t.Fatalf("règlement : %+v, %v ; dû %s", r, err, du)
	}
	if err := o.Confirmer(ctx, x.q.jour(), lireOuEchouer(t, sante.ParseNumeroFacturation, pharmaciesLabo()[0].numero), x.q.jour()); err != nil {
		t.Fatal(err)
	}
	var recu sante.Montant
	for _, f := range x.envoyer(&droits.DemandeFactures{Suivi: &droits.DemandeSuivi{}}).Suivi {
		recu += f.MontantPaye
	}
	if recu != du {
		t.Errorf("reçu %s, dû %s", recu, du)
	}
}
