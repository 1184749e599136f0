package certificat_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/internal/igc/igctest"
)

var (
	ctx   = context.Background()
	lundi = time.Date(2026, 3, 2, 8, 15, 0, 0, time.UTC)
)

func fixe() time.Time { return lundi }

func motif(err error) certificat.Motif {
	var r *certificat.Refus
	if errors.As(err, &r) {
		return r.Motif
	}
	return 0
}

// banc is a hierarchy, a store that trusts it and one cachet.
func banc(t testing.TB, o certificat.Options) (*igc.IGC, *certificat.Magasin, igc.Emission) {
	t.Helper()
	g := igctest.Nouvelle(t, fixe)
	return g, igctest.Magasin(t, g, lundi, o), igctest.Emettre(t, g, igc.ProfilOrgSign, igctest.Structure())
}

func TestPorteur(t *testing.T) {
	_, m, e := banc(t, certificat.Options{})
	v, err := m.Juger(e.Certificat.Raw, nil, certificat.UsageCachet, lundi)
	if err != nil {
		t.Fatal(err)
	}
	p := v.Porteur
	for quoi, ok := range map[string]bool{
		"structure": p.Structure() == "1990000127", "CN": p.CN() == "LABO-ECLUSE", "organisation": p.Organisation() == "CH DE LA COMBE-AUX-FÉES",
		"série": p.Serie() == e.Fiche.Serie, "émetteur": p.Emetteur() == "LABO AC IGC ELEMENTAIRE ORGANISATIONS", "usages": p.Usages() == certificat.UsageCachet,
		"gamme": p.Gamme() == certificat.GammeElementaire, "milieu": p.Milieu() == certificat.MilieuLabo, "personne": !p.Personne(),
		"période": p.Debut().Equal(e.Certificat.NotBefore) && p.Fin().Equal(e.Certificat.NotAfter),
		"chaîne":  slices.EqualFunc(p.Chaine(), e.Chaine, slices.Equal[[]byte]),
		"liste":   v.Liste.Emetteur() == p.Emetteur() && v.Liste.Numero() == "1" && v.Souple == nil && !v.Connu,
	} {
		if !ok {
			t.Errorf("%s : %+v", quoi, p)
		}
	}
}

// TestRelu: what changes after the chain was built is seen at the next message,
// by Juger and by Rejuger alike. ref: DEC 15
func TestRelu(t *testing.T) {
	g, m, e := banc(t, certificat.Options{})
	v, err := m.Juger(e.Certificat.Raw, nil, certificat.UsageCachet, lundi)
	if err != nil {
		t.Fatal(err)
	}
	attendre := func(quoi string, want certificat.Motif, a time.Time) {
		t.Helper()
		_, err1 := m.Juger(e.Certificat.Raw, nil, certificat.UsageCachet, a)
		_, err2 := m.Rejuger(nil, v.Porteur, certificat.UsageCachet, a)
		if motif(err1) != want || motif(err2) != want {
			t.Errorf("%s : Juger %v, Rejuger %v, want %v", quoi, err1, err2, want)
		}
	}
	attendre("sans changement", 0, lundi)
	attendre("24 h après la liste", 0, lundi.Add(24*time.Hour))
	attendre("25 h après la liste", certificat.MotifListePerimee, lundi.Add(25*time.Hour))
	attendre("une fois expiré", certificat.MotifExpire, e.Certificat.NotAfter.Add(time.Second))
	attendre("avant sa période", certificat.MotifPasEncoreValide, e.Certificat.NotBefore.Add(-time.Second))
	autres := slices.DeleteFunc(g.Racines(), func(d []byte) bool { return string(d) == string(e.Chaine[1]) })
	if err := m.RemplacerAutorites(autres, g.Intermediaires()); err != nil {
		t.Fatal(err)
	}
	attendre("racine retirée", certificat.MotifAutoriteInconnue, lundi)
	if err := m.RemplacerAutorites(g.Racines(), g.Intermediaires()); err != nil {
		t.Fatal(err)
	}
	attendre("racine remise, sa liste perdue", certificat.MotifListeAbsente, lundi)
	igctest.Publier(t, g, m, lundi)
	attendre("listes revenues", 0, lundi)
	if err := g.Revoquer(ctx, e.Fiche.AC, e.Fiche.Serie, certificat.RaisonCessation, time.Time{}, "essai"); err != nil {
		t.Fatal(err)
	}
	igctest.Publier(t, g, m, lundi)
	attendre("révoqué", certificat.MotifRevoque, lundi)
}

func TestPolitique(t *testing.T) {
	_, m, e := banc(t, certificat.Options{})
	for nom, c := range map[string]struct {
		p    certificat.Politique
		want certificat.Motif
	}{
		"tout admis":                    {certificat.Politique{}, 0},
		"sa gamme":                      {certificat.Politique{Gammes: []certificat.Gamme{certificat.GammeElementaire}}, 0},
		"une autre gamme":               {certificat.Politique{Gammes: []certificat.Gamme{certificat.GammeFort}}, certificat.MotifGamme},
		"son émetteur":                  {certificat.Politique{Emetteurs: []string{"LABO AC IGC ELEMENTAIRE ORGANISATIONS"}}, 0},
		"un autre émetteur":             {certificat.Politique{Emetteurs: []string{"LABO AC IGC ELEMENTAIRE PERSONNES"}}, certificat.MotifEmetteurNonAdmis},
		"sa politique":                  {certificat.Politique{Politiques: []string{"2.999.213.1.1.2"}}, 0},
		"une autre politique":           {certificat.Politique{Politiques: []string{"2.999.213.1.1.1"}}, certificat.MotifPolitique},
		"LABO en service de production": {certificat.Politique{Milieux: []certificat.Milieu{certificat.MilieuProduction}}, certificat.MotifGamme},
		"LABO admis":                    {certificat.Politique{Milieux: []certificat.Milieu{certificat.MilieuLabo}}, 0},
	} {
		if _, err := m.JugerSelon(&c.p, e.Certificat.Raw, nil, certificat.UsageCachet, lundi); motif(err) != c.want {
			t.Errorf("%s : %v, want %v", nom, err, c.want)
		}
	}
}

// TestEchecSouple: hard by default; soft only when asked, for as long as asked, and
// the verdict says so. A revoked certificate never passes. ref: PKI §6.4 (2)
func TestEchecSouple(t *testing.T) {
	g, m, e := banc(t, certificat.Options{})
	souple := certificat.Politique{EchecSouple: 6 * time.Hour}
	for _, c := range []struct {
		nom    string
		p      certificat.Politique
		a      time.Time
		want   certificat.Motif
		averti bool
	}{
		{"fraîche", souple, lundi, 0, false},
		{"périmée, strict", certificat.Politique{}, lundi.Add(25 * time.Hour), certificat.MotifListePerimee, false},
		{"périmée d'une heure, souple", souple, lundi.Add(25 * time.Hour), 0, true},
		{"périmée de sept heures, souple", souple, lundi.Add(31 * time.Hour), certificat.MotifListePerimee, false},
	} {
		v, err := m.JugerSelon(&c.p, e.Certificat.Raw, nil, certificat.UsageCachet, c.a)
		if motif(err) != c.want || (v.Souple != nil) != c.averti {
			t.Errorf("%s : %v, averti %v ; want %v, %v", c.nom, err, v.Souple, c.want, c.averti)
		}
	}
	vierge := certificat.NouveauMagasin(certificat.Options{})
	if err := vierge.RemplacerAutorites(g.Racines(), g.Intermediaires()); err != nil {
		t.Fatal(err)
	}
	if v, err := vierge.JugerSelon(&souple, e.Certificat.Raw, nil, certificat.UsageCachet, lundi); err != nil || v.Souple == nil || v.Liste != nil {
		t.Errorf("sans liste, souple : %v %+v", err, v)
	}
	if err := g.Suspendre(ctx, e.Fiche.AC, e.Fiche.Serie, "essai"); err != nil {
		t.Fatal(err)
	}
	igctest.Publier(t, g, m, lundi)
	if _, err := m.JugerSelon(&souple, e.Certificat.Raw, nil, certificat.UsageCachet, lundi.Add(25*time.Hour)); motif(err) != certificat.MotifRevoque {
		t.Errorf("suspendu sur une liste périmée : %v", err)
	}
}

// TestRetourEnArriere: an older list never replaces a newer one.
func TestRetourEnArriere(t *testing.T) {
	g, m, e := banc(t, certificat.Options{})
	ancienne, err := g.Publier(ctx, e.Fiche.AC, lundi)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Revoquer(ctx, e.Fiche.AC, e.Fiche.Serie, certificat.RaisonCleCompromise, time.Time{}, "essai"); err != nil {
		t.Fatal(err)
	}
	igctest.Publier(t, g, m, lundi)
	if _, err := m.AjouterCRL(ancienne.DER); motif(err) != certificat.MotifListeAncienne {
		t.Errorf("got %v, want liste ancienne", err)
	}
	if _, err := m.Juger(e.Certificat.Raw, nil, certificat.UsageCachet, lundi); motif(err) != certificat.MotifRevoque {
		t.Errorf("got %v, want révoqué", err)
	}
}

// TestEtranger: nothing a stranger sends changes what the store trusts.
func TestEtranger(t *testing.T) {
	_, m, e := banc(t, certificat.Options{})
	autre := igctest.Nouvelle(t, fixe)
	x := igctest.Emettre(t, autre, igc.ProfilOrgSign, igctest.Structure())
	if _, err := m.Juger(x.Certificat.Raw, x.Chaine, certificat.UsageCachet, lundi); motif(err) != certificat.MotifAutoriteInconnue {
		t.Errorf("chaîne étrangère complète : %v", err)
	}
	trop := make([][]byte, 7)
	for i := range trop {
		trop[i] = e.Chaine[0]
	}
	for nom, c := range map[string]struct {
		der    []byte
		chaine [][]byte
		want   certificat.Motif
	}{
		"rien":             {nil, nil, certificat.MotifIllisible},
		"du texte":         {[]byte("bonjour"), nil, certificat.MotifIllisible},
		"un mégaoctet":     {make([]byte, 1<<20), nil, certificat.MotifTropGros},
		"tronqué":          {e.Certificat.Raw[:200], nil, certificat.MotifIllisible},
		"chaîne longue":    {x.Certificat.Raw, trop, certificat.MotifTropGros},
		"chaîne illisible": {x.Certificat.Raw, [][]byte{{1, 2, 3}}, certificat.MotifIllisible},
		"la racine":        {e.Chaine[1], nil, certificat.MotifMauvaisUsage},
		"l'intermédiaire":  {e.Chaine[0], nil, certificat.MotifMauvaisUsage},
	} {
		if _, err := m.Juger(c.der, c.chaine, certificat.UsageCachet, lundi); motif(err) != c.want {
			t.Errorf("%s : %v, want %v", nom, err, c.want)
		}
	}
	if _, err := m.Juger(e.Certificat.Raw, nil, 0, lundi); motif(err) != certificat.MotifMauvaisUsage {
		t.Errorf("aucun usage demandé : %v", err)
	}
}

func TestListesDuMagasin(t *testing.T) {
	_, m, _ := banc(t, certificat.Options{})
	l := m.Listes()
	if len(l) != 9 {
		t.Fatalf("%d autorités, want 9", len(l))
	}
	for _, e := range l {
		if e.Numero != "1" || !e.Emission.Equal(lundi) || !e.Prochaine.After(lundi) {
			t.Errorf("%+v", e)
		}
	}
}

func TestChargerRepertoireRefuse(t *testing.T) {
	m := certificat.NouveauMagasin(certificat.Options{})
	dir := t.TempDir()
	if _, err := m.ChargerRepertoire(dir); err == nil {
		t.Error("un répertoire sans racine a été chargé")
	}
	if err := os.MkdirAll(filepath.Join(dir, "racines"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, _, e := banc(t, certificat.Options{})
	if err := os.WriteFile(filepath.Join(dir, "racines", "feuille.cer"), e.Certificat.Raw, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := m.ChargerRepertoire(dir); motif(err) != certificat.MotifPasUneAutorite {
		t.Errorf("une feuille chargée comme racine : %v", err)
	}
}

// TestBorne: the cache stays within its bound and forgets without harm.
func TestBorne(t *testing.T) {
	g := igctest.Nouvelle(t, fixe)
	m := igctest.Magasin(t, g, lundi, certificat.Options{Cache: 64})
	ds := make([]igc.Demande, 130)
	for i := range ds {
		ds[i] = igc.Demande{Profil: igc.ProfilOrgSign, Sujet: igctest.Structure(), Par: "essai"}
	}
	l, err := g.EmettreLot(ctx, ds)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for _, e := range l {
			if _, err := m.Juger(e.Certificat.Raw, nil, certificat.UsageCachet, lundi); err != nil {
				t.Fatal(err)
			}
		}
	}
	connus := 0
	for _, e := range l {
		if v, err := m.Juger(e.Certificat.Raw, nil, certificat.UsageCachet, lundi); err == nil && v.Connu {
			connus++
		}
	}
	if connus > 64 {
		t.Errorf("%d porteurs retenus, 64 au plus", connus)
	}
}

// TestEnsemble: judgements go on while lists and roots are replaced.
func TestEnsemble(t *testing.T) {
	g, m, e := banc(t, certificat.Options{})
	fin := make(chan struct{})
	var attente sync.WaitGroup
	for range 2 {
		attente.Go(func() {
			for {
				select {
				case <-fin:
					return
				default:
					if _, err := m.Juger(e.Certificat.Raw, nil, certificat.UsageCachet, lundi); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	for range 5 {
		igctest.Publier(t, g, m, lundi)
		if err := m.RemplacerAutorites(g.Racines(), g.Intermediaires()); err != nil {
			t.Fatal(err)
		}
	}
	close(fin)
	attente.Wait()
}

func TestExpliquer(t *testing.T) {
	g, m, cachet := banc(t, certificat.Options{})
	personne := igctest.Emettre(t, g, igc.ProfilPSSign, igctest.Personne())
	texte := certificat.Expliquer(cachet.Certificat.Raw, m, lundi).Texte()
	for _, s := range []string{"certificat de cachet d'une structure", "1990000127", "CH DE LA COMBE-AUX-FÉES", "Accepté                cachet d'une structure",
		"certificat de signature présenté à la place du certificat d'authentification", "n° 1 de LABO AC IGC ELEMENTAIRE ORGANISATIONS", "sans valeur en production"} {
		if !strings.Contains(texte, s) {
			t.Errorf("il manque %q à :\n%s", s, texte)
		}
	}
	x := certificat.Expliquer(personne.Certificat.Raw, nil, personne.Certificat.NotAfter.Add(49*time.Hour))
	if !x.Titulaire.Personne() || x.Titulaire.IdNatPS != "899900112204" || x.Verdicts[0].Accepte || x.Verdicts[0].Refus.Motif != certificat.MotifExpire ||
		!strings.Contains(x.Verdicts[0].Refus.Phrase, "expiré depuis 2 jours") {
		t.Errorf("%+v", x)
	}
	for nom, b := range map[string][]byte{"vide": nil, "texte": []byte("x"), "PEM sans certificat": []byte("-----BEGIN X-----\n-----END X-----\n")} {
		if x := certificat.Expliquer(b, m, lundi); x.Refus == nil || x.Texte() == "" {
			t.Errorf("%s : %+v", nom, x)
		}
	}
	if s := fmt.Sprint(slog.AnyValue(x.Titulaire).Resolve()); strings.Contains(s, "VAUTRIN") || strings.Contains(s, "899900112204") {
		t.Errorf("le journal montre la personne : %s", s)
	}
}

// TestPhrases: each motif has its code, its sentence and someone to act.
func TestPhrases(t *testing.T) {
	codes := map[string]bool{}
	for _, m := range certificat.Motifs() {
		var relu certificat.Motif
		if b, err := m.MarshalText(); err != nil || relu.UnmarshalText(b) != nil || relu != m {
			t.Errorf("motif %d : aller-retour %q", m, b)
		}
		if codes[m.String()] || m.Libelle() == "" || m.QuiAgit() == "" {
			t.Errorf("motif %d : %q %q %q", m, m, m.Libelle(), m.QuiAgit())
		}
		codes[m.String()] = true
		if r := (&certificat.Refus{Motif: m, A: lundi, Date: lundi}); r.Phrase() == "" || !errors.Is(r, &certificat.Refus{Motif: m}) {
			t.Errorf("motif %v sans phrase", m)
		}
	}
}

func beaucoup(b testing.TB, g *igc.IGC, n int) [][]byte {
	b.Helper()
	var ders [][]byte
	for len(ders) < n {
		ds := make([]igc.Demande, min(1000, n-len(ders)))
		for i := range ds {
			s := igctest.Structure()
			s.CN = fmt.Sprintf("LABO-%06d", len(ders)+i)
			ds[i] = igc.Demande{Profil: igc.ProfilOrgSign, Sujet: s, Par: "essai"}
		}
		l, err := g.EmettreLot(ctx, ds)
		if err != nil {
			b.Fatal(err)
		}
		for _, e := range l {
			ders = append(ders, e.Certificat.Raw)
		}
	}
	return ders
}

// BenchmarkJugerConnu is the check per message once a sealer has been seen;
// -benchtime with ECLUSE_SCELLEURS=100000 measures the whole circle.
func BenchmarkJugerConnu(b *testing.B) {
	n := 2000
	if s := os.Getenv("ECLUSE_SCELLEURS"); s != "" {
		if _, err := fmt.Sscan(s, &n); err != nil {
			b.Fatal(err)
		}
	}
	g, m, _ := banc(b, certificat.Options{})
	ders := beaucoup(b, g, n)
	var avant, apres runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&avant)
	porteurs := make([]*certificat.Porteur, n)
	for i, d := range ders {
		v, err := m.Juger(d, nil, certificat.UsageCachet, lundi)
		if err != nil {
			b.Fatal(err)
		}
		porteurs[i] = v.Porteur
	}
	runtime.GC()
	runtime.ReadMemStats(&apres)
	octets := float64(apres.HeapAlloc-avant.HeapAlloc)/float64(n) - 8
	b.Run("Juger", func(b *testing.B) {
		b.ReportAllocs()
		cpu(b, func() {
			for i := 0; b.Loop(); i++ {
				if _, err := m.Juger(ders[i*7919%n], nil, certificat.UsageCachet, lundi); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.ReportMetric(octets, "octets/porteur")
	})
	b.Run("Rejuger", func(b *testing.B) {
		b.ReportAllocs()
		cpu(b, func() {
			for i := 0; b.Loop(); i++ {
				if _, err := m.Rejuger(nil, porteurs[i*7919%n], certificat.UsageCachet, lundi); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}

// BenchmarkJugerNeuf is the first meeting of a sealer.
func BenchmarkJugerNeuf(b *testing.B) {
	g, m, _ := banc(b, certificat.Options{Cache: 1})
	ders := beaucoup(b, g, 1000)
	for i := 0; b.Loop(); i++ {
		if _, err := m.Juger(ders[i%1000], nil, certificat.UsageCachet, lundi); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAjouterCRL loads a list of 100 000 lines.
func BenchmarkAjouterCRL(b *testing.B) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	t := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "LABO"}, NotAfter: lundi.AddDate(1, 0, 0), IsCA: true,
		BasicConstraintsValid: true, SubjectKeyId: []byte{1}, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}
	ac, err := x509.CreateCertificate(rand.Reader, t, t, k.Public(), k)
	if err != nil {
		b.Fatal(err)
	}
	l := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: lundi, NextUpdate: lundi.AddDate(0, 0, 7)}
	for i := range int64(100_000) {
		l.RevokedCertificateEntries = append(l.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: new(big.Int).Lsh(big.NewInt(i+1<<40), 80), RevocationTime: lundi, ReasonCode: 1})
	}
	der, err := x509.CreateRevocationList(rand.Reader, l, t, k)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(der)))
	b.ReportAllocs()
	for b.Loop() {
		m := certificat.NouveauMagasin(certificat.Options{})
		if err := m.RemplacerAutorites([][]byte{ac}, nil); err != nil {
			b.Fatal(err)
		}
		if _, err := m.AjouterCRL(der); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzJuger: whatever is sent, a verdict or a typed refusal comes back, and only
// what the authority signed is accepted.
func FuzzJuger(f *testing.F) {
	m, _, l := lireGolden(f)
	for _, g := range l {
		f.Add(g.der, g.motif == "")
	}
	ac := m.Intermediaires()[0]
	f.Fuzz(func(t *testing.T, der []byte, joindre bool) {
		var chaine [][]byte
		if joindre {
			chaine = [][]byte{der}
		}
		_, err := m.Juger(der, chaine, certificat.UsageTLSClient, lundi)
		if err != nil && motif(err) == 0 {
			t.Errorf("refus sans motif : %v", err)
		}
		if err == nil {
			if c, err := x509.ParseCertificate(der); err != nil || c.CheckSignatureFrom(ac) != nil {
				t.Error("accepté sans signature de l'autorité")
			}
		}
		if x := certificat.Expliquer(der, m, lundi); x.Texte() == "" {
			t.Error("explication vide")
		}
	})
}

// FuzzCRL: a list that no authority signed never enters the store.
func FuzzCRL(f *testing.F) {
	m, listes, _ := lireGolden(f)
	for _, l := range listes {
		f.Add(l)
	}
	acs := append(m.Racines(), m.Intermediaires()...)
	f.Fuzz(func(t *testing.T, der []byte) {
		_, err := m.AjouterCRL(der)
		if err != nil {
			if motif(err) == 0 {
				t.Errorf("refus sans motif : %v", err)
			}
			return
		}
		l, err := x509.ParseRevocationList(der)
		if err != nil || !slices.ContainsFunc(acs, func(c *x509.Certificate) bool { return l.CheckSignatureFrom(c) == nil }) {
			t.Error("liste non signée acceptée")
		}
	})
}
