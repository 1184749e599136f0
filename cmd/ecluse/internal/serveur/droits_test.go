package serveur

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// An insurer publishes and answers what its configuration says of its rights: nothing when it
// says nothing, that it does not open them, or each service that it opens. Those that others
// hold for it are among them: its list is exhaustive, and what it left out would be read as
// not open (200).
func TestDroitsPublies(t *testing.T) {
	l, err := Migrations()
	if err != nil {
		t.Fatal(err)
	}
	non, oui := false, true
	const tiers = "99009901"
	cas := []struct {
		nom      string
		numero   string
		d        config.Droits
		services int
		publies  []string
	}{
		{"rien de dit", "99000001", config.Droits{}, 0, nil},
		{"dit fermé", "99000002", config.Droits{Ouvre: &non}, 1, []string{"DLD NON_OUVERT"}},
		{"ouvert", "99000003", config.Droits{Ouvre: &oui, Categories: droits.Categorie("").Codes()}, 2, []string{"DLD OUVERT", "LAR OUVERT", "STA OUVERT"}},
		{"tarifé par un tiers", "99000004", config.Droits{Ouvre: &oui, Factures: config.FacturesVille{Ouvert: true}, Specifiques: config.Specifiques{Prestations: []string{"OPT1"}, Seuil: 20},
			Tiers: config.TiersAcces{Adresse: "https://tiers.exemple.fr", Structure: "2999101306", ID: tiers}}, 2,
			[]string{"DLD OUVERT", "DOS OUVERT", "FAO OUVERT", "LAR OUVERT", "STA OUVERT", "TAR OUVERT"}},
	}
	bddtest.Moteurs(t, func(t *testing.T, base *bdd.Base) {
		if err := base.Migrer(context.Background(), l); err != nil {
			t.Fatal(err)
		}
		for _, x := range cas {
			t.Run(x.nom, func(t *testing.T) {
				p := &Processus{Base: base, Kiosque: &visiodroits.Kiosque{}, Fichier: &config.Fichier{}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Horloge: time.Now}
				p.Fichier.Donnees, p.Fichier.Ecoute.Ouverte, p.Fichier.Ecoute.Adresse = t.TempDir(), "127.0.0.1:8470", "127.0.0.1:8443"
				p.serveur = func() *tls.Certificate { return &tls.Certificate{Certificate: [][]byte{[]byte("un")}} }
				c := &config.AMC{Numero: x.numero, Libelle: "MUTUELLE FICTIVE", DelaiPaye: 12, Portefeuille: "local", Droits: x.d}
				c.Identite.Structure = "2999100209"
				var suivies *listesSuivies
				if x.d.Tiers.ID != "" { // whose lists nobody read yet
					suivies = &listesSuivies{tiers: entreeDuTiers(&c.Droits.Tiers)}
					if suivies.classeur, err = visiodroits.NouveauClasseur(nil, visiodroits.Attendu{Genre: visiodroits.GenreCertificats, Emetteur: tiers, Structures: []string{x.d.Tiers.Structure}}); err != nil {
						t.Fatal(err)
					}
				}
				services, publient, err := p.servicesDroits(context.Background(), c, TenantAMC(x.numero), &amc.Service{}, suivies)
				if err != nil {
					t.Fatal(err)
				}
				var publies []string
				for _, e := range p.Emetteurs {
					for _, f := range e.services {
						for _, s := range f() {
							if err := s.Valider(); err != nil {
								t.Errorf("%s : %v", s.Service, err)
							}
							publies = append(publies, string(s.Service)+" "+string(s.Statut))
						}
					}
				}
				slices.Sort(publies)
				if !slices.Equal(publies, x.publies) || len(services) != x.services || (len(publient) > 0) != (x.d.Ouvre != nil) {
					t.Errorf("%d services, %v, want %d, %v", len(services), publies, x.services, x.publies)
				}
			})
		}
	})
}
