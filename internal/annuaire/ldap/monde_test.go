package ldap

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
)

// A directory of fictitious people, in an image.

var (
	nomsTires     = []string{"DUPONT", "DUPOND-MORETTI", "LE GALL", "LEGALL", "D'ARC", "ÇELIK", "MARTIN", "MARTINEZ", "O'BRIEN", "DE LA TOUR"}
	prenomsTires  = []string{"Hélène", "Jean-Luc", "Zoé", "Anne", "Élodie"}
	communesTires = []annuaire.Code{{Code: "41018", Libelle: "Blois"}, {Code: "2A004", Libelle: "Ajaccio"}, {Code: "56178", Libelle: "Pont-Scorff"}}
	domainesTires = []string{"chu.mssante.exemple", "ville.mssante.exemple", "ligue.apicrypt.exemple"}
)

func tirer(r *rand.Rand, n int) (l []annuaire.Changement) {
	entete := func(n annuaire.Nature, i int) annuaire.Entete {
		return annuaire.Entete{ID: annuaire.NouvelID(n, fmt.Sprint(i)), Actif: r.IntN(8) > 0, Version: 1, Maj: 1_790_000_000_000 + int64(r.IntN(90_000_000)),
			Trace: annuaire.Trace{Systeme: "RPPS"}}
	}
	boites := func() (b []annuaire.BAL) {
		for range r.IntN(3) {
			b = append(b, annuaire.BAL{Adresse: fmt.Sprintf("%s.%d@%s", strings.ToLower(nomsTires[r.IntN(2)]), r.IntN(10000), domainesTires[r.IntN(3)]),
				Type: [...]annuaire.TypeBAL{annuaire.BALPersonnelle, annuaire.BALOrganisation}[r.IntN(2)], ListeRouge: r.IntN(10) == 0, Service: "Cardiologie"})
		}
		return b
	}
	for i := range n {
		c := communesTires[r.IntN(3)]
		p := &annuaire.Praticien{Entete: entete(annuaire.Praticiens, i), TypeID: "8", Numero: fmt.Sprint(99900000000 + i), Nom: nomsTires[r.IntN(len(nomsTires))],
			Prenom: prenomsTires[r.IntN(len(prenomsTires))], Profession: annuaire.Code{Code: fmt.Sprint(10 * (1 + r.IntN(3))), Libelle: "Médecin"}, BAL: boites(),
			Categorie: annuaire.Code{Code: "C"}, Exerce: []annuaire.LieuExercice{{CodeCommune: c.Code, Commune: c.Libelle, CodePostal: c.Code}}}
		if n > 1000 { // a measure wants as many names as a country has
			p.Nom = nomTire(r)
		}
		p.IDNat = "8" + p.Numero
		if r.IntN(3) == 0 {
			p.SavoirFaire = []annuaire.Qualification{{Savoir: annuaire.Code{Code: "SM04", Libelle: "Cardiologie"}}}
			p.Certificats = []annuaire.Certificat{{Serie: fmt.Sprint(i), DER: []byte{0x30, 3, 2, 1, byte(i)}}}
		}
		l = append(l, annuaire.Changement{Praticien: p}, annuaire.Changement{Situation: &annuaire.Situation{Entete: entete(annuaire.Situations, i), Praticien: p.ID, BAL: boites()}})
	}
	for i := range n/3 + 1 {
		l = append(l, annuaire.Changement{Structure: &annuaire.Structure{Entete: entete(annuaire.Structures, i), RaisonSociale: "CABINET " + nomsTires[r.IntN(len(nomsTires))],
			Enseigne: "Maison de santé $ 2", FINESS: fmt.Sprint(990000000 + i), IDNat: fmt.Sprint(1990000000 + i), SIRET: fmt.Sprint(99912345800000 + i), Sorte: annuaire.SiteGeographique,
			Secteur: annuaire.Code{Code: "SA08", Libelle: "Cabinet de groupe"}, Adresse: annuaire.Coordonnees{NumeroVoie: "3", TypeVoie: annuaire.Code{Libelle: "rue"}, LibelleVoie: "de l'Écluse",
				CodePostal: "41000", Commune: communesTires[r.IntN(3)]}, BAL: boites()}})
	}
	for i := range 3 {
		l = append(l, annuaire.Changement{Acces: &annuaire.PointAcces{Entete: entete(annuaire.Acces, i), NumeroAMC: fmt.Sprint(99000101 + i), Libelle: "Mutuelle fictive", Convention: "CM",
			Domaines: []string{"HOSP-ACE", "HOSP-SEJ"}, Services: []annuaire.ServiceAcces{{Service: "IDB", Adresse: "https://amc.exemple/idb", Du: 20000}, {Service: "CLC", Adresse: "https://amc.exemple/clc"}}}})
		l[len(l)-1].Acces.Actif = true
	}
	return l
}

// nomTire is a name of three or four syllables: some two hundred thousand of them.
func nomTire(r *rand.Rand) string {
	var b strings.Builder
	for range 3 + r.IntN(2) {
		b.WriteByte("BCDFGLMNPRSTV"[r.IntN(13)])
		b.WriteByte("AEIOU"[r.IntN(5)])
	}
	return b.String()
}

func enImage(t testing.TB, l []annuaire.Changement) *image.Depot {
	t.Helper()
	d, err := image.Ouvrir(t.TempDir(), image.Options{Garde: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Fermer)
	installer(t, d, l)
	return d
}

func installer(t testing.TB, d *image.Depot, l []annuaire.Changement) {
	t.Helper()
	nom := d.Nouvelle()
	c, err := image.Construire(nom)
	if err != nil {
		t.Fatal(err)
	}
	for i := range l {
		if err = c.Ajouter(&l[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err = c.Finir(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err = d.Installer(nom); err != nil {
		t.Fatal(err)
	}
}

// familles recognises a name bound with the password of the trial as a family of actors.
type familles struct{ regards *annuaire.Regards }

func (f familles) Reconnaitre(_ context.Context, p Preuve) (Lecteur, error) {
	a := &annuaire.Acteur{Famille: "anonyme", Motif: "essai"}
	if p.Nom != "" {
		if string(p.MotDePasse) != motDePass {
			return Lecteur{}, Inconnu()
		}
		a.Famille, a.ID = p.Nom, p.Nom
	}
	v, err := f.regards.Vision(a)
	if err != nil {
		return Lecteur{}, Inconnu()
	}
	return Lecteur{Qui: a.ID, Vision: v}, nil
}

func regards(t testing.TB) *annuaire.Regards {
	t.Helper()
	d, err := annuaire.Charger(nil)
	if err != nil {
		t.Fatal(err)
	}
	return d.Regards
}

// recueil is a receiver that keeps the names of what passes, and writes nothing.
type recueil struct {
	filtre *Filtre
	e      Entree
	noms   []string
	limite int // 0 for none
	vues   int
}

func (r *recueil) Entree() *Entree {
	r.e.Vider()
	r.e.besoin = touteUsuelle | touteOperation
	return &r.e
}

func (r *recueil) Rendre() (pris, encore bool) {
	r.vues++
	if r.filtre.evaluer(&r.e) != vrai {
		return false, true
	}
	r.noms = append(r.noms, string(r.e.nom))
	return true, r.limite == 0 || len(r.noms) < r.limite
}

// toutes puts a filter to the entries of all records: the oracle of what plans find.
func toutes(s *seance, f *Filtre) []string {
	r := &recueil{filtre: f}
	p := promenade{ctx: context.Background(), s: s, d: &Demande{}, r: r, vue: s.images.Vue()}
	defer p.vue.Rendre()
	for _, i := range []int{-1, 0, 1, 2, 3} {
		fixe(r.Entree(), i)
		r.Rendre()
	}
	for e := range nombreEtapes {
		for ref := range p.vue.Parcourir(natures[e]) {
			p.sous = 0
			p.fiche(e, ref)
		}
	}
	slices.Sort(r.noms)
	return r.noms
}
