package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Portefeuille is the portfolio in tables.
type Portefeuille struct {
	table
	contrats *Contrats
}

// colonnesPersonne reads a person, one of his adhesions and the version of its
// contract in force at the day $5.
const colonnesPersonne = `SELECT b.reference, b.adherent, b.nir, b.nir_assure, b.nom_naissance, b.nom_usage, b.prenom, b.naissance,
	b.rang_gemellaire, b.identite_sure, b.rang, b.autres, a.contrat, a.debut, a.fin, a.suspendu_debut, a.suspendu_fin, v.empreinte, v.debut, v.fin
	FROM amc_beneficiaire b CROSS JOIN amc_adhesion a
	LEFT JOIN amc_contrat v ON v.tenant = $1 AND v.numero = a.contrat AND v.debut <= $5 AND v.fin >= $5
	WHERE b.tenant = $1 AND a.tenant = $1 AND a.reference = b.reference AND `

// chercher finds the persons by three keys at once, each by its index, so that
// the work is the same whatever is found. An absent key is NULL, equal to
// nothing. UNION ALL and CROSS JOIN hold SQLite to these indexes: with UNION,
// or a plain JOIN, it walks a whole tenant in order of reference. Each branch leaves out what those before found.
const chercher = colonnesPersonne + `b.adherent = $2
	UNION ALL ` + colonnesPersonne + `b.nir = $3 AND b.adherent <> $2
	UNION ALL ` + colonnesPersonne + `b.nir_assure = $4 AND b.adherent <> $2 AND (b.nir IS NULL OR b.nir <> $3)
	LIMIT 5000`

// Chercher gives the persons that a key designates.
func (p *Portefeuille) Chercher(ctx context.Context, c *amc.Critere, j sante.Jour) ([]amc.Beneficiaire, error) {
	nir, assure := c.NIRBeneficiaire.String(), ""
	if nir == "" {
		nir, assure = c.NIRAssure.String(), c.NIRAssure.String()
	}
	rows, err := p.base.Lecteur(ctx).QueryContext(ctx, chercher, p.tenant, c.NumeroAdherent.String(), nul(nir), nul(assure), j.String())
	if err != nil {
		return nil, fmt.Errorf("chercher un bénéficiaire: %w", err)
	}
	var l []amc.Beneficiaire
	err = lireTout(rows, func(r scanner) error {
		b, err := lireBeneficiaire(r)
		if err == nil {
			l = ajouter(l, b)
		}
		return err
	})
	return l, err
}

// ajouter adds a person with one adhesion to those already read: one with two
// adhesions comes twice.
func ajouter(l []amc.Beneficiaire, b amc.Beneficiaire) []amc.Beneficiaire {
	i := slices.IndexFunc(l, func(x amc.Beneficiaire) bool { return x.Reference == b.Reference })
	if i < 0 {
		if len(l) < amc.CandidatsMax {
			l = append(l, b)
		}
		return l
	}
	k, _ := slices.BinarySearchFunc(l[i].Adhesions, b.Adhesions[0].Debut, func(a amc.Adhesion, j sante.Jour) int { return int(a.Debut) - int(j) })
	l[i].Adhesions = slices.Insert(l[i].Adhesions, k, b.Adhesions[0])
	return l
}

// lireBeneficiaire reads a person with one of his adhesions.
func lireBeneficiaire(r scanner) (b amc.Beneficiaire, err error) {
	var adherent, nir, assure, naissance, autres, empreinte, versionDebut, versionFin texte
	var contrat, debut, dernier, suspenduDebut, suspenduFin string
	err = r.Scan(&b.Reference, &adherent, &nir, &assure, &b.NomNaissance, &b.NomUsage, &b.Prenom, &naissance, &b.RangGemellaire,
		&b.IdentiteSure, &b.Rang, &autres, &contrat, &debut, &dernier, &suspenduDebut, &suspenduFin, &empreinte, &versionDebut, &versionFin)
	if err != nil {
		return b, fmt.Errorf("lire un bénéficiaire: %w", err)
	}
	b.Adhesions = []amc.Adhesion{{
		Contrat: contrat, Debut: jour(debut), Fin: jour(dernier), SuspenduDebut: jour(suspenduDebut), SuspenduFin: jour(suspenduFin),
		Version: amc.Version{Empreinte: string(empreinte), Debut: jour(string(versionDebut)), Fin: jour(string(versionFin))},
	}}
	for _, champ := range []struct {
		lire func([]byte) error
		de   texte
	}{
		{b.NumeroAdherent.UnmarshalText, adherent}, {b.DateNaissance.UnmarshalText, naissance},
		{b.NIR.UnmarshalText, nir}, {b.NIRAssure.UnmarshalText, assure},
	} {
		if champ.de == "" {
			continue
		}
		if err := champ.lire([]byte(champ.de)); err != nil {
			return b, fmt.Errorf("relire un bénéficiaire: %w", err)
		}
	}
	if autres != "" {
		if err := json.Unmarshal([]byte(autres), &b.Autres); err != nil {
			return b, fmt.Errorf("relire un bénéficiaire: %w", err)
		}
	}
	return b, nil
}

// texte is a column that may be NULL, read as an empty text.
type texte string

// Scan reads a text or NULL.
func (t *texte) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*t = ""
	case string:
		*t = texte(v)
	case []byte:
		*t = texte(v)
	default:
		return fmt.Errorf("texte attendu, %T reçu", v)
	}
	return nil
}
