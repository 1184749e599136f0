package etablissement_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/noemie"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// abandonnee is a hospital whose annulative was given up on its way, and its batch.
func (k *parFichier) abandonnee(t testing.TB) {
	t.Helper()
	if err := k.RecevoirRemise(ctx, k.departs.Remis[0].Numero); err != nil {
		t.Fatal(err)
	}
	if _, err := k.AnnulerFacture(ctx, rang(k.venues[0], 1), agent, etablissement.Facturation{Numero: "F-FI-0-A"}); err != nil {
		t.Fatal(err)
	}
	if _, err := k.FormerLots(ctx); err != nil {
		t.Fatal(err)
	}
	lot := k.departs.Remis[1].Numero
	if err := k.RecevoirAccuse(ctx, lot, &roc.ReponseDRE{Retour: roc.RetourDe(roc.PanneRelais, ""), NumeroLot: lot}); err != nil {
		t.Fatal(err)
	}
}

func (k *parFichier) referenceDe(t testing.TB, lot int, numero string) string {
	t.Helper()
	_, l, err := k.depot.Lot(ctx, k.departs.Remis[lot].Numero)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range l {
		if f.Numero == numero {
			return f.Reference
		}
	}
	t.Fatalf("%s n'est pas dans le lot", numero)
	return ""
}

// A file that names an annulative given up changes nothing, and stops nothing.
func TestFichierNommeUneAnnulativeAbandonnee(t *testing.T) {
	k := nouveauParFichier(t, 2)
	k.abandonnee(t)
	cv := k.etat(t, 0, etablissement.Accusee, 0)
	if cv.FactureAvant != nil || cv.Facture.Numero != "F-FI-0" || cv.Annulative == nil {
		t.Fatalf("l'annulation abandonnée laisse %+v", cv)
	}
	r := k.retour("908R")
	x := k.ligne(t, 1, 795, "", noemie.Rejet{Code: "A012", Libelle: "MOTIF", Portee: "F", Part: "C"})
	y := x
	y.Numero = k.referenceDe(t, 1, "F-FI-0-A")
	r.factures = []noemie.Facture{y, x}
	f := k.lireFichier(t, r.octets(t))
	if f.Etat != etablissement.FichierLu || f.Chargees != 1 || f.Refusees != 1 || f.Refus[0].Code != string(etablissement.FactureInattendue) {
		t.Errorf("%+v", f)
	}
	k.etat(t, 0, etablissement.Accusee, 0)
	k.etat(t, 1, etablissement.Rejetee, 0)
}

// affole is a store with a fault of ours.
type affole struct{ *et.Memoire }

func (affole) Dite(context.Context, *etablissement.MarqueRetour) (bool, error) { panic("faute") }

// A fault of ours refuses the file that awakens it, with a trace; once it is mended the
// file is read.
func TestFichierQuiAffole(t *testing.T) {
	k := nouveauParFichier(t, 1)
	var traces []string
	k.TracerFichier = func(_ context.Context, f *etablissement.FichierRecu) error {
		traces = append(traces, f.Code)
		return nil
	}
	r := k.retour("578R")
	r.factures = []noemie.Facture{k.ligne(t, 0, 795, "VIR")}
	k.Fichiers = affole{k.depot}
	if f := k.lireFichier(t, r.octets(t)); f.Etat != etablissement.FichierRefuse || f.Code != string(etablissement.FichierPanne) || f.Chargees != 0 {
		t.Errorf("%+v", f)
	}
	if len(traces) != 1 || traces[0] != string(etablissement.FichierPanne) {
		t.Errorf("traces %v", traces)
	}
	k.Fichiers = k.depot
	if f := k.lireFichier(t, r.octets(t)); f.Etat != etablissement.FichierLu || f.Chargees != 1 {
		t.Errorf("%+v", f)
	}
}

// A payment that no transfer identifies is refused alone.
func TestFichierSansVirement(t *testing.T) {
	k := nouveauParFichier(t, 3)
	livre := &et.Comptable{}
	k.Comptable = livre
	r := k.retour("578R")
	r.factures = []noemie.Facture{k.ligne(t, 0, 795, "  "), k.ligne(t, 1, 795, "VIR"), k.ligne(t, 2, 795, "VIR")}
	f := k.lireFichier(t, r.octets(t))
	if f.Etat != etablissement.FichierLu || f.Chargees != 2 || f.Refusees != 1 || f.Refus[0].Code != string(etablissement.FactureSansVirement) || f.Refus[0].Motif == "" {
		t.Fatalf("%+v", f)
	}
	k.etat(t, 0, etablissement.Facturee, 0)
	k.etat(t, 1, etablissement.Payee, 795)
	if livre.Annonce != 1590 {
		t.Errorf("annoncé %s", livre.Annonce)
	}
}

// A file that pays a part says that the rest is due.
func TestFichierPaieUnePart(t *testing.T) {
	k := nouveauParFichier(t, 1)
	for _, c := range []struct {
		paye  sante.Montant
		etat  etablissement.Etat
		total sante.Montant
		dit   roc.EtatFacture
	}{{300, etablissement.PayeePartiellement, 300, roc.FactureLiquidee}, {495, etablissement.Payee, 795, roc.FacturePayee}} {
		r := k.retour("578R")
		r.factures = []noemie.Facture{k.ligne(t, 0, c.paye, "VIR")}
		if f := k.lireFichier(t, r.octets(t)); f.Chargees != 1 {
			t.Fatalf("%+v", f)
		}
		if cv := k.etat(t, 0, c.etat, c.total); cv.Facture.Notifiee != c.dit {
			t.Errorf("payée %s : %s, want %s", c.total, cv.Facture.Notifiee, c.dit)
		}
	}
}

// exigeant is a comptable that refuses some transfers.
type exigeant struct {
	*et.Comptable
	refuse string
}

func (c exigeant) Annoncer(ctx context.Context, v *etablissement.Versement) error {
	if v.Retour.Paiement.ReferenceVirement == c.refuse {
		return roc.Refuser(roc.Illisible, "refusé")
	}
	return c.Comptable.Annoncer(ctx, v)
}

// A transfer that the comptable refuses takes its invoices with it, and no other.
func TestFichierVirementRefuse(t *testing.T) {
	k := nouveauParFichier(t, 4)
	livre := &et.Comptable{}
	k.Comptable = exigeant{livre, "VIR-2"}
	r := k.retour("578R")
	for i, virement := range []string{"VIR-2", "VIR-1", "VIR-2", "VIR-1"} {
		r.factures = append(r.factures, k.ligne(t, i, 795, virement))
	}
	f := k.lireFichier(t, r.octets(t))
	if f.Etat != etablissement.FichierLu || f.Faites != 4 || f.Chargees != 2 || f.Montant != 1590 || f.Refusees != 2 || livre.Annonce != 1590 {
		t.Fatalf("%+v, annoncé %s", f, livre.Annonce)
	}
	for i, x := range f.Refus {
		if x.Code != string(etablissement.FactureAnnonce) || x.Motif == "" || x.Facture != k.reference(t, 2*i) {
			t.Errorf("%+v", x)
		}
		k.etat(t, 2*i, etablissement.Facturee, 0)
		k.etat(t, 2*i+1, etablissement.Payee, 795)
	}
	k.Comptable = livre // once it is mended, another file is read
	r.entete.Fichier = "BIS"
	if f := k.lireFichier(t, r.octets(t)); f.Chargees != 2 || livre.Annonce != 3180 {
		t.Errorf("%+v, annoncé %s", f, livre.Annonce)
	}
}

// reecrit is a file that another writes over once it was judged.
type reecrit struct {
	*bytes.Reader
	apres []byte
}

func (r *reecrit) Seek(n int64, de int) (int64, error) {
	r.Reader = bytes.NewReader(r.apres)
	return r.Reader.Seek(n, de)
}

// Nothing is loaded of what was not judged.
func TestFichierReecritPendantSaLecture(t *testing.T) {
	k := nouveauParFichier(t, 2)
	ecrire := func(l ...noemie.Facture) []byte {
		r := k.retour("578R")
		r.factures = l
		return r.octets(t)
	}
	avant := ecrire(k.ligne(t, 0, 795, "VIR"))
	for nom, apres := range map[string][]byte{
		"un autre montant":  ecrire(k.ligne(t, 0, 300, "VIR")),
		"une autre de plus": ecrire(k.ligne(t, 0, 795, "VIR"), k.ligne(t, 1, 795, "VIR")),
		"coupé":             avant[:len(avant)-200],
		"vide":              nil,
	} {
		f, err := k.LireRetours(ctx, &reecrit{bytes.NewReader(avant), apres}, etablissement.Provenance{})
		if err != nil || f.Etat != etablissement.FichierRefuse || f.Code != string(etablissement.FichierChange) || f.Chargees != 0 || f.Refusees != 1 {
			t.Errorf("%s : %+v, %v", nom, f, err)
		}
		k.etat(t, 0, etablissement.Facturee, 0)
		k.etat(t, 1, etablissement.Facturee, 0)
	}
	if f := k.lireFichier(t, avant); f.Chargees != 1 || f.Refusees != 0 {
		t.Errorf("%+v", f)
	}
}
