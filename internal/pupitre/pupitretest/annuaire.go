package pupitretest

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/internal/pupitre"
)

// Annuaire is a directory of one professional and one structure, read by two families.
type Annuaire struct {
	Vide  bool
	Panne error // answered to every reading

	mu        sync.Mutex
	questions []pupitre.QuestionAnnuaire
}

// Questions are those that were asked.
func (a *Annuaire) Questions() []pupitre.QuestionAnnuaire {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]pupitre.QuestionAnnuaire(nil), a.questions...)
}

func (a *Annuaire) noter(q pupitre.QuestionAnnuaire) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.questions = append(a.questions, q)
	return a.Panne
}

var famillesAnnuaire = []pupitre.FamilleAnnuaire{{Cle: "anonyme", Titre: "lecteur sans compte", Regard: "V0/1", RegardTitre: "données publiques"},
	{Cle: "ministere", Titre: "ministère chargé de la santé", Regard: "V5/1", RegardTitre: "données restreintes", Tracee: true}}

func familleAnnuaire(cle string) (pupitre.FamilleAnnuaire, error) {
	for _, f := range famillesAnnuaire {
		if f.Cle == cle || cle == "" {
			return f, nil
		}
	}
	return pupitre.FamilleAnnuaire{}, pupitre.ErrFamilleInconnue
}

// Etat is two thousand professionals, or nothing.
func (a *Annuaire) Etat(context.Context) pupitre.EtatAnnuaire {
	e := pupitre.EtatAnnuaire{Familles: famillesAnnuaire, Remplir: []string{"ecluse annuaire generer a", "ecluse annuaire charger a"}}
	if !a.Vide {
		e.Generation, e.FaiteLe, e.Age = 7, time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC), 30*time.Hour
		e.Comptes = []pupitre.CompteAnnuaire{{Nom: "professionnels", Nombre: 2000}, {Nom: "structures", Nombre: 1234567}}
	}
	return e
}

// Chercher finds the professional by "fictif", or the structure.
func (a *Annuaire) Chercher(_ context.Context, q pupitre.QuestionAnnuaire) (*pupitre.ReponseAnnuaire, error) {
	f, err := familleAnnuaire(q.Famille)
	if e := a.noter(q); e != nil || err != nil {
		return nil, premiereErreur(err, e)
	}
	r := &pupitre.ReponseAnnuaire{Famille: f, Duree: 120 * time.Microsecond}
	if !strings.Contains(q.Texte, "fictif") {
		return r, nil
	}
	t := pupitre.TrouveAnnuaire{Nature: "praticien", ID: "p1", Titre: "FICTIF <script>alert(1)</script>", Numero: "99900112204", Metiers: []string{"Médecin", "Cardiologie et maladies vasculaires"},
		Lieux: []string{"41000 Blois"}, Boites: []string{"ps1.une-adresse-si-longue-qu-elle-deborderait-d-un-telephone@medecin.mssante.invalid"},
		Raisons: []pupitre.RaisonAnnuaire{{Mot: "fictif", Champ: "nom", Comment: "exact", Exacte: true}, {Mot: "blos", Champ: "commune", Comment: "une faute"}, {Mot: "zut"}}}
	if q.Structures {
		t = pupitre.TrouveAnnuaire{Nature: "structure", ID: "s1", Titre: "Hôpital fictif", BoitesCachees: true}
	}
	r.Trouves, r.Absents, r.Partiel, r.Ignores = []pupitre.TrouveAnnuaire{t}, true, true, 1
	return r, nil
}

func premiereErreur(l ...error) error {
	for _, err := range l {
		if err != nil {
			return err
		}
	}
	return nil
}

// Proposer suggests two names.
func (a *Annuaire) Proposer(_ context.Context, q pupitre.QuestionAnnuaire) ([]pupitre.PropositionAnnuaire, error) {
	if err := a.noter(q); err != nil {
		return nil, err
	}
	if !strings.HasPrefix("fictif", q.Texte) {
		return nil, nil
	}
	return []pupitre.PropositionAnnuaire{{Question: "fictif", Mot: "fictif", Champ: "nom", Fiches: 1200}, {Question: "fictive", Mot: "<b>fictive", Champ: "nom", Comment: "une faute", Fiches: 1}}, nil
}

// Fiche is that of the professional, whose mailbox is hidden from the public.
func (a *Annuaire) Fiche(_ context.Context, l pupitre.LectureAnnuaire) (*pupitre.FicheAnnuaire, error) {
	f, err := familleAnnuaire(l.Famille)
	if err != nil || a.Panne != nil {
		return nil, premiereErreur(err, a.Panne)
	}
	restreint := f.Cle == "ministere"
	f.Sienne = "Cette fiche est la sienne"
	x := &pupitre.FicheAnnuaire{Nature: "praticien", NatureTitre: "un professionnel", ID: l.ID, Titre: "FICTIF Ève", Detail: []string{"Médecin"}, Actif: l.ID != "p2", Famille: f,
		Sienne: l.Sienne, VersionsVues: restreint, Rubriques: []pupitre.RubriqueAnnuaire{
			{Chemin: "identifiant", Libelle: "Numéros", Champs: []pupitre.ChampAnnuaire{{Texte: "99900112204"}, {Nom: "identifiant national", Texte: "899900112204"}}},
			{Chemin: "langue", Libelle: "Langues"}, {Chemin: "etat-civil", Libelle: "État civil", Cachee: !restreint}}}
	switch {
	case l.Nature != "praticien" || l.ID == "absente":
		return nil, pupitre.ErrFicheInconnue
	case l.ID == "p3":
		x.Cachee = true
		return x, nil
	}
	voisine := pupitre.FicheAnnuaire{Nature: "situation", NatureTitre: "une situation d'exercice", ID: "o1", Titre: "Hôpital fictif", Detail: []string{"Salarié"}, Actif: true, Famille: f,
		Rubriques: []pupitre.RubriqueAnnuaire{{Chemin: "structure", Libelle: "Structure", Champs: []pupitre.ChampAnnuaire{{Texte: "Hôpital fictif", Nature: "structure", ID: "s1"}}},
			{Chemin: "convention", Libelle: "Conventionnement", Cachee: true}}}
	x.Autour = []pupitre.GroupeAnnuaire{{Titre: "Où il exerce", Total: 1193, Fiches: []pupitre.FicheAnnuaire{voisine}, Cachees: 2}, {Titre: "Ses réseaux", Refuse: true, Nature: "structure", Chemin: "membre"}}
	return x, nil
}

// Versions are three, the first that nothing precedes.
func (a *Annuaire) Versions(ctx context.Context, l pupitre.LectureAnnuaire) (*pupitre.VersionsAnnuaire, error) {
	f, err := a.Fiche(ctx, l)
	if err != nil || !f.VersionsVues {
		return &pupitre.VersionsAnnuaire{Fiche: f}, err
	}
	return &pupitre.VersionsAnnuaire{Fiche: f, Versions: []pupitre.VersionAnnuaire{
		{Numero: 3, ConnueLe: time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC), Changement: []pupitre.ChangementAnnuaire{{Libelle: "Nom", Avant: "FICTIVE", Apres: "FICTIF"}}},
		{Numero: 2}, {Numero: 1, Premiere: true}}}, nil
}

// Pourquoi answers for the civil status.
func (a *Annuaire) Pourquoi(_ context.Context, famille, nature, chemin string) (*pupitre.PourquoiAnnuaire, error) {
	f, err := familleAnnuaire(famille)
	if err != nil {
		return nil, err
	}
	if nature != "praticien" || chemin != "etat-civil" {
		return nil, pupitre.ErrFicheInconnue
	}
	return &pupitre.PourquoiAnnuaire{Nature: nature, Chemin: chemin, Libelle: "État civil", Famille: f, Phrases: []pupitre.PhraseAnnuaire{{Texte: "praticien.etat-civil : refusé."}, {Texte: "Le donnent aussi :", Points: []string{"V5/1"}}},
		Verdicts: []pupitre.VerdictAnnuaire{{FamilleAnnuaire: famillesAnnuaire[0], Verdict: "non"}, {FamilleAnnuaire: famillesAnnuaire[1], Verdict: "oui", Donne: true}}}, nil
}
