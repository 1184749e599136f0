package roc_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// No answer: the same question is sent again with the same idMessage, a new
// instant and a new seal, three times at most. ref: ROC §5.2, DEC 13
func TestReessais(t *testing.T) {
	labo := nouveauGuichet(t)
	for nom, x := range map[string]struct {
		coupees, recues int
		code            roc.Code
		perdue          bool
	}{
		"coupée une fois":        {1, 2, "", false},
		"coupée deux fois":       {2, 3, "", false},
		"coupée toutes les fois": {9, 3, "", true},
	} {
		t.Run(nom, func(t *testing.T) {
			t.Parallel()
			g := labo.autre(t)
			g.sur(func(n int, q recu) reponse {
				if n <= x.coupees {
					return reponse{}
				}
				return g.bonne(q, g.mutuelle.Cachet, nil)
			})
			r, err := g.demander(context.Background())
			if (err != nil) != x.perdue || x.perdue && !errors.Is(err, roc.ErrSansReponse) {
				t.Fatal(err)
			}
			l := g.questions()
			if len(l) != x.recues || len(g.registre.Departs) != x.recues || len(g.registre.Arrivees) != x.recues {
				t.Fatalf("%d questions reçues, %d départs, %d arrivées ; %d attendues", len(l), len(g.registre.Departs), len(g.registre.Arrivees), x.recues)
			}
			for i := 1; i < len(l); i++ {
				a, b := l[i-1].enveloppe, l[i].enveloppe
				if a.IDMessage != b.IDMessage || a.IDEchange != b.IDEchange || !b.Horodatage.After(a.Horodatage) {
					t.Errorf("essai %d : %+v puis %+v", i+1, a, b)
				}
				if d := g.registre.Departs[i]; d.Essai != i+1 || bytes.Equal(d.Scelle, g.registre.Departs[i-1].Scelle) {
					t.Errorf("départ %d : essai %d", i+1, d.Essai)
				}
			}
			if !x.perdue && (r.IDMessage != l[0].enveloppe.IDMessage || r.Repondant != structureMutuelle) {
				t.Errorf("rendu %+v", r)
			}
		})
	}
}

// What a partner refuses, and whether the question is sent again.
func TestRefusDuPartenaire(t *testing.T) {
	labo := nouveauGuichet(t)
	for _, x := range []struct {
		code   roc.Code
		recues int
	}{
		{roc.DelaiInterne, 3}, {roc.PanneRelais, 3}, {roc.Saturation, 3},
		{roc.Illisible, 1}, {roc.Ferme, 1}, {roc.MemeID, 1}, {roc.SceauInvalide, 1}, {roc.Rejeu, 1}, {roc.Quota, 1}, {roc.CertificatRefuse, 1},
	} {
		t.Run(string(x.code), func(t *testing.T) {
			t.Parallel()
			g := labo.autre(t)
			g.sur(func(_ int, q recu) reponse { return g.refus(q, g.mutuelle.Cachet, x.code, 0) })
			_, err := g.demander(context.Background())
			var r *roc.Refus
			if !errors.As(err, &r) || r.Code != x.code || !r.Distant || r.Detail != "(demande N1)" {
				t.Fatalf("%v : %+v", err, r)
			}
			if n := len(g.questions()); n != x.recues {
				t.Errorf("%d questions, %d attendues", n, x.recues)
			}
			if a := g.registre.Arrivees; a[len(a)-1].Code != x.code {
				t.Errorf("le registre a noté %s", a[len(a)-1].Code)
			}
		})
	}
}

// The delay that a saturated partner asks for is respected when there is time.
func TestSaturationAttendue(t *testing.T) {
	g := nouveauGuichet(t)
	g.sur(func(n int, q recu) reponse {
		if n == 1 {
			return g.refus(q, g.mutuelle.Cachet, roc.Saturation, 1)
		}
		return g.bonne(q, g.mutuelle.Cachet, nil)
	})
	if _, err := g.demander(context.Background()); err != nil {
		t.Fatal(err)
	}
	l := g.questions()
	if len(l) != 2 || l[1].a.Sub(l[0].a) < time.Second {
		t.Errorf("%d questions, %v entre elles", len(l), l[len(l)-1].a.Sub(l[0].a))
	}
}

// When there is no time, the refusal comes back at once: waiting would be useless.
func TestSaturationTropLongue(t *testing.T) {
	g := nouveauGuichet(t)
	g.client.Delais = roc.Delais{Ordinaire: 5 * time.Second}
	g.sur(func(_ int, q recu) reponse { return g.refus(q, g.mutuelle.Cachet, roc.Saturation, 60) })
	debut := time.Now()
	_, err := g.demander(context.Background())
	if codeDe(err) != roc.Saturation || len(g.questions()) != 1 {
		t.Errorf("%v, %d questions", err, len(g.questions()))
	}
	if d := time.Since(debut); d > 2*time.Second {
		t.Errorf("a attendu %v pour rien", d)
	}
}

// A partner that says nothing: the answer is lost when the delay ends.
func TestPartenaireMuet(t *testing.T) {
	g := nouveauGuichet(t)
	g.client.Delais = roc.Delais{Ordinaire: 300 * time.Millisecond}
	g.sur(func(int, recu) reponse { return reponse{tard: 5 * time.Second} })
	debut := time.Now()
	_, err := g.demander(context.Background())
	if !errors.Is(err, roc.ErrSansReponse) || time.Since(debut) > 2*time.Second {
		t.Errorf("%v après %v", err, time.Since(debut))
	}
	if a := g.registre.Arrivees; len(a) != 1 || a[0].Refus == nil || a[0].Scelle != nil {
		t.Errorf("arrivées %+v", a)
	}
}

// Answers that no client may believe, and the code that says why.
func TestReponsesFausses(t *testing.T) {
	labo := nouveauGuichet(t)
	changer := func(f func(*roc.Enveloppe)) func(*guichet, recu) reponse {
		return func(g *guichet, q recu) reponse {
			return g.bonne(q, g.mutuelle.Cachet, func(m *roc.Message[roc.ReponseEtat]) { f(&m.Enveloppe) })
		}
	}
	for nom, x := range map[string]struct {
		code     roc.Code
		repondre func(*guichet, recu) reponse
	}{
		"réponse à une autre question": {roc.SceauInvalide, changer(func(e *roc.Enveloppe) { e.EmpreinteQuestion = sceau.EmpreinteTexte([32]byte{7}) })},
		"autre échange":                {roc.SceauInvalide, changer(func(e *roc.Enveloppe) { e.IDEchange = roc.NouvelUUID() })},
		"question rendue en réponse":   {roc.SceauInvalide, changer(func(e *roc.Enveloppe) { e.Sens = roc.Question })},
		"autre service":                {roc.SceauInvalide, changer(func(e *roc.Enveloppe) { e.Service = roc.IDB })},
		"au nom d'une autre AMC":       {roc.AutreIdentifiant, changer(func(e *roc.Enveloppe) { e.Emetteur.ID = "99000303" })},
		"autre environnement":          {roc.HorsCercle, changer(func(e *roc.Enveloppe) { e.Environnement = roc.Production })},
		"horloge en avance":            {roc.Rejeu, changer(func(e *roc.Enveloppe) { e.Horodatage = e.Horodatage.Add(6 * time.Minute) })},
		"horloge en retard":            {roc.Rejeu, changer(func(e *roc.Enveloppe) { e.Horodatage = e.Horodatage.Add(-6 * time.Minute) })},
		"scellée par un tiers":         {roc.AutreIdentifiant, func(g *guichet, q recu) reponse { return g.bonne(q, g.tiers.Cachet, nil) }},
		"scellée par le demandeur":     {roc.AutreIdentifiant, func(g *guichet, q recu) reponse { return g.bonne(q, g.hopital.Cachet, nil) }},
		"refus d'un tiers":             {roc.AutreIdentifiant, func(g *guichet, q recu) reponse { return g.refus(q, g.tiers.Cachet, roc.Saturation, 0) }},
		"refus d'une autre question": {roc.SceauInvalide, func(g *guichet, q recu) reponse {
			q.empreinte = [32]byte{7}
			return g.refus(q, g.mutuelle.Cachet, roc.Illisible, 0)
		}},
		"altérée d'un octet": {roc.SceauInvalide, func(g *guichet, q recu) reponse {
			r := g.bonne(q, g.mutuelle.Cachet, nil)
			r.corps = bytes.Replace(r.corps, []byte("OPERATIONNEL"), []byte("OPERATIONNEM"), 1)
			return r
		}},
		"membre inconnu, scellé": {roc.Illisible, func(g *guichet, q recu) reponse {
			m := &roc.Message[roc.ReponseEtat]{Enveloppe: g.enveloppeDe(q), Corps: &roc.ReponseEtat{Retour: roc.RetourDe(roc.Accepte, "")}}
			j := roc.EchangeEtat.Reponse.AppendJSON(nil, m)
			return g.sceller(g.mutuelle.Cachet, bytes.Replace(j, []byte(`{"corps":{`), []byte(`{"corps":{"Autre":"x",`), 1), http.StatusOK)
		}},
	} {
		t.Run(nom, func(t *testing.T) {
			t.Parallel()
			g := labo.autre(t)
			g.sur(func(_ int, q recu) reponse { return x.repondre(g, q) })
			r, err := g.demander(context.Background())
			var refus *roc.Refus
			if !errors.As(err, &refus) || refus.Code != x.code || refus.Distant || r != nil {
				t.Fatalf("%v, %s attendu", err, x.code)
			}
			if n := len(g.questions()); n != 1 {
				t.Errorf("%d questions : une réponse qu'on ne croit pas n'est pas redemandée", n)
			}
			if a := g.registre.Arrivees; len(a) != 1 || a[0].Refus == nil || a[0].Code != x.code || len(a[0].Scelle) == 0 {
				t.Errorf("le registre n'a pas gardé la fausse réponse : %+v", a)
			}
		})
	}
}

// An answer sealed by a certificate revoked meanwhile is not believed.
func TestReponseDUnCertificatRevoque(t *testing.T) {
	g := nouveauGuichet(t)
	g.sur(func(_ int, q recu) reponse {
		g.revoquer(g.mutuelle.CachetF)
		return g.bonne(q, g.mutuelle.Cachet, nil)
	})
	if _, err := g.demander(context.Background()); codeDe(err) != roc.CertificatRefuse || len(g.questions()) != 1 {
		t.Errorf("%v, %d questions", err, len(g.questions()))
	}
}

// What is not a message at all is no answer: the question may be sent again.
func TestReponsesSansMessage(t *testing.T) {
	labo := nouveauGuichet(t)
	for nom, rep := range map[string]reponse{
		"page d'un mandataire": {code: http.StatusBadGateway, corps: []byte("<html>502</html>"), genre: "text/html"},
		"JSON sans sceau":      {code: http.StatusOK, corps: []byte(`{"message":{}}`), genre: "application/json"},
		"vide":                 {code: http.StatusOK, genre: "application/json"},
		"démesurée":            {code: http.StatusOK, corps: bytes.Repeat([]byte(" "), 2<<20), genre: "application/json"},
	} {
		t.Run(nom, func(t *testing.T) {
			t.Parallel()
			g := labo.autre(t)
			g.sur(func(int, recu) reponse { return rep })
			if _, err := g.demander(context.Background()); !errors.Is(err, roc.ErrSansReponse) || len(g.questions()) != 3 {
				t.Errorf("%v, %d questions", err, len(g.questions()))
			}
		})
	}
}

// A relay may refuse for technical reasons, in its own name, and for no other;
// it cannot answer for the insurer. ref: DEC 11
func TestRefusDuRelais(t *testing.T) {
	labo := nouveauGuichet(t)
	for nom, x := range map[string]struct {
		code     roc.Code
		distant  bool
		repondre func(*guichet, recu) reponse
	}{
		"T020":                 {roc.PanneRelais, true, func(g *guichet, q recu) reponse { return g.refus(q, g.relais.Cachet, roc.PanneRelais, 0) }},
		"S502":                 {roc.AutreIdentifiant, false, func(g *guichet, q recu) reponse { return g.refus(q, g.relais.Cachet, roc.SceauInvalide, 0) }},
		"réponse à la place":   {roc.SceauInvalide, false, func(g *guichet, q recu) reponse { return g.bonne(q, g.relais.Cachet, nil) }},
		"clair pour chiffré":   {roc.SceauInvalide, false, func(g *guichet, q recu) reponse { return g.bonne(q, g.mutuelle.Cachet, nil) }},
		"S503 du destinataire": {roc.CertificatRefuse, true, func(g *guichet, q recu) reponse { return g.refus(q, g.mutuelle.Cachet, roc.CertificatRefuse, 0) }},
	} {
		t.Run(nom, func(t *testing.T) {
			t.Parallel()
			g := labo.autre(t)
			g.client.Relais = &roc.AccesRelais{Adresse: g.adresse, Structure: structureRelais}
			g.client.Confidentialite = &g.hopital.Conf
			g.client.Delais.Essais = 1
			g.sur(func(_ int, q recu) reponse { return x.repondre(g, q) })
			_, err := g.demander(context.Background())
			var r *roc.Refus
			if !errors.As(err, &r) || r.Code != x.code || r.Distant != x.distant {
				t.Fatalf("%v, %s attendu", err, x.code)
			}
			if l := g.questions(); l[0].message.Corps != nil || l[0].message.CorpsChiffre == "" {
				t.Error("la question est passée en clair par le relais")
			}
		})
	}
}

// Without a key for the answer, a question to who receives encrypted bodies does
// not leave by a relay: it would be read there.
func TestRelaisSansCle(t *testing.T) {
	g := nouveauGuichet(t)
	g.client.Relais = &roc.AccesRelais{Adresse: g.adresse, Structure: structureRelais}
	if _, err := g.demander(context.Background()); !errors.Is(err, roc.ErrConfidentiel) || len(g.questions()) != 0 {
		t.Errorf("%v, %d questions parties", err, len(g.questions()))
	}
}

// A relay is pinned whatever the way its fingerprint is written, and never by what is not one.
func TestEmpreinteDuRelais(t *testing.T) {
	g := nouveauGuichet(t)
	g.sur(func(_ int, q recu) reponse { return g.refus(q, g.relais.Cachet, roc.PanneRelais, 0) })
	g.client.Confidentialite, g.client.Delais.Essais = &g.hopital.Conf, 1
	autre := strings.Repeat("ab", 32)
	for empreinte, want := range map[string]struct {
		code roc.Code
		part bool
	}{
		g.epingle: {roc.PanneRelais, true}, strings.ToUpper(g.epingle[:2] + ":" + g.epingle[2:]): {roc.PanneRelais, true},
		autre: {roc.CertificatRefuse, false}, "empreinte": {"?", false}, g.epingle[2:]: {"?", false},
	} {
		avant := len(g.questions())
		g.client.Relais = &roc.AccesRelais{Adresse: g.adresse, Structure: structureRelais, Empreintes: []string{empreinte}}
		_, err := g.demander(context.Background())
		if err == nil || codeDe(err) != want.code || len(g.questions()) > avant != want.part {
			t.Errorf("%q : %v, %s attendu", empreinte, err, want.code)
		}
	}
}

// A question that could not be written down is not sent.
func TestRegistreEnPanne(t *testing.T) {
	g := nouveauGuichet(t)
	g.sur(func(_ int, q recu) reponse { return g.bonne(q, g.mutuelle.Cachet, nil) })
	g.client.Registre = registreEnPanne{}
	if _, err := g.demander(context.Background()); !errors.Is(err, errPlein) || len(g.questions()) != 0 {
		t.Errorf("%v, %d questions parties", err, len(g.questions()))
	}
	g.client.Registre = nil
	if _, err := g.demander(context.Background()); err == nil || len(g.questions()) != 0 {
		t.Errorf("sans registre : %v", err)
	}
}

var errPlein = errors.New("disque plein")

type registreEnPanne struct{}

func (registreEnPanne) Question(context.Context, *roc.Depart) error { return errPlein }
func (registreEnPanne) Reponse(context.Context, *roc.Arrivee) error { return errPlein }

// What the directory says decides: without the service, or refused, nothing leaves.
func TestSansAdresse(t *testing.T) {
	labo := nouveauGuichet(t)
	for nom, x := range map[string]struct {
		code    roc.Code
		changer func(*roc.ReponseAnnuaire)
	}{
		"service absent":    {roc.AucunService, func(r *roc.ReponseAnnuaire) { r.Points = nil }},
		"pas encore ouvert": {roc.AucunService, func(r *roc.ReponseAnnuaire) { r.Points[0].OuvertureDebut = le(1, 1) + 4000 }},
		"fermé":             {roc.AucunService, func(r *roc.ReponseAnnuaire) { r.Points[0].OuvertureFin = 2 }},
		"AMC inconnue":      {roc.AMCInconnue, func(r *roc.ReponseAnnuaire) { r.Retour = roc.RetourDe(roc.AMCInconnue, "") }},
		"AMC remplacée":     {roc.AMCRemplacee, func(r *roc.ReponseAnnuaire) { r.Retour = roc.RetourDe(roc.AMCRemplacee, "") }},
		"adresse en clair":  {roc.PanneRelais, func(r *roc.ReponseAnnuaire) { r.Points[0].Adresse = "http://127.0.0.1:1" }},
		"mandat échu": {roc.AutreIdentifiant, func(r *roc.ReponseAnnuaire) {
			r.Structure = ""
			r.Operateur = &roc.Operateur{ID: "O", Structure: structureMutuelle, MandatDebut: 1, MandatFin: 2}
		}},
		"opérateur mandaté": {"", func(r *roc.ReponseAnnuaire) {
			r.Structure = ""
			r.Operateur = &roc.Operateur{ID: "O", Structure: structureMutuelle, MandatDebut: 1}
		}},
		"autre certificat TLS": {roc.CertificatRefuse, func(r *roc.ReponseAnnuaire) {
			e := r.Points[0].CertificatEmpreinte[0]
			autre := "0"
			if e[:1] == autre {
				autre = "1"
			}
			r.Points[0].CertificatEmpreinte[0] = autre + e[1:]
		}},
	} {
		t.Run(nom, func(t *testing.T) {
			t.Parallel()
			g := labo.autre(t)
			g.sur(func(_ int, q recu) reponse { return g.bonne(q, g.mutuelle.Cachet, nil) })
			r := g.annuaire()
			x.changer(r)
			g.client.Resolveur.Demander = func(context.Context, *roc.DemandeAnnuaire) (*roc.ReponseAnnuaire, error) { return r, nil }
			if _, err := g.demander(context.Background()); codeDe(err) != x.code {
				t.Errorf("%v, %q attendu", err, x.code)
			}
		})
	}
}

// revoquer revokes a certificate and loads the new list.
func (g *guichet) revoquer(f igc.Fiche) {
	ctx := context.Background()
	if err := g.IGC.Revoquer(ctx, f.AC, f.Serie, 1, g.Horloge(), "essai"); err != nil {
		g.tb.Error(err)
	}
	l, err := g.IGC.Publier(ctx, f.AC, g.Horloge())
	if err != nil {
		g.tb.Error(err)
	}
	if _, err := g.Magasin.AjouterCRL(l.DER); err != nil {
		g.tb.Error(err)
	}
}
