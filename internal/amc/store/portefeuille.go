package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Portefeuille is the portfolio in tables.
type Portefeuille struct {
	table
	contrats *Contrats
}

// chercher finds the persons by three keys at once, each by its index, so that
// the work is the same whatever is found. An absent key is NULL, equal to
// nothing. Rows come by person, then by day.
const chercher = `WITH trouve AS (
		SELECT reference FROM amc_beneficiaire WHERE tenant = $1 AND adherent = $2
		UNION SELECT reference FROM amc_beneficiaire WHERE tenant = $1 AND nir = $3
		UNION SELECT reference FROM amc_beneficiaire WHERE tenant = $1 AND nir_assure = $4)
	SELECT b.reference, b.adherent, b.nir, b.nir_assure, b.nom_naissance, b.nom_usage, b.prenom, b.naissance, b.rang_gemellaire,
		b.identite_sure, b.rang, b.autres, a.contrat, a.debut, a.fin, a.suspendu_debut, a.suspendu_fin,
		COALESCE(v.empreinte, ''), COALESCE(v.debut, ''), COALESCE(v.fin, '')
	FROM trouve t JOIN amc_beneficiaire b ON b.tenant = $1 AND b.reference = t.reference
	JOIN amc_adhesion a ON a.tenant = $1 AND a.reference = t.reference
	LEFT JOIN amc_contrat v ON v.tenant = $1 AND v.numero = a.contrat AND v.debut <= $5 AND v.fin >= $5
	ORDER BY b.reference, a.debut LIMIT 5000`

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
	defer rows.Close()
	var l []amc.Beneficiaire
	for rows.Next() {
		b, err := lireBeneficiaire(rows)
		if err != nil {
			return nil, err
		}
		if n := len(l); n > 0 && l[n-1].Reference == b.Reference {
			l[n-1].Adhesions = append(l[n-1].Adhesions, b.Adhesions...)
			continue
		}
		if len(l) == amc.CandidatsMax {
			break
		}
		l = append(l, b)
	}
	return l, rows.Err()
}

// lireBeneficiaire reads a person with one of his adhesions.
func lireBeneficiaire(r scanner) (b amc.Beneficiaire, err error) {
	var adherent, nir, assure, naissance, autres texte
	var contrat, debut, dernier, suspenduDebut, suspenduFin, empreinte, versionDebut, versionFin string
	err = r.Scan(&b.Reference, &adherent, &nir, &assure, &b.NomNaissance, &b.NomUsage, &b.Prenom, &naissance, &b.RangGemellaire,
		&b.IdentiteSure, &b.Rang, &autres, &contrat, &debut, &dernier, &suspenduDebut, &suspenduFin, &empreinte, &versionDebut, &versionFin)
	if err != nil {
		return b, fmt.Errorf("lire un bénéficiaire: %w", err)
	}
	b.Adhesions = []amc.Adhesion{{
		Contrat: contrat, Debut: jour(debut), Fin: jour(dernier), SuspenduDebut: jour(suspenduDebut), SuspenduFin: jour(suspenduFin),
		Version: amc.Version{Empreinte: empreinte, Debut: jour(versionDebut), Fin: jour(versionFin)},
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
