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

// colonne is how a column is read.
type colonne struct {
	nom         string
	obligatoire bool
	lire        func(r *rangee, s string) error
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
		{"reference", true, func(r *rangee, s string) error { r.Reference = s; return nil }},
		{"numeroAdherent", true, func(r *rangee, s string) error { return r.NumeroAdherent.UnmarshalText([]byte(s)) }},
		{"nir", false, func(r *rangee, s string) error { return r.NIR.UnmarshalText([]byte(s)) }},
		{"nirAssure", false, func(r *rangee, s string) error { return r.NIRAssure.UnmarshalText([]byte(s)) }},
		{"nomNaissance", true, func(r *rangee, s string) error { r.NomNaissance = s; return nil }},
		{"nomUsage", false, func(r *rangee, s string) error { r.NomUsage = s; return nil }},
		{"prenom", true, func(r *rangee, s string) error { r.Prenom = s; return nil }},
		{"dateNaissance", true, func(r *rangee, s string) error { return r.DateNaissance.UnmarshalText([]byte(s)) }},
		{"rangGemellaire", false, func(r *rangee, s string) error { return lireRang(&r.RangGemellaire, s) }},
		{"identiteSure", false, lireOui},
		{"rang", false, func(r *rangee, s string) error { return lireRang(&r.Rang, s) }},
		{"autreAMC1", false, func(r *rangee, s string) error { return r.autres[0].NumeroAMC.UnmarshalText([]byte(s)) }},
		{"autreRang1", false, func(r *rangee, s string) error { return lireRang(&r.autres[0].Rang, s) }},
		{"autreAMC2", false, func(r *rangee, s string) error { return r.autres[1].NumeroAMC.UnmarshalText([]byte(s)) }},
		{"autreRang2", false, func(r *rangee, s string) error { return lireRang(&r.autres[1].Rang, s) }},
		{"contrat", true, func(r *rangee, s string) error { r.adhesion.Contrat = s; return nil }},
		{"debut", true, func(r *rangee, s string) error { return lireJour(&r.adhesion.Debut, s) }},
		{"fin", false, func(r *rangee, s string) error { return lireJour(&r.adhesion.Fin, s) }},
		{"suspenduDebut", false, func(r *rangee, s string) error { return lireJour(&r.adhesion.SuspenduDebut, s) }},
		{"suspenduFin", false, func(r *rangee, s string) error { return lireJour(&r.adhesion.SuspenduFin, s) }},
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
		k := slices.IndexFunc(connues, func(c colonne) bool { return c.nom == nom })
		if k < 0 {
			return nil, fmt.Errorf("%w : colonne inconnue ou dite deux fois : « %.30s »", ErrEntete, nom)
		}
		lues = append(lues, connues[k])
		connues = slices.Delete(connues, k, k+1)
	}
	for _, c := range connues {
		if c.obligatoire {
			return nil, fmt.Errorf("%w : colonne absente : %s", ErrEntete, c.nom)
		}
	}
	return lues, nil
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
			champ, raison = entete[i].nom, err.Error()
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
