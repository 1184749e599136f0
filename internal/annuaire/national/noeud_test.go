package national

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/charger"
	"github.com/ecluse-sante/ecluse/internal/annuaire/front"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/internal/annuaire/local"
)

// noeud is one of ours that serves the directory of the laboratory.
func noeud(t *testing.T, professionnels int) (*image.Depot, *origine) {
	t.Helper()
	n, err := local.New(local.Reglage{Graine: 3, Professionnels: professionnels})
	if err != nil {
		t.Fatal(err)
	}
	j, err := n.Journee(0)
	if err != nil {
		t.Fatal(err)
	}
	var flux []charger.Flux
	for _, f := range n.Fichiers() {
		var b bytes.Buffer
		if _, err := j.Ecrire(context.Background(), &b, f); err != nil {
			t.Fatal(err)
		}
		flux = append(flux, charger.Flux{Fichier: f, Ouvrir: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil }})
	}
	d, err := image.Ouvrir(t.TempDir(), image.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Fermer)
	donnees, err := annuaire.Charger(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := charger.Charger(context.Background(), flux, d, charger.Options{Repertoire: filepath.Join(t.TempDir(), "t"), Maintenant: midi, Donnees: donnees}); err != nil {
		t.Fatal(err)
	}
	a := annuaire.Acteur{ID: "ministere", Famille: "ministere", Motif: "essai"}
	vision, err := donnees.Regards.Vision(&a)
	if err != nil {
		t.Fatal(err)
	}
	exports, err := front.NouvelExporteur(t.TempDir(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	var porte *front.Porte
	o := nouvelleOrigine(t, func(w http.ResponseWriter, r *http.Request) { porte.ServeHTTP(w, r) })
	porte, err = front.New(d, front.Options{Base: o.URL + "/fhir", Cle: make([]byte, 32), Horloge: time.Now, Regards: donnees.Regards,
		Qui: func(*http.Request) (*annuaire.Vision, error) { return vision, nil }, Traces: sansTrace{}, Exports: exports})
	if err != nil {
		t.Fatal(err)
	}
	ctx, arreter := context.WithCancel(context.Background())
	fini := make(chan error, 1)
	go func() { fini <- porte.Exporter(ctx) }()
	t.Cleanup(func() {
		arreter()
		if err := <-fini; err != nil {
			t.Error(err)
		}
	})
	return d, o
}

type sansTrace struct{}

func (sansTrace) Tracer(context.Context, front.Lecture) error { return nil }

// A node that mirrors another by its interface, either way, has its records, under the
// same identifiers, but for what the profiles of the agency do not carry.
func TestMiroirDUnNoeud(t *testing.T) {
	source, o := noeud(t, 300)
	for _, mode := range []Mode{FHIR, Export} {
		t.Run(string(mode), func(t *testing.T) {
			dossier := t.TempDir()
			a := o.acces()
			a.Delai = 20 * time.Second
			a.Dormir = func(context.Context, time.Duration) error { time.Sleep(5 * time.Millisecond); return nil }
			s, err := Ouvrir(Config{Mode: mode, Adresses: []string{o.URL + "/fhir"}, Repertoire: dossier, Acces: a})
			if err != nil {
				t.Fatal(err)
			}
			x := nouvelleTable(t, s, dossier)
			if _, err := x.m.Tour(context.Background(), x.o); err != nil {
				t.Fatal(err)
			}
			v, w := source.Vue(), x.d.Vue()
			defer v.Rendre()
			defer w.Rendre()
			ecarts := 0
			for _, n := range toutesNatures {
				if v.Nombre(n) != w.Nombre(n) {
					t.Errorf("%v : %d à la source, %d ici", n, v.Nombre(n), w.Nombre(n))
				}
				for r := range v.Parcourir(n) {
					q, ok := w.ParID(n, v.ID(r))
					if !ok {
						t.Fatalf("%v %s absent", n, v.ID(r))
					}
					there, here := v.Lire(r), w.Lire(q)
					reduire(&there)
					reduire(&here)
					if d := cmp.Diff(there, here); d != "" && ecarts < 8 {
						ecarts++
						t.Errorf("%v : %s", n, d)
					}
				}
			}
		})
	}
}

// reduire takes away what the profiles do not carry, or what this view does not see.
func reduire(k *annuaire.Changement) {
	_, e := k.Entete()
	e.Maj, e.Version, e.Provenances = 0, 0, nil
	sansPapier := func(l []annuaire.BAL) {
		for i := range l {
			l[i].Dematerialise = ""
		}
	}
	switch {
	case k.Praticien != nil:
		p := k.Praticien
		p.Civilite.Libelle, p.CiviliteExercice.Libelle, p.Contact = "", "", annuaire.Coordonnees{}
		p.EtatCivil = annuaire.EtatCivil{Sexe: p.EtatCivil.Sexe, Naissance: p.EtatCivil.Naissance}
		sansPapier(p.BAL)
	case k.Situation != nil:
		sansPapier(k.Situation.BAL)
	case k.Structure != nil:
		t := k.Structure
		t.IDTechnique, t.AncienID, t.Adresse.BureauCedex, t.Adresse.Departement.Libelle, t.Adresse.Pays.Libelle = "", "", "", "", ""
		if t.Enseigne == t.RaisonSociale {
			t.Enseigne = ""
		}
		if t.Sorte == annuaire.SiteGeographique { // said by the legal entity alone
			t.FINESSJuridique = ""
		}
		sansPapier(t.BAL)
	case k.Activite != nil:
		e.Du, e.Au = 0, 0
		if !k.Activite.Sociale { // places are in the social profile alone
			k.Activite.Installees, k.Activite.Autorisees = 0, 0
		}
	case k.Equipement != nil:
		e.Du, e.Au = 0, 0
	}
}
