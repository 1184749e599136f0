package etablissementtest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Magasin is all that a store of this room promises.
type Magasin interface {
	etablissement.Depot
	etablissement.Questions
	etablissement.Traces
	etablissement.Servies
	etablissement.Factures
	etablissement.Fichiers
	etablissement.Reserves
	roc.Registre
	// Annuaire keeps the answers of the directory.
	Annuaire() roc.CacheAnnuaire
	// PurgerAnnuaire forgets those that may no longer serve.
	PurgerAnnuaire(ctx context.Context, maintenant time.Time, max int) (int64, error)
}

// Suite is what every store must pass. ouvrir gives a store of a tenant; two
// calls with the same tenant give the same rows.
func Suite(t *testing.T, ouvrir func(tenant string) Magasin) {
	for _, c := range []struct {
		nom string
		f   func(*testing.T, Magasin, Magasin)
	}{
		{"une venue écrite se relit pareille", relire},
		{"un dossier n'a qu'une venue par période", doublon},
		{"un changement refusé ne laisse rien", defaire},
		{"plusieurs venues changent comme une seule", plusieurs},
		{"plusieurs venues changent de plusieurs côtés", plusieursEnsemble},
		{"une question est close une seule fois", clore},
		{"une question nouvelle abandonne l'ancienne", abandonner},
		{"une question est prise par un seul nœud", prendre},
		{"changements simultanés", simultanes},
		{"messages et émissions", messages},
		{"requêtes servies", servies},
		{"une requête et son effet s'écrivent ensemble", ensemble},
		{"échéances et listes", listes},
		{"les factures partent par lots, une fois", factures},
		{"ce qui part par fichier part à part", voies},
		{"un fichier de retour a son effet une fois", fichiers},
		{"les réserves attendent une personne", reserves},
		{"un établissement ne voit pas l'autre", cloison},
		{"les réponses de l'annuaire se relisent", annuaire},
		{"les réponses de l'annuaire s'oublient", annuaireOublie},
		{"annuaire muet après un redémarrage", annuaireMuet},
	} {
		t.Run(c.nom, func(t *testing.T) { c.f(t, ouvrir("750712184"), ouvrir("690781810")) })
	}
}

// exact compares the unexported text of identifiers too.
var exact = cmp.Options{cmp.Exporter(func(reflect.Type) bool { return true }), cmpopts.EquateEmpty()}

func ouverte(t *testing.T, id, dossier string) *etablissement.Venue {
	t.Helper()
	d := ACE(t, dossier)
	d.PeriodeDebut, d.FinessGeo = d.DateReference, Maison(t).Etablissement.FinessGeo
	return &etablissement.Venue{ID: id, Version: 1, Ouverte: Midi, Modifiee: Midi, Dossier: d}
}

func creer(t *testing.T, m Magasin, id, dossier string) {
	t.Helper()
	if err := m.Creer(context.Background(), ouverte(t, id, dossier)); err != nil {
		t.Fatal(err)
	}
	_, err := m.Changer(context.Background(), id, func(c *etablissement.Chantier) error {
		c.Venue.Couvertures = []*etablissement.Couverture{{Rang: 1, Etat: etablissement.Nouvelle, Attestation: Carte(t, "775671993")}}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func relire(t *testing.T, m, _ Magasin) {
	ctx := context.Background()
	creer(t, m, "r1", "R-1")
	n, err := roc.TirerNumeroEngagement(Carte(t, "775671993").NumeroAMC, nil)
	if err != nil {
		t.Fatal(err)
	}
	total := Euros(t, "12.00")
	ecrite, err := m.Changer(ctx, "r1", func(c *etablissement.Chantier) error {
		cv := c.Venue.Couvertures[0]
		cv.Etat, cv.Code = etablissement.Engagee, roc.AvecReserve
		cv.AMC = etablissement.Assureur{Numero: cv.Attestation.NumeroAMC, Libelle: "Mutuelle « é »", OffreSIM: true, DateReference: c.Venue.Dossier.DateReference}
		cv.Droits = &etablissement.Droits{Recue: Midi, IDMessage: roc.NouvelUUID(), Empreinte: "e", Identite: etablissement.IdentiteRefusee,
			Reponse: roc.ReponseIDB{Retour: roc.RetourDe(roc.Accepte, ""), StatutDroits: roc.DroitsOuverts, Formules: Contrat(4000).Garanties}}
		cv.Calcul = &etablissement.Calcul{Fait: Midi, Local: true,
			Demande: roc.DemandeCalcul{Entete: roc.Entete{Contexte: roc.ContexteACE, DateReference: c.Venue.Dossier.DateReference, Discipline: roc.MCO,
				Etablissement: Maison(t).Etablissement, Carte: roc.Carte{NumeroAMC: cv.Attestation.NumeroAMC, ModeAcquisition: roc.Saisie}, RangAMC: 1,
				Beneficiaire: roc.Beneficiaire{NumeroAdherent: cv.Attestation.NumeroAdherent, NomNaissance: "A", Prenom: "B", DateNaissance: c.Venue.Dossier.Patient.DateNaissance, RangGemellaire: 1},
				AMO:          c.Venue.Dossier.AMO}, TypeFacture: roc.FactureACE},
			Reponse: roc.ReponseCalcul{Retour: roc.RetourDe(roc.Accepte, ""), NumeroEngagement: n, EngagementFin: 740000, TotalAMC: &total}}
		cv.Fermeture = &etablissement.Fermeture{Instant: Midi, Avant: etablissement.Rejetee, Motif: "perte", Perte: total}
		cv.Annulative = &etablissement.SuiviFacture{Numero: "F-0", Nature: roc.Annulative, Corrige: "F-1", Demande: -total}
		cv.FactureAvant = &etablissement.SuiviFacture{Numero: "F-1", Nature: roc.Initiale, Lot: "000000001", Demande: total, Notifiee: roc.FactureRecue, Accusee: Midi}
		cv.Facture = &etablissement.SuiviFacture{Numero: "A-1", Nature: roc.Annulative, Corrige: "F-1", Demande: -total, Precision: "précisée"}
		c.Moments = []etablissement.Moment{{Rang: 1, Avant: etablissement.Nouvelle, Evenement: etablissement.Engager, Apres: etablissement.Engagee,
			Instant: Midi, Code: roc.AvecReserve, IDMessage: cv.Droits.IDMessage, Agent: "agent-7"}}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	lue, err := m.Venue(ctx, "r1")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(ecrite, lue, exact); d != "" {
		t.Errorf("écrite et relue diffèrent :\n%s", d)
	}
	if lue.Version != 3 {
		t.Errorf("version %d, want 3", lue.Version)
	}
	h, err := m.Moments(ctx, "r1")
	if err != nil || len(h) != 1 || h[0].Agent != "agent-7" || !h[0].Instant.Equal(Midi) || h[0].IDMessage != lue.Couvertures[0].Droits.IDMessage {
		t.Errorf("historique %+v, %v", h, err)
	}
	if _, err := m.Venue(ctx, "absente"); !errors.Is(err, etablissement.ErrInconnue) {
		t.Errorf("venue absente : %v", err)
	}
}

func doublon(t *testing.T, m, _ Magasin) {
	creer(t, m, "d1", "D-1")
	if err := m.Creer(context.Background(), ouverte(t, "d2", "D-1")); !errors.Is(err, etablissement.ErrDoublon) {
		t.Errorf("même dossier, même période : %v", err)
	}
	autre := ouverte(t, "d3", "D-1")
	autre.Dossier.PeriodeDebut++
	if err := m.Creer(context.Background(), autre); err != nil {
		t.Errorf("période suivante : %v", err)
	}
}

func defaire(t *testing.T, m, _ Magasin) {
	ctx := context.Background()
	creer(t, m, "f1", "F-1")
	boum := errors.New("boum")
	_, err := m.Changer(ctx, "f1", func(c *etablissement.Chantier) error {
		c.Venue.Couvertures[0].Etat = etablissement.Engagee
		c.Poser = question("f1")
		return boum
	})
	if !errors.Is(err, boum) {
		t.Fatalf("erreur %v, want boum", err)
	}
	v, err := m.Venue(ctx, "f1")
	if err != nil || v.Couvertures[0].Etat != etablissement.Nouvelle || v.Version != 2 {
		t.Errorf("venue changée malgré le refus : %+v, %v", v, err)
	}
	if _, err := m.EnCours(ctx, etablissement.Place{Venue: "f1", Rang: 1}); !errors.Is(err, etablissement.ErrInconnue) {
		t.Errorf("question écrite malgré le refus : %v", err)
	}
}

func question(venue string) *etablissement.Question {
	return &etablissement.Question{Place: etablissement.Place{Venue: venue, Rang: 1}, IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(),
		Service: roc.CLC, Corps: []byte(`{"a":1}`), Posee: Midi, Essayee: Midi}
}

func poser(t *testing.T, m Magasin, q *etablissement.Question) {
	t.Helper()
	if _, err := m.Changer(context.Background(), q.Venue, func(c *etablissement.Chantier) error { c.Poser = q; return nil }); err != nil {
		t.Fatal(err)
	}
}

func clore(t *testing.T, m, _ Magasin) {
	ctx := context.Background()
	creer(t, m, "c1", "C-1")
	q := question("c1")
	poser(t, m, q)
	lue, err := m.EnCours(ctx, q.Place)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(q, lue, exact); d != "" {
		t.Errorf("question relue :\n%s", d)
	}
	fin := func() error {
		_, err := m.Changer(ctx, "c1", func(c *etablissement.Chantier) error {
			c.Venue.Couvertures[0].Etat = etablissement.Engagee
			c.Clore = &etablissement.Cloture{IDMessage: q.IDMessage, Code: roc.Accepte}
			return nil
		})
		return err
	}
	if err := fin(); err != nil {
		t.Fatal(err)
	}
	if err := fin(); !errors.Is(err, etablissement.ErrDejaClose) {
		t.Errorf("seconde clôture : %v", err)
	}
	if v, _ := m.Venue(ctx, "c1"); v.Version != 4 {
		t.Errorf("la seconde clôture a changé la venue : version %d", v.Version)
	}
}

func abandonner(t *testing.T, m, _ Magasin) {
	creer(t, m, "a1", "A-1")
	q1, q2 := question("a1"), question("a1")
	poser(t, m, q1)
	poser(t, m, q2)
	if lue, err := m.EnCours(context.Background(), q1.Place); err != nil || lue.IDMessage != q2.IDMessage {
		t.Errorf("question en cours : %v, %v", lue, err)
	}
}

func prendre(t *testing.T, m, _ Magasin) {
	ctx := context.Background()
	creer(t, m, "p1", "P-1")
	q := question("p1")
	poser(t, m, q)
	if l, err := m.Prendre(ctx, Midi.Add(-time.Second), Midi, 10); err != nil || len(l) != 0 {
		t.Errorf("prise trop tôt : %v, %v", l, err)
	}
	plusTard := Midi.Add(time.Hour)
	var mu sync.Mutex
	pris := 0
	var tous sync.WaitGroup
	for range 8 {
		tous.Go(func() {
			ok, err := m.PrendreUne(ctx, q.IDMessage, Midi, plusTard)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Errorf("prendre : %v", err)
			}
			if ok {
				pris++
			}
		})
	}
	tous.Wait()
	if pris != 1 {
		t.Errorf("prise %d fois, want 1", pris)
	}
	l, err := m.Prendre(ctx, plusTard, plusTard.Add(time.Hour), 10)
	if err != nil || !slices.ContainsFunc(l, func(x *etablissement.Question) bool {
		return x.IDMessage == q.IDMessage && x.Essayee.Equal(plusTard.Add(time.Hour))
	}) {
		t.Errorf("prise plus tard : %v, %v", l, err)
	}
	if l, err := m.Prendre(ctx, plusTard, plusTard.Add(time.Hour), 10); err != nil || len(l) != 0 {
		t.Errorf("reprise aussitôt : %v, %v", l, err)
	}
}

func simultanes(t *testing.T, m, _ Magasin) {
	creer(t, m, "s1", "S-1")
	var tous sync.WaitGroup
	for range 16 {
		tous.Go(func() {
			_, err := m.Changer(context.Background(), "s1", func(c *etablissement.Chantier) error {
				c.Venue.Dossier.DateReference++
				c.Moments = []etablissement.Moment{{Rang: 1, Avant: etablissement.Nouvelle, Evenement: etablissement.DemanderDroits, Apres: etablissement.DroitsDemandes, Instant: Midi}}
				return nil
			})
			if err != nil {
				t.Errorf("changer : %v", err)
			}
		})
	}
	tous.Wait()
	v, err := m.Venue(context.Background(), "s1")
	if err != nil || v.Version != 18 || v.Dossier.DateReference != Jour(t, "2026-05-20") {
		t.Errorf("version %d, jour %s, %v", v.Version, v.Dossier.DateReference, err)
	}
	if h, err := m.Moments(context.Background(), "s1"); err != nil || len(h) != 16 {
		t.Errorf("%d moments, %v, want 16", len(h), err)
	}
}

func messages(t *testing.T, m, _ Magasin) {
	ctx := context.Background()
	d := roc.Depart{Service: roc.CLC, IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(), Dossier: "M-1",
		Destinataire: roc.Partie{Type: roc.AMC, ID: "775671993"}, Instant: Midi, Scelle: []byte("premier départ")}
	etapes := []func() error{
		func() error { return m.Question(ctx, &d) },
		func() error {
			return m.Reponse(ctx, &roc.Arrivee{Depart: d, Instant: Midi.Add(time.Second), Refus: errors.New("silence")})
		},
		func() error {
			d.Scelle, d.Instant = []byte("second départ"), Midi.Add(time.Minute)
			return m.Question(ctx, &d)
		},
		func() error {
			return m.Reponse(ctx, &roc.Arrivee{Depart: d, Instant: Midi.Add(time.Hour), Scelle: []byte("réponse"), Code: roc.Accepte})
		},
	}
	for i, f := range etapes {
		if err := f(); err != nil {
			t.Fatalf("étape %d : %v", i, err)
		}
	}
	l, err := m.Messages(ctx, "M-1")
	if err != nil || len(l) != 2 {
		t.Fatalf("%d messages, %v, want 2", len(l), err)
	}
	if l[0].Emission != 1 || string(l[0].Question) != "premier départ" || l[0].Verdict != "sans réponse" || len(l[0].Reponse) != 0 {
		t.Errorf("première émission : %+v", l[0])
	}
	if l[1].Emission != 2 || string(l[1].Reponse) != "réponse" || l[1].Code != roc.Accepte || l[1].IDMessage != d.IDMessage || !l[1].Repondue.Equal(Midi.Add(time.Hour)) {
		t.Errorf("seconde émission : %+v", l[1])
	}
}

func servies(t *testing.T, m, autre Magasin) {
	ctx := context.Background()
	if k, err := m.Commencer(ctx, "cle", "e1", Midi); k != nil || err != nil {
		t.Fatalf("première fois : %v, %v", k, err)
	}
	if k, err := autre.Commencer(ctx, "cle", "e9", Midi); k != nil || err != nil {
		t.Errorf("même clé, autre établissement : %v, %v", k, err)
	}
	if _, err := m.Commencer(ctx, "cle", "e1", Midi); !errors.Is(err, etablissement.ErrEnAttente) {
		t.Errorf("en cours : %v", err)
	}
	if _, err := m.Commencer(ctx, "cle", "e2", Midi); !errors.Is(err, etablissement.ErrDonnees) {
		t.Errorf("autre requête : %v", err)
	}
	if k, err := m.Commencer(ctx, "cle", "e1", Midi.Add(time.Hour)); k != nil || err != nil {
		t.Errorf("serveur mort : %v, %v", k, err)
	}
	if err := m.Finir(ctx, "cle", etablissement.Servie{Statut: 201, Entetes: "ETag: 1", Corps: []byte("fait")}); err != nil {
		t.Fatal(err)
	}
	k, err := m.Commencer(ctx, "cle", "e1", Midi)
	if err != nil || k == nil || k.Statut != 201 || string(k.Corps) != "fait" || k.Entetes != "ETag: 1" {
		t.Errorf("déjà servie : %+v, %v", k, err)
	}
	if _, err := m.Commencer(ctx, "autre", "e1", Midi); err != nil {
		t.Fatal(err)
	}
	if err := m.Abandonner(ctx, "autre"); err != nil {
		t.Fatal(err)
	}
	if k, err := m.Commencer(ctx, "autre", "e3", Midi); k != nil || err != nil {
		t.Errorf("clé libérée : %v, %v", k, err)
	}
}

// ensemble dies between the effect of a request and the answer kept for it: none
// of them stands, and the same key is served at once.
func ensemble(t *testing.T, m, _ Magasin) {
	ctx, mort := context.Background(), errors.New("processus tué")
	v := ouverte(t, "e1", "E-1")
	err := m.Ensemble(ctx, func(ctx context.Context) error {
		if k, err := m.Commencer(ctx, "cle-ensemble", "e1", Midi); k != nil || err != nil {
			t.Fatalf("première fois : %v, %v", k, err)
		}
		if err := m.Creer(ctx, v); err != nil {
			t.Fatal(err)
		}
		return mort
	})
	if !errors.Is(err, mort) {
		t.Fatalf("got %v", err)
	}
	if _, err := m.Venue(ctx, "e1"); !errors.Is(err, etablissement.ErrInconnue) {
		t.Errorf("l'effet est resté : %v", err)
	}
	err = m.Ensemble(ctx, func(ctx context.Context) error {
		if k, err := m.Commencer(ctx, "cle-ensemble", "e1", Midi); k != nil || err != nil {
			t.Fatalf("la clé est restée : %v, %v", k, err)
		}
		return errors.Join(m.Creer(ctx, v), m.Finir(ctx, "cle-ensemble", etablissement.Servie{Statut: 201}))
	})
	if err != nil {
		t.Fatal(err)
	}
	if k, err := m.Commencer(ctx, "cle-ensemble", "e1", Midi); err != nil || k == nil || k.Statut != 201 {
		t.Errorf("déjà servie : %+v, %v", k, err)
	}
}

func listes(t *testing.T, m, _ Magasin) {
	ctx := context.Background()
	creer(t, m, "l1", "L-1")
	creer(t, m, "l2", "L-2")
	n, err := roc.TirerNumeroEngagement(Carte(t, "775671993").NumeroAMC, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Changer(ctx, "l2", func(c *etablissement.Chantier) error {
		cv := c.Venue.Couvertures[0]
		cv.Etat = etablissement.Engagee
		cv.Calcul = &etablissement.Calcul{Fait: Midi, Demande: demandeMinimale(t), Reponse: roc.ReponseCalcul{Retour: roc.RetourDe(roc.Accepte, ""), NumeroEngagement: n, EngagementFin: Jour(t, "2026-05-10")}}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		nom  string
		f    etablissement.Filtre
		want int
	}{{"par dossier", etablissement.Filtre{Dossier: "L-1", Max: 9}, 1}, {"par état", etablissement.Filtre{Dossier: "L-2", Etat: etablissement.Engagee, Max: 9}, 1},
		{"aucun dans l'état", etablissement.Filtre{Dossier: "L-1", Etat: etablissement.Engagee, Max: 9}, 0}, {"avant", etablissement.Filtre{Dossier: "L-1", Avant: Midi, Max: 9}, 0}} {
		if l, err := m.Lister(ctx, c.f); err != nil || len(l) != c.want {
			t.Errorf("%s : %v, %v, want %d", c.nom, l, err, c.want)
		}
	}
	if l, err := m.Lister(ctx, etablissement.Filtre{Dossier: "L-2", Max: 9}); err != nil || len(l) != 1 || len(l[0].Etats) != 1 || l[0].Etats[0] != etablissement.Engagee || l[0].ID != "l2" {
		t.Errorf("résumé : %+v, %v", l, err)
	}
	for j, want := range map[string]int{"2026-05-10": 0, "2026-05-11": 1} {
		if l, err := m.Echues(ctx, Jour(t, j), 9); err != nil || len(l) != want {
			t.Errorf("échues au %s : %v, %v, want %d", j, l, err, want)
		}
	}
	if _, err := m.Changer(ctx, "l2", func(c *etablissement.Chantier) error {
		c.Venue.Couvertures[0].Etat, c.Venue.Modifiee = etablissement.Payee, Midi
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for avant, want := range map[time.Time]int{Midi: 0, Midi.Add(time.Millisecond): 1} {
		if l, err := m.Soldees(ctx, avant, 9); err != nil || len(l) != want || want == 1 && l[0] != (etablissement.Place{Venue: "l2", Rang: 1}) {
			t.Errorf("soldées avant %s : %v, %v, want %d", avant, l, err, want)
		}
	}
}

func demandeMinimale(t *testing.T) roc.DemandeCalcul {
	v := ouverte(t, "x", "x")
	a := Carte(t, "775671993")
	return roc.DemandeCalcul{TypeFacture: roc.FactureACE, Entete: roc.Entete{Contexte: roc.ContexteACE, DateReference: v.Dossier.DateReference,
		Etablissement: Maison(t).Etablissement, Discipline: roc.MCO, RangAMC: 1, AMO: v.Dossier.AMO,
		Carte: roc.Carte{NumeroAMC: a.NumeroAMC, ModeAcquisition: roc.Saisie},
		Beneficiaire: roc.Beneficiaire{NumeroAdherent: a.NumeroAdherent, NomNaissance: "A", Prenom: "B",
			DateNaissance: v.Dossier.Patient.DateNaissance, RangGemellaire: 1}}}
}

func cloison(t *testing.T, m, autre Magasin) {
	ctx := context.Background()
	creer(t, m, "t1", "T-1")
	q := question("t1")
	poser(t, m, q)
	if _, err := autre.Venue(ctx, "t1"); !errors.Is(err, etablissement.ErrInconnue) {
		t.Errorf("venue vue par un autre : %v", err)
	}
	if _, err := autre.Changer(ctx, "t1", func(*etablissement.Chantier) error { return nil }); !errors.Is(err, etablissement.ErrInconnue) {
		t.Errorf("venue changée par un autre : %v", err)
	}
	if _, err := autre.EnCours(ctx, q.Place); !errors.Is(err, etablissement.ErrInconnue) {
		t.Errorf("question vue par un autre : %v", err)
	}
	if l, err := autre.Prendre(ctx, Midi.Add(time.Hour), Midi.Add(time.Hour), 99); err != nil || len(l) != 0 {
		t.Errorf("question prise par un autre : %v, %v", l, err)
	}
	if ok, err := autre.PrendreUne(ctx, q.IDMessage, Midi.Add(time.Hour), Midi); err != nil || ok {
		t.Errorf("question prise par un autre : %v, %v", ok, err)
	}
	if l, err := autre.Lister(ctx, etablissement.Filtre{Max: 9}); err != nil || len(l) != 0 {
		t.Errorf("liste d'un autre : %v, %v", l, err)
	}
	if l, err := autre.Moments(ctx, "t1"); err != nil || len(l) != 0 {
		t.Errorf("historique d'un autre : %v, %v", l, err)
	}
	if err := autre.Creer(ctx, ouverte(t, "t1", "T-1")); err != nil {
		t.Errorf("même identifiant chez un autre : %v", err)
	}
}
