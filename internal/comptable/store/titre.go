package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/sante"
)

// Inscrire implements comptable.Titres.
func (s *Store) Inscrire(ctx context.Context, l []*comptable.Titre, libelles map[sante.NumeroAMC]string) error {
	combien := map[int]int64{}
	for _, t := range l {
		combien[t.Cle.Exercice]++
	}
	suivant := map[int]int64{}
	for exercice, n := range combien {
		var dernier int64
		if err := s.b.Ecrivain(ctx).QueryRowContext(ctx, `INSERT INTO cpt_exercice (tenant, exercice, titre) VALUES ($1, $2, $3)
			ON CONFLICT (tenant, exercice) DO UPDATE SET titre = cpt_exercice.titre + $3 RETURNING titre`, s.tenant, exercice, n).Scan(&dernier); err != nil {
			return fmt.Errorf("numéroter des titres: %w", err)
		}
		suivant[exercice] = dernier - n
	}
	lignes := bdd.Insertion{Debut: `INSERT INTO cpt_titre (tenant, exercice, numero, amc, annee, facture, lot, montant, reduit, paye, perdu, reste,
		emis, accuse, connu, echeance, message, feuille) VALUES`, Colonnes: 18}
	for _, t := range l {
		suivant[t.Cle.Exercice]++
		t.Cle.Numero = suivant[t.Cle.Exercice]
		lignes.Valeurs = append(lignes.Valeurs, s.tenant, t.Cle.Exercice, t.Cle.Numero, t.AMC.String(), t.Facture.Annee, t.Facture.Numero, t.Lot,
			int64(t.Montant), 0, 0, 0, int64(t.Montant), t.Emis.String(), "", "", "", t.Preuve.Message, t.Preuve.Feuille)
	}
	insertions := []bdd.Insertion{lignes}
	if len(libelles) > 0 {
		insertions = append(insertions, s.debiteurs(libelles))
	}
	return s.b.Inserer(ctx, insertions...)
}

func (s *Store) debiteurs(libelles map[sante.NumeroAMC]string) bdd.Insertion {
	i := bdd.Insertion{Debut: `INSERT INTO cpt_debiteur (tenant, amc, libelle) VALUES`, Colonnes: 3,
		Fin: ` ON CONFLICT (tenant, amc) DO UPDATE SET libelle = excluded.libelle`}
	for n, x := range libelles {
		i.Valeurs = append(i.Valeurs, s.tenant, n.String(), x)
	}
	return i
}

const colonnesTitre = `t.exercice, t.numero, t.amc, t.annee, t.facture, t.lot, t.montant, t.reduit, t.paye, t.perdu, t.reste, t.emis, t.accuse, t.connu, t.echeance, t.message, t.feuille`

// lireTitre reads the columns above, and those that follow.
func lireTitre(r *sql.Rows, suite ...any) (*comptable.Titre, error) {
	t := new(comptable.Titre)
	var numero, emis, accuse, connu, echeance string
	if err := r.Scan(append([]any{&t.Cle.Exercice, &t.Cle.Numero, &numero, &t.Facture.Annee, &t.Facture.Numero, &t.Lot, &t.Montant, &t.Reduit, &t.Paye, &t.Perdu,
		&t.Reste, &emis, &accuse, &connu, &echeance, &t.Preuve.Message, &t.Preuve.Feuille}, suite...)...); err != nil {
		return nil, err
	}
	var err error
	if t.AMC, err = amc(numero); err != nil {
		return nil, err
	}
	return t, jours(map[*sante.Jour]string{&t.Emis: emis, &t.Accuse: accuse, &t.Connu: connu, &t.Echeance: echeance})
}

// ParFacture implements comptable.Titres.
func (s *Store) ParFacture(ctx context.Context, l []comptable.CleFacture) (map[comptable.CleFacture]*comptable.Titre, error) {
	numeros := make([]string, len(l))
	voulus := map[comptable.CleFacture]bool{}
	for i, c := range l {
		numeros[i], voulus[c] = c.Numero, true
	}
	m := make(map[comptable.CleFacture]*comptable.Titre, len(l))
	err := s.parNumero(ctx, numeros, func(t *comptable.Titre) {
		if voulus[t.Facture] {
			m[t.Facture] = t
		}
	})
	return m, err
}

// parNumero gives the titres of invoices of these numbers, whatever their year, in
// no order. Each number is a search of its own, many in a statement: given a list,
// PostgreSQL plans on an empty table to read all the titres of the tenant, and keeps
// that plan while the table grows.
func (s *Store) parNumero(ctx context.Context, numeros []string, une func(t *comptable.Titre)) error {
	slices.Sort(numeros)
	numeros = slices.Compact(numeros)
	for _, n := range [...]int{16, 4, 1} {
		for len(numeros) >= n {
			args := listeDe([]any{s.tenant}, numeros[:n], func(x string) any { return x })
			rows, err := s.b.Ecrivain(ctx).QueryContext(ctx, chercherTitres[n], args...)
			if err := lire(rows, err, "des titres", func(r *sql.Rows) error {
				t, err := lireTitre(r)
				if err == nil {
					une(t)
				}
				return err
			}); err != nil {
				return err
			}
			numeros = numeros[n:]
		}
	}
	return nil
}

// chercherTitres holds the search of one number, and of several at once.
var chercherTitres = map[int]string{1: chercherN(1), 4: chercherN(4), 16: chercherN(16)}

func chercherN(n int) string {
	l := make([]string, n)
	for i := range l {
		l[i] = `SELECT ` + colonnesTitre + ` FROM cpt_titre t WHERE t.tenant = $1 AND t.facture = $` + strconv.Itoa(i+2)
	}
	return strings.Join(l, " UNION ALL ")
}

// Titre implements comptable.Titres.
func (s *Store) Titre(ctx context.Context, c comptable.CleTitre) (t *comptable.Titre, err error) {
	rows, err := s.b.Ecrivain(ctx).QueryContext(ctx, `SELECT `+colonnesTitre+` FROM cpt_titre t WHERE t.tenant = $1 AND t.exercice = $2 AND t.numero = $3`, s.tenant, c.Exercice, c.Numero)
	err = lire(rows, err, "un titre", func(r *sql.Rows) (err error) { t, err = lireTitre(r); return err })
	return t, err
}

// Dater implements comptable.Titres.
func (s *Store) Dater(ctx context.Context, l []*comptable.Titre) error {
	x := changement{quoi: "des titres", requete: `UPDATE cpt_titre SET accuse = $4, connu = $5, echeance = $6 WHERE tenant = $1 AND exercice = $2 AND numero = $3 AND accuse = ''`}
	for _, t := range l {
		x.lignes = append(x.lignes, []any{t.Cle.Exercice, t.Cle.Numero, t.Accuse.String(), t.Connu.String(), t.Echeance.String()})
	}
	return x.executer(ctx, s.b.Ecrivain(ctx), s.tenant)
}

// Annoncer implements comptable.Annonces.
func (s *Store) Annoncer(ctx context.Context, a *comptable.Annonce) error {
	entete := bdd.Insertion{Debut: `INSERT INTO cpt_annonce (tenant, payeur, retour, reference, normalisee, compte, comptable, mandatement, contact, total, reste, message, feuille) VALUES`, Colonnes: 13,
		Valeurs: []any{s.tenant, a.Cle.Payeur.String(), a.Cle.Retour, a.Reference, comptable.Normaliser(a.Reference), a.Compte, a.Comptable.String(), a.Mandatement.String(),
			a.Contact, int64(a.Total), int64(a.Reste), a.Preuve.Message, a.Preuve.Feuille}}
	lignes := bdd.Insertion{Debut: `INSERT INTO cpt_annoncee (tenant, payeur, retour, rang, facture, lot, montant, reste) VALUES`, Colonnes: 8}
	for i := range a.Factures {
		f := &a.Factures[i]
		lignes.Valeurs = append(lignes.Valeurs, s.tenant, a.Cle.Payeur.String(), a.Cle.Retour, f.Rang, f.Numero, f.Lot, int64(f.Montant), int64(f.Reste))
	}
	return s.b.Inserer(ctx, entete, lignes)
}

const lireAnnonces = `SELECT a.payeur, a.retour, a.reference, a.compte, a.comptable, a.mandatement, a.contact, a.total, a.reste, a.message, a.feuille FROM cpt_annonce a WHERE a.tenant = $1 AND `

func (s *Store) annonces(ctx context.Context, condition string, args ...any) (l []*comptable.Annonce, err error) {
	rows, err := s.b.Ecrivain(ctx).QueryContext(ctx, lireAnnonces+condition, append([]any{s.tenant}, args...)...)
	err = lire(rows, err, "des annonces", func(r *sql.Rows) error {
		a := new(comptable.Annonce)
		var payeur, jour, mandatement string
		if err := r.Scan(&payeur, &a.Cle.Retour, &a.Reference, &a.Compte, &jour, &mandatement, &a.Contact, &a.Total, &a.Reste, &a.Preuve.Message, &a.Preuve.Feuille); err != nil {
			return err
		}
		l = append(l, a)
		a.Cle.Payeur, err = amc(payeur)
		return errors.Join(err, jours(map[*sante.Jour]string{&a.Comptable: jour, &a.Mandatement: mandatement}))
	})
	return l, err
}

// Annonce implements comptable.Annonces.
func (s *Store) Annonce(ctx context.Context, c comptable.CleAnnonce) (*comptable.Annonce, error) {
	l, err := s.annonces(ctx, `a.payeur = $2 AND a.retour = $3`, c.Payeur.String(), c.Retour)
	if err != nil || len(l) == 0 {
		return nil, err
	}
	return l[0], s.completer(ctx, l[0])
}

// ParReference implements comptable.Annonces.
func (s *Store) ParReference(ctx context.Context, refs []string) (l []*comptable.Annonce, err error) {
	for lot := range slices.Chunk(refs, parLot) {
		args := listeDe(nil, lot, func(x string) any { return x })
		x, err := s.annonces(ctx, `a.reste > 0 AND a.normalisee IN (`+s.b.Parametres(2, len(lot))+`) ORDER BY a.comptable, a.payeur, a.retour LIMIT 50`, args...)
		if err != nil {
			return nil, err
		}
		l = append(l, x...)
	}
	l = l[:min(len(l), comptable.CandidatsMax)]
	for _, a := range l {
		if err := s.completer(ctx, a); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// ParMontant implements comptable.Annonces.
func (s *Store) ParMontant(ctx context.Context, m sante.Montant, du, au sante.Jour) ([]*comptable.Annonce, error) {
	return s.annonces(ctx, `a.reste > 0 AND a.reste = $2 AND a.comptable BETWEEN $3 AND $4
		AND NOT EXISTS (SELECT 1 FROM cpt_ligne l WHERE l.tenant = a.tenant AND l.cite = a.normalisee AND l.reste > 0 AND l.cite <> '')
		ORDER BY a.comptable, a.payeur, a.retour LIMIT 50`, int64(m), du.String(), au.String())
}

const (
	autreAnnonce = `SELECT a.retour FROM cpt_annonce a WHERE a.tenant = $1 AND a.reste > 0 AND a.reste = $2 AND a.payeur <> $3 LIMIT 1`
	// Two ranges of the index, rather than all that one insurer owes of an amount.
	autreTitre = titreDeMontant + `t.amc < $3 UNION ALL ` + titreDeMontant + `t.amc > $3 LIMIT 1`

	titreDeMontant = `SELECT t.facture FROM cpt_titre t WHERE t.tenant = $1 AND t.reste > 0 AND t.reste = $2 AND t.amc <> '' AND `
)

// AutreDebiteur implements comptable.Titres.
func (s *Store) AutreDebiteur(ctx context.Context, payeur sante.NumeroAMC, m sante.Montant) (bool, error) {
	for _, requete := range []string{autreAnnonce, autreTitre} {
		var une string
		err := s.b.Ecrivain(ctx).QueryRowContext(ctx, requete, s.tenant, int64(m), payeur.String()).Scan(&une)
		if err == nil || !errors.Is(err, sql.ErrNoRows) {
			return err == nil, dire(err, "lire les autres débiteurs")
		}
	}
	return false, nil
}

// Debiteur implements comptable.Titres.
func (s *Store) Debiteur(ctx context.Context, amc sante.NumeroAMC) (libelle string, err error) {
	err = s.b.Ecrivain(ctx).QueryRowContext(ctx, `SELECT libelle FROM cpt_debiteur WHERE tenant = $1 AND amc = $2`, s.tenant, amc.String()).Scan(&libelle)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return libelle, dire(err, "lire un débiteur")
}

func dire(err error, quoi string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", quoi, err)
	}
	return nil
}

// completer reads the invoices of an announce, with their titres.
func (s *Store) completer(ctx context.Context, a *comptable.Annonce) error {
	var numeros []string
	rows, err := s.b.Ecrivain(ctx).QueryContext(ctx, `SELECT rang, facture, lot, montant, reste FROM cpt_annoncee
		WHERE tenant = $1 AND payeur = $2 AND retour = $3 ORDER BY rang`, s.tenant, a.Cle.Payeur.String(), a.Cle.Retour)
	if err := lire(rows, err, "une annonce", func(r *sql.Rows) error {
		var f comptable.FactureAnnoncee
		err := r.Scan(&f.Rang, &f.Numero, &f.Lot, &f.Montant, &f.Reste)
		a.Factures, numeros = append(a.Factures, f), append(numeros, f.Numero)
		return err
	}); err != nil {
		return err
	}
	titres := map[string][]*comptable.Titre{}
	if err := s.parNumero(ctx, numeros, func(t *comptable.Titre) { titres[t.Facture.Numero] = append(titres[t.Facture.Numero], t) }); err != nil {
		return err
	}
	for i := range a.Factures {
		f := &a.Factures[i]
		for _, t := range titres[f.Numero] {
			if t.AMC == a.Cle.Payeur && (f.Lot == "" || t.Lot == "" || f.Lot == t.Lot) {
				f.Titres = append(f.Titres, t)
			}
		}
	}
	return nil
}
