package etablissement_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/ecluse-sante/ecluse/b2"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/noemie"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// parFichier is a hospital that reads files, with invoices gone by convention.
type parFichier struct {
	*monde
	venues []*etablissement.Venue
	depot  *et.Memoire
}

func nouveauParFichier(t testing.TB, n int) *parFichier {
	t.Helper()
	k := &parFichier{monde: nouveau(t)}
	k.depot = k.Depot.(*et.Memoire)
	k.Fichiers = k.depot
	k.tenir(t, uneTable(uneConvention(t, "GUE", horsLigne, "", "", "2026-01-01", "")))
	for i := range n {
		v := k.convenue(t, fmt.Sprintf("FI-%d", i))
		k.venues = append(k.venues, k.facturee(t, v, fmt.Sprintf("F-FI-%d", i)))
	}
	if _, err := k.FormerLots(ctx); err != nil {
		t.Fatal(err)
	}
	return k
}

// reference is how the partner names an invoice: by the number of the B2 file.
func (k *parFichier) reference(t testing.TB, i int) string {
	t.Helper()
	for _, lot := range k.departs.Remis {
		_, l, err := k.depot.Lot(ctx, lot.Numero)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range l {
			if f.Numero == fmt.Sprintf("F-FI-%d", i) {
				return f.Reference
			}
		}
	}
	t.Fatal("aucune référence")
	return ""
}

type retourEcrit struct {
	entete   noemie.Entete
	factures []noemie.Facture
}

func (k *parFichier) retour(reference string) *retourEcrit {
	return &retourEcrit{entete: noemie.Entete{TypeEmetteur: "OC", Emetteur: horsLigne, TypeDestinataire: "TE", Destinataire: "750712184",
		Creation: sante.JourA(k.departs.Remis[0].Instant, sante.Paris()), Reference: reference}}
}

func (k *parFichier) ligne(t testing.TB, i int, montant sante.Montant, virement string, rejets ...noemie.Rejet) noemie.Facture {
	f := noemie.Facture{Numero: k.reference(t, i), Montant: montant, Rejets: rejets}
	f.Destinataire, f.Journee = "750712184", noemie.Journee{Date: et.Jour(t, "2026-05-06"), Virement: virement}
	return f
}

func (r *retourEcrit) octets(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := noemie.Ecrire(&b, r.entete)
	for i := range r.factures {
		if err == nil {
			err = w.Facture(&r.factures[i])
		}
	}
	if err == nil {
		err = w.Fermer()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (k *parFichier) lireFichier(t testing.TB, b []byte) *etablissement.FichierRecu {
	t.Helper()
	f, err := k.LireRetours(ctx, bytes.NewReader(b), etablissement.Provenance{Nom: "r.noe", Remis: "essai"})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (k *parFichier) etat(t testing.TB, i int, e etablissement.Etat, paye sante.Montant) *etablissement.Couverture {
	t.Helper()
	return k.lire(t, k.venues[i], e, paye)
}

// A return read from a file has the effect of a sealed one, and says that it is not
// sealed; it has it once, whatever the number of times and of files.
func TestRetourParFichier(t *testing.T) {
	k := nouveauParFichier(t, 4)
	r := k.retour("578R")
	r.factures = []noemie.Facture{k.ligne(t, 0, 795, "VIR-1"), k.ligne(t, 1, 300, "VIR-1", noemie.Rejet{Code: "F605", Libelle: "PIECE ATTENDUE", Portee: "F", Part: "C"}),
		k.ligne(t, 2, 796, "VIR-1")}
	b := r.octets(t)
	f := k.lireFichier(t, b)
	if f.Chargees != 2 || f.Montant != 1095 || f.Refusees != 1 || f.Refus[0].Code != string(etablissement.FactureInattendue) || f.Refus[0].Ligne == 0 {
		t.Fatalf("%+v", f)
	}
	cv := k.etat(t, 0, etablissement.Payee, 795)
	if !strings.HasPrefix(cv.Facture.Preuve, etablissement.NonScelle) || cv.Facture.Virement != "VIR-1" {
		t.Errorf("%+v", cv.Facture)
	}
	cv = k.etat(t, 1, etablissement.PayeePartiellement, 300)
	if cv.Code != roc.PiecesManquantes {
		t.Errorf("motif %s", cv.Code)
	}
	k.etat(t, 2, etablissement.Facturee, 0)
	if f := k.lireFichier(t, b); !f.DejaLu {
		t.Errorf("relu : %+v", f)
	}
	r.entete.Fichier = "BIS" // the same payments in another file
	if f := k.lireFichier(t, r.octets(t)); f.Chargees != 0 || f.Refus[0].Code != string(etablissement.FactureDejaDite) || f.Refus[1].Code != string(etablissement.FactureDejaDite) {
		t.Errorf("dits deux fois : %+v", f)
	}
	k.etat(t, 1, etablissement.PayeePartiellement, 300)
	reste := k.retour("578R")
	reste.factures = []noemie.Facture{k.ligne(t, 1, 495, "VIR-2")}
	if f := k.lireFichier(t, reste.octets(t)); f.Chargees != 1 {
		t.Errorf("%+v", f)
	}
	k.etat(t, 1, etablissement.Payee, 795)
	rejet := k.retour("908R")
	rejet.factures = []noemie.Facture{k.ligne(t, 2, 795, "", noemie.Rejet{Code: "F601", Libelle: "MONTANT", Portee: "F", Part: "C"}),
		k.ligne(t, 3, 795, "", noemie.Rejet{Code: "A012", Libelle: "=CMD()", Portee: "F", Part: "C"})}
	if f := k.lireFichier(t, rejet.octets(t)); f.Chargees != 2 {
		t.Fatalf("%+v", f)
	}
	if cv := k.etat(t, 2, etablissement.Rejetee, 0); cv.Code != roc.MontantDifferent {
		t.Errorf("code %s", cv.Code)
	}
	cv = k.etat(t, 3, etablissement.Rejetee, 0)
	if cv.Code != roc.RejetParFichier || !strings.Contains(cv.Facture.Precision, "A012") || strings.Contains(cv.Facture.Precision, " =CMD") {
		t.Errorf("code %s, précision %q", cv.Code, cv.Facture.Precision)
	}
	// The amounts change: there is no engagement to give back, the share is computed anew.
	v := k.calcul(t, k.venues[2], 1, et.Consultation(t))
	attendre(t, v, 1, etablissement.SansEngagement)
	v = k.facturee(t, v, "F-FI-2-R")
	if n := v.Couvertures[0].Facture.Nature; n != roc.Rectificative {
		t.Errorf("nature %s", n)
	}
}

// errDisque is a disk that fails.
var errDisque = errors.New("disque")

// capricieux fails once it has let some writings pass.
type capricieux struct {
	*et.Memoire
	reste int
}

func (c *capricieux) Avancer(ctx context.Context, f *etablissement.FichierRecu) error {
	if c.reste--; c.reste < 0 {
		return errDisque
	}
	return c.Memoire.Avancer(ctx, f)
}

// A reading cut short goes on where it stopped: nothing is lost, nothing twice.
func TestFichierRepris(t *testing.T) {
	const n = 450
	k := nouveauParFichier(t, n)
	r := k.retour("578R")
	for i := range n {
		r.factures = append(r.factures, k.ligne(t, i, 795, "VIR"))
	}
	b := r.octets(t)
	k.Fichiers = &capricieux{k.depot, 1}
	if _, err := k.LireRetours(ctx, bytes.NewReader(b), etablissement.Provenance{}); !errors.Is(err, errDisque) {
		t.Fatalf("%v", err)
	}
	k.Fichiers = k.depot
	f := k.lireFichier(t, b)
	if f.Faites != n || f.Chargees != n || f.Montant != n*795 || f.Etat != etablissement.FichierLu || f.DejaLu {
		t.Fatalf("%+v", f)
	}
	for i := range n {
		k.etat(t, i, etablissement.Payee, 795)
	}
}

// Nothing of a bad file is loaded, and it is remembered with its code.
func TestFichierMauvais(t *testing.T) {
	k := nouveauParFichier(t, 2)
	r := k.retour("578R")
	r.factures = []noemie.Facture{k.ligne(t, 0, 795, "VIR"), k.ligne(t, 1, 795, "VIR")}
	sain := r.octets(t)
	retoucher := func(f func(*retourEcrit)) []byte {
		c := *r
		f(&c)
		return c.octets(t)
	}
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	_, err := w.Write(sain)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	var large []byte
	for _, u := range utf16.Encode([]rune(string(sain))) {
		large = append(large, byte(u), byte(u>>8))
	}
	for _, c := range []struct {
		nom    string
		octets []byte
		code   etablissement.MotifFichier
		detail string
	}{
		{"vide", nil, etablissement.FichierForme, "NOE-01"},
		{"compressé", gz.Bytes(), etablissement.FichierForme, "NOE-02"},
		{"UTF-16", large, etablissement.FichierForme, "NOE-03"},
		{"autre format", []byte("FACTURE;MONTANT\n=1+1;2\n"), etablissement.FichierForme, "NOE-04"},
		{"tronqué", sain[:len(sain)-200], etablissement.FichierForme, "NOE-06"},
		{"total du fichier faux", bytes.Replace(sain, []byte("00000000001590"), []byte("00000000001591"), 1), etablissement.FichierForme, "NOE-22"},
		{"pour un autre", retoucher(func(r *retourEcrit) { r.entete.Destinataire = "690781810" }), etablissement.FichierDestinataire, "FIC-02"},
		{"d'une AMC hors de la table", retoucher(func(r *retourEcrit) { r.entete.Emetteur = "99000101" }), etablissement.FichierEmetteur, "FIC-03"},
		{"réel, en essai", retoucher(func(r *retourEcrit) { r.entete.Flux = "R" }), etablissement.FichierTest, "FIC-04"},
		{"ni paiement ni rejet", retoucher(func(r *retourEcrit) { r.entete.Reference = "408R" }), etablissement.FichierReference, "FIC-05"},
	} {
		t.Run(c.nom, func(t *testing.T) {
			f := k.lireFichier(t, c.octets)
			if f.Etat != etablissement.FichierRefuse || f.Code != string(c.code) || f.Chargees != 0 {
				t.Fatalf("%+v", f)
			}
			vu := false
			for _, x := range f.Refus {
				vu = vu || x.Code == c.detail
			}
			if !vu {
				t.Errorf("%+v, want %s", f.Refus, c.detail)
			}
			l, err := k.depot.ListerFichiers(ctx, "", 1)
			if err != nil || len(l) != 1 || l[0].Empreinte != f.Empreinte || l[0].Etat != etablissement.FichierRefuse {
				t.Errorf("aucune trace : %v, %v", l, err)
			}
			k.etat(t, 0, etablissement.Facturee, 0)
			k.etat(t, 1, etablissement.Facturee, 0)
		})
	}
	if f := k.lireFichier(t, sain); f.Chargees != 2 { // and the good one is still read
		t.Errorf("%+v", f)
	}
}

// An invoice that cannot be read is told with its place, and the next one is loaded.
func TestFichierUneFactureIllisible(t *testing.T) {
	k := nouveauParFichier(t, 3)
	r := k.retour("578R")
	for i := range 3 {
		f := k.ligne(t, i, 795, "VIR")
		f.Lignes = []noemie.Ligne{{Numero: 1, Nature: "CS", Debut: f.Journee.Date, Fin: f.Journee.Date, PartAMC: 795}}
		r.factures = append(r.factures, f)
	}
	b := r.octets(t)
	i := bytes.Index(b, []byte("@210"))
	j := i + 1 + bytes.Index(b[i+1:], []byte("@210"))
	b[j+1+21] = 'X' // in the day of care of the second
	f := k.lireFichier(t, b)
	if f.Etat != etablissement.FichierLu || f.Chargees != 2 || f.Refusees != 1 {
		t.Fatalf("%+v", f)
	}
	if x := f.Refus[0]; x.Ligne != 1 || x.Numero == 0 || x.Entite != "210" || x.Champ != "début des soins" || x.Code != "NOE-16" && x.Code != "NOE-15" {
		t.Errorf("%+v", x)
	}
	k.etat(t, 0, etablissement.Payee, 795)
	k.etat(t, 1, etablissement.Facturee, 0)
	k.etat(t, 2, etablissement.Payee, 795)
}

// sansFin is gigabytes that nothing holds.
type sansFin struct {
	tete        []byte
	corps       byte
	plein       []byte
	taille, lus int64
}

func (s *sansFin) Read(b []byte) (int, error) {
	if s.lus >= s.taille {
		return 0, io.EOF
	}
	n := int(min(int64(len(b)), s.taille-s.lus))
	if s.plein == nil {
		s.plein = bytes.Repeat([]byte{s.corps}, 1<<16)
	}
	if s.lus < int64(len(s.tete)) {
		n = copy(b[:n], s.tete[s.lus:])
	} else {
		n = copy(b[:n], s.plein)
	}
	s.lus += int64(n)
	return n, nil
}

func (s *sansFin) Seek(n int64, de int) (int64, error) {
	if n != 0 || de != io.SeekStart {
		return 0, errors.ErrUnsupported
	}
	s.lus = 0
	return 0, nil
}

// Two gigabytes of anything are refused with a code, in a bounded memory; beyond the
// bound of a door they are not even read.
func TestFichierDeDeuxGigaoctets(t *testing.T) {
	taille := int64(2 << 30)
	if testing.Short() {
		taille = 64 << 20
	}
	k := nouveauParFichier(t, 1)
	r := k.retour("578R")
	r.factures = []noemie.Facture{k.ligne(t, 0, 795, "VIR")}
	entete := r.octets(t)[:129]
	for _, c := range []struct {
		nom  string
		tete []byte
		o    byte
		max  int64
		code etablissement.MotifFichier
	}{
		{"des lettres", nil, 'A', 0, etablissement.FichierForme},
		{"des arobases après un en-tête", entete, '@', 0, etablissement.FichierForme},
		{"au-delà de la borne", entete, 'A', 1 << 20, etablissement.FichierTaille},
	} {
		t.Run(c.nom, func(t *testing.T) {
			s := &sansFin{tete: c.tete, corps: c.o, taille: taille}
			if c.tete != nil {
				s.taille = min(taille, 64<<20)
			}
			var avant, apres runtime.MemStats
			runtime.ReadMemStats(&avant)
			f, err := k.LireRetours(ctx, s, etablissement.Provenance{TailleMax: c.max})
			runtime.ReadMemStats(&apres)
			if err != nil || f.Etat != etablissement.FichierRefuse || f.Code != string(c.code) || f.Chargees != 0 {
				t.Fatalf("%+v, %v", f, err)
			}
			if n := apres.TotalAlloc - avant.TotalAlloc; n > 16<<20 {
				t.Errorf("%d octets alloués", n)
			}
			if c.max > 0 && s.lus > c.max+(1<<20) {
				t.Errorf("%d octets lus au-delà de la borne", s.lus)
			}
		})
	}
	k.etat(t, 0, etablissement.Facturee, 0)
}

// A failure of the source is no fault of the file: nothing is remembered of it.
func TestFichierSourceEnPanne(t *testing.T) {
	k := nouveauParFichier(t, 1)
	if _, err := k.LireRetours(ctx, enPanne{}, etablissement.Provenance{}); !errors.Is(err, errDisque) {
		t.Errorf("%v", err)
	}
	if l, err := k.depot.ListerFichiers(ctx, "", 9); err != nil || len(l) != 0 {
		t.Errorf("%v, %v", l, err)
	}
}

type enPanne struct{}

func (enPanne) Read([]byte) (int, error)       { return 0, errDisque }
func (enPanne) Seek(int64, int) (int64, error) { return 0, nil }

// An invoice by file is handed over, never acknowledged; taken back, its share may be
// computed anew once the annulment has left.
func TestAnnulerParFichier(t *testing.T) {
	k := nouveauParFichier(t, 1)
	v := k.venues[0]
	remettre := func() {
		t.Helper()
		if _, err := k.FormerLots(ctx); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the queue may tell it twice
			if err := k.RecevoirRemise(ctx, k.departs.Remis[len(k.departs.Remis)-1].Numero); err != nil {
				t.Fatal(err)
			}
		}
	}
	remettre()
	if f := k.etat(t, 0, etablissement.Facturee, 0).Facture; f.Remise.IsZero() || !f.Accusee.IsZero() || f.Lot == "" {
		t.Errorf("%+v", f)
	}
	if _, err := k.AnnulerFacture(ctx, rang(v, 1), agent, etablissement.Facturation{Numero: "F-FI-0-A"}); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Calculer(ctx, rang(v, 1), agent, et.Consultation(t), ""); !errors.Is(err, etablissement.ErrTransition) {
		t.Errorf("l'annulation n'est pas partie : %v", err)
	}
	remettre()
	x, err := b2.Lire(bytes.NewReader(k.departs.Fichiers[1]))
	if err != nil {
		t.Fatal(err)
	}
	f, err := x.Suivante()
	if err != nil {
		t.Fatal(err)
	}
	if total := f.Totaux(); f.NatureOperation != "A" || total.AMC() != 795 {
		t.Errorf("%+v", f)
	}
	v = k.calcul(t, v, 1, et.Consultation(t))
	attendre(t, v, 1, etablissement.SansEngagement)
	v = k.facturee(t, v, "F-FI-0-B")
	if f := v.Couvertures[0].Facture; f.Nature != roc.Initiale || f.Mention != etablissement.SansGarantie {
		t.Errorf("%+v", f)
	}
	// A payment of the invoice taken back and replaced is told, never filed.
	r := k.retour("578R")
	r.factures = []noemie.Facture{k.ligne(t, 0, 795, "VIR")}
	if f := k.lireFichier(t, r.octets(t)); f.Chargees != 0 || f.Refus[0].Code != string(etablissement.FactureInattendue) {
		t.Errorf("%+v", f)
	}
}

// The comptable hears, once, that the promise to pay runs from the handing over.
func TestRemiseAuComptable(t *testing.T) {
	k := nouveauParFichier(t, 1)
	c := &et.Comptable{}
	k.Comptable = c
	for range 2 {
		if err := k.RecevoirRemise(ctx, k.departs.Remis[0].Numero); err != nil {
			t.Fatal(err)
		}
	}
	numero := k.etat(t, 0, etablissement.Facturee, 0).Facture.Numero
	dits(t, c, "accusée "+numero)
}

// A payment that crosses the annulment of its invoice counts.
func TestPaiementParFichierCroiseLAnnulation(t *testing.T) {
	k := nouveauParFichier(t, 1)
	r := k.retour("578R")
	r.factures = []noemie.Facture{k.ligne(t, 0, 795, "VIR")}
	if _, err := k.AnnulerFacture(ctx, rang(k.venues[0], 1), agent, etablissement.Facturation{Numero: "F-FI-0-A"}); err != nil {
		t.Fatal(err)
	}
	if f := k.lireFichier(t, r.octets(t)); f.Chargees != 1 {
		t.Fatalf("%+v", f)
	}
	if cv := k.etat(t, 0, etablissement.Payee, 795); !strings.HasPrefix(cv.Facture.Preuve, etablissement.NonScelle) {
		t.Errorf("%+v", cv.Facture)
	}
}
