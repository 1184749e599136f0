package pupitre_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/internal/pupitre/pupitretest"
	"github.com/ecluse-sante/ecluse/preuve"
	"github.com/ecluse-sante/ecluse/roc"
)

func TestEtapesTiennent(t *testing.T) {
	for _, e := range pupitretest.New(t).Etapes() {
		if err := e.Coherente(); err != nil || !e.Tient() {
			t.Errorf("étape %d : %v", e.Numero, err)
		}
	}
}

// Each row spoils a good step in one way.
func TestCoherente(t *testing.T) {
	for _, c := range []struct {
		nom    string
		gater  func(e *pupitre.Etape)
		erreur string
	}{
		{"rien", func(*pupitre.Etape) {}, ""},
		{"un centime de trop sur une ligne", func(e *pupitre.Etape) { e.Lignes[0].AMC++ }, "ligne 1"},
		{"un centime de trop au total", func(e *pupitre.Etape) { e.Totaux.Patient++ }, "totaux"},
		{"part d'un autre rang oubliée", func(e *pupitre.Etape) { e.Lignes[0].Rangs = nil }, "ligne 1"},
		{"deux parts échangées au total", func(e *pupitre.Etape) { e.Totaux.AMC++; e.Totaux.Patient-- }, "somme des lignes"},
		{"ligne oubliée", func(e *pupitre.Etape) { e.Lignes = e.Lignes[1:] }, "somme des lignes"},
		{"preuve refusée", func(e *pupitre.Etape) { e.Preuve.Verifiee, e.Preuve.Echec = false, "racine" }, "racine"},
	} {
		t.Run(c.nom, func(t *testing.T) {
			e, _ := pupitretest.New(t).Etape(5)
			c.gater(&e)
			err := e.Coherente()
			if (err == nil) != (c.erreur == "") || err != nil && !strings.Contains(err.Error(), c.erreur) {
				t.Errorf("got %v, attendu %q", err, c.erreur)
			}
			if e.Tient() != (c.erreur == "") {
				t.Errorf("tient : %v", e.Tient())
			}
		})
	}
}

func TestLignes(t *testing.T) {
	e, _ := pupitretest.New(t).Etape(5)
	q, r := e.Question.Corps().(*roc.DemandeCalcul), e.Reponse.Corps().(*roc.ReponseCalcul)
	l := pupitre.Lignes(q, r)
	if len(l) != 3 || l[0].Libelle != "Frais de séjour (GHS)" || l[0].Rangs[0].Montant != 4000 || l[0].Phrase == "" || l[2].Libelle != "Chambre particulière × 4" {
		t.Errorf("lignes %+v", l)
	}
	pupitre.Sources(l, &calcul.Resultat{Lignes: []calcul.LigneCalculee{{Rang: 2, Etape: calcul.Etape{Source: "arrêté"}}}})
	if l[0].Source != "" || l[1].Source != "arrêté" {
		t.Errorf("sources %q, %q", l[0].Source, l[1].Source)
	}
	r.Lignes = r.Lignes[1:]
	if got := len(pupitre.Lignes(q, r)); got != 2 {
		t.Errorf("réponse sans la ligne 1 : %d lignes, attendu 2", got)
	}
	var noms []string
	for _, c := range e.Colonnes() {
		noms = append(noms, c.Nom)
	}
	if d := cmp.Diff([]string{"AMO", "AMC rang 1", "Cette AMC", "Patient"}, noms); d != "" {
		t.Error(d)
	}
}

func TestPreuve(t *testing.T) {
	e, _ := pupitretest.New(t).Etape(5)
	p := e.Preuve
	if !p.Verifiee || p.Taille != 5 || p.Rang != 4 {
		t.Fatalf("preuve %+v", p)
	}
	autre := []byte(strings.Replace(string(p.Trace), "CLC", "DEL", 1))
	faux := preuve.Inclusion{Point: string(p.Point), Rang: p.Rang, Feuille: p.Feuille, Chemin: p.Chemin}
	if got := pupitre.PreuveDe(faux, preuve.Cle{}, nil, autre); got.Verifiee || got.Echec == "" {
		t.Errorf("clé d'un autre : %+v", got)
	}
}

func TestEngagement(t *testing.T) {
	m := pupitretest.New(t)
	clc, _ := m.Etape(2)
	del, _ := m.Etape(3)
	if clc.Engagement == nil || !clc.Engagement.Actif() || clc.Engagement.Etendue != "partielle" {
		t.Errorf("CLC : %+v", clc.Engagement)
	}
	if del.Engagement == nil || del.Engagement.Actif() || del.Engagement.Numero != clc.Engagement.Numero {
		t.Errorf("DEL : %+v", del.Engagement)
	}
}

// An answer that the client did not believe gives neither shares nor engagement,
// even when its seal is good.
func TestReponseRefusee(t *testing.T) {
	m := pupitretest.New(t)
	clc, _ := m.Etape(2)
	arr := &roc.Arrivee{Depart: roc.Depart{Service: roc.CLC, Instant: clc.Debut, Scelle: clc.Question.Brut}, Instant: clc.Debut, Scelle: clc.Reponse.Brut,
		Refus: roc.Refuser(roc.AutreIdentifiant, "réponse d'un autre")}
	var e pupitre.Etape
	e.DeArrivee(m.Loupe, arr, nil)
	if e.Code != roc.AutreIdentifiant || e.Engagement != nil || e.Totaux != nil || !e.Reponse.Garanti || e.Refus == nil {
		t.Errorf("code %s, engagement %v, totaux %v", e.Code, e.Engagement, e.Totaux)
	}
	arr.Refus = nil
	e = pupitre.Etape{}
	e.DeArrivee(m.Loupe, arr, nil)
	if e.Code != roc.AvecReserve || e.Engagement == nil || e.Totaux == nil {
		t.Errorf("sans refus : code %s", e.Code)
	}
}

func TestDeRendu(t *testing.T) {
	m := pupitretest.New(t)
	clc, _ := m.Etape(4) // encrypted, through a relay
	corps := clc.Reponse.Corps().(*roc.ReponseCalcul)
	r := &roc.Rendu[roc.ReponseCalcul]{Corps: corps, Message: &roc.Message[roc.ReponseCalcul]{Enveloppe: *clc.Reponse.Enveloppe(), Corps: corps},
		Question: clc.Question.Brut, Reponse: clc.Reponse.Brut, Duree: clc.Duree, Chiffre: true, Annuaire: roc.Fraicheur{Cache: true, Lue: clc.Debut}}
	var e pupitre.Etape
	pupitre.DeRendu(&e, &pupitre.Loupe{Magasin: m.Loupe.Magasin}, r, clc.Question.Corps())
	if !e.Question.Clair || !e.Reponse.Clair || !e.Question.Garanti || !e.Indicatif || e.Annuaire != "adresse gardée depuis le 02/03/2026 10:36:00" {
		t.Errorf("étape %+v", e)
	}
	if d := cmp.Diff([]any{clc.Lignes, clc.Totaux, clc.Code, clc.Relais, clc.Face}, []any{e.Lignes, e.Totaux, e.Code, e.Relais, e.Face}); d != "" {
		t.Errorf("-DeArrivee +DeRendu\n%s", d)
	}
}

func TestRefuse(t *testing.T) {
	var e pupitre.Etape
	e.Refuse(&roc.Refus{Code: roc.Saturation, Reprise: 3}, "Attendre.")
	if e.Code != roc.Saturation || e.Refus.Reessai != "dans 3 s" || e.Refus.QueFaire != "Attendre." {
		t.Errorf("refus %+v", e.Refus)
	}
	e = pupitre.Etape{}
	e.Refuse(roc.ErrSansReponse, "")
	if e.Code != "" || e.Refus.Libelle != "Aucune réponse" {
		t.Errorf("sans réponse : %+v", e.Refus)
	}
	for _, s := range roc.Significations() {
		if x := pupitre.ExpliquerRefus(s.Code, "", ""); (x == nil) != s.Code.Accord() {
			t.Errorf("%s : %+v", s.Code, x)
		}
	}
	if pupitre.ExpliquerRefus("Z999", "", "") != nil {
		t.Error("code hors du profil expliqué")
	}
}
