package local

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/sante"
)

// rangee is a row under way: the person it tells, with one adhesion.
type rangee struct {
	amc.Beneficiaire
	adhesion amc.Adhesion
	autres   [2]amc.Autre
}

// Colonne is a column of the CSV form, as documentation tells it.
type Colonne struct {
	Nom         string
	Obligatoire bool
	Sens        string
}

// Colonnes are those that CSV reads.
func Colonnes() []Colonne {
	var l []Colonne
	for _, c := range colonnes() {
		l = append(l, c.Colonne)
	}
	return l
}

// colonne is how a column is read.
type colonne struct {
	Colonne
	lire func(r *rangee, s string) error
}

func lireOui(r *rangee, s string) error {
	r.IdentiteSure = s == "oui"
	if s != "oui" && s != "non" {
		return errors.New("oui ou non attendu")
	}
	return nil
}

func lireRang(n *int, s string) (err error) {
	if *n, err = strconv.Atoi(s); err != nil {
		return errors.New("nombre attendu")
	}
	return nil
}

// colonnes are the columns of the file.
func colonnes() []colonne {
	return []colonne{
		{Colonne{"reference", true, "référence de la personne chez l'AMC, 1 à 40 caractères ; ses lignes se suivent"}, func(r *rangee, s string) error { r.Reference = s; return nil }},
		{Colonne{"numeroAdherent", true, "numéro d'adhérent, tel que la carte le porte"}, func(r *rangee, s string) error { return r.NumeroAdherent.UnmarshalText([]byte(s)) }},
		{Colonne{"nir", false, "NIR de la personne, clé comprise (15 caractères)"}, func(r *rangee, s string) error { return r.NIR.UnmarshalText([]byte(s)) }},
		{Colonne{"nirAssure", false, "NIR de l'ouvreur de droits, clé comprise"}, func(r *rangee, s string) error { return r.NIRAssure.UnmarshalText([]byte(s)) }},
		{Colonne{"nomNaissance", true, "nom de naissance"}, func(r *rangee, s string) error { r.NomNaissance = s; return nil }},
		{Colonne{"nomUsage", false, "nom d'usage, s'il diffère"}, func(r *rangee, s string) error { r.NomUsage = s; return nil }},
		{Colonne{"prenom", true, "premier prénom"}, func(r *rangee, s string) error { r.Prenom = s; return nil }},
		{Colonne{"dateNaissance", true, "date de naissance, AAAAMMJJ, comme 19700115"}, func(r *rangee, s string) error { return r.DateNaissance.UnmarshalText([]byte(s)) }},
		{Colonne{"rangGemellaire", false, "rang gémellaire ; 1 si rien n'est dit"}, func(r *rangee, s string) error { return lireRang(&r.RangGemellaire, s) }},
		{Colonne{"identiteSure", false, "oui quand l'identité a été vérifiée, non sinon"}, lireOui},
		{Colonne{"rang", false, "rang de cette AMC pour la personne"}, func(r *rangee, s string) error { return lireRang(&r.Rang, s) }},
		{Colonne{"autreAMC1", false, "numéro d'une autre AMC de la personne"}, func(r *rangee, s string) error { return r.autres[0].NumeroAMC.UnmarshalText([]byte(s)) }},
		{Colonne{"autreRang1", false, "rang de cette autre AMC"}, func(r *rangee, s string) error { return lireRang(&r.autres[0].Rang, s) }},
		{Colonne{"autreAMC2", false, "numéro d'une deuxième autre AMC"}, func(r *rangee, s string) error { return r.autres[1].NumeroAMC.UnmarshalText([]byte(s)) }},
		{Colonne{"autreRang2", false, "rang de celle-ci"}, func(r *rangee, s string) error { return lireRang(&r.autres[1].Rang, s) }},
		{Colonne{"contrat", true, "numéro du contrat, importé avant"}, func(r *rangee, s string) error { r.adhesion.Contrat = s; return nil }},
		{Colonne{"debut", true, "premier jour de l'adhésion, comme 2026-01-01"}, func(r *rangee, s string) error { return lireJour(&r.adhesion.Debut, s) }},
		{Colonne{"fin", false, "dernier jour ; en cours si rien n'est dit"}, func(r *rangee, s string) error { return lireJour(&r.adhesion.Fin, s) }},
		{Colonne{"suspenduDebut", false, "premier jour d'une suspension"}, func(r *rangee, s string) error { return lireJour(&r.adhesion.SuspenduDebut, s) }},
		{Colonne{"suspenduFin", false, "dernier jour de la suspension"}, func(r *rangee, s string) error { return lireJour(&r.adhesion.SuspenduFin, s) }},
	}
}

func lireJour(j *sante.Jour, s string) (err error) { *j, err = sante.ParseJour(s); return err }

// groupe is a person under way: his rows so far.
type groupe struct {
	lignes []int
	b      amc.Beneficiaire
	faute  bool
}

// CSV imports persons. The error is of the file or of the tables; what was
// written before it stays, and the report tells it.
func (i *Importeur) CSV(ctx context.Context, r io.Reader) (Rapport, error) {
	m := i.marche(ctx)
	var entete []colonne
	var g groupe
	err := lignes(r, func(n int, ligne []byte) (err error) {
		if entete == nil {
			entete, err = lireEntete(ligne)
			return err
		}
		m.rapport.Lignes++
		return m.ligneCSV(n, ligne, entete, &g)
	})
	if err == nil && entete == nil {
		err = fmt.Errorf("%w : fichier vide", ErrEntete)
	}
	if err == nil {
		err = m.clore(&g)
	}
	return m.rapport, errors.Join(err, m.vider())
}

func lireEntete(ligne []byte) ([]colonne, error) {
	noms, err := decouper(ligne)
	if err != nil {
		return nil, fmt.Errorf("%w : CSV illisible", ErrEntete)
	}
	connues, lues := colonnes(), []colonne(nil)
	for _, nom := range noms {
		k := slices.IndexFunc(connues, func(c colonne) bool { return c.Nom == nom })
		if k < 0 {
			return nil, fmt.Errorf("%w : %s", ErrEntete, colonneRefusee(nom, noms))
		}
		lues = append(lues, connues[k])
		connues = slices.Delete(connues, k, k+1)
	}
	for _, c := range connues {
		if c.Obligatoire {
			return nil, fmt.Errorf("%w : colonne absente : %s", ErrEntete, c.Nom)
		}
	}
	return lues, nil
}

// colonneRefusee tells what is wrong with the name of a column.
func colonneRefusee(nom string, noms []string) string {
	switch {
	case slices.ContainsFunc(colonnes(), func(c colonne) bool { return c.Nom == nom }):
		return "colonne dite deux fois : " + nom
	case len(noms) == 1:
		return "une seule colonne : les valeurs sont-elles séparées par « ; » ?"
	case slices.Contains([]string{"garantie", "garanties", "formule", "famille", "type", "modeCalcul", "perimetre"}, nom):
		return "colonne inconnue : « " + nom + " » ; les contrats s'importent en JSON, le CSV ne tient que des personnes"
	}
	return fmt.Sprintf("colonne inconnue : « %.30s »", nom)
}

// decouper reads one line: a quoted value never goes over the next.
func decouper(ligne []byte) ([]string, error) {
	r := csv.NewReader(bytes.NewReader(ligne))
	r.Comma, r.FieldsPerRecord = ';', -1
	return r.Read()
}

func (m *marche) ligneCSV(n int, ligne []byte, entete []colonne, g *groupe) error {
	champs, err := decouper(ligne)
	switch {
	case !lisible(ligne):
		return m.rejeter(n, g, "ligne", "UTF-8 attendu")
	case err != nil:
		return m.rejeter(n, g, "ligne", "CSV illisible : guillemet mal fermé ?")
	case len(champs) != len(entete):
		return m.rejeter(n, g, "ligne", fmt.Sprintf("%d colonnes au lieu de %d", len(champs), len(entete)))
	}
	var r rangee
	r.RangGemellaire = 1
	var champ, raison string
	for i, s := range champs {
		if s == "" {
			continue // an absent mandatory value is told by Verifier
		}
		if err := entete[i].lire(&r, s); err != nil && champ == "" {
			champ, raison = entete[i].Nom, err.Error()
		}
	}
	for _, a := range r.autres {
		if a != (amc.Autre{}) {
			r.Autres = append(r.Autres, a)
		}
	}
	return m.rangee(n, &r, champ, raison, g)
}

// rejeter refuses a line whose person cannot be told: it ends the one before.
func (m *marche) rejeter(n int, g *groupe, champ, raison string) error {
	err := m.clore(g)
	m.refuser([]int{n}, champ, raison)
	return err
}

// rangee adds a row to the person under way, or ends him and begins another.
func (m *marche) rangee(n int, r *rangee, champ, raison string, g *groupe) error {
	if r.Reference == "" {
		return m.rejeter(n, g, "reference", "absente")
	}
	if g.b.Reference != r.Reference {
		if err := m.clore(g); err != nil {
			return err
		}
		*g = groupe{b: r.Beneficiaire}
	} else if champ == "" && !g.faute && !meme(&g.b, &r.Beneficiaire) {
		champ, raison = "reference", "les lignes de cette personne se contredisent"
	}
	if champ != "" {
		g.faute = true
		m.refuser([]int{n}, champ, raison)
		return nil
	}
	g.lignes = append(g.lignes, n)
	g.b.Adhesions = append(g.b.Adhesions, r.adhesion)
	return nil
}

func meme(a, b *amc.Beneficiaire) bool {
	x := *a
	x.Adhesions = nil
	y := *b
	return slices.Equal(x.Autres, y.Autres) && x.NumeroAdherent == y.NumeroAdherent && x.NIR == y.NIR && x.NIRAssure == y.NIRAssure &&
		x.NomNaissance == y.NomNaissance && x.NomUsage == y.NomUsage && x.Prenom == y.Prenom && x.DateNaissance == y.DateNaissance &&
		x.RangGemellaire == y.RangGemellaire && x.IdentiteSure == y.IdentiteSure && x.Rang == y.Rang
}

// clore ends the person under way.
func (m *marche) clore(g *groupe) error {
	fini := *g
	*g = groupe{}
	switch {
	case len(fini.lignes) == 0:
		return nil
	case fini.faute:
		m.refuser(fini.lignes, "reference", "une autre ligne de cette personne est refusée")
		return nil
	}
	return m.personne(fini.lignes, fini.b)
}
