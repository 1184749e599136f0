package preuve_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ecluse-sante/ecluse/preuve"
)

// apresTout is a whole journal signed after the exchange.
func apresTout(feuilles int64) *preuve.Bilan {
	return &preuve.Bilan{Feuilles: feuilles, Point: preuve.PointControle{Instant: instant0.Add(24 * time.Hour)}}
}

func TestLitige(t *testing.T) {
	type cas struct {
		x            *echangeType
		hopital, amc *preuve.Dossier
		lh, la       *livre
	}
	const (
		non = preuve.NonEtabli
		aff = preuve.Affirme
		oui = preuve.Prouve
	)
	for _, c := range []struct {
		nom string
		// avant changes the exchange before it is written down, apres the evidence.
		avant func(*cas)
		apres func(*cas)
		faits []preuve.Constatation
		etats [4]preuve.Degre
	}{
		{nom: "les deux d'accord", etats: [4]preuve.Degre{oui, oui, oui, oui}},
		{nom: "l'AMC ne présente rien", apres: func(c *cas) { c.amc.Echange = nil },
			faits: []preuve.Constatation{preuve.SansDossier}, etats: [4]preuve.Degre{aff, oui, oui, oui}},
		{nom: "l'AMC nie, son sceau le dément", apres: func(c *cas) { c.amc.Echange, c.amc.Complet = nil, apresTout(12) },
			faits: []preuve.Constatation{preuve.ReceptionNiee}, etats: [4]preuve.Degre{aff, oui, oui, oui}},
		{nom: "l'AMC nie, l'hôpital n'a pas gardé la réponse",
			apres: func(c *cas) { c.amc.Echange, c.amc.Complet, c.hopital.Echange.Reponse = nil, apresTout(0), nil },
			faits: []preuve.Constatation{preuve.ReceptionNiee}, etats: [4]preuve.Degre{aff, non, non, oui}},
		{nom: "l'AMC présente un journal d'avant l'échange", apres: func(c *cas) {
			c.amc.Echange, c.amc.Complet = nil, &preuve.Bilan{Feuilles: 12, Point: preuve.PointControle{Instant: instant0.Add(-time.Hour)}}
		}, faits: []preuve.Constatation{preuve.SansDossier}, etats: [4]preuve.Degre{aff, oui, oui, oui}},
		{nom: "l'hôpital nie, son sceau le dément", apres: func(c *cas) { c.hopital.Echange, c.hopital.Complet = nil, apresTout(0) },
			faits: []preuve.Constatation{preuve.EnvoiNie}, etats: [4]preuve.Degre{oui, oui, aff, non}},
		{nom: "réponse perdue", avant: func(c *cas) {
			c.x.emetteur.EmpreinteReponse, c.x.emetteur.Reception = "", 0
			c.x.emetteur.CodeRetour, c.x.emetteur.Engagement = "", ""
		}, apres: func(c *cas) { c.hopital.Echange.Reponse = nil },
			faits: []preuve.Constatation{preuve.ReponseNonRecue}, etats: [4]preuve.Degre{oui, oui, aff, non}},
		{nom: "deux questions différentes", avant: func(c *cas) {
			autre := message(hopital, "", "<autre/>")
			c.x.emetteur.EmpreinteQuestion = hexSHA(autre)
		}, apres: func(c *cas) { c.hopital.Echange.Question = message(hopital, "", "<autre/>") },
			faits: []preuve.Constatation{preuve.EmpreinteQuestion, preuve.ReponseAutreQuestion}, etats: [4]preuve.Degre{oui, oui, oui, oui}},
		{nom: "codes différents", avant: func(c *cas) { c.x.emetteur.CodeRetour = "C310" },
			faits: []preuve.Constatation{preuve.ContenuDifferent}, etats: [4]preuve.Degre{oui, oui, oui, oui}},
		{nom: "sceau faux de la question", avant: func(c *cas) {
			c.x.question = message(hopital, "", "<q/>!")
			c.x.reponse = message(amc, hexSHA(c.x.question), "<r/>")
			for _, tr := range []*preuve.Trace{&c.x.emetteur, &c.x.dest} {
				tr.EmpreinteQuestion, tr.EmpreinteReponse = hexSHA(c.x.question), hexSHA(c.x.reponse)
				tr.VerdictQuestion = "S503"
			}
		}, faits: []preuve.Constatation{preuve.SceauInvalide, preuve.SceauInvalide}, etats: [4]preuve.Degre{oui, oui, oui, oui}},
		{nom: "réponse scellée par un autre", avant: func(c *cas) {
			c.x.reponse = message("3-relais", hexSHA(c.x.question), "<r/>")
			c.x.emetteur.EmpreinteReponse, c.x.dest.EmpreinteReponse = hexSHA(c.x.reponse), hexSHA(c.x.reponse)
		}, faits: []preuve.Constatation{preuve.SceauEtranger, preuve.SceauEtranger}, etats: [4]preuve.Degre{oui, oui, oui, oui}},
		{nom: "inclusion fausse", apres: func(c *cas) { c.amc.Echange.Inclusion.Chemin[0][0] ^= 1 },
			faits: []preuve.Constatation{preuve.PreuveInvalide}, etats: [4]preuve.Degre{aff, oui, oui, oui}},
		{nom: "trace récrite", apres: func(c *cas) {
			c.amc.Echange.Record = strings.Replace(c.amc.Echange.Record, "ENG-1", "ENG-2", 1)
		}, faits: []preuve.Constatation{preuve.PreuveInvalide}, etats: [4]preuve.Degre{aff, oui, oui, oui}},
		{nom: "clé d'un autre journal", apres: func(c *cas) { c.amc.Cle = c.lh.cle },
			faits: []preuve.Constatation{preuve.PreuveInvalide}, etats: [4]preuve.Degre{aff, oui, oui, oui}},
		{nom: "horloges éloignées", avant: func(c *cas) {
			c.x.dest.Reception += 3_600_000
			c.x.dest.Emission += 3_600_000
			c.la.instant = c.la.instant.Add(time.Hour)
		}, faits: []preuve.Constatation{preuve.HeuresEloignees, preuve.HeuresEloignees}, etats: [4]preuve.Degre{oui, oui, oui, oui}},
		{nom: "écrite après coup", avant: func(c *cas) { c.la.instant = c.la.instant.Add(24 * time.Hour) },
			faits: []preuve.Constatation{preuve.InscriptionTardive}, etats: [4]preuve.Degre{oui, oui, oui, oui}},
		{nom: "heures d'après la signature", avant: func(c *cas) { c.la.instant = c.la.instant.Add(-time.Hour) },
			faits: []preuve.Constatation{preuve.InscriptionAnticipee}, etats: [4]preuve.Degre{oui, oui, oui, oui}},
	} {
		t.Run(c.nom, func(t *testing.T) {
			x := unEchange()
			k := &cas{x: &x, lh: nouveauLivre(t, "hopital"), la: nouveauLivre(t, "amc")}
			if c.avant != nil {
				c.avant(k)
			}
			dossier := func(l *livre, nom string, tr preuve.Trace) *preuve.Dossier {
				bruit := tr
				bruit.IDMessage = "M-0"
				l.ajouter(bruit)
				r := l.ajouter(tr)
				l.ajouter(bruit)
				e := l.echange(r)
				e.Question, e.Reponse = x.question, x.reponse
				return &preuve.Dossier{Nom: nom, Cle: l.cle, Echange: e}
			}
			k.hopital, k.amc = dossier(k.lh, "l'hôpital", x.emetteur), dossier(k.la, "l'AMC", x.dest)
			k.hopital.Structure, k.amc.Structure = hopital, amc
			if c.apres != nil {
				c.apres(k)
			}
			got, err := preuve.Litige(*k.amc, *k.hopital, sceauJouet)
			if err != nil {
				t.Fatal(err)
			}
			var faits []preuve.Constatation
			for _, f := range got.Faits {
				faits = append(faits, f.Constatation)
			}
			if !slices.Equal(faits, c.faits) {
				t.Errorf("got %v, want %v\n%s", faits, c.faits, got)
			}
			if e := [4]preuve.Degre{got.QuestionEnvoyee, got.QuestionRecue, got.ReponseEnvoyee, got.ReponseRecue}; e != c.etats {
				t.Errorf("got %v, want %v\n%s", e, c.etats, got)
			}
			if got.Accord != (len(c.faits) == 0) || got.Emetteur != "l'hôpital" || !strings.Contains(got.String(), "Chronologie") {
				t.Errorf("report:\n%s", got)
			}
		})
	}
}

// A party cannot make evidence against a silent one with a seal that it alone says
// is the other's.
func TestLitigeSceauFabrique(t *testing.T) {
	x := unEchange()
	l := nouveauLivre(t, "amc")
	faux := message(amc, "", "<question que l'hôpital n'a jamais posée/>")
	x.dest.EmpreinteQuestion, x.dest.SceauQuestion.Structure = hexSHA(faux), amc
	e := l.echange(l.ajouter(x.dest))
	e.Question = faux
	assureur := preuve.Dossier{Nom: "l'AMC", Cle: l.cle, Echange: e, Structure: amc}
	for _, c := range []struct {
		nom       string
		structure string
		want      preuve.Degre
		remarque  bool
		faits     []preuve.Constatation
	}{
		{"structure inconnue", "", preuve.Affirme, true, []preuve.Constatation{preuve.SansDossier}},
		{"structure connue", hopital, preuve.NonEtabli, false, []preuve.Constatation{preuve.SceauEtranger, preuve.SansDossier}},
	} {
		got, err := preuve.Litige(assureur, preuve.Dossier{Nom: "l'hôpital", Structure: c.structure}, sceauJouet)
		if err != nil {
			t.Fatal(err)
		}
		var faits []preuve.Constatation
		for _, f := range got.Faits {
			faits = append(faits, f.Constatation)
		}
		remarque := slices.ContainsFunc(got.Remarques, func(f preuve.Fait) bool { return f.Constatation == preuve.StructureSupposee })
		if got.QuestionEnvoyee != c.want || remarque != c.remarque || !slices.Equal(faits, c.faits) {
			t.Errorf("%s : %v, remarque %v, %v\n%s", c.nom, got.QuestionEnvoyee, remarque, faits, got)
		}
	}
}

func TestLitigeRefuse(t *testing.T) {
	x := unEchange()
	l := nouveauLivre(t, "amc")
	a := preuve.Dossier{Nom: "A", Cle: l.cle, Echange: l.echange(l.ajouter(x.dest))}
	x.emetteur.IDMessage = "M-2"
	b := preuve.Dossier{Nom: "B", Cle: l.cle, Echange: l.echange(l.ajouter(x.emetteur))}
	for nom, c := range map[string]struct {
		a, b preuve.Dossier
		want error
	}{
		"deux échanges": {a, b, preuve.ErrLitigeAutre},
		"le même côté":  {a, a, preuve.ErrLitigeAutre},
		"rien des deux": {preuve.Dossier{Nom: "A"}, preuve.Dossier{Nom: "B"}, preuve.ErrLitigeVide},
	} {
		if _, err := preuve.Litige(c.a, c.b, nil); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", nom, err, c.want)
		}
	}
}

// repertoire exports a book as internal/journal does.
func (l *livre) repertoire() fstest.MapFS {
	l.t.Helper()
	var traces bytes.Buffer
	for _, x := range l.lignes {
		if err := preuve.EcrireLigne(&traces, x); err != nil {
			l.t.Fatal(err)
		}
	}
	fs := fstest.MapFS{preuve.FichierTraces: {Data: traces.Bytes()}, preuve.FichierPoint: {Data: l.point().Brut}}
	fs[preuve.FichierCle] = &fstest.MapFile{Data: []byte(l.cle.String() + "\n")}
	var paquet []byte
	for n, x := range l.lignes {
		if paquet = preuve.AjouterEntree(paquet, x.Feuille); (n+1)%preuve.LargeurTuile == 0 || n+1 == len(l.lignes) {
			fs[preuve.CheminEntrees(int64(n+1))] = &fstest.MapFile{Data: bytes.Clone(paquet)}
			paquet = nil
		}
	}
	for nom, b := range l.tuiles {
		fs[nom] = &fstest.MapFile{Data: b}
	}
	for _, x := range l.bord.Partielles() {
		fs[x.Chemin()] = &fstest.MapFile{Data: x.Octets()}
	}
	return fs
}

func TestChercherDossier(t *testing.T) {
	x := unEchange()
	lh, la := nouveauLivre(t, "hopital"), nouveauLivre(t, "amc")
	for n := range 300 {
		bruit := x.dest
		bruit.IDMessage = "B-" + string(rune('a'+n%26))
		la.ajouter(bruit)
	}
	lh.ajouter(x.emetteur)
	ctx := context.Background()
	h, err := preuve.ChercherDossier(ctx, "l'hôpital", lh.repertoire(), lh.cle, "M-1")
	if err != nil || h.Echange == nil {
		t.Fatal(err)
	}
	a, err := preuve.ChercherDossier(ctx, "l'AMC", la.repertoire(), la.cle, "M-1")
	if err != nil || a.Echange != nil || a.Complet == nil {
		t.Fatalf("got %+v, %v", a, err)
	}
	c, err := preuve.Litige(h, a, nil)
	if err != nil || len(c.Faits) != 1 || c.Faits[0].Constatation != preuve.ReceptionNiee {
		t.Errorf("got %+v, %v", c, err)
	}
	if !strings.Contains(c.String(), "300 feuilles") {
		t.Error(c)
	}
	la.ajouter(x.dest)
	if a, err = preuve.ChercherDossier(ctx, "l'AMC", la.repertoire(), la.cle, "M-1"); err != nil || a.Echange == nil {
		t.Fatal(err)
	}
	if c, err = preuve.Litige(h, a, nil); err != nil || !c.Accord {
		t.Errorf("got %s, %v", c, err)
	}
	// Erased leaves: absence is not proved any more.
	la.lignes[3].Sel, la.lignes[3].Trace, la.lignes[3].Efface = nil, nil, true
	a, err = preuve.ChercherDossier(ctx, "l'AMC", la.repertoire(), la.cle, "inconnu")
	if err != nil || a.Complet != nil {
		t.Errorf("got %+v, %v", a, err)
	}
	if b, err := json.Marshal(c); err != nil || !bytes.Contains(b, []byte(`"accord":true`)) {
		t.Errorf("%s %v", b, err)
	}
}

// Absence is proved by all the logs of a party, never by some.
func TestChercherDossiers(t *testing.T) {
	x := unEchange()
	un := nouveauLivre(t, "amc")
	un.ajouter(x.dest)
	autre := x.dest
	autre.IDMessage = "M-2"
	deux := un.suivant()
	deux.ajouter(autre)
	perdu := nouveauLivre(t, "amc")
	perdu.ajouter(autre)
	for _, c := range []struct {
		nom              string
		dirs             []fs.FS
		id               string
		trouve, complets bool
	}{
		{"dans le premier", []fs.FS{un.repertoire(), deux.repertoire()}, "M-1", true, true},
		{"dans le second", []fs.FS{un.repertoire(), deux.repertoire()}, "M-2", true, true},
		{"dans aucun", []fs.FS{un.repertoire(), deux.repertoire()}, "M-3", false, true},
		{"le premier caché", []fs.FS{deux.repertoire()}, "M-1", false, false},
		{"le premier seul", []fs.FS{un.repertoire()}, "M-2", false, true},
		{"rien", nil, "M-1", false, false},
	} {
		d, err := preuve.ChercherDossiers(context.Background(), "l'AMC", c.dirs, un.cle, c.id)
		if err != nil || (d.Echange != nil) != c.trouve || !c.trouve && (d.Complet != nil) != c.complets {
			t.Errorf("%s : %+v, %v", c.nom, d, err)
		}
	}
	un.ajouter(autre) // the first log grew after the second was tied to it
	d, err := preuve.ChercherDossiers(context.Background(), "l'AMC", []fs.FS{un.repertoire(), deux.repertoire()}, un.cle, "M-3")
	if err != nil || d.Complet != nil {
		t.Errorf("journal rompu : %+v, %v", d, err)
	}
	if _, err := preuve.ChercherDossiers(context.Background(), "l'AMC", []fs.FS{perdu.repertoire()}, un.cle, "M-2"); err == nil {
		t.Error("journal d'une autre clé admis")
	}
}
