package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"

	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/sante"
)

// EcrireContrat puts a version of a contract in force and keeps its text; the
// version of the same first day is replaced, its text stays. It tells whether
// something changed. Two versions that share a day are refused with an
// *amc.Faute. It joins the transaction of ctx, or makes its own.
func (p *Portefeuille) EcrireContrat(ctx context.Context, c *amc.Contrat) (change bool, err error) {
	err = p.base.EnTransaction(ctx, func(ctx context.Context) error {
		change = false
		empreinte, err := p.contrats.Garder(ctx, c)
		if err != nil {
			return err
		}
		w := p.base.Ecrivain(ctx)
		var autres int
		err = w.QueryRowContext(ctx, `SELECT COUNT(*) FROM amc_contrat WHERE tenant = $1 AND numero = $2 AND debut <> $3 AND debut <= $4 AND fin >= $3`,
			p.tenant, c.Numero, c.Debut.String(), fin(c.Fin)).Scan(&autres)
		if err != nil {
			return fmt.Errorf("lire les versions d'un contrat: %w", err)
		}
		if autres > 0 {
			return &amc.Faute{Champ: "debut", Detail: "deux versions du même contrat se chevauchent", De: amc.ErrContrat}
		}
		r, err := w.ExecContext(ctx, `INSERT INTO amc_contrat (tenant, numero, debut, fin, empreinte) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (tenant, numero, debut) DO UPDATE SET fin = excluded.fin, empreinte = excluded.empreinte
			WHERE amc_contrat.fin <> excluded.fin OR amc_contrat.empreinte <> excluded.empreinte`,
			p.tenant, c.Numero, c.Debut.String(), fin(c.Fin), empreinte)
		if err != nil {
			return fmt.Errorf("écrire un contrat: %w", err)
		}
		n, err := r.RowsAffected()
		change = n > 0
		return err
	})
	return change, err
}

// ContratConnu tells whether some version of a contract is in force some day.
func (p *Portefeuille) ContratConnu(ctx context.Context, numero string) (bool, error) {
	var un int
	err := p.base.Lecteur(ctx).QueryRowContext(ctx, "SELECT 1 FROM amc_contrat WHERE tenant = $1 AND numero = $2 LIMIT 1", p.tenant, numero).Scan(&un)
	if aucun(err) {
		return false, nil
	}
	return err == nil, err
}

const colonnesBeneficiaire = `tenant, reference, adherent, nir, nir_assure, nom_naissance, nom_usage, prenom, naissance, rang_gemellaire,
	identite_sure, rang, autres, empreinte`

const insererBeneficiaire = "INSERT INTO amc_beneficiaire (" + colonnesBeneficiaire + ") VALUES"

// EcrireBeneficiaires writes persons in one transaction, new or changed, and
// tells how many were. The same file written again changes nothing.
func (p *Portefeuille) EcrireBeneficiaires(ctx context.Context, lot []amc.Beneficiaire) (changes int, err error) {
	err = p.base.EnTransaction(ctx, func(ctx context.Context) error {
		changes = 0
		for i := range lot {
			change, err := p.ecrireBeneficiaire(ctx, &lot[i])
			if err != nil {
				return err
			}
			if change {
				changes++
			}
		}
		return nil
	})
	return changes, err
}

func (p *Portefeuille) ecrireBeneficiaire(ctx context.Context, b *amc.Beneficiaire) (bool, error) {
	v, err := p.valeurs(b)
	if err != nil {
		return false, err
	}
	w := p.base.Ecrivain(ctx)
	r, err := w.ExecContext(ctx, insererBeneficiaire+` ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (tenant, reference) DO UPDATE SET adherent = excluded.adherent, nir = excluded.nir, nir_assure = excluded.nir_assure,
		nom_naissance = excluded.nom_naissance, nom_usage = excluded.nom_usage, prenom = excluded.prenom, naissance = excluded.naissance,
		rang_gemellaire = excluded.rang_gemellaire, identite_sure = excluded.identite_sure, rang = excluded.rang, autres = excluded.autres,
		empreinte = excluded.empreinte WHERE amc_beneficiaire.empreinte <> excluded.empreinte`, v...)
	if err != nil {
		return false, fmt.Errorf("écrire un bénéficiaire: %w", err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	if _, err := w.ExecContext(ctx, "DELETE FROM amc_adhesion WHERE tenant = $1 AND reference = $2", p.tenant, b.Reference); err != nil {
		return false, fmt.Errorf("écrire les adhésions: %w", err)
	}
	return true, p.base.Inserer(ctx, p.adhesions(nil, b))
}

// Charger writes persons that are not there yet, as fast as the engine goes, by
// transactions of lot persons. It stops at the first error; what was committed
// before stays. suivi, when not nil, is told after each commit.
func (p *Portefeuille) Charger(ctx context.Context, suite iter.Seq[amc.Beneficiaire], lot int, suivi func(ecrits int)) (ecrits int, err error) {
	prets := make([]amc.Beneficiaire, 0, lot)
	vider := func() error {
		err := p.base.EnTransaction(ctx, func(ctx context.Context) error { return p.inserer(ctx, prets) })
		if err == nil {
			ecrits += len(prets)
			prets = prets[:0]
			if suivi != nil {
				suivi(ecrits)
			}
		}
		return err
	}
	for b := range suite {
		if err := b.Verifier(); err != nil {
			return ecrits, err
		}
		if prets = append(prets, b); len(prets) == lot {
			if err := vider(); err != nil {
				return ecrits, err
			}
		}
	}
	if len(prets) > 0 {
		err = vider()
	}
	return ecrits, err
}

// pas is how many persons share a statement: the SQLite driver looks for the name
// of each parameter among those before, which makes longer statements slower.
const pas = 16

func (p *Portefeuille) inserer(ctx context.Context, l []amc.Beneficiaire) error {
	for len(l) > 0 {
		n := min(pas, len(l))
		personnes := bdd.Insertion{Debut: insererBeneficiaire, Colonnes: 14}
		var adhesions []any
		for i := range l[:n] {
			v, err := p.valeurs(&l[i])
			if err != nil {
				return err
			}
			personnes.Valeurs = append(personnes.Valeurs, v...)
			adhesions = p.adhesions(adhesions, &l[i]).Valeurs
		}
		if err := p.base.Inserer(ctx, personnes); err != nil {
			return fmt.Errorf("charger des bénéficiaires: %w", err)
		}
		if err := p.base.Inserer(ctx, insertionAdhesions(adhesions)); err != nil {
			return fmt.Errorf("charger des adhésions: %w", err)
		}
		l = l[n:]
	}
	return nil
}

func (p *Portefeuille) valeurs(b *amc.Beneficiaire) ([]any, error) {
	texte, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("écrire un bénéficiaire: %w", err)
	}
	h := sha256.Sum256(texte)
	autres := ""
	if len(b.Autres) > 0 {
		a, err := json.Marshal(b.Autres)
		if err != nil {
			return nil, fmt.Errorf("écrire un bénéficiaire: %w", err)
		}
		autres = string(a)
	}
	sure := 0
	if b.IdentiteSure {
		sure = 1
	}
	return []any{p.tenant, b.Reference, b.NumeroAdherent.String(), nul(b.NIR.String()), nul(b.NIRAssure.String()), b.NomNaissance, b.NomUsage,
		b.Prenom, b.DateNaissance.String(), b.RangGemellaire, sure, b.Rang, autres, hex.EncodeToString(h[:16])}, nil
}

func (p *Portefeuille) adhesions(v []any, b *amc.Beneficiaire) bdd.Insertion {
	for _, a := range b.Adhesions {
		v = append(v, p.tenant, b.Reference, a.Debut.String(), fin(a.Fin), a.Contrat, a.SuspenduDebut.String(), suspension(a))
	}
	return insertionAdhesions(v)
}

func suspension(a amc.Adhesion) string {
	if a.SuspenduDebut.IsZero() {
		return ""
	}
	return fin(a.SuspenduFin)
}

func insertionAdhesions(v []any) bdd.Insertion {
	return bdd.Insertion{
		Debut:    "INSERT INTO amc_adhesion (tenant, reference, debut, fin, contrat, suspendu_debut, suspendu_fin) VALUES",
		Colonnes: 7, Valeurs: v,
	}
}

// Retirer takes persons out of the portfolio and tells how many were there. What
// was answered of them stays.
func (p *Portefeuille) Retirer(ctx context.Context, references []string) (retires int64, err error) {
	err = p.base.EnTransaction(ctx, func(ctx context.Context) error {
		retires = 0
		w := p.base.Ecrivain(ctx)
		for _, r := range references {
			if _, err := w.ExecContext(ctx, "DELETE FROM amc_adhesion WHERE tenant = $1 AND reference = $2", p.tenant, r); err != nil {
				return fmt.Errorf("retirer des adhésions: %w", err)
			}
			res, err := w.ExecContext(ctx, "DELETE FROM amc_beneficiaire WHERE tenant = $1 AND reference = $2", p.tenant, r)
			if err != nil {
				return fmt.Errorf("retirer un bénéficiaire: %w", err)
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			retires += n
		}
		return nil
	})
	return retires, err
}

// Beneficiaires gives the portfolio by reference, from after one, at most max
// persons: an export asks again from the last. Versions of contracts are not set.
func (p *Portefeuille) Beneficiaires(ctx context.Context, apres string, max int) ([]amc.Beneficiaire, error) {
	rows, err := p.base.Lecteur(ctx).QueryContext(ctx, `WITH t AS (SELECT reference FROM amc_beneficiaire WHERE tenant = $1 AND reference > $2 ORDER BY reference LIMIT $3)
	SELECT b.reference, b.adherent, b.nir, b.nir_assure, b.nom_naissance, b.nom_usage, b.prenom, b.naissance, b.rang_gemellaire,
		b.identite_sure, b.rang, b.autres, a.contrat, a.debut, a.fin, a.suspendu_debut, a.suspendu_fin, '', '', ''
	FROM t JOIN amc_beneficiaire b ON b.tenant = $1 AND b.reference = t.reference
	JOIN amc_adhesion a ON a.tenant = $1 AND a.reference = t.reference ORDER BY b.reference, a.debut`, p.tenant, apres, max)
	if err != nil {
		return nil, fmt.Errorf("lire le portefeuille: %w", err)
	}
	var l []amc.Beneficiaire
	err = lireTout(rows, func(r scanner) error {
		b, err := lireBeneficiaire(r)
		if n := len(l); err == nil && n > 0 && l[n-1].Reference == b.Reference {
			l[n-1].Adhesions = append(l[n-1].Adhesions, b.Adhesions...)
			return nil
		}
		l = append(l, b)
		return err
	})
	return l, err
}

// ContratsEnVigueur gives every version in force, by number then day.
func (p *Portefeuille) ContratsEnVigueur(ctx context.Context) ([]amc.Contrat, error) {
	rows, err := p.base.Lecteur(ctx).QueryContext(ctx, "SELECT empreinte FROM amc_contrat WHERE tenant = $1 ORDER BY numero, debut", p.tenant)
	if err != nil {
		return nil, fmt.Errorf("lire les contrats: %w", err)
	}
	var empreintes []string
	err = lireTout(rows, func(r scanner) error {
		var e string
		err := r.Scan(&e)
		empreintes = append(empreintes, e)
		return err
	})
	if err != nil {
		return nil, err
	}
	l := make([]amc.Contrat, 0, len(empreintes))
	for _, e := range empreintes {
		c, err := p.contrats.Contrat(ctx, e)
		if err != nil {
			return nil, err
		}
		l = append(l, *c)
	}
	return l, nil
}

// Compter tells how many persons the portfolio holds.
func (p *Portefeuille) Compter(ctx context.Context) (n int, err error) {
	err = p.base.Lecteur(ctx).QueryRowContext(ctx, "SELECT COUNT(*) FROM amc_beneficiaire WHERE tenant = $1", p.tenant).Scan(&n)
	return n, err
}

// Effectifs tells how many persons each contract covers a day. A person counts once,
// under one of his contracts: the sum of some is never more than there are persons.
func (p *Portefeuille) Effectifs(ctx context.Context, j sante.Jour) (map[string]int, error) {
	rows, err := p.base.Lecteur(ctx).QueryContext(ctx, `SELECT contrat, COUNT(*) FROM (
		SELECT MIN(contrat) AS contrat FROM amc_adhesion WHERE tenant = $1 AND debut <= $2 AND fin >= $2
		AND NOT (suspendu_debut <> '' AND suspendu_debut <= $2 AND suspendu_fin >= $2) GROUP BY reference) AS un GROUP BY contrat`,
		p.tenant, j.String())
	if err != nil {
		return nil, fmt.Errorf("compter par contrat: %w", err)
	}
	m := map[string]int{}
	return m, lireTout(rows, func(r scanner) error {
		var contrat string
		var n int
		err := r.Scan(&contrat, &n)
		m[contrat] = n
		return err
	})
}
