package igc_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/internal/igc/igctest"
	"github.com/ecluse-sante/ecluse/internal/igc/local"
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

// TestProfils: each profile serves its own purpose and no other.
func TestProfils(t *testing.T) {
	g := igctest.Nouvelle(t, fixe)
	m := igctest.Magasin(t, g, lundi, certificat.Options{})
	for _, c := range []struct {
		p      igc.Profil
		s      igc.Sujet
		usages certificat.Usage
	}{
		{igc.ProfilOrgAuth, igctest.Structure(), certificat.UsageTLSClient},
		{igc.ProfilOrgSign, igctest.Structure(), certificat.UsageCachet},
		{igc.ProfilOrgConf, igctest.Structure(), certificat.UsageConfidentialite},
		{igc.ProfilServSSL, igctest.Structure(), certificat.UsageTLSServeur},
		{igc.ProfilServMail, igctest.Structure(), certificat.UsageSMIME | certificat.UsageConfidentialite},
		{igc.ProfilPSAuth, igctest.Personne(), certificat.UsageTLSClient},
		{igc.ProfilPSSign, igctest.Personne(), certificat.UsageSignature},
	} {
		t.Run(string(c.p), func(t *testing.T) {
			e := igctest.Emettre(t, g, c.p, c.s)
			for u := certificat.UsageTLSClient; u <= certificat.UsageReponseOCSP; u <<= 1 {
				_, err := m.Juger(e.Certificat.Raw, nil, u, lundi)
				if (err == nil) != (c.usages&u != 0) {
					t.Errorf("usage %v : %v, want accepté=%v", u, err, c.usages&u != 0)
				}
			}
			f, err := g.Fiche(ctx, e.Fiche.AC, e.Fiche.Serie)
			if err != nil || !f.CleServeur || f.Par != "essai" {
				t.Errorf("fiche %+v, %v : la clé générée par le serveur et le demandeur doivent y être", f, err)
			}
		})
	}
}

// TestDemandesRefusees: nothing is signed or written down for a wrong request.
func TestDemandesRefusees(t *testing.T) {
	g := igctest.Nouvelle(t, fixe)
	s := igctest.Structure()
	avec := func(f func(*igc.Sujet)) igc.Sujet { c := s; f(&c); return c }
	for nom, d := range map[string]igc.Demande{
		"profil inconnu":           {Profil: "X", Sujet: s, Par: "essai"},
		"demandeur non dit":        {Profil: igc.ProfilOrgSign, Sujet: s},
		"clé FINESS fausse":        {Profil: igc.ProfilOrgSign, Sujet: avec(func(s *igc.Sujet) { s.Structure = "1990000128" }), Par: "essai"},
		"sans structure":           {Profil: igc.ProfilOrgSign, Sujet: avec(func(s *igc.Sujet) { s.Structure = "" }), Par: "essai"},
		"organisation trop longue": {Profil: igc.ProfilOrgSign, Sujet: avec(func(s *igc.Sujet) { s.Organisation = string(make([]byte, 65)) }), Par: "essai"},
		"serveur sans SAN":         {Profil: igc.ProfilServSSL, Sujet: s, Par: "essai"},
		"SAN hors d'un serveur":    {Profil: igc.ProfilOrgSign, Sujet: s, DNS: []string{"a.invalid"}, Par: "essai"},
		"nom DNS irrégulier":       {Profil: igc.ProfilServSSL, Sujet: s, DNS: []string{"a b"}, Par: "essai"},
		"personne sans RPPS juste": {Profil: igc.ProfilPSAuth, Sujet: igc.Sujet{Nom: "VAUTRIN", Prenom: "OCÉANE", IdNatPS: "899900112205"}, Par: "essai"},
		"durée de quatre ans":      {Profil: igc.ProfilOrgSign, Sujet: s, Duree: 4 * 365 * 24 * time.Hour, Par: "essai"},
		"PKCS#10 illisible":        {Profil: igc.ProfilOrgSign, Sujet: s, CSR: []byte("x"), Par: "essai"},
		"clé RSA faible":           {Profil: igc.ProfilOrgSign, Sujet: s, Algo: "RSA-1024", Par: "essai"},
	} {
		if _, err := g.Emettre(ctx, d); err == nil {
			t.Errorf("%s : accepté", nom)
		}
	}
	if l, err := g.Lister(ctx, igc.Filtre{}); err != nil || len(l) != 0 {
		t.Errorf("%d fiches écrites pour des demandes refusées (%v)", len(l), err)
	}
}

func pkcs10(t *testing.T, k *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "autre"}}, k)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestPKCS10(t *testing.T) {
	g := igctest.Nouvelle(t, fixe)
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	d := igc.Demande{Profil: igc.ProfilOrgSign, Sujet: igctest.Structure(), CSR: pkcs10(t, k), Par: "essai"}
	e, err := g.Emettre(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	if e.Cle != nil || e.Fiche.CleServeur || !k.PublicKey.Equal(e.Certificat.PublicKey) || e.Certificat.Subject.CommonName == "autre" {
		t.Error("la clé vient de la demande, le nom n'en vient pas")
	}
	altere := slices.Clone(d.CSR)
	altere[len(altere)-1] ^= 1
	if _, err := g.Emettre(ctx, igc.Demande{Profil: d.Profil, Sujet: d.Sujet, CSR: altere, Par: "essai"}); !errors.Is(err, igc.ErrDemande) {
		t.Errorf("possession de la clé non prouvée : %v, want ErrDemande", err)
	}
	if err := g.Revoquer(ctx, e.Fiche.AC, e.Fiche.Serie, certificat.RaisonCleCompromise, time.Time{}, "essai"); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Emettre(ctx, d); !errors.Is(err, igc.ErrDemande) {
		t.Errorf("clé compromise certifiée de nouveau : %v", err)
	}
}

// TestVieDUnCertificat: suspended, resumed, revoked, as a partner's store sees it
// through full lists and deltas.
func TestVieDUnCertificat(t *testing.T) {
	maintenant := lundi
	g := igctest.Nouvelle(t, func() time.Time { return maintenant })
	m := igctest.Magasin(t, g, maintenant, certificat.Options{})
	e := igctest.Emettre(t, g, igc.ProfilOrgSign, igctest.Structure())
	attendre := func(etape string, want certificat.Motif) {
		t.Helper()
		_, err := m.Juger(e.Certificat.Raw, nil, certificat.UsageCachet, maintenant)
		if got := motif(err); got != want || (want == 0) != (err == nil) {
			t.Errorf("%s : %v, want %v", etape, err, want)
		}
	}
	delta := func() {
		t.Helper()
		maintenant = maintenant.Add(time.Hour)
		l, err := g.PublierDelta(ctx, e.Fiche.AC, maintenant)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.AjouterCRL(l.DER); err != nil {
			t.Fatal(err)
		}
	}
	faire := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	attendre("neuf", 0)
	faire(g.Suspendre(ctx, e.Fiche.AC, e.Fiche.Serie, "essai"))
	attendre("suspendu, non publié", 0)
	delta()
	attendre("suspendu, en différentielle", certificat.MotifRevoque)
	maintenant = maintenant.Add(time.Hour)
	igctest.Publier(t, g, m, maintenant)
	attendre("suspendu, en liste pleine", certificat.MotifRevoque)
	faire(g.Reprendre(ctx, e.Fiche.AC, e.Fiche.Serie, "essai"))
	delta()
	attendre("repris, removeFromCRL", 0)
	maintenant = maintenant.Add(time.Hour)
	igctest.Publier(t, g, m, maintenant)
	attendre("repris, en liste pleine", 0)
	faire(g.Revoquer(ctx, e.Fiche.AC, e.Fiche.Serie, certificat.RaisonRemplace, lundi, "essai"))
	delta()
	attendre("révoqué", certificat.MotifRevoque)
	if err := g.Reprendre(ctx, e.Fiche.AC, e.Fiche.Serie, "essai"); !errors.Is(err, igc.ErrEtat) {
		t.Errorf("un révoqué a été repris : %v", err)
	}
	if _, err := g.Renouveler(ctx, e.Fiche.AC, e.Fiche.Serie, nil, "essai"); !errors.Is(err, igc.ErrEtat) {
		t.Errorf("un révoqué a été renouvelé : %v", err)
	}
}

// TestSommeilDUneSemaine: a lab left alone publishes again when it starts, and is
// then quiet until the next list is due. ref: DEC 15
func TestSommeilDUneSemaine(t *testing.T) {
	maintenant := lundi
	g := igctest.Nouvelle(t, func() time.Time { return maintenant })
	m := igctest.Magasin(t, g, maintenant, certificat.Options{})
	e := igctest.Emettre(t, g, igc.ProfilOrgSign, igctest.Structure())
	for _, c := range []struct {
		apres time.Duration
		n     int
	}{
		{0, 0}, {59 * time.Minute, 0}, {time.Hour, 6}, {time.Hour + time.Minute, 0}, {12 * time.Hour, 6}, {12*time.Hour + 30*time.Minute, 0},
		{8 * 24 * time.Hour, 6}, {31 * 24 * time.Hour, 9},
	} {
		maintenant = lundi.Add(c.apres)
		l, err := g.PublierSiNecessaire(ctx, maintenant)
		if err != nil || len(l) != c.n {
			t.Errorf("après %v : %d listes (%v), want %d", c.apres, len(l), err, c.n)
		}
		for _, x := range l {
			if _, err := m.AjouterCRL(x.DER); err != nil {
				t.Errorf("après %v : %v", c.apres, err)
			}
		}
		if _, err := m.Juger(e.Certificat.Raw, nil, certificat.UsageCachet, maintenant); err != nil {
			t.Errorf("après %v : %v", c.apres, err)
		}
	}
}

func TestRenouveler(t *testing.T) {
	g := igctest.Nouvelle(t, fixe)
	for _, c := range []struct {
		p igc.Profil
		s igc.Sujet
	}{{igc.ProfilServSSL, igctest.Structure()}, {igc.ProfilPSSign, igctest.Personne()}} {
		e := igctest.Emettre(t, g, c.p, c.s)
		n, err := g.Renouveler(ctx, e.Fiche.AC, e.Fiche.Serie, nil, "essai")
		if err != nil {
			t.Fatal(err)
		}
		if n.Fiche.Remplace != e.Fiche.Serie || n.Fiche.Sujet != e.Fiche.Sujet || n.Fiche.EmpreinteCle == e.Fiche.EmpreinteCle ||
			!slices.Equal(n.Certificat.DNSNames, e.Certificat.DNSNames) || n.Fiche.Profil != c.p {
			t.Errorf("%s : renouvelé autrement : %+v", c.p, n.Fiche)
		}
	}
}

// TestGenerationSuivante: the next authority stands beside the current one; both
// generations of leaves are good after the switch, without restart.
func TestGenerationSuivante(t *testing.T) {
	g := igctest.Nouvelle(t, fixe)
	m := igctest.Magasin(t, g, lundi, certificat.Options{})
	avant := igctest.Emettre(t, g, igc.ProfilOrgSign, igctest.Structure())
	a, err := g.Preparer(ctx, "ACI-EL-ORG")
	if err != nil {
		t.Fatal(err)
	}
	if e := igctest.Emettre(t, g, igc.ProfilOrgSign, igctest.Structure()); e.Fiche.AC != "ACI-EL-ORG" {
		t.Errorf("préparée seulement, %s émet déjà", e.Fiche.AC)
	}
	if err := m.AjouterAutorites([][]byte{a.Certificat.Raw}); err != nil {
		t.Fatal(err)
	}
	if err := g.Basculer(ctx, a.Nom); err != nil {
		t.Fatal(err)
	}
	igctest.Publier(t, g, m, lundi)
	apres := igctest.Emettre(t, g, igc.ProfilOrgSign, igctest.Structure())
	if apres.Fiche.AC != "ACI-EL-ORG-G2" {
		t.Errorf("émis par %s, want ACI-EL-ORG-G2", apres.Fiche.AC)
	}
	for _, e := range []igc.Emission{avant, apres} {
		if _, err := m.Juger(e.Certificat.Raw, nil, certificat.UsageCachet, lundi); err != nil {
			t.Errorf("%s : %v", e.Fiche.AC, err)
		}
	}
	if err := g.RevoquerAC(ctx, "ACI-EL-ORG", certificat.RaisonACCompromise, "essai"); err != nil {
		t.Fatal(err)
	}
	igctest.Publier(t, g, m, lundi)
	if _, err := m.Juger(avant.Certificat.Raw, nil, certificat.UsageCachet, lundi); motif(err) != certificat.MotifAutoriteRevoquee {
		t.Errorf("autorité révoquée : %v", err)
	}
	if _, err := m.Juger(apres.Certificat.Raw, nil, certificat.UsageCachet, lundi); err != nil {
		t.Errorf("la génération suivante n'est pas touchée : %v", err)
	}
}

func TestLot(t *testing.T) {
	g := igctest.Nouvelle(t, fixe)
	ds := make([]igc.Demande, 50)
	for i := range ds {
		ds[i] = igc.Demande{Profil: igc.ProfilOrgSign, Sujet: igctest.Structure(), Par: "essai"}
	}
	l, err := g.EmettreLot(ctx, ds)
	if err != nil || len(l) != 50 {
		t.Fatalf("%d émissions, %v", len(l), err)
	}
	ds[49].Sujet.Structure = "x"
	if _, err := g.EmettreLot(ctx, ds); err == nil {
		t.Error("un lot dont une demande est fausse a été émis")
	}
	if f, err := g.Lister(ctx, igc.Filtre{}); err != nil || len(f) != 50 {
		t.Errorf("%d fiches, %v ; want 50", len(f), err)
	}
}

// TestAutoritesRSA: RSA authorities rehearse with an RSA key and certify holders of
// either kind.
func TestAutoritesRSA(t *testing.T) {
	d, err := local.Ouvrir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	g, err := igc.Creer(ctx, igc.Parametres{Base: "http://h/igc", Racines: igc.RSA2048, Autorites: igc.RSA2048,
		Gammes: []certificat.Gamme{certificat.GammeElementaire}}, d, d, fixe)
	if err != nil {
		t.Fatal(err)
	}
	m := igctest.Magasin(t, g, lundi, certificat.Options{})
	for _, algo := range []igc.Algorithme{igc.EC256, igc.RSA2048} {
		for p, u := range map[igc.Profil]certificat.Usage{igc.ProfilOrgConf: certificat.UsageConfidentialite, igc.ProfilServSSL: certificat.UsageTLSServeur} {
			e, err := g.Emettre(ctx, igc.Demande{Profil: p, Sujet: igctest.Structure(), Algo: algo, Par: "essai", DNS: map[bool][]string{true: {"a.invalid"}}[p == igc.ProfilServSSL]})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := m.Juger(e.Certificat.Raw, nil, u, lundi); err != nil {
				t.Errorf("%s %s : %v", algo, p, err)
			}
		}
	}
}

func BenchmarkEmettreLot(b *testing.B) {
	g := igctest.Nouvelle(b, fixe)
	ds := make([]igc.Demande, 500)
	for i := range ds {
		ds[i] = igc.Demande{Profil: igc.ProfilOrgSign, Sujet: igctest.Structure(), Par: "essai"}
	}
	for b.Loop() {
		if _, err := g.EmettreLot(ctx, ds); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*500), "µs/certificat")
}
