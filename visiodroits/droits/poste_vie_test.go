package droits_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// inchanges answers « unchanged » to who quotes the rights it gave, and new ones otherwise.
func inchanges(q *question) rendu {
	k := q.m.Corps.DroitsConnus
	if k == nil {
		return q.fournir(nil)
	}
	return q.repondre(q.v.mutuelle, &droits.FournitDroits{Retour: visiodroits.RetourDe(visiodroits.Inchanges, ""), Etat: droits.NonModifie, DateMAJ: k.DateMAJ})
}

// kiosqueLAR publishes the lists of revoked accreditations of the insurer.
type kiosqueLAR struct {
	numero   int64
	complete []byte
	delta    []byte
	lues     []string
}

func (k *kiosqueLAR) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	quoi := strings.TrimPrefix(r.URL.Path, "/lar/"+mutuelleNo+"/")
	k.lues = append(k.lues, r.Method+" "+quoi)
	switch quoi {
	case "courante":
		w.Header().Set("Ecluse-Numero", strconv.FormatInt(k.numero, 10))
		w.Write(k.complete)
	case strconv.FormatInt(k.numero, 10) + "/delta":
		w.Write(k.delta)
	default:
		http.NotFound(w, r)
	}
}

// A day of the counter: rights, the same unchanged, the link cut, another process, the
// accreditation revoked, rights asked anew, the counters of the day.
func TestUneJournee(t *testing.T) {
	v := nouvelleVille(t)
	if h := v.Horloge().In(sante.Paris()).Hour(); h >= 20 { // the day must not end in the test
		v.Avancer(12 * time.Hour)
	}
	k := &kiosqueLAR{}
	lars := httptest.NewServer(k)
	defer lars.Close()
	lar := v.entree(func(e *visiodroits.EntreeService) {
		e.Service, e.Adresse, e.Structures = visiodroits.LAR, lars.URL, nil
	})
	listes := v.listes(1, v.entree(), lar)
	chemin := filepath.Join(t.TempDir(), "officine.ecluse")
	ouvrir := func() *droits.Magasin {
		return obtenirT[*droits.Magasin](t)(droits.OuvrirMagasin(chemin, droits.OptionsMagasin{Cle: make([]byte, 32)}))
	}
	o := v.options(v.classeur(listes...))
	o.Magasin = ouvrir()
	p := v.poste(o)
	ctx := context.Background()
	v.service.sur(inchanges)
	un := v.droits(p, 1)
	numero := un.Accreditation.Accreditation().Numero
	if deux := v.droits(p, 1); deux.Code != visiodroits.Inchanges || deux.Accreditation.Accreditation().Numero != numero || deux.Recu.Numero != numero {
		t.Fatalf("%s %v", deux.Code, deux.Diagnostic)
	}
	if d := obtenirT[droits.Decision](t)(p.AvantFacture(un)); !d.Permis || d.Motif != droits.Recente {
		t.Errorf("sans liste de révocation : %s", d.Motif)
	}

	// The lists of revoked accreditations come from the address of the lists.
	editeur := &droits.EditeurLAR{Emetteur: numeroAMC(t, mutuelleNo), Kid: "l1", Cle: v.cleLAR}
	complete, tenue, err := editeur.Complete(1, v.Horloge(), slices.Values([]droits.EntreeLAR(nil)))
	if err != nil {
		t.Fatal(err)
	}
	k.complete, k.numero = complete, 1
	actualiser(t, p)
	if d := obtenirT[droits.Decision](t)(p.AvantFacture(un)); d.Motif != droits.NonRevoquee {
		t.Errorf("liste fraîche : %s", d.Motif)
	}
	if err := p.NoterFacture(un, true); err != nil {
		t.Fatal(err)
	}

	// Everything is cut; another process takes the store, its lists and its rights.
	v.couper(sansRoute, v.service, v.miroir, &guichet{adresse: "https://" + lars.Listener.Addr().String()})
	if err := o.Magasin.Fermer(); err != nil {
		t.Fatal(err)
	}
	o.Magasin, o.Classeur, o.Transport = ouvrir(), v.classeur(), v.transport()
	defer o.Magasin.Fermer()
	p = v.poste(o)
	patient, carte := v.patient(1)
	personne := droits.Personne{NumeroAdherent: patient.NumeroAdherent, DateNaissance: patient.DateNaissance, RangGemellaire: 1}
	if g := obtenirT[*droits.Vente](t)(p.Garde(personne, carte.NumeroAMC)); g == nil || g.Accreditation.Accreditation().Numero != numero || !g.TiersPayant {
		t.Fatalf("droits gardés : %+v", g)
	}
	trois := v.droits(p, 1)
	if trois.Code != visiodroits.PosteHorsLigne || trois.Degrade == nil || trois.Degrade.Cause != droits.CausePS || trois.Accreditation.Accreditation().Numero != numero {
		t.Fatalf("%s %+v", trois.Code, trois)
	}
	if d := obtenirT[droits.Decision](t)(p.AvantFacture(trois)); !d.Permis || d.Motif != droits.DroitsOuverts {
		t.Errorf("mode dégradé : %s", d.Motif)
	}
	if err := p.NoterFacture(trois, true); err != nil {
		t.Fatal(err)
	}
	if l := obtenirT[[]droits.Relance](t)(p.Relancer(ctx)); len(l) != 0 {
		t.Errorf("relancées hors ligne : %d", len(l))
	}

	// The link is back: what waited is asked again, once.
	v.couper(nil)
	l := obtenirT[[]droits.Relance](t)(p.Relancer(ctx))
	if len(l) != 1 || l[0].Premier != visiodroits.PosteHorsLigne || l[0].Vente.Code != visiodroits.Inchanges {
		t.Fatalf("relances %+v", l)
	}
	if l := obtenirT[[]droits.Relance](t)(p.Relancer(ctx)); len(l) != 0 {
		t.Errorf("relancées deux fois : %d", len(l))
	}

	// The accreditation is revoked: a change of the list says it to the sale of tomorrow.
	v.Avancer(2 * time.Hour)
	jour := sante.JourA(v.Horloge(), sante.Paris())
	k.delta, _, err = editeur.Delta(tenue, v.Horloge(), []droits.EntreeLAR{{Numero: numero, Effet: jour, Motif: droits.Radiation, DroitsFin: jour + 20}}, nil)
	k.numero = 2
	if err != nil {
		t.Fatal(err)
	}
	actualiser(t, p)
	if !slices.Equal(k.lues, []string{"GET courante", "HEAD courante", "GET 2/delta"}) {
		t.Errorf("lues %v", k.lues)
	}
	apres := *un
	apres.DateReference = jour + 2
	if d := obtenirT[droits.Decision](t)(p.AvantFacture(&apres)); d.Permis || d.Motif != droits.Revoquee {
		t.Errorf("révoquée : %s", d.Motif)
	}
	if d := obtenirT[droits.Decision](t)(p.AvantFacture(un)); !d.Permis {
		t.Errorf("soins d'avant la révocation : %s", d.Motif)
	}
	quatre := v.droits(p, 1)
	if k := v.service.derniere().DroitsConnus; k != nil || quatre.Code != visiodroits.Fournis || quatre.Accreditation.Accreditation().Numero == numero {
		t.Errorf("après révocation : %+v, %s", k, quatre.Code)
	}

	if err := errors.Join(p.NoterRejet(carte.NumeroAMC), p.NoterPaiement(carte.NumeroAMC, 3), p.NoterPaiement(carte.NumeroAMC, 400)); err != nil {
		t.Fatal(err)
	}
	s := obtenirT[*visiodroits.Statistiques](t)(p.Statistiques(jour))
	x := s.Sommer(nil)
	var attendu visiodroits.Totaux // as an insurer would count them
	attendu.NoterPaiement(3)
	attendu.NoterPaiement(400)
	if x.RejetsAccredites != 1 || x.DelaisPaiement == nil || !slices.Equal(x.DelaisPaiement.Casiers, attendu.DelaisPaiement.Casiers) {
		t.Errorf("rejets et paiements : %+v", x)
	}
	if got := x.Codes; !slices.Equal(got, []visiodroits.Compte{{Code: "000", Nombre: 2}, {Code: "001", Nombre: 2}, {Code: "204", Nombre: 1}}) ||
		x.Factures != 2 || x.FacturesDegradees != 1 || x.FacturesAvecTrace != 2 || x.Accreditations != 2 || x.Durees.Nombre() != 5 ||
		x.LARControles != 5 || !slices.Equal(x.Dementis, []visiodroits.Compte{{Code: "204", Nombre: 1}}) {
		t.Errorf("%+v", x)
	}
}

func actualiser(t *testing.T, p *droits.Poste) {
	t.Helper()
	for _, l := range obtenirT[[]visiodroits.Lecture](t)(p.Actualiser(context.Background())) {
		if l.Genre == "LAR" && l.Erreur != nil {
			t.Errorf("%s : %v", l.Genre, l.Erreur)
		}
	}
}

// What an operator gives in dépannage takes nothing from what the insurer gave: once its
// day is over, the rights of the month serve still.
func TestDepannageNEffaceRien(t *testing.T) {
	v := nouvelleVille(t)
	p := v.poste(v.options(v.classeur(v.listes(1, v.entree(porteParOperateur))...)))
	normale := v.droits(p, 1).Accreditation.Accreditation().Numero
	v.service.sur(func(q *question) rendu { return q.fournir(q.depannage) })
	if d := v.droits(p, 1); d.Recu == nil || d.Recu.Type != droits.Depannage || d.Degrade != nil || !strings.Contains(d.Phrase, "dépannage") {
		t.Fatalf("%+v", d)
	}
	v.Avancer(72 * time.Hour)
	v.couper(refusee, v.service)
	d := v.droits(p, 1)
	if d.Code != visiodroits.OperateurInjoignable || d.Degrade == nil || d.Accreditation.Accreditation().Numero != normale {
		t.Errorf("%s %+v %v", d.Code, d.Degrade, d.Accreditation.Accreditation().Numero)
	}
	// A person whose only rights were of dépannage has none left: X is not for them.
	v.couper(nil)
	v.droits(p, 2)
	v.Avancer(72 * time.Hour)
	v.couper(refusee, v.service)
	if d := v.droits(p, 2); d.TiersPayant || d.Degrade != nil {
		t.Errorf("%+v", d)
	}
}

// Stale lists of revoked accreditations: what the insurer confirmed today is billed, what
// was only kept is asked again. ref: VISIO §7 rule 2
func TestListePerimeeConfirmee(t *testing.T) {
	v := nouvelleVille(t)
	p := v.poste(v.options(v.classeur(v.listes(1, v.entree())...)))
	v.service.sur(func(q *question) rendu {
		return q.fournir(func(x *donne) { x.a.Emission = x.a.Emission.Add(-30 * time.Hour) })
	})
	un := v.droits(p, 1)
	if d := obtenirT[droits.Decision](t)(p.AvantFacture(un)); d.Motif != droits.ListePerimee || d.Permis {
		t.Errorf("gardée : %s", d.Motif)
	}
	v.service.sur(inchanges)
	deux := v.droits(p, 1)
	if d := obtenirT[droits.Decision](t)(p.AvantFacture(deux)); deux.Code != visiodroits.Inchanges || d.Motif != droits.Confirmee || !d.Permis {
		t.Errorf("confirmée : %s %s %v", deux.Code, d.Motif, deux.Diagnostic)
	}
}

// What an insurer takes back for today is not billed when it is silent afterwards; what it
// says of another day, and what it does not know how to answer, takes nothing.
func TestCeQueLAMCReprend(t *testing.T) {
	v := nouvelleVille(t)
	n := 0
	for _, x := range []struct {
		code   visiodroits.Code
		ecart  sante.Jour
		repris bool
	}{{"110", 0, true}, {"100", 0, true}, {"110", 1, false}, {"102", 0, false}, {"101", 0, false}, {"200", 0, false}, {"201", 0, false}} {
		n++
		v.couper(nil)
		v.service.sur(func(q *question) rendu { return q.fournir(nil) })
		o := v.options(v.classeur(v.listes(1, v.entree())...))
		p := v.poste(o)
		v.droits(p, n)
		v.service.sur(func(q *question) rendu { return q.dit(q.v.mutuelle, x.code) })
		patient, carte := v.patient(n)
		jour := sante.JourA(v.Horloge(), sante.Paris())
		if r, err := p.Droits(context.Background(), patient, carte, jour+x.ecart); err != nil || r.Code != x.code {
			t.Fatalf("%s : %+v, %v", x.code, r, err)
		}
		v.service.sur(func(*question) rendu { return rendu{} })
		if r := v.droits(p, n); r.TiersPayant == x.repris {
			t.Errorf("%s à %d jours : tiers payant %v ensuite", x.code, x.ecart, r.TiersPayant)
		}
	}
}

// Questions that cannot leave are refused before anybody is asked.
func TestQuestionsQuiNePartentPas(t *testing.T) {
	v := nouvelleVille(t)
	p := v.poste(v.options(v.classeur(v.listes(1, v.entree())...)))
	patient, carte := v.patient(1)
	produit, personne, sansAMC := patient, patient, carte
	produit.Nom = "3400930000120"
	personne.RangGemellaire = 0
	sansAMC.NumeroAMC = sante.NumeroAMC{}
	for _, x := range []struct {
		p    droits.Patient
		k    droits.Carte
		want error
	}{{produit, carte, droits.ErrDelivrance}, {personne, carte, droits.ErrQuestion}, {patient, sansAMC, droits.ErrQuestion}} {
		if r, err := p.Droits(context.Background(), x.p, x.k, 0); r != nil || !errors.Is(err, x.want) {
			t.Errorf("%+v, %v, want %v", r, err, x.want)
		}
	}
	ctx, fin := context.WithCancel(context.Background())
	fin()
	if r, err := p.Droits(ctx, patient, carte, 0); r != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%+v, %v", r, err)
	}
	if len(v.service.recues) != 0 {
		t.Errorf("%d questions parties", len(v.service.recues))
	}
}

// Whatever fails, in whatever order: 200 is never said, rights that are good are never
// lost, and each degraded sale has its evidence.
func TestSuiteDePannes(t *testing.T) {
	v := nouvelleVille(t)
	pannes := []struct {
		nom string
		f   func()
	}{
		{"rien", func() {}},
		{"poste", func() { v.couper(sansRoute, v.service, v.concentrateur, v.miroir) }},
		{"amc", func() { v.couper(refusee, v.service) }},
		{"amc sans route", func() { v.couper(sansRoute, v.service) }},
		{"oct", func() { v.couper(refusee, v.concentrateur) }},
		{"raccroche", func() { v.service.sur(func(*question) rendu { return rendu{} }) }},
		{"page", func() { v.service.sur(func(*question) rendu { return rendu{502, []byte("x"), "text/plain"} }) }},
		{"T020", func() { v.concentrateur.sur(func(q *question) rendu { return q.refuse(q.v.oct, roc.PanneRelais) }) }},
		{"T030", func() { v.service.sur(func(q *question) rendu { return q.refuse(q.v.mutuelle, roc.Saturation) }) }},
		{"201", func() { v.service.sur(func(q *question) rendu { return q.dit(q.v.mutuelle, "201") }) }},
		{"200 de l'oct", func() { v.concentrateur.sur(func(q *question) rendu { return q.dit(q.v.oct, "200") }) }},
		{"200 d'un intrus", func() { v.service.sur(func(q *question) rendu { return q.dit(q.v.intrus, "200") }) }},
		{"fausse", func() {
			v.service.sur(func(q *question) rendu { return q.fournir(func(x *donne) { x.a.Garanties = droits.Empreinte{9} }) })
		}},
		{"inchangés à tort", func() {
			v.service.sur(func(q *question) rendu {
				return q.repondre(q.v.mutuelle, &droits.FournitDroits{Retour: visiodroits.RetourDe("001", ""), Etat: droits.NonModifie, DateMAJ: v.Horloge().Add(-time.Hour)})
			})
		}},
	}
	reparer := func() {
		v.couper(nil)
		v.service.sur(inchanges)
		v.concentrateur.sur(func(q *question) rendu { return v.service.dire(q) })
	}
	listes := v.listes(1, v.entree())
	o := v.options(v.classeur(listes...))
	v.parOCT(&o)
	direct, repli := o, o
	direct.OCT, repli.Repli = nil, true
	postes := []*droits.Poste{v.poste(direct), v.poste(o), v.poste(repli)}
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		reparer()
		obtenus := false
		for range rapid.IntRange(1, 6).Draw(r, "ventes") {
			p := postes[rapid.IntRange(0, len(postes)-1).Draw(r, "poste")]
			panne := pannes[rapid.IntRange(0, len(pannes)-1).Draw(r, "panne")]
			reparer()
			panne.f()
			patient, carte := v.patient(n)
			x, err := p.Droits(context.Background(), patient, carte, 0)
			if err != nil {
				r.Fatalf("%s : %v", panne.nom, err)
			}
			switch {
			case x.Code == visiodroits.ServiceNonOuvert:
				r.Fatalf("%s : 200", panne.nom)
			case x.Code.Accord():
				obtenus = true
			case !x.Code.Degrade():
				r.Fatalf("%s : %s", panne.nom, x.Code)
			case x.TiersPayant != obtenus || (x.Degrade != nil) != obtenus:
				r.Fatalf("%s : %s, droits obtenus %v, tiers payant %v", panne.nom, x.Code, obtenus, x.TiersPayant)
			}
			if x.TiersPayant {
				if d, err := p.AvantFacture(x); err != nil || !d.Permis {
					r.Fatalf("%s : %s, %v", panne.nom, d.Motif, err)
				}
			}
		}
	})
}
