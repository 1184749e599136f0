package store

import (
	"context"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/officine"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// essai is what testing and rapid have in common.
type essai interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

func lu[T any](t essai, lire func(string) (T, error), s string) T {
	t.Helper()
	v, err := lire(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// registre is the accreditations of an issuer.
type registre map[droits.NumeroAccreditation]*officine.Accreditation

func (r registre) Accreditation(_ context.Context, n droits.NumeroAccreditation) (*officine.Accreditation, error) {
	if a := r[n]; a != nil {
		return a, nil
	}
	return nil, officine.ErrInconnue
}

// tiers answers what the test wants, and keeps what it was asked.
type tiers struct {
	oui, muet bool
	demandes  []officine.ControleTarification
}

func (x *tiers) Controler(_ context.Context, c *officine.ControleTarification) (bool, error) {
	x.demandes = append(x.demandes, *c)
	if x.muet {
		return false, officine.ErrMuet
	}
	return x.oui, nil
}

type banc struct {
	t       essai
	s       *officine.Service
	st      *Store
	r       registre
	tiers   *tiers
	instant time.Time
	id      *sceautest.Identite
	amc     sante.NumeroAMC
}

func monter(t testing.TB, base *bdd.Base, changer func(*officine.Parametres)) *banc {
	t.Helper()
	instant := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	return poser(t, base, t.Name(), registre{}, &tiers{oui: true}, sceautest.New(t, "299000000001", instant), instant, changer)
}

// poser makes one node on a database.
func poser(t essai, base *bdd.Base, tenant string, r registre, x *tiers, id *sceautest.Identite, instant time.Time, changer func(*officine.Parametres)) *banc {
	t.Helper()
	b := &banc{t: t, st: New(base, tenant), r: r, tiers: x, instant: instant, id: id, amc: lu(t, sante.ParseNumeroAMC, "99000001")}
	m, err := calcul.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := officine.Parametres{AMC: b.amc}
	if changer != nil {
		changer(&p)
	}
	b.s, err = officine.New(p, officine.Ports{Accreditations: r, Tarifications: x, Livre: b.st, Caisse: b.st, Moteur: m, CleControle: make([]byte, 32),
		Horloge: func() time.Time { return b.instant }, Transaction: b.st.Transaction})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *banc) jour() sante.Jour { return sante.JourA(b.instant, sante.Paris()) }

// passer lets days go by.
func (b *banc) passer(jours int) { b.instant = b.instant.AddDate(0, 0, jours) }

// facture is a good invoice of a professional, that relies on a new accreditation.
func (b *banc) facture(ps, numero string, amc sante.Montant) droits.FactureOfficine {
	b.t.Helper()
	n, err := droits.TirerNumeroAccreditation(b.amc, droits.Normale, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	f := droits.FactureOfficine{Numero: droits.NumeroFacture(numero), DateSoins: b.jour(), DateFacture: b.jour(), NumeroAMC: b.amc, NumeroAccreditation: n.String(),
		PS:      droits.Professionnel{NumeroFacturation: lu(b.t, sante.ParseNumeroFacturation, ps), Categorie: droits.Pharmacie},
		Patient: droits.Patient{NumeroAdherent: lu(b.t, sante.ParseNumeroAdherent, "MB0000012"), DateNaissance: lu(b.t, sante.ParseDateNaissance, "19840212"), RangGemellaire: 1},
		Lignes: []droits.LigneOfficine{{Rang: 1, Famille: calcul.FamilleMED, CodePrestation: "PH7", Quantite: calcul.Unites(1), BaseAMO: 2 * amc, TauxAMO: sante.Pourcent(50),
			PartsOfficine: droits.PartsOfficine{Depense: 2 * amc, AMO: amc, AMC: amc}}}}
	f.Totaux = f.Sommes()
	b.r[n] = &officine.Accreditation{Numero: n, AMC: b.amc, Contrat: "REF-1", Personne: f.Personne().Empreinte(n), Categorie: droits.Pharmacie, Lien: "lien-1",
		Etendue: droits.Etendue{Debut: b.jour() - 100, Fin: b.jour() + 30, NumeroAMC: b.amc, Type: roc.ContratIndividuel, Responsable: true,
			Garanties: []calcul.Garantie{{Code: "MED", Famille: calcul.FamilleMED, Formule: calcul.Simple(calcul.Regle{Numero: calcul.F01})}}}}
	return f
}

func (b *banc) accreditation(f *droits.FactureOfficine) *officine.Accreditation {
	return b.r[lu(b.t, droits.ParseNumeroAccreditation, f.NumeroAccreditation)]
}

// tarifer adds what was priced on line.
func tarifer(f *droits.FactureOfficine) {
	f.Tarification = &droits.FactureTarification{Numero: "T1", Montants: []droits.PartsFamille{{Famille: calcul.FamilleDMI, PartsOfficine: droits.PartsOfficine{Depense: 9000, AMC: 8000, Patient: 1000}}}}
	f.Totaux = f.Sommes()
}

const officine1, officine2 = "752000012", "752000020"

// demander seals a question of a professional and answers it as the gate does: the rule
// outside, what commits inside a transaction.
func (b *banc) demander(t testing.TB, ps string, d *droits.DemandeFactures) (*droits.ReponseFactures, error) {
	m := &roc.Message[droits.DemandeFactures]{Corps: d, Enveloppe: roc.Enveloppe{NormeVersion: droits.Norme.Profil, Service: roc.FAO, Sens: roc.Question,
		IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(), IDDossierES: "1", Horodatage: b.instant, Environnement: roc.Test,
		Emetteur: roc.Partie{Type: roc.PS, ID: ps}, Destinataire: roc.Partie{Type: roc.AMC, ID: "99000001"}}}
	ctx := context.Background()
	q := sceautest.OuvrirDe(t, b.id, b.id0(), droits.EchangeFactures.Demande.AppendJSON(nil, m), droits.EchangeFactures.Demande.DecodeJSON)
	r, engager, err := b.s.Recevoir(ctx, q)
	if err == nil && engager != nil {
		err = b.st.Transaction(ctx, func(ctx context.Context) (err error) {
			r, err = engager(ctx)
			return err
		})
	}
	if err == nil {
		if err := droits.EchangeFactures.CorpsReponse.Verify(r); err != nil {
			b.t.Fatal(err) // what is answered is what the wire may carry
		}
	}
	return r, err
}

// id0 is an instant at which the certificate of the test holds.
func (b *banc) id0() time.Time { return time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) }

func (b *banc) envoyer(t testing.TB, lot string, l ...droits.FactureOfficine) *droits.ReponseFactures {
	t.Helper()
	r, err := b.demander(t, l[0].PS.NumeroFacturation.String(), &droits.DemandeFactures{Lot: droits.NouveauLot(droits.NumeroFacture(lot), b.jour(), l...)})
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

func (b *banc) suivre(t testing.TB, ps string, apres int64, etats ...droits.EtatFacture) *droits.ReponseFactures {
	t.Helper()
	r, err := b.demander(t, ps, &droits.DemandeFactures{Suivi: &droits.DemandeSuivi{Apres: apres, Etats: etats}})
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// etats are the states told by an answer, in order.
func etats(l []droits.SuiviFacture) (s string) {
	for i := range l {
		s += string(l[i].Numero) + ":" + string(l[i].Etat)
		if l[i].Etat == droits.FactureRefusee {
			s += ":" + string(l[i].Code)
		}
		s += " "
	}
	return s
}

func moteurs(t *testing.T, f func(t *testing.T, base *bdd.Base)) { bddtest.Moteurs(t, f, Migrations) }

func bddtestOuvrir(t testing.TB) *bdd.Base { return bddtest.Ouvrir(t, Migrations) }
