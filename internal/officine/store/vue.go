package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// Voir implements officine.Livre. Numbers are written in one order: two nodes do not wait
// for each other.
func (s *Store) Voir(ctx context.Context, l []droits.NumeroAccreditation, jour sante.Jour) error {
	var numeros []string
	for _, n := range l {
		numeros = append(numeros, n.String())
	}
	slices.Sort(numeros)
	numeros = slices.Compact(numeros)
	if len(numeros) == 0 {
		return nil
	}
	x := bdd.Insertion{Debut: "INSERT INTO officine_vue (tenant, numero, jour) VALUES", Colonnes: 3,
		Fin: "ON CONFLICT (tenant, numero) DO UPDATE SET jour = excluded.jour WHERE officine_vue.jour < excluded.jour"}
	for _, n := range numeros {
		x.Valeurs = append(x.Valeurs, s.tenant, n, date(jour))
	}
	if err := s.b.Inserer(ctx, x); err != nil {
		return fmt.Errorf("noter des accréditations vues: %w", err)
	}
	return nil
}

// Vue implements officine.Livre.
func (s *Store) Vue(ctx context.Context, n droits.NumeroAccreditation) (bool, error) {
	var k int
	err := s.b.Lecteur(ctx).QueryRowContext(ctx, "SELECT count(*) FROM officine_vue WHERE tenant = $1 AND numero = $2", s.tenant, n.String()).Scan(&k)
	if err != nil {
		return false, fmt.Errorf("chercher une accréditation vue: %w", err)
	}
	return k > 0, nil
}
