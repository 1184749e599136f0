package droits_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// What the lists say of keys and mandates is what is believed offline, no more.
func TestClesDesListes(t *testing.T) {
	v := nouvelleVille(t)
	jour := sante.JourA(v.Horloge(), sante.Paris())
	for _, x := range []struct {
		nom       string
		f         func(*visiodroits.EntreeService)
		normale   bool // of the operator, for the insurer
		depannage bool
	}{
		{"sans mandat", func(*visiodroits.EntreeService) {}, false, false},
		{"opérateur qui répond", func(e *visiodroits.EntreeService) { e.Operateur = operateurNo }, true, false},
		{"mandat de dépannage", porteParOperateur, false, true},
		{"mandat fini hier", func(e *visiodroits.EntreeService) { porteParOperateur(e); e.DepannageMandat.Fin = jour - 1 }, false, false},
		{"mandat à venir", func(e *visiodroits.EntreeService) { porteParOperateur(e); e.DepannageMandat.Debut = jour + 1 }, false, false},
	} {
		cles, err := droits.ClesDe(v.classeur(v.listes(1, v.entree(x.f))...), v.Horloge())
		if err != nil {
			t.Fatal(err)
		}
		for g, want := range map[droits.TypeAccreditation]bool{droits.Normale: x.normale, droits.Depannage: x.depannage} {
			n := obtenirT[droits.NumeroAccreditation](t)(droits.TirerNumeroAccreditation(numeroAMC(t, operateurNo), g, nil))
			s, err := droits.SignerAccreditation(droits.Accreditation{Numero: n, AMC: numeroAMC(t, mutuelleNo), DroitsDebut: jour, DroitsFin: jour, Emission: v.Horloge(),
				Beneficiaire: droits.Empreinte{1}, Garanties: droits.Empreinte{1}}, "o1", v.cleOTP)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := droits.VerifierAccreditation(s.Jeton(), cles, v.Horloge()); (err == nil) != want || err != nil && !errors.Is(err, droits.ErrMandat) {
				t.Errorf("%s, %s : %v, want %v", x.nom, g, err, want)
			}
		}
	}
}

// A key that lists say to be in other hands signs nothing that is believed, even what the
// store has already.
func TestCleCompromise(t *testing.T) {
	v := nouvelleVille(t)
	o := v.options(v.classeur(v.listes(1, v.entree())...))
	p := v.poste(o)
	v.droits(p, 1)
	a := v.Horloge()
	j := obtenirT[visiodroits.JWK](t)(visiodroits.JWKDe(&v.cleMutuelle.PublicKey))
	l := obtenirT[*visiodroits.Liste[visiodroits.CleEmetteur]](t)(visiodroits.Complete(visiodroits.EnTete{Emetteur: operateurNo, Numero: 2, DateEmission: a, ProchaineEmission: a.Add(24 * time.Hour)},
		[]visiodroits.CleEmetteur{{Kid: "m1", Titulaire: mutuelleNo, Usage: visiodroits.PourAccreditation, JWK: j, Debut: a.AddDate(0, -1, 0), Fin: a.AddDate(1, 0, 0), Compromise: a}}))
	if _, err := o.Classeur.Deposer(obtenirT[[]byte](t)(l.Sceller(v.otp.Cachet)), a); err != nil {
		t.Fatal(err)
	}
	v.couper(refusee, v.service)
	if r := v.droits(p, 1); r.Code != visiodroits.ServiceIndisponible || r.TiersPayant {
		t.Errorf("%s, tiers payant %v", r.Code, r.TiersPayant)
	}
}

// Counters at work, lists that move, questions asked again, at the same time.
func TestPosteEnsemble(t *testing.T) {
	v := nouvelleVille(t)
	p := v.poste(v.options(v.classeur(v.listes(1, v.entree())...)))
	ctx, arreter := context.WithCancel(context.Background())
	var fond, tous sync.WaitGroup
	tenu := make(chan struct{})
	une := sync.OnceFunc(func() { close(tenu) })
	fond.Go(func() { p.Tenir(ctx, func(droits.Battement) { une() }) })
	for n := range 4 {
		patient, carte := v.patient(n)
		tous.Go(func() {
			for range 5 {
				r, err := p.Droits(ctx, patient, carte, 0)
				if err != nil || r.Code != visiodroits.Fournis && r.Code != visiodroits.Inchanges {
					t.Errorf("%+v, %v", r, err)
					return
				}
				if _, err := p.AvantFacture(r); err != nil {
					t.Error(err)
				}
			}
		})
	}
	tous.Wait()
	select {
	case <-tenu:
	case <-time.After(20 * time.Second):
		t.Error("rien n'a été tenu")
	}
	arreter()
	fond.Wait()
	s := obtenirT[*visiodroits.Statistiques](t)(p.Statistiques(sante.JourA(v.Horloge(), sante.Paris()))).Sommer(nil)
	if len(s.Codes) != 1 || s.Codes[0].Nombre != 20 {
		t.Errorf("%+v", s.Codes)
	}
}

// A question that waits survives the process, keeps its first code, and is forgotten in time.
func TestAttente(t *testing.T) {
	v := nouvelleVille(t)
	chemin := filepath.Join(t.TempDir(), "m")
	ouvrir := func() *droits.Magasin {
		return obtenirT[*droits.Magasin](t)(droits.OuvrirMagasin(chemin, droits.OptionsMagasin{Cle: make([]byte, 32)}))
	}
	o := v.options(v.classeur(v.listes(1, v.entree())...))
	o.Magasin = ouvrir()
	p := v.poste(o)
	v.couper(sansRoute, v.service, v.miroir)
	v.droits(p, 1)
	v.couper(refusee, v.service)
	v.droits(p, 1)
	if err := o.Magasin.Fermer(); err != nil {
		t.Fatal(err)
	}
	m := ouvrir()
	defer m.Fermer()
	l := obtenirT[[]droits.Attente](t)(m.Attentes())
	if len(l) != 1 || l[0].Code != visiodroits.PosteHorsLigne || l[0].Demande.Patient.NumeroAdherent.String() != "MB0000001" {
		t.Fatalf("%+v", l)
	}
	jour := sante.JourA(v.Horloge(), sante.Paris())
	obtenirT[int](t)(m.Purger(jour + 7))
	if l := obtenirT[[]droits.Attente](t)(m.Attentes()); len(l) != 1 {
		t.Errorf("après sept jours : %d", len(l))
	}
	obtenirT[int](t)(m.Purger(jour + 8))
	if l := obtenirT[[]droits.Attente](t)(m.Attentes()); len(l) != 0 {
		t.Errorf("après huit jours : %d", len(l))
	}
}

// A workstation is not made of nothing.
func TestNouveauPosteRefuse(t *testing.T) {
	v := nouvelleVille(t)
	bon := v.options(v.classeur())
	for nom, f := range map[string]func(*droits.OptionsPoste){
		"sans professionnel": func(o *droits.OptionsPoste) { o.PS = droits.Professionnel{} },
		"sans confiance":     func(o *droits.OptionsPoste) { o.Juge = nil },
		"sans classeur":      func(o *droits.OptionsPoste) { o.Classeur = nil },
		"sans magasin":       func(o *droits.OptionsPoste) { o.Magasin = nil },
		"OCT en clair":       func(o *droits.OptionsPoste) { o.OCT = &droits.OCT{Adresse: "http://a.invalid", Structure: "1"} },
		"OCT sans structure": func(o *droits.OptionsPoste) { o.OCT = &droits.OCT{Adresse: "https://a.invalid"} },
	} {
		o := bon
		f(&o)
		if p, err := droits.NouveauPoste(o); err == nil || p != nil {
			t.Errorf("%s : %v", nom, err)
		}
	}
	// Without a list, nothing is known of any insurer: never 200.
	o := bon
	o.Environnement = roc.Test
	if r := v.droits(v.poste(o), 1); r.Code != visiodroits.ServiceIndisponible {
		t.Errorf("sans liste : %s", r.Code)
	}
}

// Who says nothing of how lists are read reads them at the doors of the sector, whose
// certificates the trust of the workstation knows and the machine does not; and shows its own
// to nobody there.
func TestListesSousLaConfiance(t *testing.T) {
	v := nouvelleVille(t)
	k := &kiosqueListes{}
	listes := v.listes(1, v.entree())
	k.liste, k.cles = listes[0], listes[1]
	certificats := 0
	porte := v.porte(tls.RequestClientCert, func(w http.ResponseWriter, r *http.Request) {
		certificats += len(r.TLS.PeerCertificates)
		k.ServeHTTP(w, r)
	})
	c := v.classeur()
	o := v.options(c)
	o.Miroirs, o.HTTP = []string{porte.adresse}, nil
	o.Transport = roc.NewTransport(func() *tls.Certificate { return v.otp.Auth }, v.Magasin, v.Horloge)
	for _, l := range obtenirT[[]visiodroits.Lecture](t)(v.poste(o).Actualiser(context.Background())) {
		if l.Genre != "LAR" && l.Erreur != nil {
			t.Errorf("%s : %v", l.Genre, l.Erreur)
		}
	}
	for _, e := range c.Etats(v.Horloge()) {
		if e.Numero != 1 {
			t.Errorf("%+v", e)
		}
	}
	if certificats > 0 {
		t.Error("qui publie des listes a vu le certificat de l'officine")
	}
}
