package national

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/charger"
	"github.com/ecluse-sante/ecluse/rass"
)

// fichier writes a file of the directory.
func fichier(t *testing.T, f rass.Fichier, lignes ...map[rass.Colonne]string) string {
	t.Helper()
	var b bytes.Buffer
	e := rass.NewEcrivain(&b, f, rass.FormePubliee())
	for _, l := range lignes {
		v := make([][]byte, f.Entete().Len())
		for c, s := range l {
			v[c] = []byte(s)
		}
		if err := e.Ecrire(v); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func personne(rpps, nom string) map[rass.Colonne]string {
	return map[rass.Colonne]string{rass.PATypeIdentifiant: "8", rass.PAIdentifiant: rpps, rass.PAIDNat: "8" + rpps, rass.PANom: nom, rass.PAPrenom: "Zoé",
		rass.PACodeProfession: "10", rass.PAProfession: "Médecin", rass.PACodeCategorie: "C", rass.PACodeMode: "L", rass.PAFINESS: "990000127",
		rass.PAIDTechnique: "F990000127", rass.PARaisonSociale: "CABINET FICTIF", rass.PACodePostal: "41000", rass.PACodeCommune: "41018", rass.PACommune: "BLOIS"}
}

// publication is what the source publishes: its archive, and the file of mailboxes.
type publication struct {
	mu    sync.Mutex
	stamp time.Time
	zip   []byte
	bal   string
}

func (p *publication) publier(t *testing.T, stamp time.Time, personnes ...map[rass.Colonne]string) {
	t.Helper()
	var z bytes.Buffer
	w := zip.NewWriter(&z)
	for f, s := range map[rass.Fichier]string{rass.PersonneActivite: fichier(t, rass.PersonneActivite, personnes...),
		rass.SavoirFaire: fichier(t, rass.SavoirFaire), rass.Diplomes: fichier(t, rass.Diplomes)} {
		e, err := w.Create(rass.Nom{Fichier: f, Instant: stamp}.String())
		if err != nil {
			t.Fatal(err)
		}
		e.Write([]byte(s))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stamp, p.zip = stamp, z.Bytes()
	p.bal = fichier(t, rass.MSSante, map[rass.Colonne]string{rass.MSTypeBAL: "PER", rass.MSAdresse: "zoe@medecin.mssante.example", rass.MSTypeIdentifiant: "8",
		rass.MSIdentifiant: "99900112204", rass.MSIDNat: "899900112204", rass.MSCodeProfession: "10"})
}

func (p *publication) servir(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	nom, corps := rass.NomArchive(p.stamp), p.zip
	if strings.HasSuffix(r.URL.Path, "mss") {
		nom, corps = rass.Nom{Fichier: rass.MSSante, Instant: p.stamp}.String(), []byte(p.bal)
	}
	w.Header().Set("Content-Disposition", `attachment; filename="`+nom+`"`)
	http.ServeContent(w, r, "", p.stamp, bytes.NewReader(corps))
}

// A night after the other: a first load, nothing new, a difference, a bad archive, and
// what is served grows old.
func TestExtractions(t *testing.T) {
	p := &publication{}
	hier := midi.Add(-9 * time.Hour)
	p.publier(t, hier, personne("99900112204", "FICTIF"), personne("99900112212", "AUTRE"))
	o := nouvelleOrigine(t, p.servir)
	dossier := t.TempDir()
	x := nouvelleTable(t, o.ouvrir(t, Extractions, dossier, "/zip", "/mss"), dossier)
	if f := x.m.Fraicheur(midi); !f.Alerte || !f.Instant.IsZero() {
		t.Errorf("avant tout chargement : %+v", f)
	}
	r, err := x.m.Tour(context.Background(), x.o)
	if err != nil {
		t.Fatal(err)
	}
	if m := r.Mouvements[annuaire.Praticiens]; m.Nouvelles != 2 || x.nombre(annuaire.Structures) != 1 || r.Lignes() != 3 {
		t.Errorf("premier tour : %+v, %d structures, %d lignes", m, x.nombre(annuaire.Structures), r.Lignes())
	}
	if f := x.m.Fraicheur(midi); f.Alerte || !f.Instant.Equal(hier) || f.Age != 9*time.Hour {
		t.Errorf("fraîcheur %+v", f)
	}
	if r, err := x.m.Tour(context.Background(), x.o); r != nil || err != nil {
		t.Errorf("rien de neuf : %v, %v", r, err)
	}

	p.publier(t, midi, personne("99900112204", "FICTIVE"))
	x.o.Maintenant = midi.Add(time.Hour)
	o.fauter(reponse(500), coupe(strings.Repeat("x", 3000), 1000, "Last-Modified", midi.Format(http.TimeFormat)))
	if r, err = x.m.Tour(context.Background(), x.o); err != nil {
		t.Fatal(err)
	}
	if m := r.Mouvements[annuaire.Praticiens]; m.Changees != 1 || m.Finies != 1 || m.Nouvelles != 0 {
		t.Errorf("la nuit suivante : %+v", m)
	}
	p1 := x.lire(t, annuaire.Praticiens, charger.IDPraticien("899900112204", "10", "C"))
	if p1.Praticien.Nom != "FICTIVE" || p1.Praticien.Version != 2 {
		t.Errorf("%+v", p1.Praticien)
	}

	p.mu.Lock()
	p.stamp, p.zip = midi.Add(24*time.Hour), []byte("ce n'est pas une archive")
	p.mu.Unlock()
	x.o.Maintenant = midi.Add(48 * time.Hour)
	var e *rass.Erreur
	if _, err := x.m.Tour(context.Background(), x.o); !errors.As(err, &e) || e.Motif != rass.MotifArchive {
		t.Errorf("archive illisible : %v", err)
	}
	if f := x.m.Fraicheur(x.o.Maintenant); !f.Alerte || f.Echec == "" || !f.Instant.Equal(midi) {
		t.Errorf("fraîcheur après un échec : %+v", f)
	}
	if n := x.nombre(annuaire.Praticiens); n != 2 {
		t.Errorf("%d fiches après un échec", n)
	}
	neuf := NouveauMiroir(x.m.source, x.d, x.o.Donnees, dossier, nil)
	if f := neuf.Fraicheur(midi); !f.Instant.Equal(midi) {
		t.Errorf("la fraîcheur est perdue au démarrage : %+v", f)
	}
}

// What the guard refuses is proposed again, and goes through once accepted.
func TestTourAccepte(t *testing.T) {
	p := &publication{}
	var l []map[rass.Colonne]string
	for i := range 120 {
		l = append(l, personne("999000"+string(rune('A'+i/26))+string(rune('A'+i%26)), "FICTIF"))
	}
	p.publier(t, midi.Add(-time.Hour), l...)
	o := nouvelleOrigine(t, p.servir)
	dossier := t.TempDir()
	x := nouvelleTable(t, o.ouvrir(t, Extractions, dossier, "/zip"), dossier)
	x.o.AccepteePar = ""
	if _, err := x.m.Tour(context.Background(), x.o); err != nil {
		t.Fatal(err)
	}
	p.publier(t, midi, l[:20]...)
	for range 2 {
		if _, err := x.m.Tour(context.Background(), x.o); !errors.Is(err, &charger.Refus{Motif: charger.MotifAmpleur}) {
			t.Fatalf("erreur %v, attendu CHG-05", err)
		}
	}
	x.o.AccepteePar = "responsable des données"
	r, err := x.m.Tour(context.Background(), x.o)
	if err != nil || r.Mouvements[annuaire.Praticiens].Finies != 100 || !r.Repris {
		t.Fatalf("%v, %+v", err, r)
	}
}
